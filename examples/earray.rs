//! An array that is extended twice and read back in part, as an `EArray` of PyTables.
//!
//! ```text
//! cargo run --features ndarray --example earray -- [FILE]
//! ```

use std::{env, error::Error};

use ndarray::{Array2, s};
use npyrec::{ArrayAppender, NpyFile};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args()
        .nth(1)
        .unwrap_or_else(|| "earray.npy".to_owned());
    let rows = |first: usize| {
        Array2::from_shape_fn((10, 20), |(i, j)| (first + i) as f64 + j as f64 / 100.0)
    };
    let mut array = ArrayAppender::<f64>::create(&path, &[20])?;
    array.append_array(&rows(0))?;
    array.close()?;
    let mut array = ArrayAppender::open(&path)?;
    array.append_array(&rows(10))?;
    array.close()?;

    let rows = NpyFile::open(&path)?.read_array::<f64>(1..10)?; // reads no other row
    println!("{:.2}", rows.slice(s![.., 2..20]));
    Ok(())
}
