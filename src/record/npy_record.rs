use super::{
    defaults::Defaults,
    error::{DecodeError, EncodeError},
    exactly::{wrong_buffer, wrong_bytes},
    layout::Layout,
    slot::{Filled, Slot},
};
use crate::dtype::DType;

/// A type whose values are the elements of an array: it has a dtype, and a form of fixed size.
///
/// Derive it for structs with named fields (a structured dtype), tuple structs (fields `f0`, `f1`,
/// …), newtypes (the dtype of what they hold) and enums of plain variants with `#[repr(u8)]` to
/// `#[repr(i64)]` (that integer). The attributes are described in the [crate documentation](crate).
///
/// It is implemented for these types, always stored in little-endian order:
///
/// | Rust | NumPy |
/// | --- | --- |
/// | `bool` | `\|b1` |
/// | `i8` … `i64`, `u8` … `u64` | `\|i1` … `<i8`, `\|u1` … `<u8` |
/// | `f32`, `f64`, [`half::f16`](https://docs.rs/half) | `<f4`, `<f8`, `<f2` |
/// | [`half::bf16`](https://docs.rs/half) | `<V2`, as `ml_dtypes` stores its `bfloat16` |
/// | [`Complex<f32>`](https://docs.rs/num-complex), `Complex<f64>` | `<c8`, `<c16` |
/// | [`Bytes<N>`](crate::Bytes), [`Str<N>`](crate::Str), [`Void<N>`](crate::Void) | `\|SN`, `<UN`, `\|VN` |
/// | [`Datetime64<U>`](crate::Datetime64), [`Timedelta64<U>`](crate::Timedelta64) | `<M8[unit]`, `<m8[unit]` |
/// | `[T; N]`, `[[T; M]; N]` | a subarray of shape `(N,)`, `(N, M)` |
/// | `(A, B, …)`, up to twelve | fields `f0`, `f1`, … |
/// | `Box<T>` | as `T`, and decoded on the heap |
///
/// # Large records
///
/// [`read`](crate::read()), [`Reader::read_into`](crate::Reader::read_into), the ranges of
/// [`NpyFile`](crate::NpyFile) and [`Follow`](crate::Follow) decode a record of more than 4 KiB where it
/// stays, so that it may be larger than the stack of the thread. An iterator returns each record by value,
/// which needs room for it on the stack of the caller: iterate over `Box<R>` instead, as
/// `Reader::<Box<R>>::open(path)`.
///
/// # Implementing it by hand
///
/// Such a record is encoded, never copied whole, and stands at any byte of an `#[npy(align)]` struct. It
/// is decoded by value, so it should not be much larger than a few KiB, or hold its data in a `Vec` or `Box`.
///
/// ```
/// use npyrec::{DType, DecodeError, EncodeError, NpyRecord};
///
/// struct Celsius(f32);
///
/// impl NpyRecord for Celsius {
///     const ITEMSIZE: usize = f32::ITEMSIZE;
///
///     fn dtype() -> DType {
///         f32::dtype()
///     }
///
///     fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
///         if self.0 < -273.15 {
///             return Err(EncodeError::new(self.0, "is below absolute zero"));
///         }
///         self.0.encode(out)
///     }
///
///     fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
///         f32::decode(bytes).map(Celsius)
///     }
/// }
/// # assert!(Celsius(-300.0).encode(&mut [0; 4]).is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a NumPy record",
    label = "has no dtype of its own",
    note = "a struct or an enum becomes a record by `#[derive(NpyRecord)]`",
    note = "a text needs its length: `#[npy(dtype = \"S16\")]` (bytes) or `#[npy(dtype = \"U16\")]` (characters)",
    note = "a `SystemTime` or `Duration` needs its unit: `#[npy(dtype = \"M8[ns]\")]` or `#[npy(dtype = \"m8[us]\")]`",
    note = "a `usize` or `isize` needs its size: `#[npy(dtype = \"u8\")]` or `#[npy(dtype = \"i8\")]`",
    note = "a field that is not stored is marked `#[npy(skip)]`"
)]
pub trait NpyRecord: Sized {
    /// The size of a record in the file, in bytes: the itemsize of the dtype.
    const ITEMSIZE: usize;

    /// Where the memory of a value and its form in the file agree.
    #[doc(hidden)]
    const LAYOUT: Layout<Self> = Layout::encoded(1);

    /// The dtype of a record.
    fn dtype() -> DType;

    /// Writes the record's form in the file to `out`, which is [`ITEMSIZE`](Self::ITEMSIZE) bytes.
    ///
    /// # Errors
    ///
    /// If the value has no place in the dtype, such as a text that is too long, or `out` has another
    /// length. What is in `out` is then not specified.
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError>;

    /// Reads a record from its form in the file, which is [`ITEMSIZE`](Self::ITEMSIZE) bytes.
    ///
    /// # Errors
    ///
    /// If the bytes are no value of this type, or not as many.
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError>;

    /// Decodes a record in the memory where it stays. Types made of others do so part by part, so that a
    /// large one is never on the stack.
    #[doc(hidden)]
    #[inline]
    fn decode_into<'a>(
        slot: Slot<'a, Self>,
        bytes: &[u8],
    ) -> Result<Filled<'a, Self>, DecodeError> {
        Ok(slot.write(Self::decode(bytes)?))
    }

    /// Notes the defaults of fields that a file may lack.
    #[doc(hidden)]
    fn defaults(_: &mut Defaults) {}

    /// Notes the defaults within it as a field at an offset in a struct.
    #[doc(hidden)]
    fn field_defaults(defaults: &mut Defaults, offset: usize) {
        defaults.within::<Self>(offset);
    }

    /// Encodes it as the field `name` at its offset in the bytes of a struct.
    #[doc(hidden)]
    #[inline]
    fn encode_field(&self, out: &mut [u8], offset: usize, name: &str) -> Result<(), EncodeError> {
        let len = out.len();
        match out
            .get_mut(offset..)
            .and_then(|rest| rest.get_mut(..Self::ITEMSIZE))
        {
            Some(place) => self.encode(place).map_err(|e| e.in_field(name)),
            None => Err(wrong_buffer(len, offset.saturating_add(Self::ITEMSIZE))),
        }
    }

    /// Decodes it as the field `name` from its offset in the bytes of a struct.
    #[doc(hidden)]
    #[inline]
    fn decode_field(bytes: &[u8], offset: usize, name: &str) -> Result<Self, DecodeError> {
        match bytes
            .get(offset..)
            .and_then(|rest| rest.get(..Self::ITEMSIZE))
        {
            Some(place) => Self::decode(place).map_err(|e| e.in_field(name)),
            None => Err(wrong_bytes(
                bytes.len(),
                offset.saturating_add(Self::ITEMSIZE),
            )),
        }
    }
    /// [`decode_field`](Self::decode_field) in the memory of the field.
    #[doc(hidden)]
    #[inline]
    fn decode_field_into<'a>(
        slot: Slot<'a, Self>,
        bytes: &[u8],
        offset: usize,
        name: &str,
    ) -> Result<Filled<'a, Self>, DecodeError> {
        match bytes
            .get(offset..)
            .and_then(|rest| rest.get(..Self::ITEMSIZE))
        {
            Some(place) => Self::decode_into(slot, place).map_err(|e| e.in_field(name)),
            None => Err(wrong_bytes(
                bytes.len(),
                offset.saturating_add(Self::ITEMSIZE),
            )),
        }
    }
}
