//! Rust types as records: their dtypes, and their bytes in a file.

mod address;
mod array;
mod as_element;
mod big_endian;
mod bytes;
mod check_len;
mod element;
pub(crate) mod encode_as;
mod error;
mod field_attributes;
mod field_dtype;
mod field_info;
pub(crate) mod float;
mod form;
mod header;
#[macro_use]
mod memory;
mod mismatch;
mod no_bytes;
mod npy_record;
mod number;
mod part;
mod pointers;
mod push;
mod store_as;
mod str;
mod struct_dtype;
mod time;
mod tuple;
pub mod unit;
mod wrappers;

pub(crate) use self::{
    bytes::without_padding,
    element::MAX_EMPTY,
    field_attributes::FieldAttributes,
    memory::{InPlace, Layout, Move, is_large, push_each},
    mismatch::{Mismatch, dtype_of, elements, fixed_dtype, items, rows},
    push::push,
};
pub use self::{
    bytes::{Bytes, Void},
    element::{Element, EncodeAs},
    error::{DecodeError, EncodeError},
    field_info::FieldInfo,
    npy_record::NpyRecord,
    store_as::StoreAs,
    str::Str,
    time::{Datetime64, Timedelta64},
};

/// Items that the code of `derive(NpyRecord)` uses.
#[doc(hidden)]
pub mod derived {
    pub use std::{borrow::Cow, boxed::Box, rc::Rc, sync::Arc};

    #[cfg(not(feature = "complex"))]
    pub use super::number::{Complex32, Complex64};
    #[cfg(not(feature = "half"))]
    pub use super::number::{bf16, f16};
    pub use super::{
        big_endian::BigEndian,
        check_len::{check_len, check_len_mut},
        field_attributes::FieldAttributes,
        field_dtype::FieldDType,
        form::{
            CastTo, FieldForm, FieldOf, InBigEndian, Items, Missing, Nan, Nat, Optional, OrMissing,
            StoreField,
        },
        memory::{
            FieldLayout, Filled, Layout, NameMessage, Slot, Values, VariantNumbers, with_copy,
        },
        store_as::EnumTarget,
        struct_dtype::struct_dtype,
    };
    #[cfg(feature = "half")]
    pub use half::{bf16, f16};
    #[cfg(feature = "complex")]
    pub use num_complex::{Complex32, Complex64};
}
