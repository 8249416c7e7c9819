/// Appends `len` bytes, which `encode` writes. If `encode` fails or panics, nothing is appended.
#[inline]
pub(crate) fn push<E>(
    bytes: &mut Vec<u8>,
    len: usize,
    encode: impl FnOnce(&mut [u8]) -> Result<(), E>,
) -> Result<(), E> {
    let start = bytes.len();
    let mut pushed = Pushed { bytes, kept: start };
    pushed.bytes.resize(start + len, 0);
    encode(pushed.bytes.get_mut(start..).unwrap_or_default())?;
    pushed.kept = start + len;
    Ok(())
}

/// Bytes that are truncated to the kept bytes on drop.
struct Pushed<'a> {
    bytes: &'a mut Vec<u8>,
    kept: usize,
}

impl Drop for Pushed<'_> {
    #[inline]
    fn drop(&mut self) {
        self.bytes.truncate(self.kept);
    }
}
