//! Mutations of archives, most of which are archives again.

use std::io::{Cursor, Read, Write};

use fastrand::Rng;
use npyrec::DType;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{any, random_bits, several};

/// Names, some of which are the same to `np.load`.
const NAMES: &[&str] = &[
    "a",
    "a.npy",
    "a.npy.npy",
    "b.npy",
    "c/d.npy",
    "ü.npy",
    "",
    ".npy",
    "../e.npy",
];

/// Longer members are cut: these may be larger than the archive says.
const LONG: u64 = 1 << 16;

struct Member {
    name: String,
    bytes: Vec<u8>,
    is_stored: bool,
}

/// Changes the archive in `data`, and says how long it is then.
pub fn mutate_archive(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    descrs: &[DType],
) -> usize {
    let mut random = Rng::with_seed(seed.into());
    let max_size = max_size.min(data.len());
    let old = data.get(..size).unwrap_or_default();
    let mut members = members(old);
    let mut bytes = match random.u8(..3) {
        0 if !members.is_empty() => old.to_vec(),
        _ => {
            for _ in 0..=random.u8(..2) {
                change(&mut members, &mut random, descrs);
            }
            archive(&members)
        }
    };
    match random.u8(..6) {
        0 => bytes = any(&bytes, 16),
        // What the archive says of its members stands at its end.
        1 => {
            let end = bytes.len().saturating_sub(random.usize(1..120));
            random_bits(&mut bytes[end..], &mut random);
        }
        2 => random_bits(&mut bytes, &mut random),
        3 if random.bool() => drop(bytes.splice(..0, *b"before it")),
        _ => {}
    }
    bytes.truncate(max_size);
    data[..bytes.len()].copy_from_slice(&bytes);
    bytes.len()
}

fn members(bytes: &[u8]) -> Vec<Member> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return Vec::new();
    };
    let mut members = Vec::new();
    for index in 0..archive.len().min(8) {
        if let Ok(file) = archive.by_index(index)
            && let Ok(name) = file.name()
        {
            let (name, is_stored) = (
                name.into_owned(),
                file.compression() == CompressionMethod::Stored,
            );
            let mut bytes = Vec::new();
            // A member that is damaged is kept as far as it goes.
            let _ = file.take(LONG).read_to_end(&mut bytes);
            members.push(Member {
                name,
                bytes,
                is_stored,
            });
        }
    }
    members
}

fn archive(members: &[Member]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for member in members {
        let options = SimpleFileOptions::default().compression_method(match member.is_stored {
            true => CompressionMethod::Stored,
            false => CompressionMethod::Deflated,
        });
        // A name that is there already is left out.
        if archive.start_file(member.name.as_str(), options).is_ok() {
            let written = archive.write_all(&member.bytes);
            written.expect("there is memory");
        }
    }
    let archive = archive.finish().expect("there is memory");
    archive.into_inner()
}

fn change(members: &mut Vec<Member>, random: &mut Rng, descrs: &[DType]) {
    let place = random.usize(..=members.len());
    let name = NAMES[random.usize(..NAMES.len())].to_owned();
    let Some(member) = members.get_mut(place) else {
        return members.push(Member {
            name,
            bytes: several::new(random, descrs),
            is_stored: random.bool(),
        });
    };
    match random.u8(..8) {
        0 => drop(members.remove(place)),
        1 => member.is_stored ^= true,
        2 => member.name = name,
        3 => members.swap(0, place),
        _ => several::change_array(&mut member.bytes, random, descrs),
    }
}
