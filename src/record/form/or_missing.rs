use std::fmt;

use crate::{
    dtype::DType,
    record::{
        big_endian::BigEndian,
        error::{DecodeError, EncodeError},
        field_attributes::FieldAttributes,
        memory::{Filled, Layout, Slot},
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

/// An `Option` whose value is stored as a `D`, and whose `None` as the missing value of kind `K`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored as `{D}` with a value for `None`",
    label = "has no value for a `None`",
    note = "`#[npy(nan)]` needs a float or a complex number, `#[npy(nat)]` a `Datetime64` or `Timedelta64`",
    note = "another type in the `Option` needs a `dtype` that stores it: `#[npy(nan, dtype = \"f4\")]` or `#[npy(nat, dtype = \"M8[ns]\")]`"
)]
pub trait OrMissing<K, D>: Sized {
    /// The size of a stored value, in bytes.
    const ITEMSIZE: usize;
    /// The memory of a value compared with its form in the file.
    const LAYOUT: Layout<Self>;

    /// Returns the dtype of a stored value.
    fn dtype() -> DType;

    /// Encodes a value to `out`.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be stored or is the missing one, or `out` has another length.
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError>;

    /// Decodes a value.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are not a value, or have another length.
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError>;

    /// Decodes a value in its final memory.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    fn decode_into<'a>(
        slot: Slot<'a, Self>,
        bytes: &[u8],
    ) -> Result<Filled<'a, Self>, DecodeError> {
        Ok(slot.write(Self::decode(bytes)?))
    }

    /// Adds the attributes within a field, at an offset in a struct.
    fn field_attributes(attributes: &mut FieldAttributes, offset: usize);
}

#[diagnostic::do_not_recommend]
impl<K, T, D> OrMissing<K, D> for Option<T>
where
    T: StoreAs<D, Stored = D>,
    D: Missing<K>,
{
    const ITEMSIZE: usize = D::ITEMSIZE;
    const LAYOUT: Layout<Self> = Layout::converted(&D::LAYOUT);

    fn dtype() -> DType {
        D::dtype()
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        let stored = match self {
            Some(value) => present::<K, D>(value.to_stored()?)?,
            None => D::missing(),
        };
        stored.encode(out)
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
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
