use std::mem::{self, discriminant};

use crate::error::{Cause, Error, Result};

/// The errors that no call of a logger has returned yet, and the number of records they cost.
#[derive(Debug, Default)]
pub(super) struct UnreportedErrors {
    /// Records that were taken, and are not in the file and never will be.
    refused: u64,
    /// The first and the latest error of a record that does not fit, or whose encoding panicked.
    first: Option<Error>,
    latest: Option<Error>,
    /// Errors that cost no record, one of each kind: of a write that succeeded later or will be tried
    /// again, or of a destructor.
    passing: Vec<Error>,
}

impl UnreportedErrors {
    pub(super) fn refused(&self) -> u64 {
        self.refused
    }

    /// Counts a record that is left out.
    pub(super) fn refuse(&mut self, error: Error) {
        self.refused += 1;
        self.first.get_or_insert_with(|| error.clone());
        self.latest = Some(error);
    }

    /// Counts records that are not in the file when the thread ends.
    pub(super) fn lose(&mut self, records: u64) {
        self.refused += records;
    }

    /// Keeps an error that cost no record until it is reported, unless one of its kind is kept.
    pub(super) fn pass(&mut self, error: Error) {
        if !self.passing.iter().any(|kept| is_alike(kept, &error)) {
            self.passing.push(error);
        }
    }

    /// Forgets the error of this kind that cost no record, as `reported` was returned.
    pub(super) fn forget_passing(&mut self, reported: &Error) {
        self.passing.retain(|kept| !is_alike(kept, reported));
    }

    /// Reports the records that were refused since `known` were, and the errors that cost no record. Sets
    /// `known` to the number of refused records.
    pub(super) fn report_since(&mut self, known: &mut u64) -> Result<()> {
        let before = mem::replace(known, self.refused);
        let error = match before {
            0 => &self.first,
            _ => &self.latest,
        };
        let refusal = error.as_ref().filter(|_| self.refused > before);
        let refusal = refusal.map(|error| error.clone().refusing(self.refused - before));
        let passing = mem::take(&mut self.passing);
        let mut errors = refusal
            .into_iter()
            .chain(passing.into_iter().map(|error| error.refusing(0)));
        match errors.next() {
            Some(error) => Err(errors.fold(error, Error::with_other)),
            None => Ok(()),
        }
    }

    /// Reports all refused records, and the errors that cost no record.
    pub(super) fn report_all(&mut self) -> Result<()> {
        self.report_since(&mut 0)
    }

    /// Adds to the error that ended the thread all other errors that must be reported.
    pub(super) fn add_to(&mut self, error: &Error) -> Error {
        self.forget_passing(error);
        let first = self.first.iter().map(Error::clone);
        let others = first.chain(mem::take(&mut self.passing));
        others.fold(error.clone().refusing(self.refused), Error::with_other)
    }
}

/// Returns true if two errors have the same kind, and the same code of the operating system.
fn is_alike(one: &Error, other: &Error) -> bool {
    match (one.cause(), other.cause()) {
        (Cause::Io(one), Cause::Io(other)) => {
            one.kind() == other.kind() && one.raw_os_error() == other.raw_os_error()
        }
        (one, other) => discriminant(one) == discriminant(other),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn full() -> Error {
        Error::io("write rows", io::ErrorKind::StorageFull.into())
    }

    fn panic(text: &str) -> Error {
        Error::new(Cause::Panicked(text.to_owned()))
    }

    #[test]
    fn only_the_error_that_was_returned_is_forgotten() {
        let mut failures = UnreportedErrors::default();
        failures.pass(full());
        failures.pass(panic("boom"));
        failures.pass(full());
        failures.forget_passing(&full());
        let error = failures.report_since(&mut 0).unwrap_err();
        assert_eq!(error.to_string(), "panicked: boom; no record was lost");
        failures.report_all().unwrap();
    }

    #[test]
    fn a_report_holds_every_error_that_none_held_before() {
        for ends in [false, true] {
            let mut failures = UnreportedErrors::default();
            failures.refuse(panic("the record"));
            failures.pass(full());
            failures.pass(panic("boom"));
            let error = match ends {
                true => failures.add_to(&Error::new(Cause::SyncLost)),
                false => failures.report_all().unwrap_err(),
            };
            assert_eq!(error.refused(), Some(1));
            let text = error.to_string();
            for part in ["the record", "boom", &full().to_string()] {
                assert_eq!(text.matches(part).count(), 1, "{part} in: {text}");
            }
        }
    }
}
