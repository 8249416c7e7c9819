//! docs
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate self as npyrec;

mod append;
mod dtype;
mod error;
mod header;
pub mod literal;
mod read;
mod record;
mod storage;

#[cfg(feature = "half")]
pub use half;
#[cfg(feature = "derive")]
//pub use npyrec_derive::NpyRecord;
#[cfg(feature = "complex")]
pub use num_complex;

#[cfg(feature = "mmap")]
pub use crate::read::Mapped;

pub use crate::{
    append::{AppendOptions, Appender, write},
    dtype::{
        ByteOrder, DType, DTypeError, DateUnit, Difference, Field, Kind, Scalar, Struct, Subarray,
        TimeUnit,
    },
    error::{Error, ErrorKind, Result},
    header::{Header, HeaderError, Order, Version},
    read::{Reader, read},
    record::{
        Bytes, Datetime64, DecodeError, EncodeError, NpyRecord, StoreAs, Str, Timedelta64, Void,
        unit,
    },
};

#[doc(hidden)]
pub use crate::record::derived as __private;
