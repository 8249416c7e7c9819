use std::ops::Range;

/// The writes that change the number of rows in the header of a file.
///
/// A reader must find the number before or after the change, in a text that NumPy accepts. This holds during
/// the writes and after a power cut. Bytes within one cache line change together, and a device writes whole
/// sectors. A write across the bound of a line could be seen in part.
///
/// Three writes avoid that. First, a bridge is written after the bound: a second `'shape'` with the new
/// number. It overrides the first shape, because the last of two equal keys counts in a Python dictionary.
/// Then the bytes before the bound are written, which have no effect for now. Last, the bytes after the bound
/// replace the bridge.
///
/// A failed rewrite may leave any part of itself, including a bridge. The next rewrite then starts with a
/// bridge over the whole line. This bridge is valid after each text that may be left before the bound.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rewrite {
    pub(super) changed: Range<usize>,
    /// A bound in the changed range, the bytes to write there first, and their number.
    pub(super) bridge: Option<(usize, [u8; LINE], usize)>,
    /// The first and the last possible end of the dictionary in the file until all is written.
    pub(super) ends: Range<usize>,
}

/// The number of bytes that change at once for a reader: a cache line. A sector has several lines.
pub(in crate::header) const LINE: usize = 64;

pub(super) const SHAPE_KEY: &[u8] = b"'shape': ";
