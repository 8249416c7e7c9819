use std::borrow::Cow;

use crate::dtype::Casting;

/// The parts of an error's text that are not the cause or its place: advice, and the consequences.
#[derive(Clone, Default)]
pub(super) struct Notes {
    /// The step that failed: `write rows`.
    pub(super) action: Option<&'static str>,
    /// The option that converts another dtype, and the least casting that does.
    pub(super) casting: Option<(&'static str, Casting)>,
    /// Advice about another dtype, on a line of its own.
    pub(super) advice: Option<&'static str>,
    /// True if the rows of a truncated file can be recovered.
    pub(super) can_recover: bool,
    /// The number of rows that are in the file all the same.
    pub(super) kept: Option<u64>,
    /// The last words: a consequence or advice.
    pub(super) end: Option<Cow<'static, str>>,
    /// The number of logged records that are not in the file.
    pub(super) refused: Option<u64>,
    /// True if the call before failed for the same reason.
    pub(super) is_repeat: bool,
    /// True if an appender writes nothing after this error.
    pub(super) is_final: bool,
}
