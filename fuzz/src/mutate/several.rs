//! Mutations of files of several arrays.

use std::sync::LazyLock;

use fastrand::Rng;
use npyrec::{DType, Order};

use super::{MAGIC, Parts, any, fit, mutate, reshape};
use crate::way::dtypes;

/// Dtypes of arrays that are put beside each other, some of which differ in the order of bytes or padding.
const SEVERAL: &[&str] = &[
    "<i2",
    ">i2",
    "|S3",
    ">U2",
    "<U2",
    "<M8[ns]",
    "('>i2', (2,))",
    "[('a', '<u4'), ('b', '>f4')]",
    "[('a', '<u4'), ('', '|V4'), ('b', '<f4'), ('', '|V4')]",
    "[('a', '|V0'), ('b', [], (3,))]",
];

/// These dtypes, and the dtypes of the records.
pub static DTYPES: LazyLock<Vec<DType>> = LazyLock::new(|| {
    let parse = |descr: &&str| descr.parse().expect("it is a dtype");
    dtypes()
        .into_iter()
        .chain(SEVERAL.iter().map(parse))
        .collect()
});

/// Changes the file of several arrays in `data`, and says how long it is then.
pub fn mutate_several(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    descrs: &[DType],
) -> usize {
    let mut random = Rng::with_seed(seed.into());
    let max_size = max_size.min(data.len());
    let old = data.get(..size).unwrap_or_default();
    let mut arrays = split(old);
    for _ in 0..=random.u8(..2) {
        change_one(&mut arrays, &mut random, descrs);
    }
    let mut bytes = arrays.concat();
    if random.u8(..) < 6 {
        bytes = any(&bytes, 16);
    }
    bytes.truncate(max_size);
    data[..bytes.len()].copy_from_slice(&bytes);
    bytes.len()
}

/// The arrays of a file, each with what follows it.
fn split(bytes: &[u8]) -> Vec<Vec<u8>> {
    let starts = bytes.windows(MAGIC.len()).enumerate();
    let starts = starts.filter(|&(at, window)| at > 0 && window == MAGIC);
    let mut arrays = Vec::new();
    let mut last = 0;
    for at in starts.map(|(at, _)| at).chain([bytes.len()]) {
        arrays.push(bytes[last..at].to_vec());
        last = at;
    }
    arrays.retain(|array| !array.is_empty());
    arrays
}

fn change_one(arrays: &mut Vec<Vec<u8>>, random: &mut Rng, descrs: &[DType]) {
    let place = random.usize(..=arrays.len());
    let Some(array) = arrays.get(place).cloned() else {
        return arrays.push(new(random, descrs));
    };
    match random.u8(..10) {
        0 => arrays.insert(place, new(random, descrs)),
        1 => drop(arrays.remove(place)),
        2 => arrays.swap(0, place),
        3 => arrays.insert(place, array),
        4 | 5 => arrays.insert(place, of_other_length(array, random)),
        _ => change_array(&mut arrays[place], random, descrs),
    }
}

/// Changes one array.
pub(super) fn change_array(array: &mut Vec<u8>, random: &mut Rng, descrs: &[DType]) {
    let len = array.len();
    array.resize(len + 64, 0);
    let max = array.len();
    let len = mutate(array, len, max, random.u32(..), descrs);
    array.truncate(len);
}

/// An array of a few rows.
pub(super) fn new(random: &mut Rng, descrs: &[DType]) -> Vec<u8> {
    let mut parts = Parts {
        version: 1,
        text: Vec::new(),
        data: (0..random.u8(..60)).collect(),
    };
    if let Some(descr) = random.choice(descrs) {
        parts.set_header(descr.clone(), Order::C, &[0]);
        reshape(&mut parts, random);
        fit(&mut parts, 256, 0);
    }
    parts.bytes()
}

/// Returns the array with another length of its first or last axis.
fn of_other_length(array: Vec<u8>, random: &mut Rng) -> Vec<u8> {
    let Some(mut parts) = Parts::of(&array) else {
        return array;
    };
    if let Some(header) = parts.header() {
        let mut shape = header.shape().to_vec();
        let axis = match header.order() {
            Order::C => shape.first_mut(),
            Order::Fortran => shape.last_mut(),
        };
        if let Some(axis) = axis {
            *axis = random.u64(..5);
        }
        parts.set_header(header.dtype().clone(), header.order(), &shape);
        fit(&mut parts, 512, 0);
    }
    parts.bytes()
}
