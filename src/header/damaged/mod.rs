//! Headers that NumPy refuses, but whose damage is understood.

mod damaged_header;
mod read;
mod shape_text;
#[cfg(test)]
mod tests;
mod torn;

pub(crate) use self::damaged_header::{Damaged, DamagedRows};
