//! The digits of a number of rows.

/// The number of digits of the largest number of rows.
pub(super) const MAX_DIGITS: usize = 20;

/// Returns the number of digits of a number.
pub(super) fn count_digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// Writes the digits of a number to the end of `buffer`, and returns them.
pub(super) fn decimal(mut number: u64, buffer: &mut [u8; MAX_DIGITS]) -> &[u8] {
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
