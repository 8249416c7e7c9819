//! Loops that encode arrays of floats as other floats, without a branch for each item.
//!
//! They are fast for finite floats only: a conversion by the hardware does not keep each NaN. So they return false
//! where a result is not finite, and the caller encodes the items one by one.

/// The floats that are converted at once.
const LANES: usize = 8;

/// Defines a loop that stores floats as an `f4` or `f8`.
macro_rules! sum_loop {
    ($($name:ident: $float:ident;)+) => {$(
        /// Encodes floats one after another. Returns false if one of them may not be finite.
        #[inline]
        pub(super) fn $name<F: Copy, const IS_BIG: bool>(
            values: &[F],
            out: &mut [u8],
            convert: impl Fn(F) -> $float,
        ) -> bool {
            const SIZE: usize = size_of::<$float>();
            // A sum is finite only if all its terms are. A sum that overflows costs time, and no value.
            let mut sums = [0.0; LANES];
            let (blocks, values) = values.as_chunks::<LANES>();
            let (block_places, places) = out.as_chunks_mut::<{ LANES * SIZE }>();
            for (block, places) in blocks.iter().zip(block_places) {
                let places = places.as_chunks_mut::<SIZE>().0.iter_mut();
                for ((place, value), sum) in places.zip(block).zip(&mut sums) {
                    let stored = convert(*value);
                    *sum += stored;
                    *place = if IS_BIG { stored.to_be_bytes() } else { stored.to_le_bytes() };
                }
            }
            let places = places.as_chunks_mut::<SIZE>().0.iter_mut();
            for ((place, value), sum) in places.zip(values).zip(&mut sums) {
                let stored = convert(*value);
                *sum += stored;
                *place = if IS_BIG { stored.to_be_bytes() } else { stored.to_le_bytes() };
            }
            sums.iter().sum::<$float>().is_finite()
        }
    )+};
}

sum_loop! {
    as_f32: f32;
    as_f64: f64;
}

/// Encodes floats as 16 bits, each by `to_odd`, which returns an `f4` that is rounded to odd, and `round`. Returns
/// false if a result may not be finite.
#[cfg(feature = "half")]
pub(super) fn as_half<F: Copy, const IS_BIG: bool>(
    values: &[F],
    out: &mut [u8],
    to_odd: impl Fn(F) -> f32,
    too_large: f32,
    round: impl Fn(f32) -> u16,
) -> bool {
    const AT_ONCE: usize = 64;
    const SIZE: usize = size_of::<u16>();
    let too_large = too_large.to_bits();
    let mut are_too_large = 0;
    for (values, places) in values.chunks(AT_ONCE).zip(out.chunks_mut(AT_ONCE * SIZE)) {
        let mut odd = [0.0; AT_ONCE];
        for (odd, value) in odd.iter_mut().zip(values) {
            *odd = to_odd(*value);
        }
        for (place, odd) in places.as_chunks_mut::<SIZE>().0.iter_mut().zip(&odd) {
            // The sign of the difference.
            are_too_large |= (too_large - 1).wrapping_sub(odd.abs().to_bits());
            let stored = round(*odd);
            *place = if IS_BIG {
                stored.to_be_bytes()
            } else {
                stored.to_le_bytes()
            };
        }
    }
    are_too_large >> 31 == 0
}
