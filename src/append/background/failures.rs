use crate::error::{Error, Result};

/// The errors that no call of a logger has returned yet, and the number of records they cost.
#[derive(Debug, Default)]
pub(super) struct Failures {
    /// Records that were taken, and are not committed and never will be.
    refused: u64,
    /// The first and the latest error of such a record.
    first: Option<Error>,
    latest: Option<Error>,
    /// An error that cost no record: of a write that succeeded later, or will be tried again.
    passing: Option<Error>,
}

impl Failures {
    pub(super) fn refused(&self) -> u64 {
        self.refused
    }

    /// Counts a record that is left out.
    pub(super) fn refuse(&mut self, error: Error) {
        self.refused += 1;
        self.first.get_or_insert_with(|| error.again());
        self.latest = Some(error);
    }

    /// Counts records that the thread could not write before it ended.
    pub(super) fn lose(&mut self, records: u64) {
        self.refused += records;
    }

    /// Keeps an error that cost no record, until it is reported.
    pub(super) fn pass(&mut self, error: Error) {
        self.passing.get_or_insert(error);
    }

    /// Forgets the error that cost no record, as it was reported otherwise.
    pub(super) fn forget_passing(&mut self) {
        self.passing = None;
    }

    /// Reports the records that were refused since `known` of them were. Sets `known` to their number.
    pub(super) fn report_since(&mut self, known: &mut u64) -> Result<()> {
        let (before, refused) = (*known, self.refused);
        *known = refused;
        let error = match before {
            0 => &self.first,
            _ => &self.latest,
        };
        match error {
            Some(error) if refused > before => Err(error.again().refusing(refused - before)),
            _ => self.report_passing(),
        }
    }

    /// Reports all that were refused.
    pub(super) fn report_all(&mut self) -> Result<()> {
        self.report_since(&mut 0)
    }

    fn report_passing(&mut self) -> Result<()> {
        match self.passing.take() {
            Some(error) => Err(error.refusing(0)),
            None => Ok(()),
        }
    }
}
