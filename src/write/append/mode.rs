/// The way to open a file that an appender writes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Mode {
    /// Creates the file, or empties it.
    Create,
    /// Creates the file. Fails if it exists.
    CreateNew,
    /// Continues the file, or creates it.
    Open,
}
