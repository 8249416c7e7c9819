//! Conversions between dtypes, and the texts of values.

mod block;
mod calendar;
mod cast;
mod decimal;
mod iso;
mod items;
mod loops;
mod loss;
mod moved;
mod number;
mod number_cast;
mod part_loops;
mod plan;
mod planner;
mod short_text;
mod step;
mod text;
mod text_cast;
mod threads;
mod time;
mod time_cast;
mod time_types;

pub(crate) use self::{
    calendar::day_of_month,
    decimal::{Decimal, Float, Point},
    iso::{Datetime, TimeText, Timedelta},
    items::{Items, ItemsMut, copy},
    number::{Number, NumberForm},
    plan::Plan,
    short_text::ShortText,
    text::{BFloat16, Bool, Complex},
    threads::{Pipeline, convert_in_order, threads_or_cores},
    time::{NAT, same_time},
};
