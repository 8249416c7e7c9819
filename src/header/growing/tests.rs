use super::{GrowingHeader, LINE, Rewrite};
use crate::header::{Header, Order};

fn header(dtype: &str, order: Order, shape: &[u64]) -> Header {
    Header::new(dtype.parse().unwrap(), order, shape).unwrap()
}

/// Applies a rewrite to the bytes of a file.
fn write(growing: &GrowingHeader, rewrite: &Rewrite, file: &mut [u8]) {
    for (at, bytes) in growing.writes(rewrite) {
        file[at..at + bytes.len()].copy_from_slice(bytes);
    }
}

#[test]
fn rewritten_bytes_are_those_of_a_new_header() {
    let headers = [
        header("<f8", Order::C, &[0]),
        header("[('é', '<f8'), ('b', '|S3')]", Order::C, &[7]),
        header("[('日', '<f8')]", Order::C, &[7, 2, 30]),
        header("<f8", Order::Fortran, &[2, 30, 5]),
        header("<f8", Order::Fortran, &[5]),
    ];
    let counts = [0, 1, 9, 10, 99, 100, 12_345, 12_346, 7, u64::MAX, 0];
    for header in headers {
        let mut growing = GrowingHeader::new(&header).unwrap();
        assert_eq!(growing.max_rows(), u64::MAX);
        let mut file = growing.bytes().to_vec();
        for rows in counts {
            let rewrite = growing.set_rows(rows).unwrap();
            write(&growing, &rewrite, &mut file);
            assert_eq!(file, header.with_rows(rows).to_bytes());
        }
    }
}

#[test]
fn rows_are_read_from_a_header_that_differs_only_in_their_number() {
    let growing = GrowingHeader::new(&header("<f8", Order::C, &[0, 3])).unwrap();
    for rows in [0, 9, 10, 1 << 50] {
        let file = header("<f8", Order::C, &[rows, 3]).to_bytes();
        assert_eq!(growing.rows_in(&file), Some(rows));
    }
    let file = header("<f8", Order::C, &[12, 3]).to_bytes();
    let digits = growing.digits..growing.digits + 2;
    for number in ["00", "01", "-1", "1 "] {
        let mut other = file.clone();
        other[digits.clone()].copy_from_slice(number.as_bytes());
        assert_eq!(growing.rows_in(&other), None, "{number}");
    }
    let mut padded = file.clone();
    padded[file.len() - 2] = b'#';
    assert_eq!(growing.rows_in(&padded), None);
    assert_eq!(growing.rows_in(&file[..file.len() - 1]), None);
    let other = header("<f8", Order::C, &[12, 4]).to_bytes();
    assert_eq!(growing.rows_in(&other), None);

    let mut empty = GrowingHeader::new(&header("<f8", Order::C, &[0, 0])).unwrap();
    let most = i64::MAX.unsigned_abs();
    empty.set_rows(most).unwrap();
    assert_eq!(empty.rows_in(empty.bytes()), Some(most));
    empty.set_rows(most + 1).unwrap();
    assert_eq!(empty.rows_in(empty.bytes()), None);
}

#[test]
fn only_the_digits_that_change_are_written() {
    let mut growing = GrowingHeader::new(&header("<f8", Order::C, &[0])).unwrap();
    let mut changed = |rows| growing.set_rows(rows).unwrap().changed;
    let digits = changed(1_234).start;
    assert_eq!(changed(1_235), digits + 3..digits + 4);
    assert_eq!(changed(1_335), digits + 1..digits + 2);
    assert_eq!(changed(1_335), 0..0);
    let rewrite = growing.set_rows(1_336).unwrap();
    assert_eq!(
        Vec::from_iter(growing.writes(&rewrite)),
        [(digits + 3, &b"6"[..])]
    );
}

#[test]
fn bytes_that_did_not_reach_the_file_are_written_again() {
    let mut growing = GrowingHeader::new(&header("<f8", Order::C, &[0])).unwrap();
    let mut file = growing.bytes().to_vec();
    let lost = growing.set_rows(12).unwrap();
    growing.not_written(&lost);
    let rewrite = growing.set_rows(12).unwrap();
    write(&growing, &rewrite, &mut file);
    assert_eq!(file, growing.bytes());
}

/// The digits are at every offset in a line, in one dimension and more, in both orders.
#[test]
fn whatever_part_of_a_rewrite_is_seen_is_the_number_before_or_after() {
    let counts = [
        0,
        1,
        9,
        10,
        11,
        99,
        100,
        199,
        200,
        999,
        1_000,
        1_999,
        2_000,
        99_999,
        100_000,
        19_999_999,
        20_000_000,
        999_999_999,
        1_000_000_000,
    ];
    let (mut bridged, mut seen) = (0, 0);
    for inner in [&[][..], &[3], &[64, 128]] {
        for order in [Order::C, Order::Fortran] {
            for name in 1..=LINE {
                let dtype = format!("[('{}', '<f8')]", "x".repeat(name));
                let shape = match order {
                    Order::C => [&[0], inner].concat(),
                    Order::Fortran => [inner, &[0]].concat(),
                };
                let header = header(&dtype, order, &shape);
                let mut growing = GrowingHeader::new(&header).unwrap();
                let mut file = growing.bytes().to_vec();
                for pair in counts.windows(2) {
                    let rewrite = growing.set_rows(pair[1]).unwrap();
                    bridged += usize::from(rewrite.bridge.is_some());
                    for (at, bytes) in growing.writes(&rewrite) {
                        // A reader sees the bytes up to the end of a line together.
                        let cut = (at / LINE + 1) * LINE - at;
                        for part in [&bytes[..cut.min(bytes.len())], bytes] {
                            let mut torn = file.clone();
                            torn[at..at + part.len()].copy_from_slice(part);
                            let Ok(read) = Header::read_from(&mut &torn[..]) else {
                                assert!(rewrite.bridge.is_none());
                                continue;
                            };
                            seen += 1;
                            assert!(
                                [pair[0], pair[1]].contains(&read.rows().unwrap()),
                                "{pair:?}: {}",
                                torn.escape_ascii()
                            );
                            assert_eq!(read, header.with_rows(read.rows().unwrap()));
                        }
                        file[at..at + bytes.len()].copy_from_slice(bytes);
                    }
                    assert_eq!(file, header.with_rows(pair[1]).to_bytes());
                }
            }
        }
    }
    assert!(bridged > 400 && seen > 15_000, "{bridged}, {seen}");
}

fn some_count(random: &mut fastrand::Rng) -> u64 {
    let digits = random.u32(1..6);
    random.u64(..10_u64.pow(digits))
}

/// Several rewrites fail in a row, each before any of its writes. The file is valid at each moment. The last
/// rewrite leaves the header that NumPy writes.
#[test]
fn a_rewrite_starts_from_whatever_those_before_it_left() {
    let mut random = fastrand::Rng::with_seed(4);
    let (mut bridged, mut seen) = (0, 0);
    for _ in 0..4_000 {
        let name = "x".repeat(random.usize(1..=LINE));
        let inner = [&[][..], &[3], &[64, 128]][random.usize(..3)];
        let order = [Order::C, Order::Fortran][random.usize(..2)];
        let first = some_count(&mut random);
        let shape = match order {
            Order::C => [&[first], inner].concat(),
            Order::Fortran => [inner, &[first]].concat(),
        };
        let header = header(&format!("[('{name}', '<f8')]"), order, &shape);
        let mut growing = GrowingHeader::new(&header).unwrap();
        let mut file = growing.bytes().to_vec();
        let mut possible = vec![first];
        for _ in 0..5 {
            // Back to an earlier number, or on to another.
            let rows = match random.bool() {
                true => first,
                false => some_count(&mut random),
            };
            possible.push(rows);
            let rewrite = growing.set_rows(rows).unwrap();
            bridged += usize::from(rewrite.bridge.is_some());
            let writes = growing.writes(&rewrite).count();
            let done = random.usize(..=writes);
            for (at, bytes) in growing.writes(&rewrite).take(done) {
                file[at..at + bytes.len()].copy_from_slice(bytes);
                let read = Header::read_from(&mut &file[..]);
                let read = read.unwrap_or_else(|e| panic!("{e}: {}", file.escape_ascii()));
                let counted = read.rows().unwrap();
                assert!(possible.contains(&counted), "{}", file.escape_ascii());
                assert_eq!(read, header.with_rows(counted));
                seen += 1;
            }
            if done < writes {
                growing.not_written(&rewrite);
                assert!(growing.is_unfinished());
                // A program that opens the file in between knows only the file.
                if random.u8(..4) == 0 {
                    let read = Header::read_from(&mut &file[..]).unwrap();
                    growing = GrowingHeader::existing(&read, &file).unwrap();
                }
            } else {
                assert_eq!(file, header.with_rows(rows).to_bytes());
                assert!(!growing.is_unfinished());
            }
        }
        let rewrite = growing.set_rows(first).unwrap();
        write(&growing, &rewrite, &mut file);
        assert_eq!(file, header.to_bytes());
    }
    assert!(bridged > 800 && seen > 8_000, "{bridged}, {seen}");
}

/// The text of another program is only replaced by valid texts.
#[test]
fn another_text_before_a_line_is_replaced_at_once() {
    for end in ["99,)}", "99, ), }", "99 , ), }", "99,), }"] {
        for name in 1..=LINE {
            let name = "x".repeat(name);
            let text =
                format!("{{'descr': [('{name}', '<f8')], 'fortran_order': False, 'shape': ({end}");
            let len = (text.len() + 24).next_multiple_of(LINE) + 54;
            let mut file = b"\x93NUMPY\x01\0".to_vec();
            file.extend(u16::try_from(len).unwrap().to_le_bytes());
            file.extend(format!("{text:<width$}\n", width = len - 1).as_bytes());
            let old = Header::read_from(&mut &file[..]).unwrap();
            let mut growing = GrowingHeader::existing(&old, &file).unwrap();
            let rewrite = growing.set_rows(1_234).unwrap();
            for (at, bytes) in growing.writes(&rewrite) {
                file[at..at + bytes.len()].copy_from_slice(bytes);
                let read = Header::read_from(&mut &file[..]).unwrap();
                assert!([Some(99), Some(1_234)].contains(&read.rows()));
            }
            assert_eq!(file, growing.bytes());
        }
    }
}

#[test]
fn the_room_of_a_narrow_header_is_known() {
    let text = b"{'descr': '<f8', 'fortran_order': False, 'shape': (98,), }  \n";
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
    file.extend(text);
    let header = Header::read_from(&mut &file[..]).unwrap();
    let mut growing = GrowingHeader::existing(&header, &file).unwrap();
    assert_eq!(growing.max_rows(), 9_999);
    assert_eq!(growing.set_rows(10_000), None);
    assert_eq!(growing.bytes(), file);
    growing.set_rows(9_999);
    assert!(growing.bytes().ends_with(b"(9999,), }\n"));
}

#[test]
fn a_single_element_does_not_grow() {
    assert!(GrowingHeader::new(&header("<f8", Order::C, &[])).is_none());
}
