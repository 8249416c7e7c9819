//! Rows are checked and converted a block at a time, and are what they would be one by one.

use std::{fs, path::Path};

use npyrec::{Casting, NpyFile, NpyRecord, ReadOptions, Reader, Str};

/// More rows than there are in a block.
const ROWS: usize = 40_000;

#[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
#[repr(u8)]
enum Side {
    Buy = 1,
    Sell = 2,
}

/// The memory of this record is its form in the file.
#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[repr(C)]
struct Trade {
    price: f64,
    name: Str<2>,
    flags: [[bool; 2]; 3],
    side: Side,
    last: bool,
}

/// The same fields, which lie otherwise in memory.
#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Packed {
    last: bool,
    price: f64,
    side: Side,
    name: Str<2>,
    flags: [[bool; 2]; 3],
}

fn trade(row: usize) -> Trade {
    Trade {
        price: row as f64,
        name: Str::new(["a", "bé", ""][row % 3]).unwrap(),
        flags: [
            [row.is_multiple_of(2), true],
            [false; 2],
            [true, row.is_multiple_of(5)],
        ],
        side: [Side::Buy, Side::Sell][row % 2],
        last: row.is_multiple_of(7),
    }
}

fn packed(row: usize) -> Packed {
    let Trade {
        price,
        name,
        flags,
        side,
        last,
    } = trade(row);
    Packed {
        last,
        price,
        side,
        name,
        flags,
    }
}

/// Writes records, with another byte in a row.
fn write<R: NpyRecord>(
    path: &Path,
    record: impl Fn(usize) -> R,
    row: usize,
    offset: usize,
    byte: u8,
) {
    let records: Vec<R> = (0..ROWS).map(record).collect();
    npyrec::write(path, &records).unwrap();
    let mut bytes = fs::read(path).unwrap();
    let data = bytes.len() - ROWS * R::ITEMSIZE;
    bytes[data + row * R::ITEMSIZE + offset] = byte;
    fs::write(path, bytes).unwrap();
}

/// Reads all rows at each door, and compares them.
fn read_everywhere<R: NpyRecord + Clone + PartialEq + std::fmt::Debug>(path: &Path) -> Vec<R> {
    let options = ReadOptions::new().casting(Casting::SameKind);
    let rows: Vec<R> = options.read(path).unwrap();
    let iterated: Vec<R> = options.open(path).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows, iterated);
    let bytes = fs::read(path).unwrap();
    let reader = Reader::<R>::with_options(&bytes[..], options).unwrap();
    assert_eq!(rows, reader.read_all().unwrap());
    let mut into = vec![rows[0].clone(); ROWS];
    let mut reader = options.open::<R>(path).unwrap();
    assert_eq!(reader.nth(2).unwrap().unwrap(), rows[2]);
    assert_eq!(reader.read_into(&mut into).unwrap(), ROWS - 3);
    assert_eq!(rows[3..], into[..ROWS - 3]);
    let file = options.npy_file(path).unwrap();
    let range = file.read_range::<R>(0..ROWS as u64).unwrap();
    assert_eq!(rows, range);
    rows
}

#[test]
fn a_truth_value_of_another_byte_than_one_is_true() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("trades.npy");
    let row = 39_000;
    let expected = |row: usize| (0..ROWS).map(trade).nth(row).unwrap();
    for (offset, byte) in [(16, 2), (23, 0x80), (18, 1)] {
        write(&path, trade, row, offset, byte);
        let mut changed = expected(row);
        match offset {
            16 => changed.flags[0][0] = true,
            18 => changed.flags[1][0] = true,
            _ => changed.last = true,
        }
        let rows: Vec<Trade> = read_everywhere(&path);
        assert_eq!(rows[row], changed);
        assert_eq!(rows[row - 1], expected(row - 1));
        let others: Vec<Packed> = read_everywhere(&path);
        assert_eq!(
            (others[row].flags, others[row].last),
            (changed.flags, changed.last)
        );
        assert_eq!(others[0], packed(0));
        assert_eq!(others[ROWS - 1], packed(ROWS - 1));
    }
}

/// Returns the error of each door, which must be the same.
fn errors<R: NpyRecord + Clone + std::fmt::Debug>(path: &Path, first: &R) -> String {
    let read = npyrec::read::<R>(path).unwrap_err().to_string();
    let mut reader = Reader::<R>::open(path).unwrap();
    let iterated = reader.find_map(Result::err).unwrap().to_string();
    assert_eq!(read, iterated);
    // The row after it is the next one.
    assert!(reader.next().unwrap().is_ok());
    let mut reader = Reader::<R>::open(path).unwrap();
    let mut into = vec![first.clone(); ROWS];
    assert_eq!(read, reader.read_into(&mut into).unwrap_err().to_string());
    let range = NpyFile::open(path).unwrap().read_range::<R>(0..ROWS as u64);
    assert_eq!(read, range.unwrap_err().to_string());
    read.split_once(": ").unwrap().1.to_owned()
}

#[test]
fn the_first_row_that_is_no_record_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("trades.npy");
    write(&path, trade, 35_001, 22, 3);
    let whole = errors(&path, &trade(0));
    write(&path, trade, 35_002, 11, 1);
    let character = errors(&path, &trade(0));
    write(&path, packed, 20_001, 9, 0);
    let moved = errors(&path, &packed(0));
    insta::assert_snapshot!([whole, character, moved].join("\n"), @r"
    row 35001: field `side`: 3 is not a value of Side; expected 1 (Buy), 2 (Sell)
    row 35002: field `name`: 0x1000062 is not the code point of a character
    row 20001: field `side`: 0 is not a value of Side; expected 1 (Buy), 2 (Sell)
    ");
}

/// A record with a text and numbers that lie otherwise in memory, and take long to check one by one.
#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Venue {
    id: u8,
    name: Str<8>,
    sides: [Side; 9],
}

/// Names of characters before the surrogates, and after them.
fn name(row: usize) -> Str<8> {
    let last = if row > 30_000 {
        "\u{ffff}😀"
    } else {
        "\u{d7ff}"
    };
    format!("{row}{last}").parse().unwrap()
}

fn venue(row: usize) -> Venue {
    Venue {
        id: row as u8,
        name: name(row),
        sides: [[Side::Sell, Side::Buy][row % 2]; 9],
    }
}

#[test]
fn texts_are_checked_by_blocks_wherever_they_lie() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("venues.npy");
    // The number of the first row stays.
    write(&path, venue, 0, 0, 0);
    let venues: Vec<Venue> = read_everywhere(&path);
    assert!((0..ROWS).all(|row| venues[row] == venue(row)));
    write(&path, name, 0, 0, b'0');
    let names: Vec<Str<8>> = read_everywhere(&path);
    assert!((0..ROWS).all(|row| names[row] == name(row)));
    write(&path, venue, 35_003, 1 + 30, 0x11);
    let field = errors(&path, &venue(0));
    write(&path, name, 12_345, 29, 0xd8);
    let alone = errors(&path, &name(0));
    write(&path, venue, 39_999 - 1, 41, 7);
    let side = errors(&path, &venue(0));
    insta::assert_snapshot!([field, alone, side].join("\n"), @r"
    row 35003: field `name`: 0x110000 is not the code point of a character
    row 12345: 0xd800 is not the code point of a character
    row 39998: field `sides[8]`: 7 is not a value of Side; expected 1 (Buy), 2 (Sell)
    ");
}

/// A record that a file of narrower numbers becomes.
#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Wide {
    last: bool,
    price: f64,
    counts: [i64; 2],
    more: [Inner; 2],
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Inner {
    ok: bool,
    value: f64,
}

#[derive(NpyRecord)]
struct Narrow {
    more: [NarrowInner; 2],
    counts: [i16; 2],
    #[npy(dtype = ">f4")]
    price: f32,
    last: bool,
}

#[derive(NpyRecord)]
struct NarrowInner {
    value: f32,
    ok: bool,
}

#[test]
fn converted_rows_are_the_same_at_every_door() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("narrow.npy");
    let counts = |row: usize| [row as i16, -(row as i16)];
    let narrow = |row: usize| Narrow {
        more: [0, 1].map(|nth| NarrowInner {
            value: (row + nth) as f32,
            ok: (row + nth).is_multiple_of(3),
        }),
        counts: counts(row % 1000),
        price: row as f32 / 2.0,
        last: row % 2 == 1,
    };
    let wide = |row: usize| Wide {
        last: row % 2 == 1,
        price: row as f64 / 2.0,
        counts: counts(row % 1000).map(i64::from),
        more: [0, 1].map(|nth| Inner {
            ok: (row + nth).is_multiple_of(3),
            value: (row + nth) as f64,
        }),
    };
    npyrec::write(&path, &(0..ROWS).map(narrow).collect::<Vec<_>>()).unwrap();
    let rows: Vec<Wide> = read_everywhere(&path);
    let mut expected: Vec<Wide> = (0..ROWS).map(wide).collect();
    assert_eq!(rows, expected);
    // A truth value of another byte than one, in a block that is converted.
    write(&path, narrow, 30_000, Narrow::ITEMSIZE - 1, 2);
    expected[30_000].last = true;
    assert_eq!(read_everywhere::<Wide>(&path), expected);
}

/// A row of an array of structs, whose fields lie elsewhere in memory, has each of its items.
#[test]
fn items_of_a_row_are_converted_to_their_own_places() {
    #[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
    struct Old {
        wide: u16,
        spare: u8,
        narrow: u8,
    }
    #[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
    struct New {
        narrow: u8,
        wide: u16,
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    let old = |n: usize| Old {
        wide: n as u16,
        spare: 7,
        narrow: n as u8 + 100,
    };
    let new = |n: usize| New {
        narrow: n as u8 + 100,
        wide: n as u16,
    };
    let pairs: Vec<[Old; 2]> = (0..20).map(|n| [old(n), old(n + 50)]).collect();
    npyrec::write(&path, &pairs).unwrap();
    let expected: Vec<[New; 2]> = (0..20).map(|n| [new(n), new(n + 50)]).collect();
    assert_eq!(npyrec::read::<[New; 2]>(&path).unwrap(), expected);
    let tables: Vec<[[Old; 2]; 3]> = (0..20)
        .map(|n| [0, 1, 2].map(|m| pairs[(n + m) % 20]))
        .collect();
    npyrec::write(&path, &tables).unwrap();
    let expected: Vec<[[New; 2]; 3]> = (0..20)
        .map(|n| [0, 1, 2].map(|m| expected[(n + m) % 20]))
        .collect();
    assert_eq!(npyrec::read::<[[New; 2]; 3]>(&path).unwrap(), expected);
}
