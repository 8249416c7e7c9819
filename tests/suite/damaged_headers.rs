//! Damaged headers that are mended or refused.

use crate::{
    damaged::floats,
    format::file,
    recover::{Damaged, elements},
};
use npyrec::{AppendOptions, Appender, ArrayAppender, ErrorKind, Recovery};
use std::fs;

/// If a legible number is larger than the number of rows in the file, only `recover` lowers it, in each
/// spelling.
#[test]
fn a_legible_number_of_rows_is_not_lowered_unasked() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("legible.npy");
    for shape in [
        "(30,)",
        "(3_0,)",
        "((30),)",
        "(30,) # by hand\n",
        "(0x1e,)",
        "(+30,)",
        "(30L,)",
        "(np.int64(30),)",
        "30",
        "[30]",
    ] {
        let end = if shape.contains('#') { "}" } else { ", }" };
        let text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}{end}");
        let bytes = file(1, &text, 64, &floats(3));
        fs::write(&path, &bytes).unwrap();
        for open in [
            Appender::<f64>::open(&path).map(drop),
            ArrayAppender::<f64>::open(&path).map(drop),
            Appender::open_with_dtype(&path, &"<f8".parse().unwrap()).map(drop),
        ] {
            open.expect_err(shape);
            assert_eq!(fs::read(&path).unwrap(), bytes, "{shape}");
        }
    }
}

#[test]
fn a_damaged_header_without_room_is_left_to_recover() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("full.npy");
    let text = "{'descr':'<f8','fortran_order':False,'shape':9}";
    let bytes = file(1, text, 1, &floats(9));
    fs::write(&path, &bytes).unwrap();
    let error = Appender::<f64>::open(&path).unwrap_err();
    assert!(
        error.to_string().contains("`npyrec::recover` can"),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::NeedsRecovery, "{error}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
    npyrec::recover(&path, Recovery::Adopt).unwrap();
    let mut floats = Appender::<f64>::open(&path).unwrap();
    floats.append(&9.0).unwrap();
    floats.close().unwrap();
    let expected: Vec<f64> = (0..10).map(f64::from).collect();
    assert_eq!(npyrec::read::<f64>(&path).unwrap(), expected);
}

/// Without room for the number, the file is written anew; and nothing is changed where that is not asked.
#[test]
fn a_damaged_header_without_room_is_mended() {
    let dense = |rows: &str| format!("{{'descr':'<u2','fortran_order':False,'shape':({rows},)}}");
    for (rows, torn) in [("*", 0), ("5", 0), ("9", 1), ("30", 1)] {
        let bytes = file(1, &dense(rows), 1, &elements(20, torn));
        for recovery in [Recovery::Adopt, Recovery::ZeroFill] {
            let damaged = Damaged::new(&bytes);
            let kept = 20 + u64::from(torn > 0 && recovery == Recovery::ZeroFill);
            let options = AppendOptions::new().recover(recovery);
            assert!(options.open::<u16>(&damaged.path).is_err());
            assert_eq!(damaged.bytes(), bytes);
            let mut log = options
                .make_appendable(true)
                .open::<u16>(&damaged.path)
                .unwrap();
            assert_eq!(log.rows(), kept);
            assert_eq!(log.recovery().unwrap().recovered_rows(), Some(kept));
            log.append(&1).unwrap();
            log.close().unwrap();
            assert_eq!(
                npyrec::read::<u16>(&damaged.path).unwrap().len() as u64,
                kept + 1
            );
            fs::write(&damaged.path, &bytes).unwrap();
            assert_eq!(
                damaged.recover(recovery).unwrap().recovered_rows(),
                Some(kept)
            );
            let rows = npyrec::read::<u16>(&damaged.path).unwrap();
            assert_eq!(rows[..20], Vec::from_iter(0..20));
            assert_eq!(rows.len() as u64, kept);
        }
    }
}
