use std::{fmt, marker::PhantomData};

use super::field_form::FieldForm;
use crate::{
    dtype::DType,
    record::{
        big_endian::BigEndian,
        error::{DecodeError, EncodeError},
        field_attributes::FieldAttributes,
        memory::Layout,
        npy_record::NpyRecord,
        store_as::StoreAs,
        time::{Datetime64, Timedelta64},
        unit::Unit,
    },
};

/// An `Option`, as `nan` and `nat` require.
#[diagnostic::on_unimplemented(
    message = "`nan` and `nat` are for an `Option`, not for `{Self}`",
    label = "not an `Option`"
)]
pub trait Optional {
    /// The type of the value.
    type Value;
}

impl<T> Optional for Option<T> {
    type Value = T;
}

/// NaN, which is stored for a `None`.
#[derive(Debug)]
pub struct Nan;

/// NaT, which is stored for a `None`.
#[derive(Debug)]
pub struct Nat;

/// A dtype with a value that stands for a missing one: `Nan` or `Nat`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no {K}",
    label = "has no value for a `None`",
    note = "`#[npy(nan)]` needs a float or a complex number, `#[npy(nat)]` a `Datetime64` or `Timedelta64`; another type needs a `dtype`, such as `#[npy(nat, dtype = \"M8[ns]\")]`"
)]
pub trait Missing<K>: NpyRecord + fmt::Debug {
    /// Returns the value that stands for a missing one.
    fn missing() -> Self;

    /// Returns true for a value that NumPy takes for a missing one.
    fn is_missing(&self) -> bool;
}

macro_rules! floats {
    ($($(#[$cfg:meta])? $float:ty),+ $(,)?) => {$(
        $(#[$cfg])?
        impl Missing<Nan> for $float {
            #[inline]
            fn missing() -> Self {
                Self::NAN
            }

            #[inline]
            fn is_missing(&self) -> bool {
                self.is_nan()
            }
        }
    )+};
}

floats! {
    f32,
    f64,
    #[cfg(feature = "half")] half::f16,
    #[cfg(feature = "half")] half::bf16,
}

#[cfg(feature = "complex")]
macro_rules! complex {
    ($($part:ident),+) => {$(
        impl Missing<Nan> for num_complex::Complex<$part> {
            #[inline]
            fn missing() -> Self {
                $part::NAN.into()
            }

            #[inline]
            fn is_missing(&self) -> bool {
                self.is_nan()
            }
        }
    )+};
}

#[cfg(feature = "complex")]
complex!(f32, f64);

macro_rules! times {
    ($($time:ident),+) => {$(
        impl<U: Unit> Missing<Nat> for $time<U> {
            #[inline]
            fn missing() -> Self {
                Self::NAT
            }

            #[inline]
            fn is_missing(&self) -> bool {
                self.is_nat()
            }
        }
    )+};
}

times!(Datetime64, Timedelta64);

impl<K, T: Missing<K>> Missing<K> for BigEndian<T> {
    #[inline]
    fn missing() -> Self {
        BigEndian(T::missing())
    }

    #[inline]
    fn is_missing(&self) -> bool {
        self.0.is_missing()
    }
}

/// The form of an `Option` whose value is stored as a `D`, and whose `None` as the missing value of kind `K`.
#[derive(Debug)]
pub struct OrMissing<K, O, D> {
    kind: PhantomData<K>,
    option: PhantomData<O>,
    stored: PhantomData<D>,
}

impl<K, T, D> FieldForm for OrMissing<K, Option<T>, D>
where
    T: StoreAs<D, Stored = D>,
    D: Missing<K>,
{
    type Value = Option<T>;
    const ITEMSIZE: usize = D::ITEMSIZE;
    const LAYOUT: Layout<Option<T>> = Layout::converted(&D::LAYOUT);

    fn dtype() -> DType {
        D::dtype()
    }

    #[inline]
    fn encode(value: &Option<T>, out: &mut [u8]) -> Result<(), EncodeError> {
        let stored = match value {
            Some(value) => present::<K, D>(value.to_stored()?)?,
            None => D::missing(),
        };
        stored.encode(out)
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Option<T>, DecodeError> {
        let stored = D::decode(bytes)?;
        match stored.is_missing() {
            true => Ok(None),
            false => T::from_stored(stored).map(Some),
        }
    }

    fn field_attributes(attributes: &mut FieldAttributes, _: usize) {
        T::stored_attributes(attributes);
    }
}

/// Returns a stored value that is not missing.
#[inline]
fn present<K, D: Missing<K>>(stored: D) -> Result<D, EncodeError> {
    match stored.is_missing() {
        true => Err(not_present(&stored)),
        false => Ok(stored),
    }
}

#[cold]
fn not_present(stored: &impl fmt::Debug) -> EncodeError {
    let shown = format!("Some({stored:?})");
    EncodeError::new(shown, "would be read as `None`")
}
