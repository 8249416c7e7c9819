//! A record that borrows is written, not read. The compiler says so when it compiles the call.

use npyrec::{Appender, NpyFile, NpyRecord};

#[derive(NpyRecord)]
struct Line<'a> {
    #[npy(dtype = "U8")]
    host: &'a str,
}

#[derive(NpyRecord)]
struct Pair<'a> {
    lines: [Line<'a>; 2],
}

fn main() -> npyrec::Result<()> {
    Appender::<Line>::open("lines.npy")?.append(&Line { host: "near" })?;
    let lines = npyrec::read::<Line>("lines.npy")?;
    let file = NpyFile::open("pairs.npy")?;
    let pairs = file.read_range::<Pair>(0..1)?;
    println!("{} {}", lines[0].host, pairs[0].lines[0].host);
    Ok(())
}
