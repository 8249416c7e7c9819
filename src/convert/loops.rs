//! Loops that cast numbers of one type to another, for each pair of types that has one.

use super::{
    items::{self, Items, ItemsMut, each, each_but},
    number::Encoding,
};
use crate::record::float::{
    from_bf16, from_f16, from_long_double, narrow, narrow_to_odd, to_bf16, to_f16, to_long_double,
    to_long_double_of_int, widen,
};

/// A loop that converts items of one size to items of another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loop {
    pub(super) run: fn(Items<'_>, ItemsMut<'_>),
    /// The size of an item that it writes.
    pub(super) size: usize,
    /// Does the same, and writes a zero after each item: the imaginary part of a complex number.
    pub(super) run_complex: Option<fn(Items<'_>, ItemsMut<'_>)>,
}

/// Returns a loop of a function of bytes.
macro_rules! bytes {
    ($from:literal => $to:literal, $convert:expr) => {
        Loop {
            run: |from, to| each::<$from, $to>(from, to, $convert),
            size: $to,
            run_complex: None,
        }
    };
}

/// Returns a loop of a function of numbers, in little-endian order.
macro_rules! numbers {
    ($from:ty => $to:ty, $convert:expr) => {
        Loop {
            run: |from, to| {
                each(from, to, |number| {
                    let number: $to = $convert(<$from>::from_le_bytes(number));
                    number.to_le_bytes()
                });
            },
            size: size_of::<$to>(),
            run_complex: None,
        }
    };
}

/// Returns a loop that casts integers to floats.
macro_rules! float {
    ($from:ident => $to:ident) => {
        Loop {
            run_complex: Some(|from, to| {
                each(from, to, |number| {
                    complex_of!($to, $from::from_le_bytes(number) as $to)
                });
            }),
            ..cast!($from => $to)
        }
    };
}

/// Returns the bytes of a complex number with the real part of a float.
macro_rules! complex_of {
    ($float:ident, $real:expr) => {
        with_zero::<{ size_of::<$float>() }, { 2 * size_of::<$float>() }>($real.to_le_bytes())
    };
}

/// Returns a loop of the operator `as`.
macro_rules! cast {
    ($from:ident => $to:ident) => {
        numbers!($from => $to, |number| number as $to)
    };
}

/// Returns a loop that casts truth values.
macro_rules! bools {
    ($to:ident) => {
        numbers!(u8 => $to, |byte| if byte == 0 { 0 as $to } else { 1 as $to })
    };
}

/// Returns the loop that reverses the bytes of words.
pub(super) fn swap(word: usize) -> Loop {
    fn reversed<const N: usize>(mut word: [u8; N]) -> [u8; N] {
        word.reverse();
        word
    }
    match word {
        2 => bytes!(2 => 2, reversed),
        4 => bytes!(4 => 4, reversed),
        8 => bytes!(8 => 8, reversed),
        16 => bytes!(16 => 16, reversed),
        _ => copy(word),
    }
}

/// Returns the loop that copies items of `size` bytes.
pub(super) fn copy(size: usize) -> Loop {
    let run = items::copy;
    Loop {
        run,
        size,
        run_complex: None,
    }
}

/// Returns the bytes of a number, with a zero after it.
fn with_zero<const N: usize, const M: usize>(part: [u8; N]) -> [u8; M] {
    let mut number = [0; M];
    if let Some(real) = number.first_chunk_mut() {
        *real = part;
    }
    number
}

/// Makes the last of some loops write complex numbers, or adds a loop that does, for parts of a size.
pub(super) fn make_complex(loops: &mut Vec<Loop>, size: usize) {
    match loops.last_mut() {
        Some(Loop {
            run,
            size,
            run_complex: Some(complex),
        }) => {
            *run = *complex;
            *size *= 2;
        }
        _ => loops.extend(complex(size)),
    }
}

/// Returns the loop that makes numbers complex, from their size.
fn complex(size: usize) -> Option<Loop> {
    Some(match size {
        4 => bytes!(4 => 8, with_zero),
        8 => bytes!(8 => 16, with_zero),
        16 => bytes!(16 => 32, with_zero),
        _ => return None,
    })
}

/// Returns a loop between floats. The hardware makes signalling NaNs quiet, so blocks with a NaN are cast again by
/// a function.
macro_rules! floats {
    ($from:ident => $to:ident, $convert:expr) => {
        Loop {
            run: |from, to| {
                let number = $from::from_le_bytes;
                each_but(
                    from,
                    to,
                    |bytes| number(bytes).is_nan(),
                    |bytes| (number(bytes) as $to).to_le_bytes(),
                    |bytes| $convert(number(bytes)).to_le_bytes(),
                );
            },
            size: size_of::<$to>(),
            run_complex: Some(|from, to| {
                each(from, to, |number| {
                    complex_of!($to, $convert($from::from_le_bytes(number)))
                });
            }),
        }
    };
}

/// Returns the loops that cast a number to another type one after another, or `None` if such numbers are not cast.
/// Numbers that have the same bytes need no loop.
#[allow(clippy::cast_possible_truncation, clippy::cast_lossless)] // Floats are rounded.
pub(super) fn between(from: Encoding, to: Encoding) -> Option<Vec<Loop>> {
    use Encoding::{BFloat16, Bool, Float16, Float32, Float64, Int64, LongDouble, Uint8, Uint64};
    let via = |first: Loop, other: Encoding| {
        let mut loops = between(other, to)?;
        loops.insert(0, first);
        Some(loops)
    };
    let only = |only: Loop| Some(vec![only]);
    match (from, to) {
        _ if from == to => Some(Vec::new()),
        (Bool, _) => of_bool(to).map_or_else(|| via(bools!(u8), Uint8), only),
        (Float16, _) => via(numbers!(u16 => f32, from_f16), Float32),
        (BFloat16, _) => via(numbers!(u16 => f32, from_bf16), Float32),
        (Float32, Float16) => only(numbers!(f32 => u16, to_f16)),
        (Float32, BFloat16) => only(numbers!(f32 => u16, to_bf16)),
        (Float32, Float64 | LongDouble) => via(floats!(f32 => f64, widen), Float64),
        (Float64, Float32) => only(floats!(f64 => f32, narrow)),
        (Float64, Float16 | BFloat16) => via(numbers!(f64 => f32, narrow_to_odd), Float32),
        (Float64, LongDouble) => only(bytes!(8 => 16, of_f64)),
        (LongDouble, _) => via(bytes!(16 => 8, to_f64), Float64),
        (Int64, LongDouble) => only(bytes!(8 => 16, of_i64)),
        (Uint64, LongDouble) => only(bytes!(8 => 16, of_u64)),
        // NumPy casts an integer to an `f4` before it becomes a half.
        (_, Float16 | BFloat16) => via(of_integer(from, Float32)?, Float32),
        (_, LongDouble) => {
            let wide = if from.is_signed() { Int64 } else { Uint64 };
            via(of_integer(from, wide)?, wide)
        }
        _ if from.word() == to.word() && from.is_integer() && to.is_integer() => Some(Vec::new()),
        _ => only(of_integer(from, to)?),
    }
}

/// Returns the loop that casts truth values, of which any byte but 0 is true.
fn of_bool(to: Encoding) -> Option<Loop> {
    Some(match (to.is_integer(), to, to.word()) {
        (true, _, 1) => bools!(u8),
        (true, _, 2) => bools!(u16),
        (true, _, 4) => bools!(u32),
        (true, _, 8) => bools!(u64),
        (_, Encoding::Float32, _) => bools!(f32),
        (_, Encoding::Float64, _) => bools!(f64),
        _ => return None,
    })
}

/// Returns the loop that casts an integer to one of another size, or to a float.
#[allow(
    clippy::cast_possible_truncation, // Integers keep their low bytes, as by `astype`.
    clippy::cast_precision_loss, // Rounded, as C rounds.
    clippy::cast_lossless, // The same operator for all.
)]
fn of_integer(from: Encoding, to: Encoding) -> Option<Loop> {
    use Encoding::{Float32, Float64, Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64};
    Some(match (from, to) {
        (Int8, Int16 | Uint16) => cast!(i8 => i16),
        (Int8, Int32 | Uint32) => cast!(i8 => i32),
        (Int8, Int64 | Uint64) => cast!(i8 => i64),
        (Int8, Float32) => float!(i8 => f32),
        (Int8, Float64) => float!(i8 => f64),
        (Int16, Int32 | Uint32) => cast!(i16 => i32),
        (Int16, Int64 | Uint64) => cast!(i16 => i64),
        (Int16, Float32) => float!(i16 => f32),
        (Int16, Float64) => float!(i16 => f64),
        (Int32, Int64 | Uint64) => cast!(i32 => i64),
        (Int32, Float32) => float!(i32 => f32),
        (Int32, Float64) => float!(i32 => f64),
        (Int64, Float32) => float!(i64 => f32),
        (Int64, Float64) => float!(i64 => f64),
        (Uint8, Int16 | Uint16) => cast!(u8 => u16),
        (Uint8, Int32 | Uint32) => cast!(u8 => u32),
        (Uint8, Int64 | Uint64) => cast!(u8 => u64),
        (Uint8, Float32) => float!(u8 => f32),
        (Uint8, Float64) => float!(u8 => f64),
        (Uint16, Int32 | Uint32) => cast!(u16 => u32),
        (Uint16, Int64 | Uint64) => cast!(u16 => u64),
        (Uint16, Float32) => float!(u16 => f32),
        (Uint16, Float64) => float!(u16 => f64),
        (Uint32, Int64 | Uint64) => cast!(u32 => u64),
        (Uint32, Float32) => float!(u32 => f32),
        (Uint32, Float64) => float!(u32 => f64),
        (Uint64, Float32) => float!(u64 => f32),
        (Uint64, Float64) => float!(u64 => f64),
        (Int16 | Uint16, Int8 | Uint8) => cast!(u16 => u8),
        (Int32 | Uint32, Int8 | Uint8) => cast!(u32 => u8),
        (Int32 | Uint32, Int16 | Uint16) => cast!(u32 => u16),
        (Int64 | Uint64, Int8 | Uint8) => cast!(u64 => u8),
        (Int64 | Uint64, Int16 | Uint16) => cast!(u64 => u16),
        (Int64 | Uint64, Int32 | Uint32) => cast!(u64 => u32),
        _ => return None,
    })
}

fn of_f64(number: [u8; 8]) -> [u8; 16] {
    to_long_double(f64::from_le_bytes(number))
}

fn to_f64(number: [u8; 16]) -> [u8; 8] {
    from_long_double(number).to_le_bytes()
}

fn of_i64(number: [u8; 8]) -> [u8; 16] {
    to_long_double_of_int(i64::from_le_bytes(number).into())
}

fn of_u64(number: [u8; 8]) -> [u8; 16] {
    to_long_double_of_int(u64::from_le_bytes(number).into())
}
