//! Everything that is printed.

pub(crate) mod cell;
pub(crate) mod escape;
pub(crate) mod file;
pub(crate) mod format;
#[cfg(unix)]
mod interrupt;
mod json_rows;
pub(crate) mod json_value;
mod npy_rows;
mod progress;
mod separated_rows;
mod signals;
pub(crate) mod table;
mod table_rows;
mod terminal;
mod text_rows;
mod words;

pub(crate) use self::{
    format::{Format, row_writer, rows_alone},
    npy_rows::{each_element, header},
    progress::Progress,
    signals::ending_signals,
    table::Table,
    terminal::{Stream, note},
    words::{dtype_in_short, list, plural, shortened, six_digits, tuple, with_names_of_commands},
};
