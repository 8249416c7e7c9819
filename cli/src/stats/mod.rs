//! Statistics of columns, in one pass and bounded memory.

mod column;
mod digest;
mod distinct;
mod moments;
mod quantiles;
mod trend;

pub(crate) use self::column::{ColumnStats, Summary};
