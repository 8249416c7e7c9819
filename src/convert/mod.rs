//! From the dtype of a file to that of a record, and from a value to its text.

mod calendar;
mod decimal;
mod fill;
mod iso;
mod text;

pub(crate) use self::{
    decimal::{Decimal, Float, Point},
    fill::Fill,
    iso::{Datetime, Timedelta},
    text::{BFloat16, Bool, Complex},
};
