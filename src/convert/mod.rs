//! From the dtype of a file to that of a record and back, and from a value to its text.

mod calendar;
mod cast;
mod decimal;
mod float;
mod iso;
mod number;
mod plan;
mod sequence;
mod text;
mod time;

#[cfg(feature = "half")]
pub(crate) use self::float::{from_bf16, from_f16, to_bf16, to_f16};
pub(crate) use self::{
    decimal::{Decimal, Float, Point},
    float::{narrow, widen},
    iso::{Datetime, Timedelta},
    number::{Number, NumberForm},
    plan::Plan,
    sequence::{Sequence, axes},
    text::{BFloat16, Bool, Complex},
    time::{NAT, same_time},
};
