//! The forms of fields that an attribute other than `dtype` chooses: `with`, `cast`, `big_endian`, `nan` or `nat`.

mod cast;
mod field_form;
mod field_of;
mod in_big_endian;
mod items;
mod or_missing;

pub use self::{
    cast::CastTo,
    field_form::FieldForm,
    field_of::{FieldOf, StoreField},
    in_big_endian::InBigEndian,
    items::Items,
    or_missing::{Missing, Nan, Nat, Optional, OrMissing},
};
