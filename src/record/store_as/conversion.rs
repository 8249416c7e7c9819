//! A storing as the two conversions it is made of.

/// Implements the storing as a type by two conversions.
macro_rules! store_as {
    ([$($generics:tt)*] $value:ty as $stored:ty: $to:expr, $from:expr $(, $layout:expr)?) => {
        impl<$($generics)*> StoreAs<$stored> for $value {
            type Stored = $stored;
            $(const STORED: Layout<Self> = $layout;)?

            #[inline]
            fn to_stored(&self) -> Result<$stored, EncodeError> {
                $to(self)
            }

            #[inline]
            fn from_stored(stored: $stored) -> Result<Self, DecodeError> {
                $from(stored)
            }
        }
    };
}

/// A text, which is encoded and decoded without a copy of its dtype's length.
macro_rules! store_text {
    (
        [$($generics:tt)*] $value:ty as $stored:ty:
        $to:expr, $from:expr, $encode:expr, $decode:expr $(, $into:expr, $layout:expr)?
    ) => {
        impl<$($generics)*> StoreAs<$stored> for $value {
            type Stored = $stored;
            $(const STORED: Layout<Self> = $layout;)?

            #[inline]
            fn to_stored(&self) -> Result<$stored, EncodeError> {
                $to(self)
            }

            #[inline]
            fn from_stored(stored: $stored) -> Result<Self, DecodeError> {
                $from(stored)
            }

            #[inline]
            fn encode_stored(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                $encode(self, exactly_mut(out, <$stored>::ITEMSIZE)?)
            }

            #[inline]
            fn decode_stored(bytes: &[u8]) -> Result<Self, DecodeError> {
                $decode(exactly(bytes, <$stored>::ITEMSIZE)?)
            }

            $(#[inline]
            fn decode_stored_into<'a>(
                slot: Slot<'a, Self>,
                bytes: &[u8],
            ) -> Result<Filled<'a, Self>, DecodeError> {
                $into(slot, exactly(bytes, <$stored>::ITEMSIZE)?)
            })?
        }
    };
}

/// The same, and the storing as the big-endian form of the type.
macro_rules! store_as_either {
    ([$($generics:tt)*] $value:ty as $stored:ty: $to:expr, $from:expr $(, $layout:expr)?) => {
        store_as!([$($generics)*] $value as $stored: $to, $from $(, $layout)?);
        store_as! {
            [$($generics)*] $value as BigEndian<$stored>:
            |value| $to(value).map(BigEndian),
            |stored: BigEndian<$stored>| $from(stored.0)
        }
    };
}
