use std::io;

use super::{cause::Cause, model::Error};
use crate::{
    dtype::{DTypeError, Difference},
    header::HeaderError,
    record::{DecodeError, EncodeError, Mismatch},
};

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::new(Cause::Io(error))
    }
}

impl From<HeaderError> for Error {
    fn from(error: HeaderError) -> Self {
        match error.into_io() {
            Ok(error) => Error::io("read the header", error),
            Err(error) => Error::new(Cause::Header(error)),
        }
    }
}

impl From<DTypeError> for Error {
    fn from(error: DTypeError) -> Self {
        HeaderError::from(error).into()
    }
}

impl From<EncodeError> for Error {
    fn from(error: EncodeError) -> Self {
        Error::new(Cause::Encode(error))
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Error::new(Cause::Decode(error))
    }
}

impl From<Mismatch> for Error {
    fn from(mismatch: Mismatch) -> Self {
        match mismatch {
            Mismatch::Convertible(differences, option, casting) => {
                // The text names the casting once, for all fields.
                let differences = differences.into_iter().map(Difference::without_casting);
                Error::new(Cause::DType(differences.collect())).with_casting(option, casting)
            }
            Mismatch::Advised(mismatch, advice) => Error::from(*mismatch).with_advice(advice),
            Mismatch::DType(differences) => Error::new(Cause::DType(differences)),
            Mismatch::Objects(field) => Error::new(Cause::Objects(field)),
            Mismatch::NoRows => Error::new(Cause::NoRows),
            Mismatch::FortranRecords => Error::new(Cause::FortranRecords),
            Mismatch::FortranOrder(shape) => Error::new(Cause::FortranOrder(shape)),
            Mismatch::Itemsize { record, dtype } => Error::new(Cause::Itemsize { record, dtype }),
        }
    }
}

/// Keeps the text and the source, and the kind of an [I/O error](Error::io_error).
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match error.cause() {
            Cause::Io(error) => error.kind(),
            Cause::Truncated { .. } => io::ErrorKind::UnexpectedEof,
            Cause::Locked => io::ErrorKind::WouldBlock,
            Cause::Encode(_) => io::ErrorKind::InvalidInput,
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}
