//! Types that `with`, `cast`, `nan`, `nat` and `big_endian` cannot store. Each is one error, which names no type
//! of the macro.

use npyrec::NpyRecord;

mod of_text {
    use npyrec::{DecodeError, EncodeError};

    pub type Stored = String;

    pub fn store(_: &u32) -> Result<Stored, EncodeError> {
        Ok(String::new())
    }

    pub fn load(_: Stored) -> Result<u32, DecodeError> {
        Ok(0)
    }
}

mod without_results {
    pub type Stored = u32;

    pub fn store(value: &u32) -> u32 {
        *value
    }

    pub fn load(stored: u32) -> u32 {
        stored
    }
}

#[derive(NpyRecord)]
struct Sample {
    #[npy(with = "of_text")]
    with: [u32; 2],
    #[npy(with = "without_results")]
    without_results: u32,
    #[npy(cast = "[f32; 2]")]
    cast: std::ops::Range<f32>,
    #[npy(cast = "String")]
    cast_to_text: [f32; 3],
    #[npy(nan)]
    count: Option<u8>,
    #[npy(nat, dtype = "f4")]
    time: Option<f32>,
    #[npy(nan, dtype = ">f4")]
    name: Option<String>,
    #[npy(dtype = ">f4")]
    text: String,
    #[npy(big_endian)]
    swapped: String,
}

fn main() {}
