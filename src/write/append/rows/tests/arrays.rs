//! Rows of several elements.

use super::*;
use crate::header::Order;

const ROW: u64 = 3;

fn open_array(disk: &Arc<Disk>, order: Order, settings: AppendOptions) -> Result<Rows> {
    let target = Target::array("<u2".parse().unwrap(), Some(&[ROW]), Some(order))?;
    open_target(disk, &target, settings)
}

/// Refused where it is odd.
#[derive(Clone, Copy)]
struct Even(u16);

crate::record::encode_as::encode_as_itself!(impl[] Even);

impl NpyRecord for Even {
    const ITEMSIZE: usize = 2;

    fn dtype() -> DType {
        u16::dtype()
    }

    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        match self.0 % 2 {
            0 => self.0.encode(out),
            _ => Err(EncodeError::new(self.0, "is odd")),
        }
    }

    fn decode(bytes: &[u8]) -> Result<Self, crate::record::DecodeError> {
        u16::decode(bytes).map(Even)
    }
}

/// The elements of the rows that the header counts.
fn elements(disk: &Disk) -> Vec<u16> {
    let bytes = disk.bytes();
    let mut rest = &bytes[..];
    let header = Header::read_from(&mut rest).unwrap();
    let counted = usize::try_from(header.data_len().unwrap()).unwrap();
    rest[..counted]
        .chunks_exact(2)
        .map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
        .collect()
}

#[test]
fn an_element_that_does_not_fit_takes_its_row_with_it_and_no_other() {
    for order in [Order::C, Order::Fortran] {
        for capacity in [2, 4, 6, 8, 100] {
            for commit_every in [1, 2, u64::MAX] {
                for at_fault in 0..9 {
                    let disk = Disk::new(Vec::new());
                    let settings = settings(capacity, commit_every, Durability::Cached);
                    let mut rows = open_array(&disk, order, settings).unwrap();
                    rows.append_each(&(), &[2, 4, 6].map(Even)).unwrap();
                    let mut more: Vec<Even> = (10..19).map(|n| Even(n * 2)).collect();
                    more[at_fault] = Even(7);
                    let error = rows.append_each(&(), &more).unwrap_err();
                    let (row, index) = (at_fault / 3, at_fault % 3);
                    let place = format!("row {}, index ({index},): 7 is odd", row + 1);
                    assert!(error.to_string().ends_with(&place), "{error}");
                    assert_eq!(rows.rows(), row as u64 + 1);
                    rows.append_each(&(), &[30, 32, 34].map(Even)).unwrap();
                    rows.commit().unwrap();
                    let whole = (10..).map(|n| n * 2).take(row * 3);
                    let expected = [2, 4, 6].into_iter().chain(whole).chain([30, 32, 34]);
                    assert_eq!(elements(&disk), expected.collect::<Vec<_>>());
                    assert_eq!(
                        disk.bytes().len() % 6,
                        HEADER % 6,
                        "no part of a row is left"
                    );
                }
            }
        }
    }
}

/// Appends three rows at a time, while each call to the storage fails once.
#[test]
fn whichever_call_fails_once_rows_stay_whole_and_in_their_places() {
    let mut failures = 0;
    for capacity in [2, 8, 10, 64] {
        for commit_every in [1, 2, u64::MAX] {
            for nth in 0.. {
                let disk = Disk::new(Vec::new());
                let settings = settings(capacity, commit_every, Durability::Cached);
                let mut rows = open_array(&disk, Order::C, settings).unwrap();
                disk.fail(move |at, _| match at {
                    at if at == nth => Fault::Short(3),
                    at if at == nth + 1 => Fault::Error(io::ErrorKind::StorageFull),
                    _ => Fault::None,
                });
                let mut expected = Vec::new();
                let mut failed = false;
                for start in (0..40).map(|n| n * 100) {
                    let more: Vec<Even> = (start..start + 9).map(|n| Even(n * 2)).collect();
                    let before = usize::try_from(rows.rows()).unwrap();
                    let result = rows.append_each(&(), &more);
                    failed |= result.is_err();
                    let taken = usize::try_from(rows.rows()).unwrap() - before;
                    assert!(result.is_err() || taken == 3);
                    expected.extend(more[..taken * 3].iter().map(|even| even.0));
                    // The header counts only rows that were appended.
                    let counted = elements(&disk);
                    assert_eq!(counted, expected[..counted.len()]);
                }
                disk.heal();
                rows.commit().unwrap();
                assert_eq!(elements(&disk), expected);
                drop(rows);
                let rows = open_array(&disk, Order::C, settings).unwrap();
                assert_eq!(rows.rows() * ROW, expected.len() as u64);
                failures += u32::from(failed);
                if !failed {
                    break;
                }
            }
        }
    }
    assert!(failures > 100, "{failures}");
}

/// If any call fails, or a write stops halfway, the file still holds the same array.
#[test]
fn an_array_whose_order_is_changed_stays_what_it_was_whichever_call_fails() {
    let (mut cases, mut bridged) = (0, 0);
    for name in 1..=16 {
        let dtype: DType = format!("[('{}', '<u2')]", "x".repeat(name * 4))
            .parse()
            .unwrap();
        let shape = [1, ROW];
        for (mark, order) in [(Order::Fortran, Order::C), (Order::C, Order::Fortran)] {
            let header = Header::new(dtype.clone(), mark, &shape).unwrap();
            let data: Vec<u8> = (0..6).collect();
            let file = [header.to_bytes(), data.clone()].concat();
            let inner = if order == Order::C { ROW } else { 1 };
            for faulty in 0.. {
                let mut was_reached = false;
                for fault in [Fault::Error(io::ErrorKind::Other), Fault::Short(1)] {
                    let disk = Disk::new(file.clone());
                    let reached = Arc::new(AtomicU64::new(0));
                    let seen = Arc::clone(&reached);
                    disk.fail(move |nth, _| {
                        let is_rest = matches!(fault, Fault::Short(_)) && nth == faulty + 1;
                        match nth == faulty || is_rest {
                            true => {
                                seen.store(1, Ordering::Relaxed);
                                if is_rest {
                                    Fault::Error(io::ErrorKind::Other)
                                } else {
                                    fault
                                }
                            }
                            false => Fault::None,
                        }
                    });
                    let settings = settings(8, 1, Durability::Synced);
                    let target = Target::array(dtype.clone(), Some(&[inner]), Some(order)).unwrap();
                    let opened = open_target(&disk, &target, settings);
                    disk.heal();
                    was_reached |= reached.load(Ordering::Relaxed) == 1;
                    cases += 1;
                    let bytes = disk.bytes();
                    let mut rest = &bytes[..];
                    let read = Header::read_from(&mut rest).unwrap();
                    assert_eq!((read.shape(), rest), (&shape[..], &data[..]));
                    assert!(opened.is_err() || read.order() == order);
                    bridged += u64::from(opened.is_err());
                    // The next time it is done.
                    drop(opened);
                    let mut rows = open_target(&disk, &target, settings).unwrap();
                    let before = if order == Order::C { 1 } else { ROW };
                    assert_eq!(rows.rows(), before);
                    let row: Vec<u8> = (0..2 * inner).map(|_| 7).collect();
                    rows.append_bytes(&row, inner).unwrap();
                    rows.commit().unwrap();
                    let expected = header.with_order(order).with_rows(before + 1).to_bytes();
                    assert!(disk.bytes().starts_with(&expected));
                }
                if !was_reached {
                    break;
                }
            }
        }
    }
    assert!(cases > 400 && bridged > 200, "{cases}, {bridged}");
}
