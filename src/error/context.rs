use std::path::{Path, PathBuf};

/// The place that an error is about. Each level of calls adds what it knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct ErrorContext {
    pub(crate) path: Option<PathBuf>,
    /// The name of the member, if the file is an archive.
    pub(crate) member: Option<Box<str>>,
    /// The number of the array, counted from 0, and the byte at which it starts.
    pub(crate) array: Option<(u64, u64)>,
    /// The row along the growth axis.
    pub(super) row: Option<u64>,
    /// The index within the row. Empty if it is not known.
    pub(super) index: Vec<u64>,
}

impl ErrorContext {
    /// Returns the context of a file, or of a source without a path.
    pub(crate) fn of_file(path: Option<&Path>) -> Self {
        ErrorContext {
            path: path.map(Path::to_owned),
            ..ErrorContext::default()
        }
    }

    /// Returns the context of a member of an archive.
    #[cfg(feature = "npz")]
    pub(crate) fn of_member(path: Option<&Path>, name: &str) -> Self {
        ErrorContext {
            member: Some(name.into()),
            ..ErrorContext::of_file(path)
        }
    }
}
