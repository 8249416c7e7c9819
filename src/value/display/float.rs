use std::fmt::{self, Write};

use crate::convert::{Decimal, Float, Point};

/// The common format of the floats of an array, which aligns their points.
#[derive(Debug)]
pub(super) struct Floats {
    /// True if positive numbers have a sign, too.
    plus: bool,
    /// The minimum number of characters before the point.
    before: usize,
    /// The number of characters after the point. In scientific form it is a minimum.
    after: usize,
    /// The number of digits of the exponent, in scientific form.
    exponent: Option<usize>,
}

/// The largest number of digits after the point, NumPy's `precision`.
const PRECISION: usize = 8;

impl Floats {
    pub(super) fn of(floats: &[Float], plus: bool) -> Self {
        let finite: Vec<Float> = floats.iter().copied().filter(|f| f.is_finite()).collect();
        let mut style = Floats {
            plus,
            before: 0,
            after: 0,
            exponent: is_scientific(&finite).then_some(0),
        };
        for &float in &finite {
            let sign = usize::from(plus || float.value().is_sign_negative());
            if let Some(exponent) = style.exponent {
                let decimal = scientific(float);
                style.before = style.before.max(sign + 1);
                style.after = style.after.max(decimal.scientific_fraction());
                style.exponent = Some(exponent.max(decimal.exponent_len()));
            } else {
                let decimal = positional(float);
                style.before = style.before.max(sign + decimal.positional_integer());
                style.after = style.after.max(decimal.positional_fraction());
            }
        }
        if finite.len() < floats.len() {
            let minus_infinity = floats.iter().any(|f| f.value() == f64::NEG_INFINITY);
            let longest = 3 + usize::from(plus || minus_infinity);
            let other = style.len() - style.before;
            style.before = style.before.max(longest.saturating_sub(other));
        }
        style
    }

    /// Returns the number of characters of a number.
    fn len(&self) -> usize {
        let exponent = self.exponent.map_or(0, |digits| digits + 2);
        self.before + 1 + self.after + exponent
    }

    /// Writes a number, a suffix, and spaces up to the common width.
    pub(super) fn write(&self, out: &mut dyn Write, float: Float, suffix: &str) -> fmt::Result {
        let value = float.value();
        let sign = match value {
            _ if value.is_sign_negative() && !value.is_nan() => "-",
            _ if self.plus => "+",
            _ => "",
        };
        if !float.is_finite() {
            let name = if value.is_nan() { "nan" } else { "inf" };
            let width = self.len() - sign.len();
            // NumPy writes the sign next to the number.
            return match width.checked_sub(name.len()) {
                Some(spaces) => write!(out, "{:spaces$}{sign}{name}{suffix}", ""),
                None => write!(out, "{sign}{name}{suffix}"),
            };
        }
        match self.exponent {
            Some(exponent) => {
                let decimal = self.with_all_digits(float);
                self.write_sign(out, sign, 1)?;
                decimal.write_scientific(out, Point::Bare, self.after, exponent)?;
                out.write_str(suffix)
            }
            None => {
                let decimal = positional(float);
                self.write_sign(out, sign, decimal.positional_integer())?;
                decimal.write_positional(out, Point::Bare)?;
                let spaces = self.after.saturating_sub(decimal.positional_fraction());
                write!(out, "{suffix}{:spaces$}", "")
            }
        }
    }

    fn write_sign(&self, out: &mut dyn Write, sign: &str, digits: usize) -> fmt::Result {
        let width = self.before.saturating_sub(digits);
        write!(out, "{sign:>width$}")
    }

    /// Returns all digits of the scientific form. The digits after the shortest ones are exact, not zeros.
    fn with_all_digits(&self, float: Float) -> Decimal {
        let shortest = float.shortest();
        match shortest.scientific_fraction() == self.after {
            true => shortest,
            false => float.rounded(self.after),
        }
    }
}

fn scientific(float: Float) -> Decimal {
    let shortest = float.shortest();
    match shortest.scientific_fraction() > PRECISION {
        true => float.rounded(PRECISION),
        false => shortest,
    }
}

fn positional(float: Float) -> Decimal {
    let shortest = float.shortest();
    if shortest.positional_fraction() <= PRECISION {
        return shortest;
    }
    let exponent = shortest.exponent();
    let precision = i32::try_from(PRECISION).unwrap_or(0);
    float.rounded(usize::try_from(exponent + precision).unwrap_or(0))
}

/// Returns true if finite numbers are too large, too small or too far apart for the positional form.
fn is_scientific(floats: &[Float]) -> bool {
    let magnitudes = || floats.iter().map(|f| f.value().abs()).filter(|v| *v != 0.0);
    let Some(largest) = magnitudes().reduce(f64::max) else {
        return false;
    };
    let smallest = magnitudes().fold(f64::INFINITY, f64::min);
    // NumPy computes with the type of the numbers.
    let (too_large, too_small, too_far) = match floats.first() {
        Some(Float::Half(_)) => {
            let ratio = narrow(largest) / narrow(smallest);
            (1e3, HALF_0_0001, ratio > ROUNDED_TO_1000)
        }
        Some(Float::Single(_)) => {
            let ratio = narrow(largest) / narrow(smallest);
            (1e6, f64::from(1e-4_f32), ratio > 1000.0)
        }
        _ => (1e8, 1e-4, largest / smallest > 1000.0),
    };
    largest >= too_large || smallest < too_small || too_far
}

/// The `f2` nearest to 0.0001.
const HALF_0_0001: f64 = 1678.0 / 16_777_216.0;

/// The largest number that rounds to the `f2` 1000.
const ROUNDED_TO_1000: f32 = 1000.25;

/// Narrows a number that was an `f4` or `f2`.
#[allow(clippy::cast_possible_truncation)]
fn narrow(value: f64) -> f32 {
    value as f32
}
