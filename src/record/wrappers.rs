//! Integers of std with another arithmetic or without a zero.

use std::num::{NonZero, Saturating, Wrapping};

use super::{
    encode_as::encode_as_itself,
    error::{DecodeError, EncodeError},
    field_attributes::FieldAttributes,
    memory::{Filled, Layout, Slot},
    npy_record::NpyRecord,
    store_as::StoreAs,
};
use crate::dtype::DType;

macro_rules! wrappers {
    ($($wrapper:ident),+) => {$(
        encode_as_itself!(impl[T: NpyRecord] $wrapper<T>);

        impl<T: NpyRecord> NpyRecord for $wrapper<T> {
            const ITEMSIZE: usize = T::ITEMSIZE;
            const LAYOUT: Layout<Self> = Layout::wrapper(&T::LAYOUT);

            fn dtype() -> DType {
                T::dtype()
            }

            fn attributes(attributes: &mut FieldAttributes) {
                T::attributes(attributes);
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                self.0.encode(out)
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                T::decode(bytes).map($wrapper)
            }

            #[inline]
            fn decode_into<'a>(
                slot: Slot<'a, Self>,
                bytes: &[u8],
            ) -> Result<Filled<'a, Self>, DecodeError> {
                slot.fill_inner(|inner| T::decode_into(inner, bytes))
            }
        }

        impl<D, T: StoreAs<D>> StoreAs<D> for $wrapper<T> {
            type Stored = T::Stored;
            const STORED: Layout<Self> = Layout::wrapper(&T::STORED);

            fn stored_attributes(attributes: &mut FieldAttributes) {
                T::stored_attributes(attributes);
            }

            #[inline]
            fn to_stored(&self) -> Result<Self::Stored, EncodeError> {
                self.0.to_stored()
            }

            #[inline]
            fn from_stored(stored: Self::Stored) -> Result<Self, DecodeError> {
                T::from_stored(stored).map($wrapper)
            }

            #[inline]
            fn encode_stored(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                self.0.encode_stored(out)
            }

            #[inline]
            fn decode_stored(bytes: &[u8]) -> Result<Self, DecodeError> {
                T::decode_stored(bytes).map($wrapper)
            }

            #[inline]
            fn decode_stored_into<'a>(
                slot: Slot<'a, Self>,
                bytes: &[u8],
            ) -> Result<Filled<'a, Self>, DecodeError> {
                slot.fill_inner(|inner| T::decode_stored_into(inner, bytes))
            }
        }
    )+};
}

wrappers!(Saturating, Wrapping);

macro_rules! nonzero {
    ($($integer:ident),+) => {$(
        encode_as_itself!(impl[] NonZero<$integer>);

        impl NpyRecord for NonZero<$integer> {
            const ITEMSIZE: usize = size_of::<Self>();
            const LAYOUT: Layout<Self> = Layout::native();

            fn dtype() -> DType {
                $integer::dtype()
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                self.get().encode(out)
            }

            /// Fails for a zero.
            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                Self::new($integer::decode(bytes)?).ok_or_else(|| {
                    DecodeError::new(concat!("0 does not fit NonZero<", stringify!($integer), ">"))
                })
            }
        }
    )+};
}

nonzero!(i8, i16, i32, i64, u8, u16, u32, u64);
