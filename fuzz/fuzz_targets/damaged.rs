//! A file with any header is mended with all its axes and rows, or refused and left alone; `check` says so
//! before. Where NumPy's verdict on the file is known, it is `check`'s as well.
//!
//! Its corpus is made by `python3 fuzz/damaged.py fuzz/corpus/damaged`.
#![no_main]

use std::{collections::HashMap, fs, path::PathBuf, sync::LazyLock};

use fastrand::Rng;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use npyrec_fuzz::{
    damaged::{Verdict, try_doors, verdicts},
    temporary_path,
};

/// Texts that often damage a header.
const TOKENS: &[&str] = &[
    "np.int64(",
    "np.uint8(",
    ")",
    "(",
    "[",
    "]",
    "****",
    "    ",
    ",",
    ", ",
    "0",
    "1",
    "-1",
    "'shape': ",
    "}",
    "True",
    "False",
    "\0",
    "\n",
    "1,000",
    "9223372036854775807",
    "'<f8'",
    "'|u1'",
    "0,),'shape': (",
    "# ",
    "L",
];

static VERDICTS: LazyLock<HashMap<Vec<u8>, Verdict>> = LazyLock::new(|| {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/damaged"));
    let verdicts = verdicts(&folder).into_iter();
    let with_bytes = verdicts.filter_map(|v| Some((fs::read(folder.join(&v.file)).ok()?, v)));
    with_bytes.collect()
});

/// Changes the text of a header, and mostly keeps its length right.
fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut random = Rng::with_seed(seed.into());
    let text = data
        .get(8..10)
        .map(|length| 10..10 + usize::from(u16::from_le_bytes([length[0], length[1]])));
    let is_first = data.get(6) == Some(&1);
    let Some(text) = text.filter(|text| is_first && text.end <= size && random.u8(..4) > 0) else {
        return fuzzer_mutate(data, size, max_size);
    };
    let mut new = data[text.clone()].to_vec();
    for _ in 0..random.u8(1..4) {
        let at = random.usize(..=new.len());
        let end = (at + random.usize(..6)).min(new.len());
        let token = TOKENS[random.usize(..TOKENS.len())];
        match random.u8(..4) {
            0 => drop(new.splice(at..end, None)),
            1 => drop(new.splice(at..at, token.bytes())),
            2 => drop(new.splice(at..end, token.bytes())),
            _ => {
                new.push(0);
                let len = new.len();
                let len = fuzzer_mutate(&mut new, len - 1, len);
                new.truncate(len);
            }
        }
    }
    let mut bytes = data[..8].to_vec();
    bytes.extend(u16::try_from(new.len()).unwrap_or_default().to_le_bytes());
    bytes.extend(new);
    bytes.extend(&data[text.end..size]);
    bytes.truncate(max_size.min(data.len()));
    data[..bytes.len()].copy_from_slice(&bytes);
    bytes.len()
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed)
});

fuzz_target!(|bytes: &[u8]| {
    let (_dir, path) = temporary_path();
    try_doors(&path, bytes, VERDICTS.get(bytes));
});
