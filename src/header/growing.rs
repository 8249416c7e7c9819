use std::ops::Range;

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
    /// The first byte that differs from the file's, where the text before the digits is not yet
    /// NumPy's.
    changed_from: Option<usize>,
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
        growing.changed_from = first_difference(&growing.bytes, file);
        Some(growing)
    }

    fn from_parts(header: &Header, bytes: Vec<u8>, end: usize) -> Option<Self> {
        let rows = header.rows()?.to_string();
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
        Some(GrowingHeader {
            bytes,
            digits: suffix_at.checked_sub(rows.len())?,
            suffix,
            changed_from: None,
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

    /// Notes that a changed range did not reach the file, for it to be written again.
    pub(crate) fn not_written(&mut self, changed: Range<usize>) {
        if !changed.is_empty() {
            self.changed_from = Some(changed.start);
        }
    }

    /// Writes the number of rows and gives the range of the bytes that changed, for the caller to
    /// write to the file; `None` if the number is beyond [`max_rows`](Self::max_rows).
    pub(crate) fn set_rows(&mut self, rows: u64) -> Option<Range<usize>> {
        let mut buffer = [0; MAX_DIGITS];
        let digits = decimal(rows, &mut buffer);
        let needed = digits.len() + self.suffix.len();
        let line_end = self.bytes.len().saturating_sub(1);
        let tail = self.bytes.get_mut(self.digits..line_end)?;
        if needed > tail.len() {
            return None;
        }
        let text = digits
            .iter()
            .chain(&self.suffix)
            .chain(std::iter::repeat(&b' '));
        let mut changed = self.changed_from.take().map(|first| first..line_end + 1);
        for (at, (byte, new)) in (self.digits..).zip(tail.iter_mut().zip(text)) {
            if *byte != *new {
                *byte = *new;
                let range = changed.get_or_insert(at..at);
                *range = range.start.min(at)..range.end.max(at + 1);
            }
        }
        Some(changed.unwrap_or(0..0))
    }
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

    fn with_rows(header: &Header, rows: u64) -> Header {
        let mut shape = header.shape().to_vec();
        match header.order() {
            Order::C => *shape.first_mut().unwrap() = rows,
            Order::Fortran => *shape.last_mut().unwrap() = rows,
        }
        Header::unchecked(header.dtype().clone(), header.order(), &shape)
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
                let changed = growing.set_rows(rows).unwrap();
                file[changed.clone()].copy_from_slice(&growing.bytes()[changed]);
                assert_eq!(file, with_rows(&header, rows).to_bytes());
            }
        }
    }

    #[test]
    fn only_the_digits_that_change_are_written() {
        let mut growing = GrowingHeader::new(&header("<f8", Order::C, &[0])).unwrap();
        let digits = growing.set_rows(1_234).unwrap().start;
        assert_eq!(growing.set_rows(1_235), Some(digits + 3..digits + 4));
        assert_eq!(growing.set_rows(1_335), Some(digits + 1..digits + 2));
        assert_eq!(growing.set_rows(1_335), Some(0..0));
    }

    #[test]
    fn bytes_that_did_not_reach_the_file_are_written_again() {
        let mut growing = GrowingHeader::new(&header("<f8", Order::C, &[0])).unwrap();
        let mut file = growing.bytes().to_vec();
        let lost = growing.set_rows(12).unwrap();
        growing.not_written(lost);
        let changed = growing.set_rows(12).unwrap();
        file[changed.clone()].copy_from_slice(&growing.bytes()[changed]);
        assert_eq!(file, growing.bytes());
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
