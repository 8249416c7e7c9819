//! A module of `with` without one of its items.

use npyrec::NpyRecord;

mod without_type {
    use npyrec::{DecodeError, EncodeError};

    pub fn store(value: &u32) -> Result<u32, EncodeError> {
        Ok(*value)
    }

    pub fn load(stored: u32) -> Result<u32, DecodeError> {
        Ok(stored)
    }
}

mod without_load {
    pub type Stored = u32;

    pub fn store(value: &u32) -> Result<u32, npyrec::EncodeError> {
        Ok(*value)
    }
}

#[derive(NpyRecord)]
struct Sample {
    #[npy(with = "without_type")]
    without_type: u32,
    #[npy(with = "without_load")]
    without_load: u32,
    #[npy(with = "no_module")]
    no_module: u32,
}

fn main() {}
