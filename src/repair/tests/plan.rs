//! Plans, which are made without a file.

use std::path::Path;

use super::{super::plan::Edit, *};
use crate::header::DamagedRows;

/// Returns the inspection of a file of `<u2` whose header counts 9 rows, with `len` bytes of data.
fn inspection(header: Vec<u8>, len: u64) -> Inspection {
    let length = header.len() as u64 + len;
    Inspection::new(super::header(9), header, Some(9), length)
}

/// Returns the length that a plan cuts the data to, and the bytes that it writes.
fn edits(found: &Inspection, rows: u64) -> (Option<u64>, Vec<Vec<u8>>) {
    let plan = RepairPlan::recover(found, rows);
    let RepairPlan::InPlace(steps) = plan else {
        panic!("{plan:?}");
    };
    let (mut cut, mut written) = (None, Vec::new());
    for step in steps {
        assert!(step.is_synced && written.is_empty(), "{step:?}");
        match step.edit {
            Edit::Length(len) => cut = Some(len - found.data_start()),
            Edit::Bytes { new, .. } => written.push(new),
        }
    }
    (cut, written)
}

#[test]
fn data_are_cut_before_the_header_counts_them() {
    let found = inspection(header(9).to_bytes(), 21);
    let count = |count: &str| vec![format!("{count},), }}").into_bytes()];
    for (recovery, rows, planned) in [
        (Recovery::Adopt, 10, (Some(20), count("10"))),
        (Recovery::Discard, 9, (Some(18), vec![])),
        (Recovery::ZeroFill, 11, (Some(22), count("11"))),
    ] {
        assert_eq!(found.rows_after(recovery).unwrap(), rows);
        assert_eq!(edits(&found, rows), planned);
    }
    let missing = inspection(header(9).to_bytes(), 16);
    assert_eq!(edits(&missing, 8), (None, vec![b"8".to_vec()]));
    assert!(RepairPlan::make_appendable(&missing).unwrap().is_empty());
}

#[test]
fn a_file_is_replaced_if_its_header_has_no_room_for_the_rows() {
    let text = "{'descr': '<u2', 'fortran_order': False, 'shape': (9,), }\n";
    let narrow = [b"\x93NUMPY\x01\0\x3a\0", text.as_bytes()].concat();
    let plan = |rows, may_insert| RepairPlan::Replace {
        header: header(rows),
        data_len: 2 * rows,
        may_insert,
    };
    let (longer, sound) = (inspection(narrow.clone(), 21), inspection(narrow, 18));
    assert_eq!(RepairPlan::recover(&longer, 10), plan(10, false));
    assert_eq!(edits(&longer, 9), (Some(18), vec![]));
    assert_eq!(RepairPlan::make_appendable(&sound).unwrap(), plan(9, true));
}

#[test]
fn a_file_whose_shape_is_torn_is_not_reported_as_sound() {
    let mut found = inspection(header(9).to_bytes(), 18);
    let (digits, is_whole) = (9, true);
    found.damage = Some(DamagedRows::TornInShape { digits, is_whole });
    let report = Report::new(Path::new("torn.npy"), found, None);
    assert!(!report.is_sound());
    assert!(report.advice().unwrap().starts_with("`recover`"));
}
