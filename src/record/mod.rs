//! Rust types as records: their dtype, and their bytes in a file.

mod array;
mod boxed;
mod bytes;
mod defaults;
mod error;
mod exactly;
mod fit;
pub(crate) mod float;
mod header;
mod layout;
mod npy_record;
mod number;
mod push;
mod slot;
mod store_as;
mod str;
mod struct_dtype;
mod time;
mod tuple;
pub mod unit;

pub(crate) use self::{
    bytes::without_padding,
    defaults::Defaults,
    fit::{Misfit, dtype_of, rows},
    layout::{InPlace, Layout},
    push::push,
    slot::{is_large, push_decoded},
};
pub use self::{
    bytes::{Bytes, Void},
    error::{DecodeError, EncodeError},
    npy_record::NpyRecord,
    store_as::StoreAs,
    str::Str,
    time::{Datetime64, Timedelta64},
};

/// What the code that `derive(NpyRecord)` writes calls.
#[doc(hidden)]
pub mod derived {
    #[cfg(not(feature = "complex"))]
    pub use super::number::{Complex32, Complex64};
    #[cfg(not(feature = "half"))]
    pub use super::number::{bf16, f16};
    pub use super::{
        defaults::Defaults,
        exactly::{exactly, exactly_mut},
        layout::{FieldLayout, Layout},
        number::BigEndian,
        slot::{Filled, Slot, with_copy},
        struct_dtype::StructDType,
    };
    #[cfg(feature = "half")]
    pub use half::{bf16, f16};
    #[cfg(feature = "complex")]
    pub use num_complex::{Complex32, Complex64};
}
