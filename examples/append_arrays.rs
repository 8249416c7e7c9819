//! Appends arrays along their first axis, as NpyAppendArray does.
//!
//! ```text
//! cargo run --features ndarray --example append_arrays -- [FILE]
//! ```

use std::{env, error::Error};

use ndarray::array;
use npyrec::ArrayAppender;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).unwrap_or_else(|| "out.npy".to_owned());
    let mut out = ArrayAppender::<i64>::create(&path, &[2])?;
    out.append_array(&array![[1, 2], [3, 4]])?;
    out.append_array(&array![[1, 2], [3, 4], [5, 6]])?;
    out.append_array(array![[1, 3, 5], [2, 4, 6]].t())?; // of any memory layout
    out.close()?;

    println!("{}", npyrec::read_array::<i64>(&path)?);
    Ok(())
}
