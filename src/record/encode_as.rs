//! Encoding through pointers, and records that encode themselves.

use std::{
    borrow::Cow,
    cell::{Ref, RefMut},
    rc::Rc,
    sync::{Arc, MutexGuard, RwLockReadGuard, RwLockWriteGuard},
};

use super::{
    element::{Element, EncodeAs},
    error::EncodeError,
};

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
through_pointers!(Ref<'_, T>, RefMut<'_, T>);
through_pointers!(
    MutexGuard<'_, T>,
    RwLockReadGuard<'_, T>,
    RwLockWriteGuard<'_, T>
);

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

        // `Box<T>` encodes itself as the same types as `T`.
        impl<$($generics)*> $crate::record::EncodeAs<Box<$record>> for $record {
            #[inline]
            fn encode_as(&self, _: &(), out: &mut [u8]) -> Result<(), $crate::record::EncodeError> {
                $crate::record::NpyRecord::encode(self, out)
            }
        }
    };
}

pub(crate) use encode_as_itself;
