//! Conversions between dtypes, and the texts of values.

mod calendar;
mod cast;
mod decimal;
mod iso;
mod number;
mod plan;
mod planner;
mod step;
mod text;
mod time;
mod time_types;

pub(crate) use self::{
    decimal::{Decimal, Float, Point},
    iso::{Datetime, Timedelta},
    number::{Number, NumberForm},
    plan::Plan,
    text::{BFloat16, Bool, Complex},
    time::{NAT, same_time},
};
