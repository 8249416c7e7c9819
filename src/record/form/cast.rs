use std::marker::PhantomData;

use bytemuck::Pod;

use super::field_form::FieldForm;
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

/// A type that is plain data: any bytes are a value, and no byte is padding.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not plain data, as `cast` needs it",
    label = "has no `bytemuck::Pod`",
    note = "many crates implement `bytemuck::Pod` for their types with a feature `bytemuck`",
    note = "any type is stored by functions: `#[npy(with = \"module\")]`"
)]
pub trait Plain: Pod {}

#[diagnostic::do_not_recommend]
impl<T: Pod> Plain for T {}

/// The form of a plain type that is stored as the plain record `S` of the same bytes.
#[derive(Debug)]
pub struct Cast<T, S>(PhantomData<fn() -> (T, S)>);

impl<T: Plain, S: Plain + NpyRecord> FieldForm for Cast<T, S> {
    type Value = T;
    const ITEMSIZE: usize = S::ITEMSIZE;
    const LAYOUT: Layout<T> = Layout::of_cast(&S::LAYOUT);

    fn dtype() -> DType {
        S::dtype()
    }

    #[inline]
    fn encode(value: &T, out: &mut [u8]) -> Result<(), EncodeError> {
        let out = check_len_mut(out, Self::ITEMSIZE)?;
        match bytemuck::bytes_of(value) {
            bytes if Self::LAYOUT.is_plain() && bytes.len() == out.len() => {
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
        let bytes = check_len(bytes, Self::ITEMSIZE)?;
        let value = match Self::LAYOUT.is_plain() {
            true => bytemuck::try_pod_read_unaligned(bytes),
            false => bytemuck::try_cast(S::decode(bytes)?),
        };
        value.map_err(DecodeError::new)
    }

    #[inline]
    fn decode_into<'a>(slot: Slot<'a, T>, bytes: &[u8]) -> Result<Filled<'a, T>, DecodeError> {
        match slot.copy_as(&Self::LAYOUT, bytes) {
            Ok(filled) => Ok(filled),
            Err(slot) => Ok(slot.write(Self::decode(bytes)?)),
        }
    }

    fn field_attributes(attributes: &mut FieldAttributes, offset: usize) {
        S::field_attributes(attributes, offset);
    }
}
