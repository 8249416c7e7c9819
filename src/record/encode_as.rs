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
        #[diagnostic::do_not_recommend]
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

/// Implements [`EncodeAs`] for a record type: as itself, and as each pointer to itself that is a record.
macro_rules! encode_as_itself {
    (impl[$($generics:tt)*] $record:ty) => {
        $crate::record::encode_as::encode_as_itself!(@ [$($generics)*] $record, $record);
        $crate::record::encode_as::encode_as_itself!(@ [$($generics)*] $record, Box<$record>);
        $crate::record::encode_as::encode_as_itself!(@ [$($generics)*] $record, std::rc::Rc<$record>);
        $crate::record::encode_as::encode_as_itself!(@ [$($generics)*] $record, std::sync::Arc<$record>);
        $crate::record::encode_as::encode_as_itself! {
            @ [$($generics)*] $record, std::borrow::Cow<'_, $record>, where for<'any> $record: Clone
        }
    };
    (@ [$($generics:tt)*] $record:ty, $stored:ty $(, $($where:tt)+)?) => {
        impl<$($generics)*> $crate::record::EncodeAs<$stored> for $record $($($where)+)? {
            #[inline]
            fn encode_as(&self, _: &(), out: &mut [u8]) -> Result<(), $crate::record::EncodeError> {
                $crate::record::NpyRecord::encode(self, out)
            }
        }
    };
}

pub(crate) use encode_as_itself;
