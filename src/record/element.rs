use std::fmt;

use super::{
    defaults::Defaults,
    encode_as::EncodeAs,
    error::DecodeError,
    memory::{Layout, boxed, push_decoded},
    npy_record::NpyRecord,
};
use crate::dtype::DType;

/// An element of an array: a value of any [`NpyRecord`] type, or a [`Value`](crate::Value), whose dtype is
/// known when the program runs.
///
/// Readers and appenders take either. There is nothing to implement: every [`NpyRecord`] is an element.
pub trait Element: EncodeAs<Self> + Sized {
    /// What encodes and decodes elements: `()` for a record, which does so by itself.
    type Codec: Clone + fmt::Debug + Send + Sync + 'static;

    /// The layout of an element in memory.
    #[doc(hidden)]
    const MEMORY: Layout<Self>;

    /// Returns the dtype of a record, or `None` where it is known only when the program runs.
    #[doc(hidden)]
    fn fixed_dtype() -> Option<DType>;

    /// Returns the codec of elements that are stored as a dtype, which is that of a record.
    #[doc(hidden)]
    fn codec_of(dtype: &DType) -> Self::Codec;

    /// Returns the size of an element in the file, in bytes: a constant for a record.
    #[doc(hidden)]
    fn itemsize_of(codec: &Self::Codec) -> usize;

    /// Decodes an element from its form in the file.
    #[doc(hidden)]
    fn decode_as(codec: &Self::Codec, bytes: &[u8]) -> Result<Self, DecodeError>;

    /// Decodes an element on the heap.
    #[doc(hidden)]
    fn decode_boxed(codec: &Self::Codec, bytes: &[u8]) -> Result<Box<Self>, DecodeError>;

    /// Decodes an element and adds it to others. A large record is decoded where it stays.
    #[doc(hidden)]
    fn decode_onto(
        codec: &Self::Codec,
        bytes: &[u8],
        elements: &mut Vec<Self>,
    ) -> Result<(), DecodeError>;

    /// Returns true if elements take memory in proportion to their bytes in the file, of which each has
    /// `itemsize`; either one after another, or all `at_once`.
    #[doc(hidden)]
    fn is_in_proportion(codec: &Self::Codec, itemsize: usize, elements: u64, at_once: bool)
    -> bool;

    /// Returns the defaults of fields that a file may lack.
    #[doc(hidden)]
    fn defaults_of() -> Defaults;
}

/// The most elements of no bytes that are read: the length of a file does not limit their number.
pub(crate) const MAX_EMPTY: u64 = 1 << 24;

/// The most memory that elements of no bytes take.
const MAX_EMPTY_MEMORY: u64 = 1 << 20;

impl<R: NpyRecord> Element for R {
    type Codec = ();

    const MEMORY: Layout<Self> = R::LAYOUT;

    fn fixed_dtype() -> Option<DType> {
        Some(R::dtype())
    }

    fn codec_of(_: &DType) -> Self::Codec {}

    #[inline]
    fn itemsize_of((): &()) -> usize {
        R::ITEMSIZE
    }

    #[inline]
    fn decode_as((): &(), bytes: &[u8]) -> Result<Self, DecodeError> {
        R::decode(bytes)
    }

    fn decode_boxed((): &(), bytes: &[u8]) -> Result<Box<Self>, DecodeError> {
        boxed(|slot| R::decode_into(slot, bytes))
    }

    #[inline]
    fn decode_onto((): &(), bytes: &[u8], elements: &mut Vec<Self>) -> Result<(), DecodeError> {
        push_decoded(elements, bytes)
    }

    fn is_in_proportion((): &(), itemsize: usize, elements: u64, _: bool) -> bool {
        let memory = elements.saturating_mul(size_of::<R>() as u64);
        itemsize > 0 || elements <= MAX_EMPTY && memory <= MAX_EMPTY_MEMORY
    }

    fn defaults_of() -> Defaults {
        Defaults::of::<R>()
    }
}
