use std::io;

/// The most bytes that a compressed member may expand to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Limit {
    /// [`ALWAYS`], or [`RATIO`] times its size in the archive if that is more.
    InProportion,
    Bytes(u64),
}

/// What any member may expand to.
const ALWAYS: u64 = 256 << 20;

/// How many times larger than in the archive a member may be. Deflate reaches 1,032 for constant bytes,
/// while measured values seldom reach 10.
const RATIO: u64 = 100;

impl Limit {
    /// The limit of a member of that size in the archive.
    pub(super) fn of(self, compressed: u64) -> u64 {
        match self {
            Limit::InProportion => compressed.saturating_mul(RATIO).max(ALWAYS),
            Limit::Bytes(bytes) => bytes,
        }
    }
}

/// The error that a member is longer than its limit.
#[cold]
pub(super) fn expands(limit: u64) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!(
            "the compressed member expands to more than {limit} bytes; if you trust the archive, raise \
             `npz::Reader::max_expanded_size`"
        ),
    )
}
