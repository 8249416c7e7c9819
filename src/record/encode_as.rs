use std::{borrow::Cow, rc::Rc, sync::Arc};

use super::{element::Element, error::EncodeError};

/// A value that can be encoded as an element of type `E`, such as an `E` itself or a pointer to one.
///
/// `#[derive(NpyRecord)]` implements it, also for a struct that borrows as the same struct with another
/// lifetime. A record that is [implemented by hand](crate::NpyRecord#implementing-it-by-hand) needs one line:
///
/// ```
/// # use npyrec::{DType, DecodeError, EncodeAs, EncodeError, NpyRecord};
/// # struct Celsius(f32);
/// # impl NpyRecord for Celsius {
/// #     const ITEMSIZE: usize = f32::ITEMSIZE;
/// #     fn dtype() -> DType { f32::dtype() }
/// #     fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> { self.0.encode(out) }
/// #     fn decode(bytes: &[u8]) -> Result<Self, DecodeError> { f32::decode(bytes).map(Celsius) }
/// # }
/// impl EncodeAs<Celsius> for Celsius {
///     fn encode_as(&self, _: &(), out: &mut [u8]) -> Result<(), EncodeError> {
///         self.encode(out)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be stored as a `{E}`",
    label = "is not a `{E}`"
)]
pub trait EncodeAs<E: Element> {
    /// Writes the element's form in the file to `out`, which has the itemsize of the element's dtype.
    ///
    /// # Errors
    ///
    /// If the value does not fit the dtype, such as a text that is too long, or `out` has another length.
    /// The content of `out` is then unspecified.
    fn encode_as(&self, codec: &E::Codec, out: &mut [u8]) -> Result<(), EncodeError>;
}

macro_rules! through_pointers {
    ($($pointer:ty),+) => {$(
        impl<E: Element, T: EncodeAs<E> + ?Sized> EncodeAs<E> for $pointer {
            #[inline]
            fn encode_as(&self, codec: &E::Codec, out: &mut [u8]) -> Result<(), EncodeError> {
                T::encode_as(self, codec, out)
            }
        }
    )+};
}

through_pointers!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl<E: Element, T: EncodeAs<E> + ToOwned + ?Sized> EncodeAs<E> for Cow<'_, T> {
    #[inline]
    fn encode_as(&self, codec: &E::Codec, out: &mut [u8]) -> Result<(), EncodeError> {
        T::encode_as(self, codec, out)
    }
}

/// Implements [`EncodeAs`] for a record type, as itself and as a box of itself.
macro_rules! encode_as_itself {
    (impl[$($generics:tt)*] $record:ty) => {
        impl<$($generics)*> $crate::record::EncodeAs<$record> for $record {
            #[inline]
            fn encode_as(&self, _: &(), out: &mut [u8]) -> Result<(), $crate::record::EncodeError> {
                $crate::record::NpyRecord::encode(self, out)
            }
        }

        // `Box<T>` encodes itself as whatever a `T` encodes itself as.
        impl<$($generics)*> $crate::record::EncodeAs<Box<$record>> for $record {
            #[inline]
            fn encode_as(&self, _: &(), out: &mut [u8]) -> Result<(), $crate::record::EncodeError> {
                $crate::record::NpyRecord::encode(self, out)
            }
        }
    };
}

pub(crate) use encode_as_itself;
