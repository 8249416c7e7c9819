//! The error of this crate: a cause, the place where it was found, and advice.

mod builder;
mod cause;
mod cause_text;
mod context;
mod from;
mod kind;
mod model;
mod notes;
mod text;
mod transient;

pub(crate) use self::{cause::Cause, context::ErrorContext};
pub use self::{
    kind::ErrorKind,
    model::{Error, Result},
};
