//! The Rust types that can be stored as each dtype.

#[macro_use]
mod conversion;
#[macro_use]
mod time;

mod bytes;
mod chars;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "complex")]
mod complex;
mod enumeration;
mod float;
mod float_loops;
mod integer;
#[cfg(feature = "jiff")]
mod jiff;
mod target;
mod text;

pub use self::{enumeration::EnumTarget, target::StoreAs};
