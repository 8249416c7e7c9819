//! Mutations of `.npy` files that leave most of a file as it is.

mod archive;
mod several;

pub use self::{
    archive::mutate_archive,
    several::{DTYPES, mutate_several},
};

use fastrand::Rng;
use libfuzzer_sys::fuzzer_mutate;
use npyrec::{DType, Header, Order};

/// The first bytes of an array.
const MAGIC: &[u8] = b"\x93NUMPY";

/// Type strings, valid and invalid.
const TYPES: &[&str] = &[
    "|b1",
    "|i1",
    "|u1",
    "<i2",
    ">i2",
    "<u4",
    ">i4",
    "<i8",
    "<u8",
    ">u8",
    "<f2",
    ">f2",
    "<f4",
    ">f4",
    "<f8",
    ">f8",
    "<f16",
    ">f16",
    "<c8",
    ">c16",
    "<c32",
    "<V2",
    ">V2",
    "|V2",
    "|V0",
    "|V7",
    "|S0",
    "|S1",
    "|S5",
    "<U0",
    "<U1",
    ">U3",
    "<U4",
    "<M8",
    "<M8[ns]",
    ">M8[s]",
    "<M8[25us]",
    "<M8[M]",
    "<m8[D]",
    ">m8[7W]",
    "<m8",
    "|O",
    "|S2147483647",
    "<U536870911",
    ">U536870911",
    "|V2147483648",
];

/// Numbers at which something ends.
const NUMBERS: &[u64] = &[
    0,
    1,
    2,
    3,
    5,
    255,
    256,
    65_535,
    65_536,
    65_537,
    1 << 24,
    (1 << 24) + 1,
    (1 << 31) - 1,
    1 << 31,
    1 << 32,
    (1 << 62) - 1,
    1 << 62,
    (1 << 63) - 1,
    1 << 63,
    u64::MAX,
];

/// A file, taken apart.
struct Parts {
    version: u8,
    text: Vec<u8>,
    data: Vec<u8>,
}

impl Parts {
    fn of(bytes: &[u8]) -> Option<Self> {
        let (magic, rest) = bytes.split_at_checked(6)?;
        let ([version, _], rest) = rest.split_first_chunk()?;
        let (length, rest) = match version {
            1 => {
                let (length, rest) = rest.split_first_chunk()?;
                (u16::from_le_bytes(*length).into(), rest)
            }
            _ => {
                let (length, rest) = rest.split_first_chunk()?;
                (u32::from_le_bytes(*length), rest)
            }
        };
        let (text, data) = rest.split_at_checked(length.try_into().ok()?)?;
        (magic == MAGIC).then(|| Parts {
            version: *version,
            text: text.to_vec(),
            data: data.to_vec(),
        })
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([self.version, 0]);
        let length = u32::try_from(self.text.len())
            .unwrap_or(u32::MAX)
            .to_le_bytes();
        bytes.extend(match self.version {
            1 => &length[..2],
            _ => &length,
        });
        bytes.extend(&self.text);
        bytes.extend(&self.data);
        bytes
    }

    fn header(&self) -> Option<Header> {
        Header::read_from(&mut &self.bytes()[..]).ok()
    }

    fn set_header(&mut self, dtype: DType, order: Order, shape: &[u64]) {
        if let Ok(header) = Header::new(dtype, order, shape) {
            self.text = header.to_string().into_bytes();
            self.text.push(b'\n');
        }
    }
}

/// Changes the file in `data`, and says how long it is then. `descrs` are those to be found often.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32, descrs: &[DType]) -> usize {
    let mut random = Rng::with_seed(seed.into());
    let Some(mut parts) = data.get(..size).and_then(Parts::of) else {
        return fuzzer_mutate(data, size, max_size);
    };
    for _ in 0..=random.u8(..3) {
        change(&mut parts, &mut random, max_size, descrs);
    }
    let mut bytes = parts.bytes();
    // A length that differs from the length of the text.
    if random.u8(..) < 6 {
        let at = random.usize(6..bytes.len().min(12));
        bytes[at] = random.u8(..);
    }
    bytes.truncate(max_size.min(data.len()));
    data[..bytes.len()].copy_from_slice(&bytes);
    bytes.len()
}

fn change(parts: &mut Parts, random: &mut Rng, max_size: usize, descrs: &[DType]) {
    match random.u8(..14) {
        0 => parts.text = any(&parts.text, 64),
        1 | 2 => parts.data = any(&parts.data, 64),
        3 => random_bits(&mut parts.data, random),
        4 | 5 => replace(parts, random, is_type, |_, random| quoted(random)),
        6 => replace(parts, random, is_number, |_, random| number(random)),
        7 => replace(parts, random, is_type, |old, random| match random.u8(..4) {
            0 => format!("({old}, ({},))", random.u8(..4)),
            1 => format!("[('a', {old}), ('b', {})]", quoted(random)),
            2 => "[]".to_owned(),
            _ => format!("[('a', {old})]"),
        }),
        8 => replace(parts, random, is_truth, |old, _| match old {
            "True" => "False".to_owned(),
            _ => "True".to_owned(),
        }),
        9 => reshape(parts, random),
        10 => fit(parts, max_size, 0),
        11 => fit(parts, max_size, random.i64(-9..9)),
        12 => {
            if let (Some(header), Some(descr)) = (parts.header(), random.choice(descrs)) {
                parts.set_header(descr.clone(), header.order(), header.shape());
                reshape(parts, random);
            }
        }
        _ => parts.version = random.u8(1..4),
    }
}

/// What libFuzzer makes of some bytes.
fn any(bytes: &[u8], room: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed.resize(bytes.len() + room, 0);
    let max = changed.len();
    let len = fuzzer_mutate(&mut changed, bytes.len(), max);
    changed.truncate(len);
    changed
}

fn random_bits(data: &mut [u8], random: &mut Rng) {
    for _ in 0..random.u8(1..9) {
        let len = data.len();
        if let Some(byte) = random.choice(0..len).and_then(|at| data.get_mut(at)) {
            *byte = match random.u8(..4) {
                0 => 0,
                1 => 0xff,
                _ => *byte ^ 1 << random.u8(..8),
            };
        }
    }
}

fn quoted(random: &mut Rng) -> String {
    format!("'{}'", TYPES[random.usize(..TYPES.len())])
}

fn number(random: &mut Rng) -> String {
    match random.bool() {
        true => NUMBERS[random.usize(..NUMBERS.len())].to_string(),
        false => random.u8(..40).to_string(),
    }
}

fn is_type(token: &str) -> bool {
    let text = token
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''));
    text.is_some_and(|text| text.parse::<npyrec::Scalar>().is_ok())
}

fn is_number(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_digit())
}

fn is_truth(token: &str) -> bool {
    ["True", "False"].contains(&token)
}

/// Puts something in the place of one token of a kind.
fn replace(
    parts: &mut Parts,
    random: &mut Rng,
    is_meant: fn(&str) -> bool,
    new: impl FnOnce(&str, &mut Rng) -> String,
) {
    let Ok(text) = str::from_utf8(&parts.text) else {
        return;
    };
    let meant = tokens(text)
        .into_iter()
        .filter(|&(start, end)| is_meant(&text[start..end]));
    let Some((start, end)) = random.choice(meant.collect::<Vec<_>>()) else {
        return;
    };
    let new = new(&text[start..end], random);
    parts.text = [&text[..start], &new, &text[end..]].concat().into_bytes();
}

/// Where the words, numbers and quoted texts are.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let len = match first {
            '\'' => rest[1..].find('\'').map_or(rest.len(), |end| end + 2),
            c if c.is_ascii_alphanumeric() => rest
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(rest.len()),
            c => {
                rest = &rest[c.len_utf8()..];
                continue;
            }
        };
        let start = text.len() - rest.len();
        found.push((start, start + len));
        rest = &rest[len..];
    }
    found
}

/// Gives the array another shape, often one for which there is data.
fn reshape(parts: &mut Parts, random: &mut Rng) {
    let Some(header) = parts.header() else { return };
    let there = parts.data.len().checked_div(header.dtype().itemsize());
    let there = there.unwrap_or_else(|| random.usize(..9)) as u64;
    let divisor = random.u64(1..5);
    let shape = match random.u8(..7) {
        0 => vec![],
        1 => vec![there / divisor, divisor],
        2 => vec![divisor, there / divisor],
        3 => vec![there / divisor / 2, divisor, 2],
        4 => (0..random.u8(..4))
            .map(|_| NUMBERS[random.usize(..NUMBERS.len())])
            .collect(),
        _ => vec![there],
    };
    let order = [Order::C, Order::Fortran][usize::from(random.u8(..4) == 0)];
    parts.set_header(header.dtype().clone(), order, &shape);
}

/// Makes the data as long as the header says, and some bytes more.
fn fit(parts: &mut Parts, max_size: usize, more: i64) {
    let len = parts.header().and_then(|header| header.data_len());
    let len = len.and_then(|len| len.checked_add_signed(more));
    let len = len.and_then(|len| usize::try_from(len).ok());
    if let Some(len) = len.filter(|&len| len <= max_size) {
        let old = parts.data.clone();
        let bytes = old.iter().copied().cycle().take(len);
        parts.data = bytes.collect();
        parts.data.resize(len, 0);
    }
}
