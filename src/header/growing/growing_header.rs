use std::ops::Range;

use super::{
    digits::{MAX_DIGITS, count_digits, decimal},
    rewrite::{LINE, Rewrite, SHAPE_KEY},
};
use crate::header::{Header, text};

/// The bytes of a header in a file, whose number of rows can be rewritten.
#[derive(Clone, Debug)]
pub(crate) struct GrowingHeader {
    pub(super) bytes: Vec<u8>,
    /// The offset of the digits of the growth axis.
    pub(super) digits: usize,
    /// The text from the end of the digits to the end of the dictionary.
    pub(super) suffix: Vec<u8>,
    /// The offset of the key of the shape, which is the last key.
    pub(super) shape: usize,
    /// The end of the dictionary.
    pub(super) end: usize,
    /// The number of rows in the bytes.
    pub(super) rows: u64,
    /// The part in which the file may have other bytes.
    pub(super) doubt: Option<Doubt>,
}

/// The part of a header in which the file may have other bytes: the text of another program, or the remains
/// of a failed rewrite.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    /// The first byte that may differ. All later bytes may differ too.
    pub(super) from: usize,
    /// The first and the last possible end of the dictionary in the file. The first is 0 if a bridge may not
    /// follow the text of another program.
    pub(super) ends: Range<usize>,
    /// The file has the valid text of another program.
    pub(super) is_foreign: bool,
}

impl GrowingHeader {
    /// Returns the header of a new file, as `np.save` writes it; `None` for a single element, which has no
    /// growth axis.
    pub(crate) fn new(header: &Header) -> Option<Self> {
        let (bytes, end) = header.to_bytes_and_end();
        GrowingHeader::from_parts(header, bytes, end)
    }

    /// Returns the header of a file, from its bytes. If the text differs from NumPy's (in the order of keys
    /// or in spaces), the first change replaces it with NumPy's text.
    ///
    /// Returns `None` if the file has no room for NumPy's text.
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

    /// Returns true if the file has NumPy's text up to the number of rows.
    pub(crate) fn is_numpys_own(&self) -> bool {
        let doubt = self.doubt.as_ref();
        doubt.is_none_or(|doubt| doubt.from >= self.digits)
    }

    fn from_parts(header: &Header, bytes: Vec<u8>, end: usize) -> Option<Self> {
        let number = header.rows()?;
        let rows = number.to_string();
        let after_rows = header.shape.text_after_rows().len() + "), }".len();
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

    /// Returns the largest number of rows that fits the header.
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

    /// Returns the number of rows of a header that may differ from this header only in this number. Returns
    /// `None` for other headers, and if an array cannot have that many rows.
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

    /// Records that a rewrite failed. The file may have any part of it, and the next rewrite takes this into
    /// account.
    pub(crate) fn not_written(&mut self, rewrite: &Rewrite) {
        if !rewrite.changed.is_empty() {
            self.doubt = Some(Doubt {
                from: rewrite.changed.start,
                ends: rewrite.ends.clone(),
                is_foreign: false,
            });
        }
    }

    /// Returns true after a rewrite that failed or was interrupted, until a rewrite succeeds.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.doubt.as_ref().is_some_and(|doubt| !doubt.is_foreign)
    }

    /// Changes the number of rows in the bytes, and returns the writes for the file; `None` if the number is
    /// larger than [`max_rows`](Self::max_rows).
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

    /// Does the same as [`set_rows`](Self::set_rows), for a number with the same number of digits. The text
    /// after it stays.
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

/// Returns true if a bridge may follow the text of a file at the end of the line of `from`. The text must be
/// NumPy's text up to the digits, and the line must end inside the shape.
fn takes_a_bridge(file: &[u8], digits: usize, from: usize) -> bool {
    let bound = (from / LINE + 1) * LINE;
    let Some(shape) = file.get(digits..bound).filter(|_| from >= digits) else {
        return false;
    };
    let is_inside = shape
        .iter()
        .all(|byte| matches!(byte, b'0'..=b'9' | b',' | b' '));
    // The bridge starts with a digit, which may follow a digit or a comma.
    is_inside && (!shape.ends_with(b" ") || shape.trim_ascii_end().ends_with(b","))
}

/// Returns true if a rewrite of the file was interrupted after its bridge.
fn has_bridge(file: &[u8], digits: usize) -> bool {
    let shape = file.get(digits..).unwrap_or_default();
    shape.windows(SHAPE_KEY.len()).any(|key| key == SHAPE_KEY)
}

fn first_difference(a: &[u8], b: &[u8]) -> Option<usize> {
    a.iter().zip(b).position(|(a, b)| a != b)
}
