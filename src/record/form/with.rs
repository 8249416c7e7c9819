use std::marker::PhantomData;

use super::field_form::FieldForm;
use crate::{
    dtype::DType,
    record::{
        error::{DecodeError, EncodeError},
        field_attributes::FieldAttributes,
        memory::Layout,
        npy_record::NpyRecord,
    },
};

/// A struct of which the field with the index `FIELD` is stored by two functions: its values, or the items of
/// its array, are a `T` in memory and an `S` in the file.
pub trait StoreWith<const FIELD: usize, T, S> {
    /// Returns the stored form of a value.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be stored.
    fn store(value: &T) -> Result<S, EncodeError>;

    /// Returns the value of a stored form.
    ///
    /// # Errors
    ///
    /// Fails if the stored form is not a value.
    fn load(stored: S) -> Result<T, DecodeError>;
}

/// The form of a field of `R` by the functions of [`StoreWith`].
#[derive(Debug)]
pub struct With<R, const FIELD: usize, T, S>(PhantomData<(R, T, S)>);

impl<R, const FIELD: usize, T, S> FieldForm for With<R, FIELD, T, S>
where
    R: StoreWith<FIELD, T, S>,
    S: NpyRecord,
{
    type Value = T;
    const ITEMSIZE: usize = S::ITEMSIZE;
    const LAYOUT: Layout<T> = Layout::converted(&S::LAYOUT);

    fn dtype() -> DType {
        S::dtype()
    }

    #[inline]
    fn encode(value: &T, out: &mut [u8]) -> Result<(), EncodeError> {
        R::store(value)?.encode(out)
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<T, DecodeError> {
        R::load(S::decode(bytes)?)
    }

    fn field_attributes(attributes: &mut FieldAttributes, offset: usize) {
        S::field_attributes(attributes, offset);
    }
}
