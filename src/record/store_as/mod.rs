//! Which Rust types may be stored as which dtype.

#[macro_use]
mod conversion;
mod number;
mod target;
mod text;
mod time;

pub use self::target::StoreAs;
