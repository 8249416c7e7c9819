//! From the dtype of a file to that of a record.

mod calendar;
mod fill;

pub(crate) use self::fill::Fill;
