use std::ops::Range;

use super::{Doubt, GrowingHeader};

/// What of a header is to be written for a number of rows to stand in the file.
///
/// Whoever reads the file meanwhile, or after a power cut, is to find the number before or the one
/// after, in a text that NumPy accepts. Bytes within one cache line are seen together, and a device
/// writes whole sectors; where the digits lie across the bounds of those, one write could be seen in
/// half. Then the number is first given a second time, in a `'shape'` of its own behind the bound,
/// which overrules the one before it as the last of two equal keys of a Python dictionary does; then
/// the bytes before the bound are written, which nobody looks at, and at last those behind it.
///
/// A rewrite that fails may leave any part of itself: a bridge, too. The next rewrite then starts with a
/// bridge over the whole line, which is valid after any of the texts that may be left before the bound.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rewrite {
    pub(super) changed: Range<usize>,
    /// A bound in the changed range, what is to be written there first, and its length.
    pub(super) bridge: Option<(usize, [u8; LINE], usize)>,
    /// The ends of the dictionaries that the file may hold until all is written: the first and the last.
    pub(super) ends: Range<usize>,
}

/// The bytes that a reader sees change at once: a cache line, of which a sector has several.
pub(in crate::header) const LINE: usize = 64;

pub(super) const SHAPE_KEY: &[u8] = b"'shape': ";

/// The end of a dictionary, from the end of its shape on.
const AFTER_SHAPE: &[u8] = b"), }";

impl GrowingHeader {
    /// Returns the writes for the bytes that changed, of a text that now ends at `end`. The file may differ
    /// from the previous text by a `doubt`.
    pub(super) fn rewrite(
        &mut self,
        changed: Range<usize>,
        end: usize,
        digits: &[u8],
        doubt: Option<&Doubt>,
    ) -> Rewrite {
        let before = std::mem::replace(&mut self.end, end);
        let own = before.min(end)..before.max(end);
        let ends = match doubt {
            Some(doubt) => own.start.min(doubt.ends.start)..own.end.max(doubt.ends.end),
            None => own.clone(),
        };
        let bound = (changed.start / LINE + 1) * LINE;
        let is_same_before_bound = doubt.is_none_or(|doubt| doubt.from >= bound);
        let bridged_ends = match is_same_before_bound {
            true => own.start..ends.end,
            false => ends.clone(),
        };
        let bridge = match bound < changed.end {
            true => self.bridge(bound, changed.start, bridged_ends, digits, doubt.is_some()),
            false => None,
        };
        Rewrite {
            changed,
            bridge,
            ends,
        }
    }

    /// What overrules, from `bound` on, the shape before it, in texts that end at `ends`. With `is_whole`
    /// it covers the whole line.
    ///
    /// `None` if the bound is not inside the shape: half of such a write gives one of the two numbers or,
    /// in one place, a text that is none, which recovery mends. And `None` if there is no room for it in
    /// one line, as in headers that are not padded to 64 and with very many axes: these take the risk.
    fn bridge(
        &self,
        bound: usize,
        changed: usize,
        ends: Range<usize>,
        digits: &[u8],
        is_whole: bool,
    ) -> Option<(usize, [u8; LINE], usize)> {
        if changed < self.digits
            || bound + AFTER_SHAPE.len() > ends.start
            || ends.end > bound + LINE
        {
            return None;
        }
        let before = self.bytes.get(self.shape..self.digits)?;
        let behind = self.suffix.strip_suffix(b", }")?;
        // The zero ends what may be digits, or follows a comma.
        let parts = [b"0,),", before, digits, behind, b"}"];
        let room = (bound + LINE).min(self.bytes.len() - 1) - bound;
        let mut bridge = [b' '; LINE];
        let mut len = 0;
        for part in parts {
            let end = len + part.len();
            bridge
                .get_mut(..room)?
                .get_mut(len..end)?
                .copy_from_slice(part);
            len = end;
        }
        let len = match is_whole {
            true => room,
            false => len.max(ends.end - bound),
        };
        Some((bound, bridge, len))
    }

    /// The writes of a rewrite, in their order: where, and which bytes. The next one may start only
    /// when the last one is where it is to survive.
    pub(crate) fn writes<'a>(
        &'a self,
        rewrite: &'a Rewrite,
    ) -> impl Iterator<Item = (usize, &'a [u8])> {
        let Range { start, end } = rewrite.changed;
        let (first, bound, end) = match &rewrite.bridge {
            Some((bound, bridge, len)) => {
                let bridge = bridge.get(..*len).unwrap_or(bridge);
                (bridge, *bound, end.max(bound + len))
            }
            None => (&[][..], start, end),
        };
        let part = |range: Range<usize>| self.bytes.get(range).unwrap_or_default();
        [
            (bound, first),
            (start, part(start..bound)),
            (bound, part(bound..end)),
        ]
        .into_iter()
        .filter(|(_, bytes)| !bytes.is_empty())
    }
}
