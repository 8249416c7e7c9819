//! The writes of a [`Rewrite`].

use std::ops::Range;

use super::{
    growing_header::{Doubt, GrowingHeader},
    rewrite::{LINE, Rewrite},
};

/// The end of a dictionary, after the axes of its shape.
const AFTER_SHAPE: &[u8] = b"), }";

impl GrowingHeader {
    /// Returns the writes for the changed bytes of a text that now ends at `end`. With a `doubt`, the file
    /// may differ from the previous text.
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

    /// Returns a second shape that starts at `bound` and overrides the shape before it, in texts that end at
    /// `ends`. With `is_whole`, it covers the whole line.
    ///
    /// Returns `None` if the bound is not inside the shape. A torn write then gives one of the two numbers
    /// or, in one case, an invalid text, which recovery mends. Also returns `None` if one line has no room
    /// for the bridge. Headers without padding to 64 bytes, or with very many axes, take this risk.
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
        // The zero ends a number, or follows a comma.
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

    /// Returns the writes of a rewrite in their order: the offset and the bytes. Each write must be durable
    /// before the next write starts.
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
