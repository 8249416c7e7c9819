//! A conversion between two dtypes.

use super::{
    cast::Loss,
    planner::{Direction, Planner},
    step::{Step, run},
};
use crate::{
    dtype::{Casting, DType, Difference},
    record::{Defaults, EncodeError},
};

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
    /// Plans how elements of a file become records. Returns `None` if their bytes are records already.
    ///
    /// # Errors
    ///
    /// Fails with all differences that the casting does not allow.
    pub(crate) fn reading(
        file: &DType,
        record: &DType,
        casting: Casting,
        defaults: fn() -> Defaults,
    ) -> Result<Option<Self>, Vec<Difference>> {
        let differences = Difference::between(file, record);
        if differences.is_empty() {
            return Ok(None);
        }
        // Rows without bytes would become any number of records, limited by nothing in the file.
        if casting == Casting::No || file.itemsize() == 0 && record.itemsize() > 0 {
            return Err(differences);
        }
        let planner = Planner::new(casting, Direction::Reading(defaults()));
        planner.plan(file, record).map(Some)
    }

    /// Plans how records become elements of a file, which must have the same fields. Returns `None` if
    /// their bytes are such elements already.
    ///
    /// # Errors
    ///
    /// Fails with all differences that the casting does not allow.
    pub(crate) fn writing(
        record: &DType,
        file: &DType,
        casting: Casting,
    ) -> Result<Option<Self>, Vec<Difference>> {
        let differences = Difference::between(file, record);
        if differences.is_empty() {
            return Ok(None);
        }
        if casting == Casting::No {
            return Err(differences);
        }
        let planner = Planner::new(casting, Direction::Writing);
        planner.plan(record, file).map(Some)
    }

    /// Returns the least casting above `casting` with which elements of a file become records.
    pub(crate) fn least_reading(
        file: &DType,
        record: &DType,
        casting: Casting,
        defaults: fn() -> Defaults,
    ) -> Option<Casting> {
        let mut levels = above(casting);
        levels.find(|&level| Plan::reading(file, record, level, defaults).is_ok())
    }

    /// Returns the least casting above `casting` with which records become elements of a file.
    pub(crate) fn least_writing(record: &DType, file: &DType, casting: Casting) -> Option<Casting> {
        above(casting).find(|&level| Plan::writing(record, file, level).is_ok())
    }

    /// Returns the least casting above `casting` with which elements of a file become records, and records
    /// elements.
    #[cfg(feature = "mmap")]
    pub(crate) fn least_changing(
        file: &DType,
        record: &DType,
        casting: Casting,
        defaults: fn() -> Defaults,
    ) -> Option<Casting> {
        above(casting).find(|&level| {
            Plan::reading(file, record, level, defaults).is_ok()
                && Plan::writing(record, file, level).is_ok()
        })
    }

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

/// Returns the castings that allow more than `casting`.
fn above(casting: Casting) -> impl Iterator<Item = Casting> {
    let levels = [Casting::Equiv, Casting::Safe, Casting::SameKind];
    levels.into_iter().filter(move |&level| level > casting)
}
