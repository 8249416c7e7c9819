use std::borrow::Cow;

#[cfg(feature = "mmap")]
use super::cause::Cause;
use super::model::Error;
use crate::dtype::Casting;

/// The parts of an error's text that are not the cause or its place: advice, and the consequences.
#[derive(Clone, Default)]
pub(super) struct Notes {
    /// The step that failed: `write rows`.
    pub(super) action: Option<&'static str>,
    /// The option that converts another dtype, and the least casting that does.
    pub(super) casting: Option<(&'static str, Casting)>,
    /// True if the rows of a truncated file can be recovered.
    pub(super) can_recover: bool,
    /// The number of rows that are in the file all the same.
    pub(super) kept: Option<u64>,
    /// The last words: a consequence or advice.
    pub(super) end: Option<Cow<'static, str>>,
    /// The number of logged records that are not in the file.
    pub(super) refused: Option<u64>,
    /// Other errors that are reported with this one.
    pub(super) others: Vec<Error>,
    /// True if the call before failed for the same reason.
    pub(super) is_repeat: bool,
    /// True if an appender writes nothing after this error.
    pub(super) is_final: bool,
}

/// The last words of an error after which an appender can be used.
const GO_ON: &str = "appending may go on";

impl Error {
    /// Names the step that failed: `write rows`.
    pub(crate) fn while_doing(mut self, action: &'static str) -> Self {
        self.0.notes.action = Some(action);
        self
    }

    /// Returns the step that failed.
    pub(crate) fn action(&self) -> Option<&'static str> {
        self.0.notes.action
    }

    /// Adds advice to use `check` and `recover`, if the error is about a file of one array that has rows.
    pub(crate) fn recoverable(mut self, can_recover: bool) -> Self {
        self.0.notes.can_recover = can_recover;
        self
    }

    /// Adds advice to convert the dtype with an option.
    pub(super) fn with_casting(mut self, option: &'static str, casting: Casting) -> Self {
        self.0.notes.casting = Some((option, casting));
        self
    }

    /// Names the option and the casting that convert another dtype, if there is such a casting.
    #[cfg(feature = "mmap")]
    pub(crate) fn converted_by(mut self, option: &'static str, casting: Option<Casting>) -> Self {
        self.0.notes.casting = match self.cause() {
            Cause::DType(_) => casting.map(|casting| (option, casting)),
            _ => None,
        };
        self
    }

    /// Adds the last words: a consequence or advice.
    pub(crate) fn with_end(mut self, end: impl Into<Cow<'static, str>>) -> Self {
        self.0.notes.end = Some(end.into());
        self
    }

    /// Adds that the appender writes nothing more, and the advice what to do.
    pub(crate) fn with_final_end(mut self, end: &'static str) -> Self {
        self.0.notes.is_final = true;
        self.with_end(end)
    }

    /// Adds that the appender can be used, and the number of rows that are in the file.
    pub(crate) fn going_on(mut self, kept: u64) -> Self {
        self.0.notes.kept = Some(kept);
        self.with_end(GO_ON)
    }

    /// Removes that the appender can be used, after its last call.
    pub(crate) fn after_the_last(mut self) -> Self {
        self.0.notes.end = self.0.notes.end.filter(|end| *end != GO_ON);
        self
    }

    pub(crate) fn repeated(mut self, is_repeat: bool) -> Self {
        self.0.notes.is_repeat = is_repeat;
        self
    }

    /// Adds the number of records of a background logger that are not in the file.
    #[cfg(feature = "background")]
    pub(crate) fn refusing(mut self, records: u64) -> Self {
        self.0.notes.refused = Some(records);
        self
    }

    /// Adds an error that is reported with this one.
    #[cfg(feature = "background")]
    pub(crate) fn with_other(mut self, mut other: Error) -> Self {
        other.0.notes.refused = None;
        if other.path() == self.path() {
            other.0.context.path = None;
        }
        self.0.notes.others.push(other);
        self
    }
}
