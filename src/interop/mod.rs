//! Types of other crates.

#[cfg(feature = "ndarray")]
pub(crate) mod ndarray;
