//! What it costs to read a member of an archive, as ratios to the crate `zip` reading the same bytes into
//! a vector, from the page cache.
//!
//! ```text
//! cargo bench --bench npz --features npz -- [FOLDER]
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod records;

use std::{
    env,
    fs::File,
    hint::black_box,
    io::{self, BufReader, Read},
    path::Path,
    time::{Duration, Instant},
};

use npyrec::npz::{Compression, Reader, Writer};
use zip::ZipArchive;

use crate::records::{Encoded, Whole, encoded, whole};

const ROUNDS: usize = 9;
const ROWS: u32 = 1_000_000;

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let kept = black_box(work());
    let time = start.elapsed();
    drop(kept);
    time
}

fn archive(path: &Path) -> ZipArchive<BufReader<File>> {
    ZipArchive::new(BufReader::new(File::open(path).unwrap())).unwrap()
}

/// All bytes of a member, into a vector that grows.
fn zip_to_vec(path: &Path, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = archive(path);
    io::copy(&mut archive.by_name(name).unwrap(), &mut bytes).unwrap();
    bytes
}

/// All bytes of a member, block by block.
fn zip_to_block(path: &Path, name: &str) -> u64 {
    let mut archive = archive(path);
    let mut member = archive.by_name(name).unwrap();
    let (mut block, mut sum) = (vec![0; 1 << 16], 0);
    loop {
        match member.read(&mut block).unwrap() {
            0 => return sum,
            read => sum += u64::from(block[read - 1]),
        }
    }
}

fn main() {
    let folder = env::args().skip(1).find(|a| !a.starts_with('-'));
    let folder = folder.unwrap_or_else(|| env!("CARGO_TARGET_TMPDIR").to_owned());
    let dir = tempfile::tempdir_in(folder).unwrap();
    let path = dir.path().join("records.npz");
    let whole: Vec<Whole> = (0..ROWS).map(whole).collect();
    let encoded: Vec<Encoded> = (0..ROWS).map(encoded).collect();
    let mut writer = Writer::create(&path).unwrap();
    writer.write("stored", &whole).unwrap();
    let mut writer = writer.compression(Compression::Deflated);
    writer.write("deflated", &whole).unwrap();
    writer.write("encoded", &encoded).unwrap();
    writer.finish().unwrap();

    let mut times: Vec<(&str, &str, Vec<Duration>)> = Vec::new();
    let mut add = |name, baseline, time| match times.iter_mut().find(|row| row.0 == name) {
        Some(row) => row.2.push(time),
        None => times.push((name, baseline, vec![time])),
    };
    let open = || Reader::open(&path).unwrap();
    for _ in 0..ROUNDS {
        let base = "zip, deflated, to a vector";
        add(base, base, timed(|| zip_to_vec(&path, "deflated.npy")));
        let time = timed(|| open().read::<Whole>("deflated").unwrap());
        add("read, deflated, copied whole", base, time);
        let base = "zip, deflated, by blocks";
        add(base, base, timed(|| zip_to_block(&path, "deflated.npy")));
        let time = timed(|| {
            let mut archive = open();
            let rows = archive
                .by_name("deflated")
                .and_then(|array| array.rows::<Whole>())
                .unwrap();
            rows.map(|row| row.unwrap().order)
                .fold(0, u64::wrapping_add)
        });
        add("by_name, deflated, one by one", base, time);
        let base = "zip, encoded, to a vector";
        add(base, base, timed(|| zip_to_vec(&path, "encoded.npy")));
        let time = timed(|| open().read::<Encoded>("encoded").unwrap());
        add("read, deflated, field by field", base, time);
        let base = "zip, stored, to a vector";
        add(base, base, timed(|| zip_to_vec(&path, "stored.npy")));
        let time = timed(|| open().read::<Whole>("stored").unwrap());
        add("read, stored, copied whole", base, time);
    }
    let median = |times: &[Duration]| {
        let mut times = times.to_vec();
        times.sort_unstable();
        times[times.len() / 2]
    };
    for (name, baseline, own) in &times {
        let base = times.iter().find(|row| row.0 == *baseline).unwrap();
        let (own, base) = (median(own), median(&base.2));
        let ratio = own.as_secs_f64() / base.as_secs_f64();
        println!("{name:36} {own:>10.2?}  {ratio:5.2} x {baseline}");
    }
}
