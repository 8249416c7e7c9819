//! Writing of a header: the dictionary, and the bytes around it.

use std::fmt::{self, Write};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeStruct,
};

use super::{
    model::Header,
    order::Order,
    version::{MAGIC, Version},
};
use crate::literal::{self, Node, Tuple};

/// Headers end at a multiple of this number, so that mapped data is aligned.
const ALIGNMENT: usize = 64;

/// The number of digits for which `np.save` leaves room in the growth axis.
const GROWTH_DIGITS: usize = 21;

impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut dict = serializer.serialize_struct("Header", 3)?;
        match &self.named_descr {
            Some(descr) => dict.serialize_field("descr", descr)?,
            None => dict.serialize_field("descr", &self.dtype)?,
        }
        dict.serialize_field("fortran_order", &(self.order() == Order::Fortran))?;
        dict.serialize_field("shape", &Tuple(self.shape()))?;
        dict.end()
    }
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Node::deserialize(deserializer)?;
        let mut header = Header::from_node(&node).map_err(D::Error::custom)?;
        header.version = header.saved_version();
        Ok(header)
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A comma after the last item, as `np.save` writes it.
        f.write_str("{'descr': ")?;
        match &self.named_descr {
            Some(descr) => literal::write(descr, f)?,
            None => literal::write(&self.dtype, f)?,
        }
        f.write_str(", 'fortran_order': ")?;
        literal::write(&(self.order() == Order::Fortran), f)?;
        f.write_str(", 'shape': ")?;
        literal::write(&Tuple(self.shape()), f)?;
        f.write_str(", }")
    }
}

impl Header {
    /// Returns the bytes that `np.save` writes before the data. Their length is a multiple of 64, and the
    /// same for any number of rows.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_bytes_and_end().0
    }

    /// Returns the bytes, and the end of the dictionary in them.
    pub(super) fn to_bytes_and_end(&self) -> (Vec<u8>, usize) {
        let (version, len) = self.saved_size();
        to_bytes_in(version, &self.to_string(), len)
    }

    /// Returns the bytes padded to a length; `None` if `np.save` needs more bytes. The length fits any version.
    pub(crate) fn to_bytes_of_len(&self, len: usize) -> Option<Vec<u8>> {
        let (version, needed) = self.saved_size();
        let fits = (needed..=usize::from(u16::MAX)).contains(&len);
        fits.then(|| to_bytes_in(version, &self.to_string(), len).0)
    }

    /// Returns the version that `np.save` chooses. It is the same for any number of rows.
    pub(super) fn saved_version(&self) -> Version {
        self.saved_size().0
    }

    /// Returns the version that `np.save` chooses, and the length of its bytes.
    fn saved_size(&self) -> (Version, usize) {
        let mut size = TextSize::default();
        // A header has only literals, and counting cannot fail.
        let _ = write!(size, "{self}");
        let room = self.growth_room();
        let version = size.version(room);
        let (prefix_len, text_len) = size.lengths(version, room);
        (version, prefix_len + text_len)
    }

    /// Returns the number of spaces that leave room for the longest number of rows.
    fn growth_room(&self) -> usize {
        let digits = self.rows().map(|rows| rows.to_string().len());
        digits.map_or(0, |digits| GROWTH_DIGITS.saturating_sub(digits))
    }
}

/// Returns a header of `len` bytes, and the end of the dictionary in it. The version and the text must fit
/// the length.
fn to_bytes_in(version: Version, text: &str, len: usize) -> (Vec<u8>, usize) {
    let mut bytes = Vec::with_capacity(len);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&version.bytes());
    let text_len = (len - version.text_start()).to_le_bytes();
    bytes.extend(text_len.into_iter().take(version.length_bytes()));
    encode(version, text, &mut bytes);
    let end = bytes.len();
    bytes.resize(len - 1, b' ');
    bytes.push(b'\n');
    (bytes, end)
}

/// The size of a text, counted while it is written.
#[derive(Default)]
struct TextSize {
    chars: usize,
    bytes: usize,
    /// The text has characters that are not in latin-1.
    is_wide: bool,
}

impl fmt::Write for TextSize {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes += text.len();
        match text.is_ascii() {
            true => self.chars += text.len(),
            false => {
                self.chars += text.chars().count();
                self.is_wide |= text.chars().any(|c| u32::from(c) > 0xff);
            }
        }
        Ok(())
    }
}

impl TextSize {
    /// Returns the version that `np.save` chooses for the text and room for more digits.
    fn version(&self, room: usize) -> Version {
        let (_, len) = self.lengths(Version::V1_0, room);
        match u16::try_from(len) {
            _ if self.is_wide => Version::V3_0,
            Ok(_) => Version::V1_0,
            Err(_) => Version::V2_0,
        }
    }

    /// Returns the length of the bytes before the text, and of the text with its padding and line end.
    fn lengths(&self, version: Version, room: usize) -> (usize, usize) {
        let prefix_len = version.text_start();
        let text_len = match version.is_latin1() {
            true => self.chars,
            false => self.bytes,
        };
        let unpadded = text_len + room + 1;
        let padding = ALIGNMENT - (prefix_len + unpadded) % ALIGNMENT;
        (prefix_len, unpadded + padding)
    }
}

/// Appends `text` in the encoding of `version`.
pub(super) fn encode(version: Version, text: &str, out: &mut Vec<u8>) {
    match version.is_latin1() {
        true if !text.is_ascii() => {
            out.extend(text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')));
        }
        _ => out.extend_from_slice(text.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtype::{DType, Field};

    fn header(name: &str, rows: u64) -> Header {
        let field = Field::new(name, "<f8".parse().unwrap());
        let dtype = DType::packed([field]).unwrap();
        Header::new(dtype, Order::C, &[rows]).unwrap()
    }

    fn written_version(header: &Header) -> Version {
        let bytes = header.to_bytes();
        assert_eq!(Header::read_from(&mut &bytes[..]).unwrap(), *header);
        Version::from_bytes([bytes[6], bytes[7]]).unwrap()
    }

    #[test]
    fn a_header_has_the_version_of_its_bytes_for_any_number_of_rows() {
        let names = [
            ("x".to_owned(), Version::V1_0),
            ("é".to_owned(), Version::V1_0),
            ("日".to_owned(), Version::V3_0),
            ("é".repeat(65_400), Version::V1_0),
            ("é".repeat(65_500), Version::V2_0),
            ("日".repeat(65_500), Version::V3_0),
        ];
        for (name, version) in names {
            let header = header(&name, 0);
            assert_eq!(header.version(), version);
            for rows in [0, 9, 10, 123_456_789] {
                let header = header.with_rows(rows);
                assert_eq!(header.version(), version);
                assert_eq!(written_version(&header), version);
            }
        }
    }

    #[test]
    fn the_first_version_is_written_up_to_its_longest_header() {
        let mut versions = Vec::new();
        for len in (65_300..65_500).step_by(8) {
            let header = header(&"x".repeat(len), 7);
            let version = written_version(&header);
            assert_eq!(header.version(), version);
            let is_short = header.to_bytes().len() - Version::V1_0.text_start() <= 0xffff;
            assert_eq!(version == Version::V1_0, is_short, "{len}");
            versions.push(version);
        }
        versions.dedup();
        assert_eq!(versions, [Version::V1_0, Version::V2_0]);
    }
}
