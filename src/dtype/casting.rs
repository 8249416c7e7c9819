use std::fmt;

use super::{
    scalar::{Kind, Scalar},
    unit::{DateUnit, TimeUnit},
};

/// A level of conversion between the dtype of a file and the dtype of a record: NumPy's [`casting`]. Each
/// level includes the levels before it.
///
/// [`casting`]: https://numpy.org/doc/stable/reference/generated/numpy.can_cast.html
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Casting {
    /// No conversion: the dtypes are the same, with the same fields at the same offsets.
    No,
    /// Conversion of byte order and of the offsets of fields. Fields are matched by name.
    #[default]
    Equiv,
    /// Also the casts that NumPy calls safe: `<i4` to `<f8`, `M8[s]` to `M8[ms]`. As in NumPy, `<i8` to `<f8`
    /// is safe, although large values are rounded.
    Safe,
    /// Also casts within a kind that lose precision or range: `<f8` to `<f4`, `<i8` to `<i2`. A value out of
    /// range is read without an error, as `astype` converts it. Appending such a value is an error.
    SameKind,
}

impl fmt::Display for Casting {
    /// Returns NumPy's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Casting::No => "no",
            Casting::Equiv => "equiv",
            Casting::Safe => "safe",
            Casting::SameKind => "same_kind",
        })
    }
}

impl Scalar {
    /// Returns true if values of this type can be cast to another type, as [`np.can_cast`] does.
    ///
    /// `<V2` is the `bfloat16` of the Python package `ml_dtypes`, and is cast by the rules of the package.
    ///
    /// The result differs from NumPy in five cases:
    ///
    /// - `S0` and `U0` are empty texts. For `np.can_cast` they stand for any length.
    /// - `M8[1000ms]` is cast to `M8[s]` by `SameKind`. `np.can_cast` refuses only this direction.
    /// - Nothing is cast to Python objects.
    /// - No complex number is cast to `bfloat16`, which would lose the imaginary part.
    /// - `|V2` and `<V2` are the same type, because NumPy saves a `bfloat16` as `<V2` and loads it as a void.
    ///   `np.can_cast` distinguishes a void from a `bfloat16`.
    ///
    /// ```
    /// use npyrec::{Casting, Scalar};
    ///
    /// let (int, float): (Scalar, Scalar) = ("<i8".parse()?, "<f8".parse()?);
    /// assert!(int.can_cast(float, Casting::Safe));
    /// assert!(!float.can_cast(int, Casting::SameKind));
    /// # Ok::<(), npyrec::DTypeError>(())
    /// ```
    ///
    /// [`np.can_cast`]: https://numpy.org/doc/stable/reference/generated/numpy.can_cast.html
    pub fn can_cast(self, to: Scalar, casting: Casting) -> bool {
        self.casting_to(to).is_some_and(|needed| needed <= casting)
    }

    /// Returns the lowest level that allows the cast.
    pub(crate) fn casting_to(self, to: Scalar) -> Option<Casting> {
        if self.is_equivalent(to) {
            return Some(Casting::No);
        }
        if self.kind() == to.kind() && self.itemsize() == to.itemsize() {
            return Some(Casting::Equiv);
        }
        if self.is_bfloat16() || to.is_bfloat16() {
            return self.casting_of_bfloat16(to);
        }
        let is_safe = match (self.kind(), to.kind()) {
            (Kind::Object, _) | (_, Kind::Object) => return None,
            (Kind::Datetime(from), Kind::Datetime(to)) => is_finer(from, to, false)?,
            (Kind::Timedelta(from), Kind::Timedelta(to)) => is_finer(from, to, true)?,
            (Kind::Bytes, Kind::Bytes) | (Kind::Str, Kind::Str) | (Kind::Void, Kind::Void) => {
                self.itemsize() < to.itemsize()
            }
            (Kind::Bytes, Kind::Str) => self.itemsize() <= to.itemsize() / 4,
            (_, Kind::Void) if self.itemsize() <= to.itemsize() => true,
            (_, Kind::Bytes) => text_len(self)? <= to.itemsize(),
            (_, Kind::Str) => text_len(self)? <= to.itemsize() / 4,
            (Kind::Bool | Kind::Int, Kind::Timedelta(_)) => true,
            (Kind::Uint, Kind::Timedelta(_)) => self.itemsize() < to.itemsize(),
            _ => is_safe_number(self, to)?,
        };
        Some(if is_safe {
            Casting::Safe
        } else {
            Casting::SameKind
        })
    }
}

impl Scalar {
    /// Returns the lowest level for two different types. One of them is bfloat16. `ml_dtypes` defines the
    /// casts.
    fn casting_of_bfloat16(self, to: Scalar) -> Option<Casting> {
        let to_size = to.itemsize();
        if self.is_bfloat16() {
            return match to.kind() {
                Kind::Float if to_size >= 4 => Some(Casting::Safe),
                Kind::Float => Some(Casting::SameKind),
                Kind::Complex => Some(Casting::Safe),
                // As raw bytes.
                Kind::Void if to_size > 2 => Some(Casting::Safe),
                _ => None,
            };
        }
        match self.kind() {
            Kind::Bool => Some(Casting::Safe),
            Kind::Int | Kind::Uint if self.itemsize() == 1 => Some(Casting::Safe),
            Kind::Int | Kind::Uint | Kind::Float => Some(Casting::SameKind),
            _ => None,
        }
    }
}

/// Returns true if the other type has every number of a type; `None` if the types are of different kinds.
fn is_safe_number(from: Scalar, to: Scalar) -> Option<bool> {
    use Kind::{Bool, Complex, Float, Int, Uint};
    let (size, to_size) = (from.itemsize(), to.itemsize());
    Some(match (from.kind(), to.kind()) {
        (Bool, Int | Uint | Float | Complex) => true,
        (Int, Int) | (Uint, Uint | Int) => size < to_size,
        // As in NumPy, the cast from 8-byte integers to 8-byte floats is safe.
        (Int | Uint, Float) => size < to_size || to_size == 8,
        (Int | Uint, Complex) => size < to_size / 2 || to_size == 16,
        (Float, Float) | (Complex, Complex) => size < to_size,
        (Float, Complex) => size <= to_size / 2,
        _ => return None,
    })
}

/// Returns the number of characters that NumPy reserves for the text of a number.
fn text_len(number: Scalar) -> Option<usize> {
    Some(match (number.kind(), number.itemsize()) {
        (Kind::Bool, _) => 5,
        (Kind::Int, 1) => 4,
        (Kind::Int, 2) => 6,
        (Kind::Int, 4) => 11,
        (Kind::Int, _) => 21,
        (Kind::Uint, 1) => 3,
        (Kind::Uint, 2) => 5,
        (Kind::Uint, 4) => 10,
        (Kind::Uint, _) => 20,
        (Kind::Float, 16) => 48,
        (Kind::Float, _) => 32,
        (Kind::Complex, 32) => 96,
        (Kind::Complex, _) => 64,
        _ => return None,
    })
}

/// Returns true if every time in one unit is a time in the other unit; `None` if no unit is a multiple of the
/// other. Months and days of a duration are an example.
fn is_finer(from: TimeUnit, to: TimeUnit, is_timedelta: bool) -> Option<bool> {
    let (from_count, from, to_count, to) = match (from, to) {
        (TimeUnit::Generic, _) => return Some(true),
        (_, TimeUnit::Generic) => return None,
        (
            TimeUnit::Ticks { count, unit },
            TimeUnit::Ticks {
                count: other,
                unit: to,
            },
        ) => (count, unit, other, to),
    };
    let are_calendar = [from, to].map(|unit| unit <= DateUnit::Month);
    match are_calendar {
        [true, false] | [false, true] if is_timedelta => return None,
        // A month starts at the start of a day, and of all smaller units.
        [true, false] => return Some(true),
        _ if from > to => return Some(false),
        _ => {}
    }
    // NumPy treats values near to an overflow as an overflow.
    const MAX: i128 = (1 << 56) - 1;
    let ratio = from.ratio_to(to).filter(|&ratio| ratio <= MAX);
    let ticks = ratio.and_then(|ratio| ratio.checked_mul(from_count.into()));
    let ticks = ticks.filter(|&ticks| ticks <= MAX);
    Some(ticks.is_some_and(|ticks| ticks % i128::from(to_count) == 0))
}
