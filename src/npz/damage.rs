use std::io;

use zip::{
    CompressionMethod,
    result::{ZipError, ZipResult},
};

use crate::error::{Cause, Error, Result};

/// Returns the error for a damaged archive.
pub(super) fn damage(action: &'static str, error: ZipError) -> Error {
    match error {
        ZipError::Io(error) => Error::io(action, error),
        ZipError::InvalidArchive(reason) => Error::new(Cause::Archive(format!(
            "this is no zip archive, or one that is damaged: {reason}"
        ))),
        error => Error::new(Cause::Archive(error.to_string())),
    }
}

/// Checks that a member can be read.
pub(super) fn readable<T>(
    opened: ZipResult<T>,
    is_encrypted: bool,
    method: CompressionMethod,
) -> Result<T> {
    let is_known = matches!(
        method,
        CompressionMethod::Stored | CompressionMethod::Deflated
    );
    let reason = match (is_encrypted, is_known) {
        (true, _) => "the member is encrypted, which NumPy cannot read either".to_owned(),
        (_, false) => format!(
            "the member is compressed by the method {method}, and only stored and deflated ones can \
             be read"
        ),
        _ => return opened.map_err(|e| damage("read the archive", e)),
    };
    Err(Error::new(Cause::Archive(reason)))
}

/// Returns the error of reading a member.
pub(super) fn read_error(error: io::Error) -> io::Error {
    match error.to_string().as_str() {
        "Invalid checksum" => io::Error::new(
            io::ErrorKind::InvalidData,
            "the bytes do not have the checksum that the archive tells: they are damaged",
        ),
        _ => error,
    }
}
