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
