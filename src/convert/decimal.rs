//! Decimal digits of floats, as NumPy chooses them.

use std::{
    fmt::{self, LowerExp, Write},
    str::FromStr,
};

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
    digits: ShortText,
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

    /// Returns a finite number rounded to `fraction` digits after the first.
    pub(crate) fn rounded(self, fraction: usize) -> Decimal {
        Decimal::of(format_args!("{:.fraction$e}", self.value()))
    }
}

fn shortest<T: LowerExp + FromStr + PartialEq>(value: T) -> Decimal {
    let shortest = Decimal::of(format_args!("{value:e}"));
    // If two are equally near, Rust takes the larger, and NumPy the even one.
    let fraction = shortest.scientific_fraction();
    let text = ShortText::of(format_args!("{value:.fraction$e}"));
    let even = Decimal::read(text.as_str());
    let is_same = |text: &str| text.parse().is_ok_and(|read: T| read == value);
    match even.digits.as_str() != shortest.digits.as_str() && is_same(text.as_str()) {
        true => even,
        false => shortest,
    }
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
            let text = ShortText::of(format_args!("{near:.fraction$e}"));
            let read: f64 = text.as_str().parse().ok()?;
            let is_same = (low < read && read < high) || (is_even && (read == low || read == high));
            is_same.then(|| Decimal::read(text.as_str()))
        })
    })
}

impl Decimal {
    /// Returns the digits of a number formatted with `{:e}`.
    fn of(text: fmt::Arguments<'_>) -> Self {
        Decimal::read(ShortText::of(text).as_str())
    }

    /// Parses the output of `{:e}`.
    fn read(text: &str) -> Self {
        let (digits, exponent) = text.split_once('e').unwrap_or(("0", "0"));
        let mut decimal = Decimal {
            digits: ShortText::default(),
            exponent: exponent.parse().unwrap_or(0),
        };
        for part in digits.trim_start_matches('-').split('.') {
            let _ = decimal.digits.write_str(part);
        }
        let digits = decimal.digits.as_str().trim_end_matches('0');
        decimal.digits.len = digits.len().max(1);
        decimal
    }

    pub(crate) fn exponent(&self) -> i32 {
        self.exponent
    }

    /// Returns the number of digits after the first.
    pub(crate) fn scientific_fraction(&self) -> usize {
        self.digits.len - 1
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
    pub(crate) fn write_positional(&self, out: &mut dyn Write, point: Point) -> fmt::Result {
        let digits = self.digits.as_str();
        if self.exponent < 0 {
            return write!(out, "0.{:0>1$}", digits, self.positional_fraction());
        }
        let integer = self.positional_integer();
        let (before, after) = digits.split_at_checked(integer).unwrap_or((digits, ""));
        write!(out, "{before:0<integer$}")?;
        write_fraction(out, after, point)
    }

    /// Writes the digits in scientific form: `1.5e+03`. `fraction` and `exponent` are minimum numbers of
    /// digits.
    pub(crate) fn write_scientific(
        &self,
        out: &mut dyn Write,
        point: Point,
        fraction: usize,
        exponent: usize,
    ) -> fmt::Result {
        let (first, rest) = self.digits.as_str().split_at_checked(1).unwrap_or_default();
        out.write_str(first)?;
        if fraction > rest.len() {
            write!(out, ".{rest:0<fraction$}")?;
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

fn write_fraction(out: &mut dyn Write, digits: &str, point: Point) -> fmt::Result {
    match point {
        _ if !digits.is_empty() => write!(out, ".{digits}"),
        Point::None => Ok(()),
        Point::Bare => out.write_str("."),
        Point::Zero => out.write_str(".0"),
    }
}

/// A short text on the stack.
#[derive(Clone, Copy, Debug, Default)]
struct ShortText {
    bytes: [u8; 32],
    len: usize,
}

impl ShortText {
    /// Returns the text of a number in scientific form, which always fits.
    fn of(text: fmt::Arguments<'_>) -> Self {
        let mut buffer = ShortText::default();
        let _ = buffer.write_fmt(text);
        buffer
    }

    fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.len).unwrap_or_default();
        str::from_utf8(bytes).unwrap_or_default()
    }
}

impl Write for ShortText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        let place = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
