use std::io;

/// The largest size to which a compressed member may expand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Limit {
    /// [`ALWAYS`], or [`RATIO`] times its size in the archive if that is more.
    InProportion,
    Bytes(u64),
}

/// The size to which any member may expand.
const ALWAYS: u64 = 256 << 20;

/// The ratio of a member's size to its size in the archive. Deflate reaches 1,032 for constant bytes; measured
/// values seldom reach 10.
const RATIO: u64 = 100;

impl Limit {
    /// Returns the limit of a member with a compressed size.
    pub(super) fn of(self, compressed: u64) -> u64 {
        match self {
            Limit::InProportion => compressed.saturating_mul(RATIO).max(ALWAYS),
            Limit::Bytes(bytes) => bytes,
        }
    }
}

/// Returns the error that a member is longer than its limit.
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
