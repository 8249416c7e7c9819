//! What it costs to give a 1 GiB file room to grow, against copying it in blocks of 1 MiB.
//!
//! ```text
//! cargo bench --bench make_appendable -- [FOLDER]
//! ```
//!
//! On ext4 and xfs a block is inserted before the data; elsewhere (`/dev/shm`) the file is written anew.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::{
    env,
    fs::{self, File},
    io::{Read, Write},
    path::Path,
    time::{Duration, Instant},
};

const ROUNDS: usize = 7;
const SIZE: usize = 1 << 30;
const BLOCK: usize = 1 << 20;

/// A file as NumPy wrote them until 2018, padded to 16 bytes.
fn write_old(path: &Path) {
    let rows = SIZE / 8;
    let text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows},), }}");
    let len = (10 + text.len() + 1).next_multiple_of(16) - 10;
    let mut file = File::create(path).unwrap();
    file.write_all(b"\x93NUMPY\x01\x00").unwrap();
    file.write_all(&u16::try_from(len).unwrap().to_le_bytes())
        .unwrap();
    writeln!(file, "{text:<0$}", len - 1).unwrap();
    for _ in 0..SIZE / BLOCK {
        file.write_all(&[7; BLOCK]).unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    let (mut from, mut to) = (File::open(from).unwrap(), File::create(to).unwrap());
    let mut block = vec![0; BLOCK];
    loop {
        let read = from.read(&mut block).unwrap();
        if read == 0 {
            return;
        }
        to.write_all(&block[..read]).unwrap();
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn main() {
    let folder = env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let dir = match folder {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")),
    };
    let dir = dir.unwrap();
    let (old, new) = (dir.path().join("old.npy"), dir.path().join("new.npy"));
    write_old(&old);
    let (mut copies, mut made) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        copies.push(timed(|| copy(&old, &new)));
        // As a file that was not written just now: nothing of it is left to be synced.
        File::open(&new).unwrap().sync_all().unwrap();
        made.push(timed(|| assert!(npyrec::make_appendable(&new).unwrap())));
        fs::remove_file(&new).unwrap();
    }
    let (copy, made) = (median(copies), median(made));
    println!("copy in blocks of 1 MiB: {copy:.1?}");
    println!("make_appendable:         {made:.1?}");
    println!(
        "ratio:                   {:.4}",
        made.as_secs_f64() / copy.as_secs_f64()
    );
}
