//! Enums, stored as an integer of another size than their `repr`, or as the names of their variants.

use super::{integer::IntegerTarget, target::out_of_range, text::TextTarget};
use crate::record::{
    big_endian::BigEndian, bytes::Bytes, error::EncodeError, npy_record::NpyRecord, str::Str,
};

/// A dtype that stores the variants of enums.
pub trait EnumTarget: NpyRecord {
    /// Returns the stored form of a variant.
    ///
    /// # Errors
    ///
    /// If the dtype has no room for the number or the name.
    fn from_variant(number: i128, name: &str) -> Result<Self, EncodeError>;

    /// Returns the stored form of a number that is not a variant's.
    ///
    /// # Errors
    ///
    /// If the dtype has no room for the number, or stores names.
    fn from_number(number: i128) -> Result<Self, EncodeError>;

    /// Returns true if this is the stored form of the variant.
    fn is_variant(&self, number: i128, name: &str) -> bool;

    /// Returns the number, or `None` if the dtype stores names.
    fn number(&self) -> Option<i128>;

    /// Returns the stored value as a text, for errors.
    fn show(&self) -> String;
}

impl<T: IntegerTarget> EnumTarget for T {
    fn from_variant(number: i128, name: &str) -> Result<Self, EncodeError> {
        let stored = T::from_integer(number, u64::BITS);
        stored.ok_or_else(|| out_of_range::<T>(format_args!("{number} ({name})")))
    }

    fn from_number(number: i128) -> Result<Self, EncodeError> {
        T::from_integer(number, u64::BITS).ok_or_else(|| out_of_range::<T>(number))
    }

    fn is_variant(&self, number: i128, _: &str) -> bool {
        self.to_integer() == Some(number)
    }

    fn number(&self) -> Option<i128> {
        self.to_integer()
    }

    fn show(&self) -> String {
        format!("{self:?}")
    }
}

macro_rules! texts {
    ($($text:ty),+) => {$(
        impl<const N: usize> EnumTarget for $text {
            fn from_variant(_: i128, name: &str) -> Result<Self, EncodeError> {
                Self::from_text(name)
            }

            fn from_number(number: i128) -> Result<Self, EncodeError> {
                Err(EncodeError::new(number, "is the number of no variant, so that it has no name"))
            }

            fn is_variant(&self, _: i128, name: &str) -> bool {
                Self::from_text(name).is_ok_and(|stored| stored == *self)
            }

            fn number(&self) -> Option<i128> {
                None
            }

            fn show(&self) -> String {
                format!("{self:?}")
            }
        }
    )+};
}

texts!(Bytes<N>, Str<N>, BigEndian<Str<N>>);
