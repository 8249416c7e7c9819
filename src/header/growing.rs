mod reorder;
mod rewrite;

use std::ops::Range;

pub(super) use self::rewrite::LINE;
use self::rewrite::SHAPE_KEY;
pub(crate) use self::{reorder::Reorder, rewrite::Rewrite};
use super::{
    model::{Header, Order},
    text,
};

/// The bytes of a header as they stand in a file, ready to have their number of rows rewritten.
#[derive(Clone, Debug)]
pub(crate) struct GrowingHeader {
    bytes: Vec<u8>,
    /// Where the digits of the growth axis start.
    digits: usize,
    /// What follows the digits, to the end of the dictionary.
    suffix: Vec<u8>,
    /// Where the key of the shape starts, which is the last one.
    shape: usize,
    /// The end of the dictionary.
    end: usize,
    /// The rows that the bytes count.
    rows: u64,
    /// The bytes that the file may not have.
    doubt: Option<Doubt>,
}

/// The part of a header in which the file may have other bytes: another program's text, or what a rewrite
/// left that failed.
#[derive(Clone, Debug)]
struct Doubt {
    /// The first byte that may differ. All bytes after it may differ too.
    from: usize,
    /// The ends of the dictionaries that the file may hold: the first and the last. The first is 0 where
    /// the text of another program may not be followed by a bridge.
    ends: Range<usize>,
    /// The file has the text of another program, which is valid as it is.
    is_foreign: bool,
}

/// The longest number of rows has this many digits.
const MAX_DIGITS: usize = 20;

impl GrowingHeader {
    /// The header of a new file, as `np.save` writes it; `None` for a single element, which has no
    /// growth axis.
    pub(crate) fn new(header: &Header) -> Option<Self> {
        let (bytes, end) = header.to_bytes_and_end();
        GrowingHeader::from_parts(header, bytes, end)
    }

    /// The header of a file that exists, from the bytes it has. Text that `np.save` would write
    /// otherwise (in another order, with other spaces) is replaced by NumPy's at the first change.
    ///
    /// `None` if NumPy's text is too long for it.
    pub(crate) fn existing(header: &Header, file: &[u8]) -> Option<Self> {
        let version = header.version();
        let start = version.text_start();
        let mut bytes = file.get(..start)?.to_vec();
        text::encode(version, &header.to_string(), &mut bytes);
        let end = bytes.len();
        if end >= file.len() {
            return None;
        }
        bytes.resize(file.len() - 1, b' ');
        bytes.push(b'\n');
        let mut growing = GrowingHeader::from_parts(header, bytes, end)?;
        growing.doubt = first_difference(&growing.bytes, file).map(|from| {
            let text_end = file.trim_ascii_end().len();
            let first_end = if takes_a_bridge(file, growing.digits, from) {
                growing.end
            } else {
                0
            };
            Doubt {
                from,
                ends: first_end..growing.end.max(text_end),
                is_foreign: !has_bridge(file, growing.digits),
            }
        });
        Some(growing)
    }

    /// Whether the file has the text that `np.save` would write, up to the number of rows.
    pub(crate) fn is_numpys_own(&self) -> bool {
        let doubt = self.doubt.as_ref();
        doubt.is_none_or(|doubt| doubt.from >= self.digits)
    }

    fn from_parts(header: &Header, bytes: Vec<u8>, end: usize) -> Option<Self> {
        let number = header.rows()?;
        let rows = number.to_string();
        let after_rows = match (header.order(), header.shape()) {
            (_, [_]) => 2,
            (Order::C, [_, rest @ ..]) => {
                rest.iter()
                    .map(|dim| ", ".len() + dim.to_string().len())
                    .sum::<usize>()
                    + 1
            }
            _ => 1,
        } + ", }".len();
        let suffix_at = end.checked_sub(after_rows)?;
        let suffix = bytes.get(suffix_at..end)?.to_vec();
        let digits = suffix_at.checked_sub(rows.len())?;
        let shape = bytes
            .get(..digits)?
            .windows(SHAPE_KEY.len())
            .rposition(|window| window == SHAPE_KEY)?;
        Some(GrowingHeader {
            bytes,
            digits,
            suffix,
            shape,
            end,
            rows: number,
            doubt: None,
        })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The largest number of rows that fits.
    pub(crate) fn max_rows(&self) -> u64 {
        // The line end takes one byte.
        let room = self
            .bytes
            .len()
            .saturating_sub(self.digits + self.suffix.len() + 1);
        match u32::try_from(room) {
            Ok(digits) if room < MAX_DIGITS => 10_u64.saturating_pow(digits) - 1,
            _ => u64::MAX,
        }
    }

    /// The rows in a file whose header differs in nothing else from this one; `None` if they are more than
    /// an array can have.
    pub(crate) fn rows_in(&self, file: &[u8]) -> Option<u64> {
        let tail = file.strip_prefix(self.bytes.get(..self.digits)?)?;
        let digits = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, behind) = tail.split_at_checked(digits)?;
        let padding = behind.strip_prefix(&*self.suffix)?.strip_suffix(b"\n")?;
        let is_same = file.len() == self.bytes.len() && padding.iter().all(|byte| *byte == b' ');
        let is_number = matches!(digits, [b'0'] | [b'1'..=b'9', ..]);
        let rows: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
        let is_length = i64::try_from(rows).is_ok();
        (is_same && is_number && is_length).then_some(rows)
    }

    /// Notes that a rewrite failed: the file may have any part of it, and the next rewrite starts with
    /// that.
    pub(crate) fn not_written(&mut self, rewrite: &Rewrite) {
        if !rewrite.changed.is_empty() {
            self.doubt = Some(Doubt {
                from: rewrite.changed.start,
                ends: rewrite.ends.clone(),
                is_foreign: false,
            });
        }
    }

    /// Returns whether a rewrite failed or was interrupted, and none has succeeded since.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.doubt.as_ref().is_some_and(|doubt| !doubt.is_foreign)
    }

    /// Puts the number of rows into the bytes and gives what is to be written to the file; `None` if
    /// the number is beyond [`max_rows`](Self::max_rows).
    pub(crate) fn set_rows(&mut self, rows: u64) -> Option<Rewrite> {
        if self.doubt.is_none() && self.digits + count_digits(rows) == self.digits_end() {
            return Some(self.set_last_digits(rows));
        }
        let mut buffer = [0; MAX_DIGITS];
        let digits = decimal(rows, &mut buffer);
        let end = self.digits + digits.len() + self.suffix.len();
        let line_end = self.bytes.len().saturating_sub(1);
        if end > line_end {
            return None;
        }
        let text = digits
            .iter()
            .chain(&self.suffix)
            .chain(std::iter::repeat(&b' '));
        let tail = self.bytes.get_mut(self.digits..line_end)?;
        let doubt = self.doubt.take();
        let mut changed = doubt.as_ref().map(|doubt| doubt.from..line_end + 1);
        for (at, (byte, new)) in (self.digits..).zip(tail.iter_mut().zip(text)) {
            if *byte != *new {
                *byte = *new;
                let range = changed.get_or_insert(at..at);
                *range = range.start.min(at)..range.end.max(at + 1);
            }
        }
        self.rows = rows;
        Some(self.rewrite(changed.unwrap_or(0..0), end, digits, doubt.as_ref()))
    }

    fn digits_end(&self) -> usize {
        self.end.saturating_sub(self.suffix.len())
    }

    /// [`set_rows`](Self::set_rows) to a number of as many digits, behind which all stays as it is.
    fn set_last_digits(&mut self, rows: u64) -> Rewrite {
        let (mut new, mut old) = (rows, std::mem::replace(&mut self.rows, rows));
        let mut changed = 0..0;
        let mut at = self.digits_end();
        while new != old {
            at -= 1;
            let digit = u8::try_from(new % 10).unwrap_or_default();
            if new % 10 != old % 10
                && let Some(byte) = self.bytes.get_mut(at)
            {
                *byte = b'0' + digit;
                changed = at..changed.end.max(at + 1);
            }
            (new, old) = (new / 10, old / 10);
        }
        match changed.start / LINE == changed.end.saturating_sub(1) / LINE {
            true => Rewrite {
                changed,
                bridge: None,
                ends: self.end..self.end,
            },
            false => {
                let mut buffer = [0; MAX_DIGITS];
                self.rewrite(changed, self.end, decimal(rows, &mut buffer), None)
            }
        }
    }
}

/// Returns whether a bridge may follow the text of a file at the end of the line of `from`: whether the
/// file's text is NumPy's up to the digits, and inside the shape at that place.
fn takes_a_bridge(file: &[u8], digits: usize, from: usize) -> bool {
    let bound = (from / LINE + 1) * LINE;
    let Some(shape) = file.get(digits..bound).filter(|_| from >= digits) else {
        return false;
    };
    let is_inside = shape
        .iter()
        .all(|byte| matches!(byte, b'0'..=b'9' | b',' | b' '));
    // The bridge starts with a digit, which may follow a digit, or a comma.
    is_inside && (!shape.ends_with(b" ") || shape.trim_ascii_end().ends_with(b","))
}

/// Returns whether a rewrite of a file was interrupted after its bridge.
fn has_bridge(file: &[u8], digits: usize) -> bool {
    let shape = file.get(digits..).unwrap_or_default();
    shape.windows(SHAPE_KEY.len()).any(|key| key == SHAPE_KEY)
}

fn count_digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// The digits of a number, at the end of `buffer`.
fn decimal(mut number: u64, buffer: &mut [u8; MAX_DIGITS]) -> &[u8] {
    let mut used = 0;
    for byte in buffer.iter_mut().rev() {
        *byte = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
        used += 1;
        if number == 0 {
            break;
        }
    }
    buffer.get(MAX_DIGITS - used..).unwrap_or(buffer)
}

fn first_difference(a: &[u8], b: &[u8]) -> Option<usize> {
    a.iter().zip(b).position(|(a, b)| a != b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(dtype: &str, order: Order, shape: &[u64]) -> Header {
        Header::new(dtype.parse().unwrap(), order, shape).unwrap()
    }

    /// Writes what `rewrite` says into the bytes of a file.
    fn write(growing: &GrowingHeader, rewrite: &Rewrite, file: &mut [u8]) {
        for (at, bytes) in growing.writes(rewrite) {
            file[at..at + bytes.len()].copy_from_slice(bytes);
        }
    }

    #[test]
    fn rewritten_bytes_are_those_of_a_new_header() {
        let headers = [
            header("<f8", Order::C, &[0]),
            header("[('é', '<f8'), ('b', '|S3')]", Order::C, &[7]),
            header("[('日', '<f8')]", Order::C, &[7, 2, 30]),
            header("<f8", Order::Fortran, &[2, 30, 5]),
            header("<f8", Order::Fortran, &[5]),
        ];
        let counts = [0, 1, 9, 10, 99, 100, 12_345, 12_346, 7, u64::MAX, 0];
        for header in headers {
            let mut growing = GrowingHeader::new(&header).unwrap();
            assert_eq!(growing.max_rows(), u64::MAX);
            let mut file = growing.bytes().to_vec();
            for rows in counts {
                let rewrite = growing.set_rows(rows).unwrap();
                write(&growing, &rewrite, &mut file);
                assert_eq!(file, header.with_rows(rows).to_bytes());
            }
        }
    }

    #[test]
    fn rows_are_told_of_a_header_that_differs_in_nothing_else() {
        let growing = GrowingHeader::new(&header("<f8", Order::C, &[0, 3])).unwrap();
        for rows in [0, 9, 10, 1 << 50] {
            let file = header("<f8", Order::C, &[rows, 3]).to_bytes();
            assert_eq!(growing.rows_in(&file), Some(rows));
        }
        let file = header("<f8", Order::C, &[12, 3]).to_bytes();
        let digits = growing.digits..growing.digits + 2;
        for number in ["00", "01", "-1", "1 "] {
            let mut other = file.clone();
            other[digits.clone()].copy_from_slice(number.as_bytes());
            assert_eq!(growing.rows_in(&other), None, "{number}");
        }
        let mut padded = file.clone();
        padded[file.len() - 2] = b'#';
        assert_eq!(growing.rows_in(&padded), None);
        assert_eq!(growing.rows_in(&file[..file.len() - 1]), None);
        let other = header("<f8", Order::C, &[12, 4]).to_bytes();
        assert_eq!(growing.rows_in(&other), None);

        let mut empty = GrowingHeader::new(&header("<f8", Order::C, &[0, 0])).unwrap();
        let most = i64::MAX.unsigned_abs();
        empty.set_rows(most).unwrap();
        assert_eq!(empty.rows_in(empty.bytes()), Some(most));
        empty.set_rows(most + 1).unwrap();
        assert_eq!(empty.rows_in(empty.bytes()), None);
    }

    #[test]
    fn only_the_digits_that_change_are_written() {
        let mut growing = GrowingHeader::new(&header("<f8", Order::C, &[0])).unwrap();
        let mut changed = |rows| growing.set_rows(rows).unwrap().changed;
        let digits = changed(1_234).start;
        assert_eq!(changed(1_235), digits + 3..digits + 4);
        assert_eq!(changed(1_335), digits + 1..digits + 2);
        assert_eq!(changed(1_335), 0..0);
        let rewrite = growing.set_rows(1_336).unwrap();
        assert_eq!(
            Vec::from_iter(growing.writes(&rewrite)),
            [(digits + 3, &b"6"[..])]
        );
    }

    #[test]
    fn bytes_that_did_not_reach_the_file_are_written_again() {
        let mut growing = GrowingHeader::new(&header("<f8", Order::C, &[0])).unwrap();
        let mut file = growing.bytes().to_vec();
        let lost = growing.set_rows(12).unwrap();
        growing.not_written(&lost);
        let rewrite = growing.set_rows(12).unwrap();
        write(&growing, &rewrite, &mut file);
        assert_eq!(file, growing.bytes());
    }

    /// The digits at every place in a line, in one dimension and more, in either order.
    #[test]
    fn whatever_part_of_a_rewrite_is_seen_is_the_number_before_or_after() {
        let counts = [
            0,
            1,
            9,
            10,
            11,
            99,
            100,
            199,
            200,
            999,
            1_000,
            1_999,
            2_000,
            99_999,
            100_000,
            19_999_999,
            20_000_000,
            999_999_999,
            1_000_000_000,
        ];
        let (mut bridged, mut seen) = (0, 0);
        for inner in [&[][..], &[3], &[64, 128]] {
            for order in [Order::C, Order::Fortran] {
                for name in 1..=LINE {
                    let dtype = format!("[('{}', '<f8')]", "x".repeat(name));
                    let shape = match order {
                        Order::C => [&[0], inner].concat(),
                        Order::Fortran => [inner, &[0]].concat(),
                    };
                    let header = header(&dtype, order, &shape);
                    let mut growing = GrowingHeader::new(&header).unwrap();
                    let mut file = growing.bytes().to_vec();
                    for pair in counts.windows(2) {
                        let rewrite = growing.set_rows(pair[1]).unwrap();
                        bridged += usize::from(rewrite.bridge.is_some());
                        for (at, bytes) in growing.writes(&rewrite) {
                            // What a line ends in is the most that is seen together.
                            let cut = (at / LINE + 1) * LINE - at;
                            for part in [&bytes[..cut.min(bytes.len())], bytes] {
                                let mut torn = file.clone();
                                torn[at..at + part.len()].copy_from_slice(part);
                                let Ok(read) = Header::read_from(&mut &torn[..]) else {
                                    assert!(rewrite.bridge.is_none());
                                    continue;
                                };
                                seen += 1;
                                assert!(
                                    [pair[0], pair[1]].contains(&read.rows().unwrap()),
                                    "{pair:?}: {}",
                                    torn.escape_ascii()
                                );
                                assert_eq!(read, header.with_rows(read.rows().unwrap()));
                            }
                            file[at..at + bytes.len()].copy_from_slice(bytes);
                        }
                        assert_eq!(file, header.with_rows(pair[1]).to_bytes());
                    }
                }
            }
        }
        assert!(bridged > 400 && seen > 15_000, "{bridged}, {seen}");
    }

    fn some_count(random: &mut fastrand::Rng) -> u64 {
        let digits = random.u32(1..6);
        random.u64(..10_u64.pow(digits))
    }

    /// Several rewrites fail in a row, each before any of its writes. The file is valid at each moment, and
    /// the last rewrite makes it the header that NumPy writes.
    #[test]
    fn a_rewrite_starts_from_whatever_those_before_it_left() {
        let mut random = fastrand::Rng::with_seed(4);
        let (mut bridged, mut seen) = (0, 0);
        for _ in 0..4_000 {
            let name = "x".repeat(random.usize(1..=LINE));
            let inner = [&[][..], &[3], &[64, 128]][random.usize(..3)];
            let order = [Order::C, Order::Fortran][random.usize(..2)];
            let first = some_count(&mut random);
            let shape = match order {
                Order::C => [&[first], inner].concat(),
                Order::Fortran => [inner, &[first]].concat(),
            };
            let header = header(&format!("[('{name}', '<f8')]"), order, &shape);
            let mut growing = GrowingHeader::new(&header).unwrap();
            let mut file = growing.bytes().to_vec();
            let mut possible = vec![first];
            for _ in 0..5 {
                // Back to a number that was there, or on to another.
                let rows = match random.bool() {
                    true => first,
                    false => some_count(&mut random),
                };
                possible.push(rows);
                let rewrite = growing.set_rows(rows).unwrap();
                bridged += usize::from(rewrite.bridge.is_some());
                let writes = growing.writes(&rewrite).count();
                let done = random.usize(..=writes);
                for (at, bytes) in growing.writes(&rewrite).take(done) {
                    file[at..at + bytes.len()].copy_from_slice(bytes);
                    let read = Header::read_from(&mut &file[..]);
                    let read = read.unwrap_or_else(|e| panic!("{e}: {}", file.escape_ascii()));
                    let counted = read.rows().unwrap();
                    assert!(possible.contains(&counted), "{}", file.escape_ascii());
                    assert_eq!(read, header.with_rows(counted));
                    seen += 1;
                }
                if done < writes {
                    growing.not_written(&rewrite);
                    assert!(growing.is_unfinished());
                    // A program that opens the file in between goes on from the file alone.
                    if random.u8(..4) == 0 {
                        let read = Header::read_from(&mut &file[..]).unwrap();
                        growing = GrowingHeader::existing(&read, &file).unwrap();
                    }
                } else {
                    assert_eq!(file, header.with_rows(rows).to_bytes());
                    assert!(!growing.is_unfinished());
                }
            }
            let rewrite = growing.set_rows(first).unwrap();
            write(&growing, &rewrite, &mut file);
            assert_eq!(file, header.to_bytes());
        }
        assert!(bridged > 800 && seen > 8_000, "{bridged}, {seen}");
    }

    /// Text that another program wrote is replaced by valid ones only.
    #[test]
    fn another_text_before_a_line_is_replaced_at_once() {
        for end in ["99,)}", "99, ), }", "99 , ), }", "99,), }"] {
            for name in 1..=LINE {
                let name = "x".repeat(name);
                let text = format!(
                    "{{'descr': [('{name}', '<f8')], 'fortran_order': False, 'shape': ({end}"
                );
                let len = (text.len() + 24).next_multiple_of(LINE) + 54;
                let mut file = b"\x93NUMPY\x01\0".to_vec();
                file.extend(u16::try_from(len).unwrap().to_le_bytes());
                file.extend(format!("{text:<width$}\n", width = len - 1).as_bytes());
                let old = Header::read_from(&mut &file[..]).unwrap();
                let mut growing = GrowingHeader::existing(&old, &file).unwrap();
                let rewrite = growing.set_rows(1_234).unwrap();
                for (at, bytes) in growing.writes(&rewrite) {
                    file[at..at + bytes.len()].copy_from_slice(bytes);
                    let read = Header::read_from(&mut &file[..]).unwrap();
                    assert!([Some(99), Some(1_234)].contains(&read.rows()));
                }
                assert_eq!(file, growing.bytes());
            }
        }
    }

    #[test]
    fn the_room_of_a_narrow_header_is_known() {
        let text = b"{'descr': '<f8', 'fortran_order': False, 'shape': (98,), }  \n";
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
        file.extend(text);
        let header = Header::read_from(&mut &file[..]).unwrap();
        let mut growing = GrowingHeader::existing(&header, &file).unwrap();
        assert_eq!(growing.max_rows(), 9_999);
        assert_eq!(growing.set_rows(10_000), None);
        assert_eq!(growing.bytes(), file);
        growing.set_rows(9_999);
        assert!(growing.bytes().ends_with(b"(9999,), }\n"));
    }

    #[test]
    fn a_single_element_does_not_grow() {
        assert!(GrowingHeader::new(&header("<f8", Order::C, &[])).is_none());
    }
}
