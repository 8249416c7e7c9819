//! `big_endian`, `nan` and `nat` beside attributes that say otherwise.

use npyrec::NpyRecord;

#[derive(NpyRecord)]
struct Reading {
    #[npy(big_endian, dtype = "f4")]
    order_twice: f32,
    #[npy(nan, nat)]
    both: Option<f32>,
    #[npy(nan, with = "module")]
    converted: Option<f32>,
    #[npy(nan = "0")]
    value: Option<f32>,
    #[npy(skip, big_endian)]
    skipped: f32,
}

fn main() {}
