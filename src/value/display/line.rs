use std::fmt::{self, Write};

use crate::convert::{Datetime, ShortText};

/// A buffer before another writer, so that the parts of a record are not written one by one.
pub(super) struct Line<'a> {
    out: &'a mut dyn Write,
    text: ShortText<256>,
}

impl<'a> Line<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        let text = ShortText::new();
        Line { out, text }
    }

    /// Writes the text of the buffer.
    pub(super) fn flush(&mut self) -> fmt::Result {
        self.out.write_str(self.text.as_str())?;
        self.text.truncate(0);
        Ok(())
    }

    /// Writes an integer.
    pub(super) fn write_integer(&mut self, is_negative: bool, magnitude: u64) -> fmt::Result {
        self.reserve()?;
        self.text.push_integer(is_negative, magnitude)
    }

    /// Writes a point in time.
    pub(super) fn write_time(&mut self, time: &Datetime) -> fmt::Result {
        self.reserve()?;
        time.write(&mut self.text)
    }

    /// Makes room for the text of a number or a time.
    #[inline]
    fn reserve(&mut self) -> fmt::Result {
        const LONGEST: usize = 64;
        match self.text.room() < LONGEST {
            true => self.flush(),
            false => Ok(()),
        }
    }
}

impl Write for Line<'_> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.text.write_str(text).is_ok() {
            return Ok(());
        }
        self.flush()?;
        match self.text.write_str(text) {
            Ok(()) => Ok(()),
            // It is longer than the buffer.
            Err(_) => self.out.write_str(text),
        }
    }
}
