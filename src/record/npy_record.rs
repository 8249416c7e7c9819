use super::{
    element::EncodeAs,
    error::{DecodeError, EncodeError},
    field_attributes::FieldAttributes,
    field_info::FieldInfo,
    memory::{Filled, Layout, Slot},
    part,
};
use crate::dtype::DType;

/// A type whose values are the elements of an array. It has a dtype and a fixed size in the file.
///
/// Derive it for structs with named fields (a structured dtype), tuple structs (fields `f0`, `f1`,
/// …), newtypes (the dtype of the field) and enums of plain variants with `#[repr(u8)]` to
/// `#[repr(i64)]` (that integer). The page of the macro describes the attributes.
///
/// It is implemented for these types, which are stored in little-endian order:
///
/// | Rust | NumPy |
/// | --- | --- |
/// | `bool` | `\|b1` |
/// | `i8` … `i64`, `u8` … `u64` | `\|i1` … `<i8`, `\|u1` … `<u8` |
/// | `NonZero<i8>` … `NonZero<u64>` | that integer; a zero in a file is an error |
/// | `f32`, `f64`, [`half::f16`](https://docs.rs/half) | `<f4`, `<f8`, `<f2` |
/// | [`half::bf16`](https://docs.rs/half) | `<V2`, as `ml_dtypes` stores its `bfloat16` |
/// | [`Complex<f32>`](https://docs.rs/num-complex), `Complex<f64>` | `<c8`, `<c16` |
/// | `char` | `<U1` |
/// | [`Bytes<N>`](crate::Bytes), [`Str<N>`](crate::Str), [`Void<N>`](crate::Void) | `\|SN`, `<UN`, `\|VN` |
/// | [`Datetime64<U>`](crate::Datetime64), [`Timedelta64<U>`](crate::Timedelta64) | `<M8[unit]`, `<m8[unit]` |
/// | [`Ipv4Addr`](std::net::Ipv4Addr), [`Ipv6Addr`](std::net::Ipv6Addr) | `\|V4`, `\|V16`: the bytes in network order |
/// | `[T; N]`, `[[T; M]; N]` | a subarray of shape `(N,)`, `(N, M)` |
/// | `(A, B, …)`, up to sixteen | fields `f0`, `f1`, … |
/// | `()`, `PhantomData<T>` | `[]`, a struct without fields and bytes |
/// | `Wrapping<T>`, `Saturating<T>` | the dtype of `T` |
/// | `Box<T>`, `Rc<T>`, `Arc<T>`, `Cow<T>` | the dtype of `T`; decoded on the heap |
///
/// # Large records
///
/// [`read`](crate::read()), [`Reader::read_into`](crate::Reader::read_into), the ranges of
/// [`NpyFile`](crate::NpyFile) and [`Follow`](crate::Follow) decode a record of more than 4 KiB in its final
/// memory. Such a record may be larger than the stack of the thread. An iterator returns each record by
/// value, on the stack of the caller. For large records iterate over `Box<R>` instead, as in
/// `Reader::<Box<R>>::open(path)`.
///
/// # Implementing it by hand
///
/// Such a record is always encoded, never copied whole. An `#[npy(align)]` struct does not align it. It is
/// decoded by value, so it should have at most a few KiB, or hold its data in a `Vec` or `Box`.
///
/// ```
/// use npyrec::{DType, DecodeError, EncodeAs, EncodeError, NpyRecord};
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
///
/// impl EncodeAs<Celsius> for Celsius {
///     fn encode_as(&self, _: &(), out: &mut [u8]) -> Result<(), EncodeError> {
///         self.encode(out)
///     }
/// }
/// # assert!(Celsius(-300.0).encode(&mut [0; 4]).is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a NumPy record",
    label = "has no dtype of its own",
    note = "a struct or an enum becomes a record by `#[derive(NpyRecord)]`",
    note = "a type of another crate is stored by functions, `#[npy(with = \"module\")]`, or as plain data, `#[npy(cast = \"[f32; 3]\")]`",
    note = "a text needs its length: `#[npy(dtype = \"S16\")]` (bytes) or `#[npy(dtype = \"U16\")]` (characters)",
    note = "a `SystemTime` or `Duration` needs its unit: `#[npy(dtype = \"M8[ns]\")]` or `#[npy(dtype = \"m8[us]\")]`",
    note = "a `usize` or `isize` needs its size: `#[npy(dtype = \"u8\")]` or `#[npy(dtype = \"i8\")]`",
    note = "an `Option` of a float or a time is stored if the field says how a `None` is: `#[npy(nan)]` or `#[npy(nat)]`",
    note = "a field that is not stored is marked `#[npy(skip)]`"
)]
pub trait NpyRecord: EncodeAs<Self> + Sized {
    /// The itemsize of the dtype: the size of a record in the file, in bytes.
    const ITEMSIZE: usize;

    /// The memory of a value compared with its form in the file.
    #[doc(hidden)]
    const LAYOUT: Layout<Self> = Layout::of_dtype(Self::dtype);

    /// Returns the dtype of a record.
    fn dtype() -> DType;

    /// Returns the fields of the dtype, with the units and descriptions that their attributes give. For an array
    /// of records, returns the fields of an item. Any other record has no fields.
    fn fields() -> Vec<FieldInfo> {
        FieldInfo::of(&Self::dtype(), &FieldAttributes::of(0, Self::attributes))
    }

    /// Encodes the record to `out`, which has [`ITEMSIZE`](Self::ITEMSIZE) bytes.
    ///
    /// # Errors
    ///
    /// Fails if the dtype cannot hold the value, such as a text that is too long, or if `out` has another
    /// length. The contents of `out` are then not specified.
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError>;

    /// Decodes a record from its [`ITEMSIZE`](Self::ITEMSIZE) bytes in the file.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are not a value of this type, or have another length.
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError>;

    /// Decodes a record in its final memory. Structs, tuples and arrays are decoded part by part, so that a
    /// large value is never on the stack.
    #[doc(hidden)]
    #[inline]
    fn decode_into<'a>(
        slot: Slot<'a, Self>,
        bytes: &[u8],
    ) -> Result<Filled<'a, Self>, DecodeError> {
        Ok(slot.write(Self::decode(bytes)?))
    }

    /// Adds the attributes of the fields: defaults, other names, and texts.
    #[doc(hidden)]
    fn attributes(_: &mut FieldAttributes) {}

    /// Adds the attributes within a field of this type, at an offset in a struct.
    #[doc(hidden)]
    fn field_attributes(attributes: &mut FieldAttributes, offset: usize) {
        attributes.within(offset, Self::attributes);
    }

    /// Encodes a field of a struct to its offset in `out`.
    #[doc(hidden)]
    #[inline]
    fn encode_field(&self, out: &mut [u8], offset: usize, name: &str) -> Result<(), EncodeError> {
        part::encode_field(out, offset, Self::ITEMSIZE, name, |place| {
            self.encode(place)
        })
    }

    /// Decodes a field of a struct from its offset in `bytes`.
    #[doc(hidden)]
    #[inline]
    fn decode_field(bytes: &[u8], offset: usize, name: &str) -> Result<Self, DecodeError> {
        part::decode_field(bytes, offset, Self::ITEMSIZE, name, Self::decode)
    }

    /// Decodes a field of a struct in the memory of the field.
    #[doc(hidden)]
    #[inline]
    fn decode_field_into<'a>(
        slot: Slot<'a, Self>,
        bytes: &[u8],
        offset: usize,
        name: &str,
    ) -> Result<Filled<'a, Self>, DecodeError> {
        part::decode_field(bytes, offset, Self::ITEMSIZE, name, |place| {
            Self::decode_into(slot, place)
        })
    }
}
