use bytemuck::Pod;

use crate::{
    dtype::DType,
    record::{
        check_len::{check_len, check_len_mut},
        error::{DecodeError, EncodeError},
        field_attributes::FieldAttributes,
        memory::{Filled, Layout, Slot},
        npy_record::NpyRecord,
    },
};

/// A plain type that is stored as the plain record `S` of the same bytes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored as `{S}` by `cast`",
    label = "needs plain data",
    note = "`{Self}` and `{S}` must be plain data: many crates implement `bytemuck::Pod` for their types with a feature `bytemuck`",
    note = "`{S}` must be a record itself, such as a number or an array of them",
    note = "any type is stored by functions: `#[npy(with = \"module\")]`"
)]
pub trait CastTo<S>: Sized {
    /// The size of a stored value, in bytes.
    const ITEMSIZE: usize;
    /// The memory of a value compared with its form in the file.
    const LAYOUT: Layout<Self>;

    /// Returns the dtype of a stored value.
    fn dtype() -> DType;

    /// Encodes a value to `out`.
    ///
    /// # Errors
    ///
    /// Fails if the record cannot be stored, or `out` has another length.
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError>;

    /// Decodes a value.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are not a record, or have another length.
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError>;

    /// Decodes a value in its final memory.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    fn decode_into<'a>(slot: Slot<'a, Self>, bytes: &[u8])
    -> Result<Filled<'a, Self>, DecodeError>;

    /// Adds the attributes within a field, at an offset in a struct.
    fn field_attributes(attributes: &mut FieldAttributes, offset: usize);
}

#[diagnostic::do_not_recommend]
impl<T: Pod, S: Pod + NpyRecord> CastTo<S> for T {
    const ITEMSIZE: usize = S::ITEMSIZE;
    const LAYOUT: Layout<T> = Layout::of_cast(&S::LAYOUT);

    fn dtype() -> DType {
        S::dtype()
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        let out = check_len_mut(out, S::ITEMSIZE)?;
        match bytemuck::bytes_of(self) {
            bytes if <Self as CastTo<S>>::LAYOUT.is_plain() && bytes.len() == out.len() => {
                out.copy_from_slice(bytes);
                Ok(())
            }
            bytes => match bytemuck::try_pod_read_unaligned::<S>(bytes) {
                Ok(stored) => stored.encode(out),
                Err(error) => Err(EncodeError::new("a value", error)),
            },
        }
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<T, DecodeError> {
        let bytes = check_len(bytes, S::ITEMSIZE)?;
        let value = match <Self as CastTo<S>>::LAYOUT.is_plain() {
            true => bytemuck::try_pod_read_unaligned(bytes),
            false => bytemuck::try_cast(S::decode(bytes)?),
        };
        value.map_err(DecodeError::new)
    }

    #[inline]
    fn decode_into<'a>(slot: Slot<'a, T>, bytes: &[u8]) -> Result<Filled<'a, T>, DecodeError> {
        match slot.copy_as(&<Self as CastTo<S>>::LAYOUT, bytes) {
            Ok(filled) => Ok(filled),
            Err(slot) => Ok(slot.write(<Self as CastTo<S>>::decode(bytes)?)),
        }
    }

    fn field_attributes(attributes: &mut FieldAttributes, offset: usize) {
        S::field_attributes(attributes, offset);
    }
}
