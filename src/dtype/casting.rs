use std::fmt;

use super::{
    scalar::{Kind, Scalar},
    unit::{DateUnit, TimeUnit},
};

/// Which conversions between the dtype of a file and that of a record are allowed: NumPy's [`casting`]
/// levels. Each allows what those before it allow.
///
/// [`casting`]: https://numpy.org/doc/stable/reference/generated/numpy.can_cast.html
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Casting {
    /// Nothing: the dtypes are the same, with the same fields in the same places.
    No,
    /// Byte order, and the places of fields, which are matched by name.
    #[default]
    Equiv,
    /// Also casts that NumPy calls safe: `<i4` to `<f8`, `M8[s]` to `M8[ms]`. As in NumPy, `<i8` to
    /// `<f8` is one, though large values are rounded.
    Safe,
    /// Also casts within a kind that lose precision or range: `<f8` to `<f4`, `<i8` to `<i2`. A value
    /// that does not fit is read as `astype` reads it, without an error; it is not appended.
    SameKind,
}

impl fmt::Display for Casting {
    /// NumPy's name.
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
    /// Whether values of this type can be cast to another, as [`np.can_cast`] decides.
    ///
    /// `<V2` is the `bfloat16` of the Python package `ml_dtypes`, by whose rules it is cast.
    ///
    /// It differs from NumPy in five cases:
    ///
    /// - `S0` and `U0` are texts of no characters. `np.can_cast` takes them for any length.
    /// - `M8[1000ms]` is cast to `M8[s]` by `SameKind`. `np.can_cast` refuses this direction alone.
    /// - Nothing is cast to Python objects.
    /// - No complex number is cast to `bfloat16`, which would lose the imaginary part.
    /// - `|V2` and `<V2` are the same type, since NumPy saves a `bfloat16` as `<V2` and loads that as a void.
    ///   `np.can_cast` tells a void from a `bfloat16`.
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

    /// The least casting that allows it.
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
    /// The least casting where one of two different types is a bfloat16, as `ml_dtypes` registers it.
    fn casting_of_bfloat16(self, to: Scalar) -> Option<Casting> {
        let to_size = to.itemsize();
        if self.is_bfloat16() {
            return match to.kind() {
                Kind::Float if to_size >= 4 => Some(Casting::Safe),
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

/// Whether every number of a type is one of another; `None` if they are not of a kind.
fn is_safe_number(from: Scalar, to: Scalar) -> Option<bool> {
    use Kind::{Bool, Complex, Float, Int, Uint};
    let (size, to_size) = (from.itemsize(), to.itemsize());
    Some(match (from.kind(), to.kind()) {
        (Bool, Int | Uint | Float | Complex) => true,
        (Int, Int) | (Uint, Uint | Int) => size < to_size,
        // As NumPy has it, integers of eight bytes lose nothing as floats of eight bytes.
        (Int | Uint, Float) => size < to_size || to_size == 8,
        (Int | Uint, Complex) => size < to_size / 2 || to_size == 16,
        (Float, Float) | (Complex, Complex) => size < to_size,
        (Float, Complex) => size <= to_size / 2,
        _ => return None,
    })
}

/// The characters that NumPy sets aside for the text of a number.
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

/// Whether every time in one unit is one in another; `None` if neither is a part of the other, as
/// months of a duration are none of days.
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
        // A month starts with a day, and so with any part of one.
        [true, false] => return Some(true),
        _ if from > to => return Some(false),
        _ => {}
    }
    // NumPy takes what is near to an overflow for one.
    const MAX: i128 = (1 << 56) - 1;
    let ratio = from.ratio_to(to).filter(|&ratio| ratio <= MAX);
    let ticks = ratio.and_then(|ratio| ratio.checked_mul(from_count.into()));
    let ticks = ticks.filter(|&ticks| ticks <= MAX);
    Some(ticks.is_some_and(|ticks| ticks % i128::from(to_count) == 0))
}
