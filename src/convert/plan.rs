//! A conversion between two dtypes.

use super::{
    cast::Loss,
    step::{Step, run},
};
use crate::record::EncodeError;

/// The conversion of elements of one dtype to another: fields by name, each scalar cast.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) template: Template,
    pub(super) loss: Loss,
}

/// The bytes of an element into which the steps write.
#[derive(Clone, Debug)]
pub(super) enum Template {
    /// The steps write all of them.
    Nothing,
    /// Padding.
    Zeros,
    /// Defaults, and zeros for padding.
    Bytes(Vec<u8>),
}

impl Plan {
    /// Converts an element. After an error the contents of `to` are not specified.
    ///
    /// # Errors
    ///
    /// Fails if a value does not fit the other dtype.
    pub(crate) fn convert(&self, from: &[u8], to: &mut [u8]) -> Result<(), EncodeError> {
        match &self.template {
            Template::Nothing => {}
            Template::Zeros => to.fill(0),
            Template::Bytes(bytes) => to.copy_from_slice(bytes),
        }
        run(&self.steps, from, to, self.loss)
    }
}
