//! The forms of fields that an attribute other than `dtype` chooses: `with`, `cast`, `big_endian`, `nan` or `nat`.

mod cast;
mod field_form;
mod in_big_endian;
mod items;
mod or_missing;
mod with;

pub use self::{
    cast::{Cast, Plain},
    field_form::FieldForm,
    in_big_endian::{InBigEndian, Itself},
    items::Items,
    or_missing::{Missing, Nan, Nat, Optional, OrMissing},
    with::{StoreWith, With},
};
