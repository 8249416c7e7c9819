//! The one error of this crate: what went wrong, and where.

mod context;
mod kind;
mod text;

pub use self::{
    context::{Error, Result},
    kind::ErrorKind,
};
