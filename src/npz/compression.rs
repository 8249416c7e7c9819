use zip::{CompressionMethod, DateTime, System, write::SimpleFileOptions};

/// The compression of the members of an archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all, as `np.savez` does it. Such a member can be [mapped](crate::Member::map): its data
    /// lie at a multiple of 64 bytes.
    #[default]
    Stored,
    /// As `np.savez_compressed` does it, which is level 6.
    Deflated,
    /// By deflate at a level from 1, fast, to 9, small. Other levels count as the nearest of these.
    Level(u8),
}

/// The boundary that the members lie at, and so their data, as a header is a multiple of it.
const ALIGNMENT: u16 = 64;

/// From this size on a member is one of ZIP64: a little below 4 GiB, as what cannot be compressed gets
/// somewhat longer.
const LARGE: u64 = 0xff00_0000;

impl Compression {
    /// Returns the options of a member of `len` bytes, which are the same on every machine and at any time.
    pub(super) fn options(self, len: u64) -> SimpleFileOptions {
        let options = SimpleFileOptions::default()
            .system(System::Unix)
            .last_modified_time(DateTime::default())
            .large_file(len >= LARGE);
        let deflated = options.compression_method(CompressionMethod::Deflated);
        match self {
            Compression::Stored => options
                .compression_method(CompressionMethod::Stored)
                .with_alignment(ALIGNMENT),
            Compression::Deflated => deflated,
            Compression::Level(level) => deflated.compression_level(Some(level.clamp(1, 9).into())),
        }
    }
}
