//! The forms of fields with `#[npy(with = "…")]` or `#[npy(cast = "…")]`.

mod cast;
mod field_form;
mod items;
mod with;

pub use self::{
    cast::Cast,
    field_form::FieldForm,
    items::Items,
    with::{StoreWith, With},
};
