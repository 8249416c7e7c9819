use std::fmt::{self, Display, Formatter, Write};

/// A text of at most `N` bytes, on the stack. Writing more is an error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShortText<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> ShortText<N> {
    pub(crate) fn new() -> Self {
        ShortText {
            bytes: [0; N],
            len: 0,
        }
    }

    /// Returns the text of a value, cut at `N` bytes.
    pub(crate) fn of(value: impl Display) -> Self {
        let mut text = ShortText::new();
        let _ = write!(text, "{value}");
        text
    }

    pub(crate) fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.len).unwrap_or_default();
        str::from_utf8(bytes).unwrap_or_default()
    }

    /// Returns the number of bytes.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Returns the number of bytes that can be added.
    pub(crate) fn room(&self) -> usize {
        N - self.len
    }

    /// Removes all but the first bytes.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Adds the last `count` decimal digits of a number, with zeros before it.
    #[inline]
    pub(crate) fn push_digits(&mut self, number: u64, count: usize) -> fmt::Result {
        let end = self.len + count;
        let place = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        let (mut rest, mut places) = (number, place);
        // Two at a time, as each division waits for the one before.
        while let [left @ .., ten, one] = places {
            (*ten, *one) = (digit(rest / 10), digit(rest));
            rest /= 100;
            places = left;
        }
        if let [one] = places {
            *one = digit(rest);
        }
        self.len = end;
        Ok(())
    }

    /// Adds an integer.
    pub(crate) fn push_integer(&mut self, is_negative: bool, magnitude: u64) -> fmt::Result {
        if is_negative {
            self.write_str("-")?;
        }
        let digits = magnitude.checked_ilog10().map_or(1, |log| log as usize + 1);
        self.push_digits(magnitude, digits)
    }
}

/// Returns the last digit of a number.
#[inline]
fn digit(number: u64) -> u8 {
    b'0' + u8::try_from(number % 10).unwrap_or_default()
}

impl<const N: usize> Write for ShortText<N> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        let place = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

impl<const N: usize> Display for ShortText<N> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
