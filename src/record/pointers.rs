//! Pointers that own a value, stored as the value.

use std::{borrow::Cow, rc::Rc, sync::Arc};

use super::{
    element::EncodeAs,
    error::{DecodeError, EncodeError},
    field_attributes::FieldAttributes,
    memory::{Layout, boxed},
    npy_record::NpyRecord,
    store_as::StoreAs,
};
use crate::dtype::DType;

/// Implements `NpyRecord` and `StoreAs` for pointers to a `T`, by a conversion from a box.
macro_rules! pointers {
    ($($(#[$doc:meta])* [$($lifetime:lifetime)?] $pointer:ty $(, $bound:path)? => $from_box:expr;)+) => {$(
        $(#[$doc])*
        impl<$($lifetime,)? T: NpyRecord + EncodeAs<$pointer> $(+ $bound)?> NpyRecord for $pointer {
            const ITEMSIZE: usize = T::ITEMSIZE;
            const LAYOUT: Layout<Self> = Layout::converted(&T::LAYOUT);

            fn dtype() -> DType {
                T::dtype()
            }

            fn attributes(attributes: &mut FieldAttributes) {
                T::attributes(attributes);
            }

            fn field_attributes(attributes: &mut FieldAttributes, offset: usize) {
                T::field_attributes(attributes, offset);
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                T::encode(self, out)
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                boxed(|slot| T::decode_into(slot, bytes)).map($from_box)
            }
        }

        impl<$($lifetime,)? D, T: StoreAs<D> $(+ $bound)?> StoreAs<D> for $pointer {
            type Stored = T::Stored;
            const STORED: Layout<Self> = Layout::converted(&T::STORED);

            fn stored_attributes(attributes: &mut FieldAttributes) {
                T::stored_attributes(attributes);
            }

            #[inline]
            fn to_stored(&self) -> Result<Self::Stored, EncodeError> {
                T::to_stored(self)
            }

            #[inline]
            fn from_stored(stored: Self::Stored) -> Result<Self, DecodeError> {
                T::from_stored(stored).map(Box::new).map($from_box)
            }

            #[inline]
            fn encode_stored(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                T::encode_stored(self, out)
            }

            #[inline]
            fn decode_stored(bytes: &[u8]) -> Result<Self, DecodeError> {
                boxed(|slot| T::decode_stored_into(slot, bytes)).map($from_box)
            }
        }
    )+};
}

pointers! {
    /// Stored as the value in the box, and decoded on the heap: for records that are larger than the stack.
    [] Box<T> => |value| value;
    /// Stored as the value. Decoded values are not shared.
    [] Rc<T> => Rc::from;
    /// Stored as the value. Decoded values are not shared.
    [] Arc<T> => Arc::from;
    /// Stored as the value, and decoded as an owned one.
    ['c] Cow<'c, T>, Clone => |value| Cow::Owned(*value);
}
