//! A dtype as source code.

mod name;
mod python;
mod rust;

pub(crate) use self::{python::python, rust::rust};
