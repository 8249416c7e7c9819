//! Writing a pickle of protocol 2: the parts that `info` needs.

/// The bytes of a pickle. Values are written one after another; marks and tuples group them.
pub(super) struct Pickle(Vec<u8>);

impl Pickle {
    pub(super) fn new() -> Self {
        Pickle(b"\x80\x02".to_vec())
    }

    /// Returns the bytes, after the value that the pickle holds.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.0.push(b'.');
        self.0
    }

    /// Writes the function `numpy.dtype`. [`call`](Self::call) calls it with the value after it.
    pub(super) fn numpy_dtype(&mut self) {
        self.0.extend(b"cnumpy\ndtype\n");
    }

    /// Calls the function before the last value with that value.
    pub(super) fn call(&mut self) {
        self.0.extend(b"\x85R");
    }

    pub(super) fn none(&mut self) {
        self.0.push(b'N');
    }

    pub(super) fn text(&mut self, text: &str) {
        self.0.push(b'X');
        let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
        self.0.extend(len.to_le_bytes());
        self.0.extend(text.as_bytes());
    }

    pub(super) fn number(&mut self, number: u64) {
        if let Ok(number) = u8::try_from(number) {
            self.0.extend([b'K', number]);
        } else if let Ok(number) = u16::try_from(number) {
            self.0.push(b'M');
            self.0.extend(number.to_le_bytes());
        } else if let Ok(number) = i32::try_from(number) {
            self.0.push(b'J');
            self.0.extend(number.to_le_bytes());
        } else {
            // A ninth byte keeps the number from being a negative one.
            self.0.extend([0x8a, 9]);
            self.0.extend(number.to_le_bytes());
            self.0.push(0);
        }
    }

    /// Writes a tuple of the values that `items` writes.
    pub(super) fn tuple(&mut self, items: impl FnOnce(&mut Self)) {
        self.0.push(b'(');
        items(self);
        self.0.push(b't');
    }

    /// Writes a list of the values that `items` writes.
    pub(super) fn list(&mut self, items: impl FnOnce(&mut Self)) {
        self.0.extend(b"](");
        items(self);
        self.0.push(b'e');
    }

    /// Writes a dictionary of the keys and values that `items` writes, in turn.
    pub(super) fn dict(&mut self, items: impl FnOnce(&mut Self)) {
        self.0.extend(b"}(");
        items(self);
        self.0.push(b'u');
    }
}
