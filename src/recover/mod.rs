//! Making header and data agree again.

mod check;
mod found;
mod make_appendable;
mod mend;
mod recovery;
mod report;

pub use self::{
    check::{check, recover},
    make_appendable::make_appendable,
    recovery::Recovery,
    report::Report,
};
pub(crate) use self::{
    found::Found,
    make_appendable::{replace_with_rows, widen},
};

#[cfg(test)]
mod tests;
