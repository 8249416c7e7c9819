use std::fmt;

use crate::{
    dtype::DType,
    record::{
        array::try_from_fn,
        check_len::{check_len, check_len_mut},
        error::{DecodeError, EncodeError},
        field_attributes::FieldAttributes,
        memory::{Filled, Layout, Slot},
        npy_record::NpyRecord,
        part::{self, part},
    },
};

/// A type whose values can be stored as a `D`, as `#[npy(dtype = "…")]` on a field requires.
///
/// | Rust | dtype |
/// | --- | --- |
/// | `bool` | `b1`, and as the integers below |
/// | `i8` … `i128`, `u8` … `u128`, `isize`, `usize`, `NonZero`, [`Ipv4Addr`](std::net::Ipv4Addr) | every integer (`i1` … `i8`, `u1` … `u8`), float and complex dtype; a value that the dtype does not have is an error |
/// | `f32`, `f64`, `f16`, `bf16` | `f2`, `f4`, `f8`, `bfloat16`, `c8`, `c16`, rounded to nearest; a finite value out of range is an error |
/// | `Complex<f32>`, `Complex<f64>` | `c8`, `c16`, likewise |
/// | enums with `#[derive(NpyRecord)]` | as an integer; as the names of the variants in `S` and `U` |
/// | `String`, `&str`, `Box<str>`, `Rc<str>`, `Arc<str>`, `Cow<str>` | `S`, `U`; a text that is too long, or ends in a NUL, is an error |
/// | `[u8; N]`, [`Bytes<N>`](crate::Bytes) | `S`, likewise, padded with NULs |
/// | `[char; N]`, [`Str<N>`](crate::Str) | `U`, likewise |
/// | `Vec<u8>`, `&[u8]`, `Box<[u8]>`, `Rc<[u8]>`, `Arc<[u8]>`, `Cow<[u8]>` | `S`, likewise; `V` of the same length |
/// | `[u8; N]`, [`Void<N>`](crate::Void) | `V` of the same length |
/// | `i64`, [`Datetime64`](crate::Datetime64), [`SystemTime`](std::time::SystemTime) | `M8[unit]`; a `SystemTime` is rounded down to the unit |
/// | `i64`, [`Timedelta64`](crate::Timedelta64), [`Duration`](std::time::Duration) | `m8[unit]`; a `Duration` is rounded down to the unit |
/// | `jiff::Timestamp`, `jiff::civil::DateTime`, `chrono::DateTime<Utc>`, `chrono::NaiveDateTime` (features `jiff`, `chrono`) | `M8[unit]`, rounded down to the unit |
/// | `jiff::civil::Date`, `chrono::NaiveDate` | `M8[D]`, and another unit that has the start of the day |
/// | `jiff::SignedDuration`, `chrono::TimeDelta` | `m8[unit]`, rounded down to the unit |
/// | arrays, `Box`, `Rc`, `Arc`, `Cow`, `Wrapping` and `Saturating` of these | the same; an array as a subarray |
///
/// A `&str` and a `&[u8]` are written and never read.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored as `{D}`",
    label = "not stored as this dtype",
    note = "a number is stored as a number of its kind or of a later one: `b1`, an integer (`i1` to `i8`, `u1` to `u8`), a float (`f2`, `f4`, `f8`), a complex number (`c8`, `c16`)",
    note = "texts are stored as `S16` or `U16`, `Vec<u8>` and `[u8; N]` as `S16` or as `V` of the same length, enums as an integer or as their names in `S16` or `U16`",
    note = "`i64` and `SystemTime` are stored as `M8[ns]`, `i64` and `Duration` as `m8[ns]`, with any unit of fixed length; the times of other crates need the features `jiff` or `chrono` of npyrec",
    note = "`f2` and `bfloat16` need the feature `half` of npyrec, `c8` and `c16` the feature `complex`",
    note = "any other type is stored by functions, such as a text of another crate: `#[npy(with = \"module\")]` in place of `dtype`"
)]
pub trait StoreAs<D>: Sized {
    /// The stored type: `D`, or an array of `D`.
    type Stored: NpyRecord;

    /// The memory of a value compared with its form in the file.
    #[doc(hidden)]
    const STORED: Layout<Self> = Layout::converted(&<Self::Stored as NpyRecord>::LAYOUT);

    /// The size of the stored value, in bytes.
    #[doc(hidden)]
    const STORED_ITEMSIZE: usize = Self::Stored::ITEMSIZE;

    /// The alignment that `np.dtype(…, align=True)` gives the stored value.
    #[doc(hidden)]
    const STORED_ALIGNMENT: usize = <Self::Stored as NpyRecord>::LAYOUT.alignment();

    /// Returns the dtype of the stored value.
    #[doc(hidden)]
    fn stored_dtype() -> DType {
        Self::Stored::dtype()
    }

    /// Returns the stored form of the value.
    ///
    /// # Errors
    ///
    /// Fails if the dtype cannot hold the value.
    fn to_stored(&self) -> Result<Self::Stored, EncodeError>;

    /// Returns the value of a stored form.
    ///
    /// # Errors
    ///
    /// Fails if the stored form is not a value of this type.
    fn from_stored(stored: Self::Stored) -> Result<Self, DecodeError>;

    /// Encodes values one after another, without a branch for each of them. Returns false if that cannot be done
    /// for all. The contents of `out` are then not specified.
    #[doc(hidden)]
    #[inline]
    fn encode_all(_: &[Self], _: &mut [u8]) -> bool {
        false
    }

    /// Encodes the value in its stored form.
    #[doc(hidden)]
    #[inline]
    fn encode_stored(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        self.to_stored()?.encode(out)
    }

    /// Decodes a value from its stored form.
    #[doc(hidden)]
    #[inline]
    fn decode_stored(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::from_stored(Self::Stored::decode(bytes)?)
    }

    /// Decodes a value from its stored form, in the memory of the value.
    #[doc(hidden)]
    #[inline]
    fn decode_stored_into<'a>(
        slot: Slot<'a, Self>,
        bytes: &[u8],
    ) -> Result<Filled<'a, Self>, DecodeError> {
        Ok(slot.write(Self::decode_stored(bytes)?))
    }

    /// Adds the attributes within a field of this type, such as the variants of an enum.
    #[doc(hidden)]
    fn stored_attributes(_: &mut FieldAttributes) {}

    /// Encodes a field of a struct to its offset in `out`.
    #[doc(hidden)]
    #[inline]
    fn encode_field(&self, out: &mut [u8], offset: usize, name: &str) -> Result<(), EncodeError> {
        part::encode_field(out, offset, Self::STORED_ITEMSIZE, name, |place| {
            self.encode_stored(place)
        })
    }

    /// Decodes a field of a struct from its offset in `bytes`.
    #[doc(hidden)]
    #[inline]
    fn decode_field(bytes: &[u8], offset: usize, name: &str) -> Result<Self, DecodeError> {
        part::decode_field(
            bytes,
            offset,
            Self::STORED_ITEMSIZE,
            name,
            Self::decode_stored,
        )
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
        part::decode_field(bytes, offset, Self::STORED_ITEMSIZE, name, |place| {
            Self::decode_stored_into(slot, place)
        })
    }
}

impl<D, T: StoreAs<D>, const N: usize> StoreAs<D> for [T; N] {
    type Stored = [T::Stored; N];
    const STORED: Layout<Self> = Layout::of_items(&T::STORED);

    fn stored_attributes(attributes: &mut FieldAttributes) {
        T::stored_attributes(attributes);
    }

    #[inline]
    fn to_stored(&self) -> Result<Self::Stored, EncodeError> {
        let stored = self.iter().enumerate();
        let stored = stored.map(|(index, item)| item.to_stored().map_err(|e| e.in_item(index)));
        let stored: Vec<_> = stored.collect::<Result<_, _>>()?;
        <[_; N]>::try_from(stored).map_err(|_| EncodeError::new("an item", "is missing"))
    }

    #[inline]
    fn from_stored(stored: Self::Stored) -> Result<Self, DecodeError> {
        let mut stored = stored.into_iter();
        try_from_fn(|index| match stored.next() {
            Some(item) => T::from_stored(item).map_err(|e| e.in_item(index)),
            None => Err(DecodeError::new("an item is missing")),
        })
    }

    #[inline]
    fn encode_all(values: &[Self], out: &mut [u8]) -> bool {
        T::encode_all(values.as_flattened(), out)
    }

    #[inline]
    fn encode_stored(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        let places = check_len_mut(out, Self::STORED_ITEMSIZE)?;
        if T::encode_all(self, places) {
            return Ok(());
        }
        let places = places.chunks_exact_mut(T::STORED_ITEMSIZE.max(1));
        for (index, (item, place)) in self.iter().zip(places).enumerate() {
            item.encode_stored(place).map_err(|e| e.in_item(index))?;
        }
        Ok(())
    }

    #[inline]
    fn decode_stored(bytes: &[u8]) -> Result<Self, DecodeError> {
        let bytes = check_len(bytes, Self::STORED_ITEMSIZE)?;
        try_from_fn(|index| {
            let item = part(bytes, index * T::STORED_ITEMSIZE, T::STORED_ITEMSIZE)?;
            T::decode_stored(item).map_err(|e| e.in_item(index))
        })
    }

    #[inline]
    fn decode_stored_into<'a>(
        slot: Slot<'a, Self>,
        bytes: &[u8],
    ) -> Result<Filled<'a, Self>, DecodeError> {
        let bytes = check_len(bytes, Self::STORED_ITEMSIZE)?;
        match slot.copy_as(&Self::STORED, bytes) {
            Ok(filled) => Ok(filled),
            Err(slot) => slot.fill_items(|index, slot| {
                let item = part(bytes, index * T::STORED_ITEMSIZE, T::STORED_ITEMSIZE)?;
                T::decode_stored_into(slot, item).map_err(|e| e.in_item(index))
            }),
        }
    }
}

#[cold]
pub(super) fn out_of_range<D: NpyRecord>(value: impl fmt::Display) -> EncodeError {
    EncodeError::new(value, format_args!("is out of the range of {}", D::dtype()))
}
