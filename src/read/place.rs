use std::path::PathBuf;

use crate::error::Error;

/// Which file, and which array in it, is read or written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    pub(crate) path: Option<PathBuf>,
    /// Its name, if the file is an archive.
    pub(crate) member: Option<Box<str>>,
    /// Its number, counted from 0, and the byte at which it starts.
    pub(crate) array: Option<(u64, u64)>,
}

impl Place {
    /// The error, with what it is about.
    pub(crate) fn of(&self, error: Error) -> Error {
        let error = match &self.path {
            Some(path) => error.at_path(path),
            None => error,
        };
        let error = match &self.member {
            Some(member) => error.in_member(member),
            None => error,
        };
        match self.array {
            Some((number, offset)) => error.in_array(number, offset),
            None => error,
        }
    }
}
