//! Numbers in the text of NumPy's `str`, and of a cast to `S` or `U`.

use std::fmt::{self, Display, Formatter, Write};

use super::decimal::{Float, Point};

/// A truth value: `True`.
pub(crate) struct Bool(pub(crate) bool);

/// A `bfloat16` of `ml_dtypes`, widened, in the format `%g` of C.
pub(crate) struct BFloat16(pub(crate) f32);

/// The real and the imaginary part of a complex number: `(1+2j)`, `2j`.
pub(crate) struct Complex(pub(crate) Float, pub(crate) Float);

impl Display for Bool {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { "True" } else { "False" })
    }
}

/// Writes `1.0`, `1e+16`.
impl Display for Float {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

impl Float {
    /// Writes `1.0`, `1e+16`.
    pub(crate) fn write(self, out: &mut (impl Write + ?Sized)) -> fmt::Result {
        write_float(out, self, Point::Zero)
    }
}

impl Display for BFloat16 {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const DIGITS: i32 = 6;
        let float = Float::Single(self.0);
        if !float.is_finite() {
            return write_float(f, float, Point::None);
        }
        write_sign(f, float)?;
        let decimal = float.rounded(5);
        match decimal.exponent() {
            -4..DIGITS => decimal.write_positional(f, Point::None),
            _ => decimal.write_scientific(f, Point::None, 0, 2),
        }
    }
}

impl Display for Complex {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Complex(real, imaginary) = *self;
        let is_imaginary = real.value() == 0.0 && real.value().is_sign_positive();
        if !is_imaginary {
            f.write_str("(")?;
            write_float(f, real, Point::None)?;
            if imaginary.value().is_nan() || imaginary.value().is_sign_positive() {
                f.write_str("+")?;
            }
        }
        write_float(f, imaginary, Point::None)?;
        f.write_str(if is_imaginary { "j" } else { "j)" })
    }
}

fn write_float(out: &mut (impl Write + ?Sized), float: Float, point: Point) -> fmt::Result {
    let value = float.value();
    if value.is_nan() {
        return out.write_str("nan");
    }
    if value.is_infinite() {
        write_sign(out, float)?;
        return out.write_str("inf");
    }
    let too_large = match float {
        Float::Half(_) => 1e3,
        Float::Single(_) => 1e6,
        Float::Double(_) => 1e16,
    };
    let is_positional = value == 0.0 || (1e-4..too_large).contains(&value.abs());
    let mut buffer = zmij::Buffer::new();
    match (is_positional, point, float.shortest_text(&mut buffer)) {
        (true, Point::Zero, Some((text, None))) => return out.write_str(text),
        (false, _, Some((mantissa, Some(exponent)))) if !mantissa.ends_with(".0") => {
            return write_exponent(out, mantissa, exponent);
        }
        _ => {}
    }
    write_sign(out, float)?;
    match is_positional {
        true => float.shortest().write_positional(out, point),
        false => float.shortest().write_scientific(out, Point::None, 0, 2),
    }
}

/// Writes a number in scientific form, with at least two digits of the exponent.
fn write_exponent(out: &mut (impl Write + ?Sized), mantissa: &str, exponent: &str) -> fmt::Result {
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ("e-", digits),
        None => ("e+", exponent.trim_start_matches('+')),
    };
    out.write_str(mantissa)?;
    out.write_str(sign)?;
    if digits.len() < 2 {
        out.write_str("0")?;
    }
    out.write_str(digits)
}

fn write_sign(out: &mut (impl Write + ?Sized), float: Float) -> fmt::Result {
    match float.value().is_sign_negative() {
        true => out.write_str("-"),
        false => Ok(()),
    }
}
