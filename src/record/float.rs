//! Floats without a type in Rust: half precision, bfloat16, and the `long double` of C.

/// Widens an `f4` to an `f8`. A signalling NaN stays one, which the hardware would make quiet.
pub(crate) fn widen(value: f32) -> f64 {
    if !value.is_nan() {
        return value.into();
    }
    let bits = u64::from(value.to_bits());
    f64::from_bits((bits >> 31) << 63 | 0x7ff << 52 | (bits & 0x7f_ffff) << 29)
}

/// Narrows an `f8` to an `f4`, rounded to nearest, ties to even. A signalling NaN stays one.
#[allow(clippy::cast_possible_truncation)] // Rounded; the upper bits of a NaN.
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

/// Widens half precision.
pub(crate) fn from_f16(bits: u16) -> f32 {
    const MANTISSA: u16 = 0x3ff;
    let magnitude = f32::from(bits & MANTISSA);
    let magnitude = match (bits >> 10) & 0x1f {
        0 => magnitude * 2_f32.powi(-24),
        0x1f if bits & MANTISSA == 0 => f32::INFINITY,
        // The payload is kept, as in NumPy.
        0x1f => f32::from_bits(0x7f80_0000 | u32::from(bits & MANTISSA) << 13),
        exponent => (1024.0 + magnitude) * 2_f32.powi(i32::from(exponent) - 25),
    };
    f32::from_bits(magnitude.to_bits() | u32::from(bits & 0x8000) << 16)
}

/// Narrows to half precision, rounded to nearest, ties to even.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Of numbers that were bounded.
pub(crate) fn to_f16(value: f64) -> u16 {
    const INFINITY: u16 = 0x7c00;
    let sign = u16::from(value.is_sign_negative()) << 15;
    let magnitude = value.abs();
    sign | if value.is_nan() {
        INFINITY | payload(value.to_bits() >> 42, 10) as u16
    } else if magnitude >= 65520.0 {
        INFINITY
    } else {
        let biased = (magnitude.to_bits() >> 52) as i32;
        let exponent = (biased - 1023).max(-14);
        // The quanta of a binade: up to 2048, the start of the next binade.
        let quanta = (magnitude * 2_f64.powi(10 - exponent)).round_ties_even() as u16;
        match exponent {
            -14 => quanta,
            _ => quanta + ((exponent + 14) as u16) * 1024,
        }
    }
}

/// Widens bfloat16.
pub(crate) fn from_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// Narrows to bfloat16, rounded to nearest, ties to even.
#[allow(clippy::cast_possible_truncation)] // The upper half.
pub(crate) fn to_bf16(value: f32) -> u16 {
    let bits = value.to_bits();
    let upper = (bits >> 16) as u16;
    if value.is_nan() {
        return upper & 0xff80 | payload(upper.into(), 7) as u16;
    }
    let rounds_up = bits & 0x8000 != 0 && (bits & 0x7fff != 0 || upper & 1 == 1);
    upper + u16::from(rounds_up)
}

/// Returns an `f8` as bfloat16, rounded once to the nearest, ties to even, as `ml_dtypes` rounds since its version
/// 0.7.
pub(crate) fn wide_to_bf16(value: f64) -> u16 {
    let nearest = narrow(value);
    let error = widen(nearest).abs() - value.abs();
    if value.is_nan() || value.is_infinite() || error == 0.0 {
        return to_bf16(nearest);
    }
    // Rounded to odd, an `f4` is rounded further as the value itself would be.
    let toward_zero = nearest.to_bits() - u32::from(error > 0.0);
    to_bf16(f32::from_bits(toward_zero | 1))
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
