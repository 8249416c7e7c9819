//! Pointers and wrappers, stored as the value that they own.

use std::{
    borrow::Cow,
    num::{Saturating, Wrapping},
    rc::Rc,
    sync::Arc,
};

use super::target::StoreAs;
use crate::record::{
    error::{DecodeError, EncodeError},
    memory::{Filled, Layout, Slot, boxed},
};

/// Implements `StoreAs` for pointers to a `T`, by a conversion from a box.
macro_rules! pointers {
    ($([$($lifetime:lifetime)?] $pointer:ty $(, $bound:path)? => $from_box:expr;)+) => {$(
        impl<$($lifetime,)? D, T: StoreAs<D> $(+ $bound)?> StoreAs<D> for $pointer {
            type Stored = T::Stored;
            const STORED: Layout<Self> = Layout::converted(&T::STORED);

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
    [] Box<T> => |value| value;
    [] Rc<T> => Rc::from;
    [] Arc<T> => Arc::from;
    ['c] Cow<'c, T>, Clone => |value| Cow::Owned(*value);
}

macro_rules! wrappers {
    ($($wrapper:ident),+) => {$(
        impl<D, T: StoreAs<D>> StoreAs<D> for $wrapper<T> {
            type Stored = T::Stored;
            const STORED: Layout<Self> = Layout::wrapper(&T::STORED);

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
