//! Decimal digits of floats, as NumPy chooses them.

use std::fmt::{self, Display, Write};

use super::short_text::ShortText;

/// A binary floating-point number with its width, which determines its shortest decimal digits.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Float {
    /// An `f2`, widened.
    Half(f32),
    /// An `f4`.
    Single(f32),
    /// An `f8`.
    Double(f64),
}

/// The decimal digits of a finite number, without sign and trailing zeros: `d.ddd` times ten to the
/// exponent.
#[derive(Debug)]
pub(crate) struct Decimal {
    digits: ShortText<24>,
    exponent: i32,
}

/// The text after a whole number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Point {
    /// `1`
    None,
    /// `1.`
    Bare,
    /// `1.0`
    Zero,
}

impl Float {
    pub(crate) fn value(self) -> f64 {
        match self {
            Float::Half(value) | Float::Single(value) => value.into(),
            Float::Double(value) => value,
        }
    }

    pub(crate) fn is_finite(self) -> bool {
        self.value().is_finite()
    }

    /// Returns the shortest digits that identify a finite number among all numbers of its width. Of several,
    /// returns the nearest.
    pub(crate) fn shortest(self) -> Decimal {
        match self {
            Float::Half(value) => shortest_half(value).unwrap_or_else(|| shortest(value)),
            Float::Single(value) => shortest(value),
            Float::Double(value) => shortest(value),
        }
    }

    /// Returns the text of a finite `f4` or `f8` by its shortest digits, with a sign, and the text of its exponent:
    /// `-1500.0`, `1.5` and `-7`.
    pub(crate) fn shortest_text(self, buffer: &mut zmij::Buffer) -> Option<(&str, Option<&str>)> {
        let text = match self {
            Float::Half(_) => return None,
            Float::Single(value) => buffer.format_finite(value),
            Float::Double(value) => buffer.format_finite(value),
        };
        // The exponent has at most three digits and a sign.
        let mut ends = text.bytes().rev().take(5);
        let Some(digits) = ends.position(|byte| byte == b'e') else {
            return Some((text, None));
        };
        let (mantissa, exponent) = text.split_at_checked(text.len() - digits - 1)?;
        Some((mantissa, exponent.strip_prefix('e')))
    }

    /// Returns a finite number rounded to `fraction` digits after the first.
    pub(crate) fn rounded(self, fraction: usize) -> Decimal {
        Decimal::of(format_args!("{:.fraction$e}", self.value()))
    }
}

fn shortest(value: impl zmij::Float) -> Decimal {
    Decimal::read(zmij::Buffer::new().format_finite(value))
}

/// Returns the shortest digits of an `f2`.
fn shortest_half(value: f32) -> Option<Decimal> {
    const MIN_EXPONENT: i32 = -14;
    const FRACTION_BITS: i32 = 10;
    let value = f64::from(value).abs();
    let exponent = i32::try_from(value.to_bits() >> 52).ok()? - 1023;
    let exponent = exponent.max(MIN_EXPONENT);
    let unit = 2_f64.powi(exponent - FRACTION_BITS);
    let units = value / unit;
    // The number below a power of two is nearer than the one above.
    let is_edge = units == 1024.0 && exponent > MIN_EXPONENT;
    let low = value - if is_edge { unit / 4.0 } else { unit / 2.0 };
    let high = value + unit / 2.0;
    let is_even = units % 2.0 == 0.0;
    (0..=4).find_map(|fraction| {
        // If two are equally near, the even one is first.
        [value, value.next_up()].into_iter().find_map(|near| {
            let text = ShortText::<32>::of(format_args!("{near:.fraction$e}"));
            let read: f64 = text.as_str().parse().ok()?;
            let is_same = (low < read && read < high) || (is_even && (read == low || read == high));
            is_same.then(|| Decimal::read(text.as_str()))
        })
    })
}

impl Decimal {
    /// Returns the digits of a number formatted with `{:e}`.
    fn of(text: impl Display) -> Self {
        Decimal::read(ShortText::<32>::of(text).as_str())
    }

    /// Parses a finite number: `-1.5e-7`, `0.0015`, `1500.0`.
    fn read(text: &str) -> Self {
        let (text, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let text = text.trim_start_matches('-');
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let mut exponent = exponent.parse().unwrap_or(0) + to_i32(whole.len()) - 1;
        let mut digits = ShortText::new();
        for part in [whole, fraction] {
            let significant = match digits.len() {
                0 => part.trim_start_matches('0'),
                _ => part,
            };
            exponent -= to_i32(part.len() - significant.len());
            let _ = digits.write_str(significant);
        }
        if digits.len() == 0 {
            // Zero.
            let _ = digits.write_str("0");
            return Decimal {
                digits,
                exponent: 0,
            };
        }
        digits.truncate(digits.as_str().trim_end_matches('0').len());
        Decimal { digits, exponent }
    }

    pub(crate) fn exponent(&self) -> i32 {
        self.exponent
    }

    /// Returns the number of digits after the first.
    pub(crate) fn scientific_fraction(&self) -> usize {
        self.digits.len().saturating_sub(1)
    }

    /// Returns the number of digits after the point in `write_positional`.
    pub(crate) fn positional_fraction(&self) -> usize {
        match usize::try_from(self.exponent) {
            Ok(exponent) => self.scientific_fraction().saturating_sub(exponent),
            Err(_) => self.scientific_fraction() + to_usize(-self.exponent),
        }
    }

    /// Returns the number of digits before the point in `write_positional`.
    pub(crate) fn positional_integer(&self) -> usize {
        1 + to_usize(self.exponent)
    }

    /// Writes the digits in positional form: `1500`, `0.0015`.
    pub(crate) fn write_positional(
        &self,
        out: &mut (impl Write + ?Sized),
        point: Point,
    ) -> fmt::Result {
        let digits = self.digits.as_str();
        if self.exponent < 0 {
            out.write_str("0.")?;
            write_zeros(out, to_usize(-self.exponent) - 1)?;
            return out.write_str(digits);
        }
        let integer = self.positional_integer();
        let (before, after) = digits.split_at_checked(integer).unwrap_or((digits, ""));
        out.write_str(before)?;
        write_zeros(out, integer - before.len())?;
        write_fraction(out, after, point)
    }

    /// Writes the digits in scientific form: `1.5e+03`. `fraction` and `exponent` are minimum numbers of
    /// digits.
    pub(crate) fn write_scientific(
        &self,
        out: &mut (impl Write + ?Sized),
        point: Point,
        fraction: usize,
        exponent: usize,
    ) -> fmt::Result {
        let (first, rest) = self.digits.as_str().split_at_checked(1).unwrap_or_default();
        out.write_str(first)?;
        if fraction > rest.len() {
            out.write_str(".")?;
            out.write_str(rest)?;
            write_zeros(out, fraction - rest.len())?;
        } else {
            write_fraction(out, rest, point)?;
        }
        let sign = if self.exponent < 0 { '-' } else { '+' };
        write!(out, "e{sign}{:0>exponent$}", self.exponent.unsigned_abs())
    }

    /// Returns the number of digits of the exponent in `write_scientific`, at least two.
    pub(crate) fn exponent_len(&self) -> usize {
        if self.exponent.abs() < 100 { 2 } else { 3 }
    }
}

/// Returns the number, or 0 if it is negative.
fn to_usize(number: i32) -> usize {
    usize::try_from(number).unwrap_or(0)
}

/// Returns the length of a part of a number.
fn to_i32(len: usize) -> i32 {
    i32::try_from(len).unwrap_or(i32::MAX)
}

fn write_zeros(out: &mut (impl Write + ?Sized), count: usize) -> fmt::Result {
    const ZEROS: &str = "0000000000000000";
    match ZEROS.get(..count) {
        Some(zeros) => out.write_str(zeros),
        None => (0..count).try_for_each(|_| out.write_str("0")),
    }
}

fn write_fraction(out: &mut (impl Write + ?Sized), digits: &str, point: Point) -> fmt::Result {
    match point {
        _ if !digits.is_empty() => {
            out.write_str(".")?;
            out.write_str(digits)
        }
        Point::None => Ok(()),
        Point::Bare => out.write_str("."),
        Point::Zero => out.write_str(".0"),
    }
}
