//! Floats without a type in Rust: half precision, bfloat16, and the `long double` of C.

/// Widens an `f4` to an `f8`. A signalling NaN stays one, which the hardware would make quiet.
#[inline]
pub(crate) fn widen(value: f32) -> f64 {
    if !value.is_nan() {
        return value.into();
    }
    let bits = u64::from(value.to_bits());
    f64::from_bits((bits >> 31) << 63 | 0x7ff << 52 | (bits & 0x7f_ffff) << 29)
}

/// Narrows an `f8` to an `f4`, rounded to nearest, ties to even. A signalling NaN stays one.
#[allow(clippy::cast_possible_truncation)] // Rounded; the upper bits of a NaN.
#[inline]
pub(crate) fn narrow(value: f64) -> f32 {
    if !value.is_nan() {
        return value as f32;
    }
    let bits = value.to_bits();
    let sign = (bits >> 63) as u32;
    f32::from_bits(sign << 31 | 0x7f80_0000 | payload(bits >> 29, 23) as u32)
}

/// Returns the lowest bits of a NaN's mantissa. If all are 0, as in an infinity, the bit of a quiet NaN is
/// set.
const fn payload(mantissa: u64, width: u32) -> u64 {
    match mantissa & ((1 << width) - 1) {
        0 => 1 << (width - 1),
        payload => payload,
    }
}

/// Narrows an `f8` to an `f4` so that a narrower float can be rounded from it: the nearest of the two neighbours
/// whose last bit is set, unless it is the same number.
///
/// A float of at most 22 bits of precision, rounded from the result, is rounded from `value` itself.
#[inline]
pub(crate) fn narrow_to_odd(value: f64) -> f32 {
    to_odd(value, narrow(value))
}

/// Narrows as [`narrow_to_odd`] does, but to any NaN for a NaN.
#[allow(clippy::cast_possible_truncation)] // Rounded.
#[inline]
pub(crate) fn number_to_odd(value: f64) -> f32 {
    to_odd(value, value as f32)
}

#[inline]
fn to_odd(value: f64, nearest: f32) -> f32 {
    let (wide, magnitude) = (f64::from(nearest).abs(), value.abs());
    let is_above = u32::from(wide > magnitude);
    let is_inexact = u32::from(wide < magnitude) | is_above;
    f32::from_bits((nearest.to_bits() - is_above) | is_inexact)
}

/// Widens half precision. The payload of a NaN is kept, as in NumPy.
#[inline]
pub(crate) fn from_f16(bits: u16) -> f32 {
    // The three cases are chosen without a branch, so that a loop of them is vectorized.
    const BIAS: u32 = (127 - 15) << 23;
    const SMALLEST_NORMAL: u32 = (127 - 14) << 23;
    let magnitude = u32::from(bits & 0x7fff) << 13;
    let subnormal = f32::from_bits(magnitude + SMALLEST_NORMAL) - f32::from_bits(SMALLEST_NORMAL);
    let magnitude = match bits & 0x7c00 {
        0 => subnormal.to_bits(),
        0x7c00 => magnitude + 2 * BIAS,
        _ => magnitude + BIAS,
    };
    f32::from_bits(magnitude | u32::from(bits & 0x8000) << 16)
}

/// The least numbers that are rounded to infinity, in half precision and as bfloat16.
#[cfg(feature = "half")]
pub(crate) const TOO_LARGE: [f32; 2] = [65520.0, f32::from_bits(0x7f7f_8000)];

/// Narrows to half precision as [`to_f16`] does, a number that is not rounded to infinity.
#[cfg(feature = "half")]
#[allow(clippy::cast_possible_truncation)] // Of numbers that were bounded.
#[inline]
pub(crate) fn small_to_f16(value: f32) -> u16 {
    let bits = value.to_bits();
    (finite_f16(bits & 0x7fff_ffff) | bits >> 16 & 0x8000) as u16
}

/// Returns the bits of a positive number in half precision, unless it is rounded to infinity.
#[inline]
fn finite_f16(magnitude: u32) -> u32 {
    // As in `from_f16`, without a branch.
    const SMALLEST_NORMAL: u32 = (127 - 14) << 23;
    const BIAS: u32 = (127 - 15) << 23;
    // The last bit of the sum has the value of the last bit of a subnormal half.
    let subnormal = (f32::from_bits(magnitude) + 0.5).to_bits() & 0xffff;
    let is_odd = magnitude >> 13 & 1;
    let normal = (magnitude.wrapping_sub(BIAS).wrapping_add(0xfff + is_odd)) >> 13;
    if magnitude < SMALLEST_NORMAL {
        subnormal
    } else {
        normal
    }
}

/// Narrows to half precision, rounded to nearest, ties to even.
#[allow(clippy::cast_possible_truncation)] // Of numbers that were bounded.
#[inline]
pub(crate) fn to_f16(value: f32) -> u16 {
    const INFINITY: u32 = 0x7c00;
    const TOO_LARGE: u32 = 0x477f_f000; // 65520
    let bits = value.to_bits();
    let magnitude = bits & 0x7fff_ffff;
    let payload = magnitude >> 13 & 0x3ff;
    let payload = if payload == 0 { 0x200 } else { payload };
    let number = if magnitude >= TOO_LARGE {
        INFINITY
    } else {
        finite_f16(magnitude)
    };
    let half = if value.is_nan() {
        INFINITY | payload
    } else {
        number
    };
    (half | bits >> 16 & 0x8000) as u16
}

/// Returns an `f8` in half precision, rounded once to the nearest, ties to even.
#[allow(clippy::cast_possible_truncation)] // Of 16 bits.
#[inline]
pub(crate) fn wide_to_f16(value: f64) -> u16 {
    const SMALLEST_NORMAL: u64 = (1023 - 14) << 52;
    const TOO_LARGE: u64 = 65520_f64.to_bits();
    const BIAS: u64 = (1023 - 15) << 52;
    let bits = value.to_bits();
    let magnitude = bits & (u64::MAX >> 1);
    if (SMALLEST_NORMAL..TOO_LARGE).contains(&magnitude) {
        let is_odd = magnitude >> 42 & 1;
        let rounded = (magnitude - BIAS + (1 << 41) - 1 + is_odd) >> 42;
        return rounded as u16 | (bits >> 48) as u16 & 0x8000;
    }
    any_to_f16(value)
}

#[inline(never)]
fn any_to_f16(value: f64) -> u16 {
    to_f16(narrow_to_odd(value))
}

/// Widens bfloat16.
#[inline]
pub(crate) fn from_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// Narrows to bfloat16, rounded to nearest, ties to even.
#[allow(clippy::cast_possible_truncation)] // The upper half.
#[inline]
pub(crate) fn to_bf16(value: f32) -> u16 {
    let bits = value.to_bits();
    let upper = bits >> 16;
    let rounded = bits.wrapping_add(0x7fff + (upper & 1)) >> 16;
    let is_infinite = upper & 0x7f == 0;
    let payload = if is_infinite { upper | 0x40 } else { upper };
    (if value.is_nan() { payload } else { rounded }) as u16
}

/// Returns an `f8` as bfloat16, rounded once to the nearest, ties to even, as `ml_dtypes` rounds since its version
/// 0.7.
#[inline]
pub(crate) fn wide_to_bf16(value: f64) -> u16 {
    to_bf16(narrow_to_odd(value))
}

/// True if a `long double` has the 80 bits of x87, false if it has the 128 bits of IEEE 754.
const IS_X87: bool = cfg!(any(target_arch = "x86", target_arch = "x86_64"));

const EXPONENT: u128 = 0x7fff;
const BIAS: i32 = 16383;

/// Narrows a `long double` of this machine, in little-endian bytes. A signalling NaN stays one.
#[allow(clippy::cast_possible_truncation)] // Of 15 bits; the upper bits of a NaN.
pub(crate) fn from_long_double(bytes: [u8; 16]) -> f64 {
    let bits = u128::from_le_bytes(bytes);
    let (high, significand, point): (_, _, u8) = match IS_X87 {
        // The upper six bytes are padding.
        true => (bits >> 64 & 0xffff, bits & u128::from(u64::MAX), 63),
        false => {
            let is_normal = bits >> 112 & EXPONENT != 0;
            let fraction = bits & ((1 << 112) - 1);
            (bits >> 112, fraction | u128::from(is_normal) << 112, 112)
        }
    };
    let exponent = (high & EXPONENT) as i32;
    let magnitude = if high & EXPONENT < EXPONENT {
        scale(significand, exponent.max(1) - BIAS - i32::from(point))
    } else if significand & ((1 << point) - 1) == 0 {
        f64::INFINITY
    } else {
        let mantissa = (significand >> (point - 52)) as u64;
        f64::from_bits(0x7ff << 52 | payload(mantissa, 52))
    };
    match high > EXPONENT {
        true => -magnitude,
        false => magnitude,
    }
}

/// Returns `significand` times two to the power of `exponent`, rounded to nearest, ties to even.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_wrap)] // Of 53 bits; at most 128.
fn scale(significand: u128, exponent: i32) -> f64 {
    let len = 128 - significand.leading_zeros() as i32;
    // The exponent of the last bit of the result.
    let last = (len + exponent - 53).max(-1074);
    let rounded = match last - exponent {
        shift @ ..=0 => significand << -shift,
        // Less than half of the smallest number.
        shift if shift > len => 0,
        shift => {
            let half = 1 << (shift - 1);
            let (kept, rest) = (
                significand >> (shift - 1) >> 1,
                significand & (half | (half - 1)),
            );
            kept + u128::from(rest > half || rest == half && kept % 2 == 1)
        }
    };
    // In two steps, as one power of two cannot have the whole exponent.
    let (near, far) = (last / 2, last - last / 2);
    rounded as f64 * 2_f64.powi(near) * 2_f64.powi(far)
}

/// Returns a `long double` of this machine, in little-endian bytes. A signalling NaN stays one.
pub(crate) fn to_long_double(value: f64) -> [u8; 16] {
    let is_negative = value.is_sign_negative();
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    if !value.is_finite() {
        return long_double(is_negative, 1 << 63 | fraction << 11, BIAS + 1);
    }
    #[allow(clippy::cast_possible_truncation)] // Of 11 bits.
    let exponent = (bits >> 52 & 0x7ff) as i32;
    match exponent {
        0 => normalized(is_negative, fraction, -1074),
        _ => normalized(is_negative, fraction | 1 << 52, exponent - 1075),
    }
}

/// Returns an integer as a `long double` of this machine, in little-endian bytes.
pub(crate) fn to_long_double_of_int(value: i128) -> [u8; 16] {
    let magnitude = u64::try_from(value.unsigned_abs()).unwrap_or(u64::MAX);
    normalized(value < 0, magnitude, 0)
}

/// Returns `significand` times two to the power of `exponent`.
fn normalized(is_negative: bool, significand: u64, exponent: i32) -> [u8; 16] {
    if significand == 0 {
        return long_double(is_negative, 0, -BIAS);
    }
    let zeros = significand.leading_zeros();
    #[allow(clippy::cast_possible_wrap)] // At most 63.
    let exponent = exponent + 63 - zeros as i32;
    long_double(is_negative, significand << zeros, exponent)
}

/// Returns the bytes of a significand whose first bit is before the point.
#[allow(clippy::cast_sign_loss)] // Biased.
fn long_double(is_negative: bool, significand: u64, exponent: i32) -> [u8; 16] {
    let high = u128::from(is_negative) << 15 | (exponent + BIAS) as u128;
    let significand = u128::from(significand);
    let bits = match IS_X87 {
        true => high << 64 | significand,
        false => high << 112 | (significand & !(1 << 63)) << 49,
    };
    bits.to_le_bytes()
}
