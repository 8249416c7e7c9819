//! From the dtype of a file to that of a record and back, and from a value to its text.

mod calendar;
mod cast;
mod decimal;
mod iso;
mod number;
mod plan;
mod sequence;
mod text;
mod time;

pub(crate) use self::{
    decimal::{Decimal, Float, Point},
    iso::{Datetime, Timedelta},
    number::{Number, NumberForm},
    plan::Plan,
    sequence::{Sequence, axes},
    text::{BFloat16, Bool, Complex},
    time::{NAT, same_time},
};
