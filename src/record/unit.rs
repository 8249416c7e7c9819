//! The units of [`Datetime64`](crate::Datetime64) and [`Timedelta64`](crate::Timedelta64), as types.

use crate::dtype::{DateUnit, TimeUnit};

/// A unit of time, as a type of this module.
pub trait Unit: sealed::Sealed {
    /// The unit as a value.
    const UNIT: TimeUnit;
}

/// A unit of fixed length: all units except years, months and the generic unit.
#[diagnostic::on_unimplemented(
    message = "a `SystemTime` or `Duration` cannot be stored in units of `{Self}`",
    label = "this unit does not always last as long",
    note = "store an `i64` in such a unit, or take another unit, such as `M8[D]`"
)]
pub trait FixedUnit: Unit {
    /// The length of the unit in attoseconds.
    const ATTOSECONDS: i128;
}

mod sealed {
    pub trait Sealed {}
}

/// No unit: `M8`, `m8`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generic;

impl sealed::Sealed for Generic {}

impl Unit for Generic {
    const UNIT: TimeUnit = TimeUnit::Generic;
}

/// `N` units, from one to `i32::MAX`: `Multiple<Microsecond, 25>` is `25us`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Multiple<U, const N: u32>(U);

impl<U: Unit, const N: u32> sealed::Sealed for Multiple<U, N> {}

impl<U: Unit, const N: u32> Unit for Multiple<U, N> {
    const UNIT: TimeUnit = match U::UNIT {
        TimeUnit::Ticks { count, unit } => {
            assert!(
                count * N <= i32::MAX.unsigned_abs() && N > 0,
                "NumPy has no such multiple"
            );
            TimeUnit::Ticks {
                count: count * N,
                unit,
            }
        }
        TimeUnit::Generic => TimeUnit::Generic,
    };
}

impl<U: FixedUnit, const N: u32> FixedUnit for Multiple<U, N> {
    const ATTOSECONDS: i128 = U::ATTOSECONDS * N as i128;
}

macro_rules! units {
    ($($name:ident $code:literal $($attoseconds:expr)?;)+) => {$(
        #[doc = concat!("`", $code, "`")]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name;

        impl sealed::Sealed for $name {}

        impl Unit for $name {
            const UNIT: TimeUnit = TimeUnit::one(DateUnit::$name);
        }

        $(impl FixedUnit for $name {
            const ATTOSECONDS: i128 = $attoseconds;
        })?
    )+};
}

const SECOND: i128 = 1_000_000_000_000_000_000;

units! {
    Year "Y";
    Month "M";
    Week "W" 7 * 86_400 * SECOND;
    Day "D" 86_400 * SECOND;
    Hour "h" 3_600 * SECOND;
    Minute "m" 60 * SECOND;
    Second "s" SECOND;
    Millisecond "ms" SECOND / 1_000;
    Microsecond "us" SECOND / 1_000_000;
    Nanosecond "ns" SECOND / 1_000_000_000;
    Picosecond "ps" 1_000_000;
    Femtosecond "fs" 1_000;
    Attosecond "as" 1;
}
