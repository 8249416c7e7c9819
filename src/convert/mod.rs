//! From the dtype of a file to that of a record, and back.

mod calendar;
mod cast;
mod float;
mod number;
mod plan;
mod sequence;
mod time;

pub(crate) use self::{
    number::{Number, NumberForm},
    plan::Plan,
    sequence::Sequence,
    time::convert_ticks,
};
