//! All the unsafe code about the memory of records: no other file of `record` has any.

#[macro_use]
mod fill;
mod in_place;
#[macro_use]
mod layout;
mod moves;
mod names;
mod native;
mod numbers;
mod packed;
mod slot;
#[cfg(test)]
mod tests;
mod values;
mod views;

pub(super) use self::fill::boxed;
pub(crate) use self::{
    fill::{is_large, push_decoded},
    in_place::{InPlace, push_each},
    moves::Move,
};
pub use self::{
    layout::Layout,
    names::NameMessage,
    numbers::VariantNumbers,
    packed::with_copy,
    slot::{Filled, Slot},
    values::{FieldLayout, Values},
};
