//! The Rust types that can be stored as each dtype.

#[macro_use]
mod conversion;
mod number;
mod target;
mod text;
mod time;

pub use self::target::StoreAs;
