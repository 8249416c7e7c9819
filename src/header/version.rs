use std::fmt;

/// The start of an `.npy` file, before the version.
pub(crate) const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// The version of the format. It decides the maximum length and the encoding of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Version {
    /// 1.0: up to 65,535 bytes of latin-1.
    V1_0,
    /// 2.0: up to 4 GiB of latin-1.
    V2_0,
    /// 3.0: up to 4 GiB of UTF-8.
    V3_0,
}

impl Version {
    /// Returns the two bytes of the version in a file.
    pub(super) const fn bytes(self) -> [u8; 2] {
        match self {
            Version::V1_0 => [1, 0],
            Version::V2_0 => [2, 0],
            Version::V3_0 => [3, 0],
        }
    }

    pub(super) const fn from_bytes(bytes: [u8; 2]) -> Option<Self> {
        match bytes {
            [1, 0] => Some(Version::V1_0),
            [2, 0] => Some(Version::V2_0),
            [3, 0] => Some(Version::V3_0),
            _ => None,
        }
    }

    /// Returns the number of bytes of the length field.
    pub(super) const fn length_bytes(self) -> usize {
        match self {
            Version::V1_0 => 2,
            Version::V2_0 | Version::V3_0 => 4,
        }
    }

    /// Returns the offset of the text in the file.
    pub(crate) const fn text_start(self) -> usize {
        MAGIC.len() + 2 + self.length_bytes()
    }

    pub(super) const fn is_latin1(self) -> bool {
        matches!(self, Version::V1_0 | Version::V2_0)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor] = self.bytes();
        write!(f, "{major}.{minor}")
    }
}
