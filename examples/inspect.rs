//! Prints any `.npy` file: its dtype, its shape, and its rows, a line of JSON each.
//!
//! ```text
//! cargo run --example inspect -- FILE [ROWS]
//! ```

use std::{
    env,
    error::Error,
    io::{self, Write},
};

use npyrec::NpyFile;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().ok_or("which file?")?;
    let rows = arguments.next().map_or(Ok(10), |rows| rows.parse())?;

    let file = NpyFile::open(path)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{}", file.header())?;
    for row in file.rows().take(rows) {
        serde_json::to_writer(&mut out, &row?)?;
        writeln!(out)?;
    }
    Ok(())
}
