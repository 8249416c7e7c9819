//! The impl of `StoreAs` from its two conversions.

/// Implements `StoreAs` by conversions to and from the stored type.
///
/// With `encode_all`, arrays are encoded without a branch for each item. With `encode` and `decode`, values are
/// encoded without a stored value in between. With `decode_into`, they are decoded in their memory.
macro_rules! store_as {
    (
        [$($generics:tt)*] $value:ty as $stored:ty: $to:expr, $from:expr
        $(, layout: $layout:expr)?
        $(, encode_all: $encode_all:expr)?
        $(, encode: $encode:expr, decode: $decode:expr)?
        $(, decode_into: $into:expr)?
    ) => {
        #[diagnostic::do_not_recommend]
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

            $(
                #[inline]
                fn encode_all(values: &[Self], out: &mut [u8]) -> bool {
                    $encode_all(values, out)
                }
            )?

            $(
                #[inline]
                fn encode_stored(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                    $encode(self, check_len_mut(out, <$stored>::ITEMSIZE)?)
                }

                #[inline]
                fn decode_stored(bytes: &[u8]) -> Result<Self, DecodeError> {
                    $decode(check_len(bytes, <$stored>::ITEMSIZE)?)
                }
            )?

            $(
                #[inline]
                fn decode_stored_into<'a>(
                    slot: Slot<'a, Self>,
                    bytes: &[u8],
                ) -> Result<Filled<'a, Self>, DecodeError> {
                    $into(slot, check_len(bytes, <$stored>::ITEMSIZE)?)
                }
            )?
        }
    };
}

/// Implements `StoreAs` for a type, and for its big-endian form.
macro_rules! store_as_either {
    (
        [$($generics:tt)*] $value:ty as $stored:ty: $to:expr, $from:expr
        $(, layout: $layout:expr)?
    ) => {
        store_as!([$($generics)*] $value as $stored: $to, $from $(, layout: $layout)?);
        store_as! {
            [$($generics)*] $value as BigEndian<$stored>:
            |value| $to(value).map(BigEndian),
            |stored: BigEndian<$stored>| $from(stored.0)
        }
    };
}
