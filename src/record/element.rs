use std::fmt;

use super::{
    error::{DecodeError, EncodeError},
    field_attributes::FieldAttributes,
    memory::Layout,
};
use crate::dtype::DType;

/// An element of an array: a value of any [`NpyRecord`](crate::NpyRecord) type, or a
/// [`Value`](crate::Value), whose dtype is known when the program runs.
///
/// Readers and appenders take either. Every [`NpyRecord`](crate::NpyRecord) is an element; you never implement
/// this trait.
pub trait Element: EncodeAs<Self> + Sized {
    /// The type that encodes and decodes elements: `()` for a record, which needs no such type.
    type Codec: Clone + fmt::Debug + Send + Sync + 'static;

    /// The layout of an element in memory.
    #[doc(hidden)]
    const MEMORY: Layout<Self>;

    /// Fails to compile for an element that borrows what is stored. Each function that reads names it, so that
    /// the error shows the call.
    #[doc(hidden)]
    const READABLE: () = assert!(
        !Self::MEMORY.is_borrowed(),
        "this record borrows a text or bytes, so it can be written but not read; to read the file, use a struct \
         with `String`, `Bytes<N>` or `Str<N>` in place of the reference",
    );

    /// Returns the dtype of a record, or `None` where it is known only when the program runs.
    #[doc(hidden)]
    fn fixed_dtype() -> Option<DType>;

    /// Returns the codec of elements that are stored as a dtype. For a record, the dtype is its own.
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

    /// Returns the attributes of the fields: defaults, and other names.
    #[doc(hidden)]
    fn attributes_of() -> FieldAttributes;
}

/// A value that can be encoded as an element of type `E`, such as an `E` itself or a pointer to one.
///
/// `#[derive(NpyRecord)]` implements it. A record that is [implemented by
/// hand](crate::NpyRecord#implementing-it-by-hand) needs one impl, and another `EncodeAs<Box<Celsius>>` to be a
/// record in a box:
///
/// ```
/// # use npyrec::{DType, DecodeError, EncodeAs, EncodeError, NpyRecord};
/// # struct Celsius(f32);
/// # impl NpyRecord for Celsius {
/// #     const ITEMSIZE: usize = f32::ITEMSIZE;
/// #     fn dtype() -> DType { f32::dtype() }
/// #     fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> { self.0.encode(out) }
/// #     fn decode(bytes: &[u8]) -> Result<Self, DecodeError> { f32::decode(bytes).map(Celsius) }
/// # }
/// impl EncodeAs<Celsius> for Celsius {
///     fn encode_as(&self, _: &(), out: &mut [u8]) -> Result<(), EncodeError> {
///         self.encode(out)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be stored as a `{E}`",
    label = "is not a `{E}`"
)]
pub trait EncodeAs<E: Element> {
    /// Writes the element's form in the file to `out`, which has the itemsize of the element's dtype.
    ///
    /// # Errors
    ///
    /// If the value does not fit the dtype, such as a text that is too long, or `out` has another length.
    /// The content of `out` is then unspecified.
    fn encode_as(&self, codec: &E::Codec, out: &mut [u8]) -> Result<(), EncodeError>;
}

/// The most elements of no bytes that are read: the length of a file does not limit their number.
pub(crate) const MAX_EMPTY: u64 = 1 << 24;
