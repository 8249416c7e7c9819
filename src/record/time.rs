use std::{cmp::Ordering, fmt, hash, marker::PhantomData};

use super::{
    encode_as::encode_as_itself,
    error::{DecodeError, EncodeError},
    memory::Layout,
    npy_record::NpyRecord,
    unit::Unit,
};
use crate::dtype::{ByteOrder, DType, Kind, Scalar};

/// A point in time, `<M8[unit]`: ticks of `U` since 1970-01-01T00:00 (UTC by convention), or NaT.
///
/// ```
/// use npyrec::{Datetime64, NpyRecord, unit};
///
/// let time = Datetime64::<unit::Millisecond>::new(1_700_000_000_000);
/// assert_eq!(time.ticks(), 1_700_000_000_000);
/// assert_eq!(time.to_string(), "2023-11-14T22:13:20.000");
/// assert_eq!("2023-11-14T22:13:20".parse(), Ok(time));
/// assert_eq!(Datetime64::<unit::Multiple<unit::Day, 7>>::dtype().to_string(), "<M8[7D]");
/// ```
#[repr(transparent)]
pub struct Datetime64<U>(i64, PhantomData<U>);

/// A span of time, `<m8[unit]`: ticks of `U`, or NaT.
///
/// ```
/// use npyrec::{Timedelta64, unit};
///
/// let span = Timedelta64::<unit::Microsecond>::new(125);
/// assert_eq!(span.to_string(), "125 microseconds");
/// assert_eq!("125 microseconds".parse(), Ok(span));
/// ```
#[repr(transparent)]
pub struct Timedelta64<U>(i64, PhantomData<U>);

macro_rules! times {
    ($($name:ident: $kind:ident),+) => {$(
        impl<U> $name<U> {
            /// Not a time: the value of missing times.
            pub const NAT: Self = Self::new(i64::MIN);

            /// Creates a time of `ticks`. `i64::MIN` is [NaT](Self::NAT).
            pub const fn new(ticks: i64) -> Self {
                $name(ticks, PhantomData)
            }

            /// Returns the number of ticks.
            pub const fn ticks(self) -> i64 {
                self.0
            }

            /// Returns true for [NaT](Self::NAT).
            pub const fn is_nat(self) -> bool {
                self.0 == i64::MIN
            }
        }

        encode_as_itself!(impl[U: Unit] $name<U>);

        impl<U: Unit> NpyRecord for $name<U> {
            const ITEMSIZE: usize = 8;
            const LAYOUT: Layout<Self> = Layout::native();

            fn dtype() -> DType {
                Scalar::of(Kind::$kind(U::UNIT), 8, ByteOrder::Little).into()
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                self.0.encode(out)
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                i64::decode(bytes).map(Self::new)
            }
        }

        impl<U> Clone for $name<U> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<U> Copy for $name<U> {}

        impl<U> PartialEq for $name<U> {
            /// Compares the ticks. Unlike in NumPy, NaT equals itself.
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl<U> Eq for $name<U> {}

        impl<U> PartialOrd for $name<U> {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl<U> Ord for $name<U> {
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.cmp(&other.0)
            }
        }

        impl<U> hash::Hash for $name<U> {
            fn hash<H: hash::Hasher>(&self, state: &mut H) {
                self.0.hash(state);
            }
        }

        impl<U: Unit> fmt::Debug for $name<U> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.is_nat() {
                    true => write!(f, "{}(NaT)", stringify!($name)),
                    false => write!(f, "{}({} × {})", stringify!($name), self.0, U::UNIT),
                }
            }
        }
    )+};
}

times!(Datetime64: Datetime, Timedelta64: Timedelta);

impl<U> Default for Datetime64<U> {
    /// Returns NaT, as `np.datetime64()` does.
    fn default() -> Self {
        Self::NAT
    }
}

impl<U> Default for Timedelta64<U> {
    /// Returns zero ticks, as `np.timedelta64()` does.
    fn default() -> Self {
        Self::new(0)
    }
}
