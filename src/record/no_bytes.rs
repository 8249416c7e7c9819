//! Types without bytes.

use std::marker::PhantomData;

use super::{
    check_len::{check_len, check_len_mut},
    encode_as::encode_as_itself,
    error::{DecodeError, EncodeError},
    memory::Layout,
    npy_record::NpyRecord,
};
use crate::dtype::{DType, Struct};

macro_rules! no_bytes {
    ($([$($generics:tt)*] $type:ty: $value:expr;)+) => {$(
        encode_as_itself!(impl[$($generics)*] $type);

        /// Stored as a struct without fields, `[]`.
        impl<$($generics)*> NpyRecord for $type {
            const ITEMSIZE: usize = 0;
            const LAYOUT: Layout<Self> = Layout::native();

            fn dtype() -> DType {
                DType::Struct(Struct::placed(Vec::new(), 0, 1))
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                check_len_mut(out, 0).map(|_| ())
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                check_len(bytes, 0).map(|_| $value)
            }
        }
    )+};
}

no_bytes! {
    [] (): ();
    [T: ?Sized] PhantomData<T>: PhantomData;
}
