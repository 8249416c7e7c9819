use super::{
    growing_header::GrowingHeader,
    rewrite::{LINE, SHAPE_KEY},
};
use crate::header::{Header, Order};

/// The writes that change the order key of an array that is in both orders.
///
/// The lengths of `True` and `False` differ by a byte, so the text after the key moves. A reader finds the
/// same array in every text. First, the new value replaces the old value and a space. Then, if the text to
/// move is in two lines, the shape is written a second time, as in a [`Rewrite`](super::Rewrite).
#[derive(Debug)]
pub(crate) struct Reorder {
    pub(crate) writes: Vec<Replacement>,
    /// True if a reader finds the array even after a torn write. False if a line ends inside one of the keys.
    pub(crate) is_safe: bool,
}

/// A write, and the bytes that it replaces.
#[derive(Debug)]
pub(crate) struct Replacement {
    pub(crate) at: usize,
    pub(crate) old: Vec<u8>,
    pub(crate) new: Vec<u8>,
}

const ORDER_KEY: &[u8] = b"'fortran_order': ";

/// Texts that complete a shape that starts in the line before.
const COMPLETIONS: [&[u8]; 3] = [b"0,),", b"),", b","];

/// The maximum number of lines of a write whose torn forms are checked.
const MOST_LINES: usize = 4;

impl GrowingHeader {
    /// Returns the writes that replace the header `file` with this header, which has another order. No other
    /// change is left after them.
    pub(crate) fn reorder(&mut self, header: &Header, file: &[u8]) -> Reorder {
        self.doubt = None;
        let states = safe_states(header, file, &self.bytes);
        let is_safe = states.is_some();
        let states = states.unwrap_or_else(|| vec![self.bytes.clone()]);
        let mut writes = Vec::new();
        let mut before = file.to_vec();
        for state in states {
            let first = before.iter().zip(&state).position(|(a, b)| a != b);
            let last = before.iter().zip(&state).rposition(|(a, b)| a != b);
            if let Some((first, last)) = first.zip(last) {
                let changed = |text: &[u8]| text.get(first..=last).unwrap_or_default().to_vec();
                writes.push(Replacement {
                    at: first,
                    old: changed(&before),
                    new: changed(&state),
                });
            }
            before = state;
        }
        Reorder { writes, is_safe }
    }
}

/// Returns the texts that the file has after each write. The last is the new text.
fn safe_states(header: &Header, file: &[u8], new: &[u8]) -> Option<Vec<Vec<u8>>> {
    let is_safe = |from: &[u8], to: &[u8]| is_safe(header, from, to);
    if is_safe(file, new) {
        return Some(vec![new.to_vec()]);
    }
    let flipped = with_key_changed(file, header.order())?;
    if !is_safe(file, &flipped) {
        return None;
    }
    if is_safe(&flipped, new) {
        return Some(vec![flipped, new.to_vec()]);
    }
    let shape = new.windows(SHAPE_KEY.len()).rposition(|w| w == SHAPE_KEY)?;
    let end = new.iter().rposition(|&byte| byte == b'}')?;
    let text = new.get(shape..end)?;
    let text = text.strip_suffix(b", ").unwrap_or(text);
    let bounds = (shape..=end).filter(|at| at % LINE == 0);
    for bound in bounds {
        for completion in COMPLETIONS {
            let mut bridge = flipped.clone();
            let line_end = bridge.len() - 1;
            let tail = bridge.get_mut(bound..line_end)?;
            tail.fill(b' ');
            let given_again = [completion, text, b"}"].concat();
            let Some(place) = tail.get_mut(..given_again.len()) else {
                continue;
            };
            place.copy_from_slice(&given_again);
            let mut moved = bridge.clone();
            moved.get_mut(..bound)?.copy_from_slice(new.get(..bound)?);
            if is_safe(&flipped, &bridge) && is_safe(&bridge, &moved) && is_safe(&moved, new) {
                return Some(vec![flipped, bridge, moved, new.to_vec()]);
            }
        }
    }
    None
}

/// Returns the text with the other value in the place of the old value and a space.
fn with_key_changed(file: &[u8], order: Order) -> Option<Vec<u8>> {
    let key = file
        .windows(ORDER_KEY.len())
        .rposition(|w| w == ORDER_KEY)?;
    let at = key + ORDER_KEY.len();
    let (old, new): (&[u8], &[u8]) = match order {
        Order::C => (b"True, ", b"False,"),
        Order::Fortran => (b"False, ", b"True,  "),
    };
    let mut bytes = file.to_vec();
    let place = bytes
        .get_mut(at..at + old.len())
        .filter(|place| *place == old)?;
    place.copy_from_slice(new);
    Some(bytes)
}

/// Returns true if a reader finds the array in every text that it may see during a write.
fn is_safe(header: &Header, from: &[u8], to: &[u8]) -> bool {
    let is_same = |bytes: &[u8]| {
        let read = Header::read_from(&mut &*bytes);
        read.is_ok_and(|read| read.dtype() == header.dtype() && read.shape() == header.shape())
    };
    let (from_lines, to_lines) = (from.chunks(LINE), to.chunks(LINE));
    let lines = from_lines.zip(to_lines).enumerate();
    let changed: Vec<usize> = lines
        .filter(|(_, (from, to))| from != to)
        .map(|(nth, _)| nth)
        .collect();
    if from.len() != to.len() || changed.len() > MOST_LINES {
        return false;
    }
    (1_u32..1 << changed.len()).all(|seen| {
        let mut text = from.to_vec();
        for (nth, line) in changed.iter().enumerate() {
            let start = line * LINE;
            let end = to.len().min(start + LINE);
            if seen >> nth & 1 == 1
                && let Some((place, bytes)) = text.get_mut(start..end).zip(to.get(start..end))
            {
                place.copy_from_slice(bytes);
            }
        }
        is_same(&text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys are at every offset in a line. Each torn text is a header of the array.
    #[test]
    fn a_change_of_the_order_is_a_header_of_the_array_at_each_moment() {
        let (mut safe, mut unsafe_) = (0, 0);
        for shape in [&[6, 1][..], &[0, 3], &[1, 123_456], &[1, 1, 9, 1]] {
            for name in 0..LINE {
                let dtype = format!("[('{}', '<f8')]", "x".repeat(name + 1));
                for order in [Order::C, Order::Fortran] {
                    let new = Header::new(dtype.parse().unwrap(), order, shape).unwrap();
                    let other = match order {
                        Order::C => Order::Fortran,
                        Order::Fortran => Order::C,
                    };
                    let mut file = new.with_order(other).to_bytes();
                    let mut growing = GrowingHeader::existing(&new, &file).unwrap();
                    let reorder = growing.reorder(&new, &file);
                    match reorder.is_safe {
                        true => safe += 1,
                        false => unsafe_ += 1,
                    }
                    for Replacement { at, new: bytes, .. } in &reorder.writes {
                        let lines = (at + bytes.len() - 1) / LINE - at / LINE;
                        for seen in 0..=lines {
                            let mut torn = file.clone();
                            let end = ((at / LINE + seen + 1) * LINE).min(at + bytes.len());
                            torn[*at..end].copy_from_slice(&bytes[..end - at]);
                            let read = Header::read_from(&mut &torn[..]);
                            if reorder.is_safe {
                                assert_eq!(read.unwrap().shape(), shape);
                            }
                        }
                        file[*at..at + bytes.len()].copy_from_slice(bytes);
                    }
                    assert_eq!(file, growing.bytes());
                    let rewrite = growing.set_rows(growing.rows).unwrap();
                    assert_eq!(growing.writes(&rewrite).count(), 0);
                    let read = Header::read_from(&mut &file[..]).unwrap();
                    assert_eq!(read, new);
                }
            }
        }
        // Of the 64 offsets of a bound, 16 are within a key, its value or an opening bracket.
        assert!(safe >= 376, "{safe}, {unsafe_}");
        assert_eq!(safe + unsafe_, 512);
    }
}
