//! The header, as the raw ways write and read it.

use std::io::Write;

use npyrec::Header;

use crate::record::Whole;

/// A header of records, with room for their number to grow, and where in it the number is.
pub(super) fn header(rows: u64) -> (Vec<u8>, u64) {
    let header = Header::for_record::<Whole>(rows).to_bytes();
    let place = count_place(&header);
    (header, place as u64)
}

/// Where in a header the number of rows is.
pub(super) fn count_place(header: &[u8]) -> usize {
    let before = b"'shape': (";
    let found = header.windows(before.len()).position(|text| text == before);
    found.unwrap() + before.len()
}

/// The number of rows of a header.
pub(super) fn count(header: &[u8]) -> u64 {
    let digits = header[count_place(header)..].iter();
    digits
        .take_while(|digit| digit.is_ascii_digit())
        .fold(0, |count, digit| count * 10 + u64::from(digit - b'0'))
}

/// The digits of a number of rows and what is behind them in a header, without formatting machinery.
pub(super) struct Digits([u8; 32]);

impl Digits {
    pub(super) fn new() -> Self {
        Digits([0; 32])
    }

    pub(super) fn of(&mut self, mut rows: u64) -> &[u8] {
        let (digits, mut tail) = self.0.split_at_mut(20);
        tail.write_all(b",), }").unwrap();
        let mut start = digits.len();
        loop {
            start -= 1;
            digits[start] = b'0' + (rows % 10) as u8;
            rows /= 10;
            if rows == 0 {
                return &self.0[start..25];
            }
        }
    }
}
