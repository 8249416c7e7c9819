//! What the targets share that read `.npy` files.

pub mod memory;
pub mod mutate;
