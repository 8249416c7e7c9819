//! Damaged and foreign files, examined and mended.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use npyrec::{AppendOptions, Appender, Error, ErrorKind, Header, Order, Recovery, Report};
use npyz::WriterBuilder;
use serde_json::json;

use crate::{format::file, numpy::numpy};

/// A file in a folder that goes away.
pub struct Damaged {
    pub dir: tempfile::TempDir,
    pub path: PathBuf,
}

impl Damaged {
    pub fn new(bytes: &[u8]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("damaged.npy");
        fs::write(&path, bytes).unwrap();
        Damaged { dir, path }
    }

    pub fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }

    pub fn check(&self) -> Report {
        npyrec::check(&self.path).unwrap()
    }

    pub fn recover(&self, recovery: Recovery) -> Result<Report, Error> {
        npyrec::recover(&self.path, recovery)
    }

    pub fn text(&self, report: &Report) -> String {
        let folder = format!("{}{}", self.dir.path().display(), std::path::MAIN_SEPARATOR);
        report.to_string().replace(&folder, "")
    }
}

pub fn header(order: Order, shape: &[u64]) -> Vec<u8> {
    let dtype = "<u2".parse().unwrap();
    Header::new(dtype, order, shape).unwrap().to_bytes()
}

/// Elements 0, 1, 2 …, and some bytes more.
pub fn elements(count: u16, torn: usize) -> Vec<u8> {
    let mut data: Vec<u8> = (0..count).flat_map(u16::to_le_bytes).collect();
    data.resize(data.len() + torn, 0xee);
    data
}

fn array(order: Order, shape: &[u64], count: u16, torn: usize) -> Vec<u8> {
    [header(order, shape), elements(count, torn)].concat()
}

/// A header whose number of rows is overwritten.
fn with_digits(order: Order, shape: &[u64], digits: &str, count: u16, torn: usize) -> Vec<u8> {
    let mut bytes = header(order, shape);
    let text = String::from_utf8_lossy(&bytes[10..]).into_owned();
    let (_, rest) = text.split_once("'shape': ").unwrap();
    let (shape_text, _) = rest.split_once(", }").unwrap();
    let axes: Vec<String> = shape.iter().map(u64::to_string).collect();
    let damaged = match order {
        _ if axes.len() == 1 => format!("({digits},)"),
        Order::C => format!("({digits}, {})", axes[1..].join(", ")),
        Order::Fortran => format!("({}, {digits})", axes[..axes.len() - 1].join(", ")),
    };
    let text = text.replace(shape_text, &damaged);
    let padded = format!("{:<1$}\n", text.trim_end(), bytes.len() - 11);
    bytes.truncate(10);
    bytes.extend(padded.bytes());
    bytes.extend(elements(count, torn));
    bytes
}

/// Everything that may be wrong between header and data, in both orders: the case, its bytes, and the
/// rows and bytes of a torn row that are there.
fn corpus() -> Vec<(String, Vec<u8>, u64, u64)> {
    use Order::{C, Fortran};
    let mut corpus = Vec::new();
    for (order, inner) in [
        (C, &[][..]),
        (Fortran, &[]),
        (C, &[2, 3]),
        (Fortran, &[2, 3]),
    ] {
        let shape = |rows: u64| match order {
            C => [&[rows], inner].concat(),
            Fortran => [inner, &[rows]].concat(),
        };
        let per_row: u16 = if inner.is_empty() { 1 } else { 6 };
        let mut add = |case: &str, bytes: Vec<u8>, rows, torn| {
            let case = format!("{case}, {order:?}, inner shape {inner:?}");
            corpus.push((case, bytes, rows, torn));
        };
        add("sound", array(order, &shape(4), 4 * per_row, 0), 4, 0);
        add("no rows", array(order, &shape(0), 0, 0), 0, 0);
        add("rows more", array(order, &shape(2), 5 * per_row, 0), 5, 0);
        add(
            "rows and a torn one more",
            array(order, &shape(2), 3 * per_row, 1),
            3,
            1,
        );
        add("a torn row", array(order, &shape(2), 2 * per_row, 1), 2, 1);
        add(
            "rows missing",
            array(order, &shape(9), 5 * per_row, 0),
            5,
            0,
        );
        add(
            "rows missing, one torn",
            array(order, &shape(9), 5 * per_row, 1),
            5,
            1,
        );
        add("all rows missing", array(order, &shape(9), 0, 0), 0, 0);
        for digits in [
            "********************",
            "4*",
            "1\0\0",
            "99999999999999999999",
        ] {
            let bytes = with_digits(order, &shape(0), digits, 4 * per_row, 1);
            add(&format!("digits {digits:?}"), bytes, 4, 1);
        }
    }
    corpus
}

#[test]
fn a_report_says_what_is_there_and_whether_numpy_loads_it() {
    let mut loads = 0;
    for (case, bytes, rows, torn) in corpus() {
        let damaged = Damaged::new(&bytes);
        let report = damaged.check();
        assert_eq!((report.rows(), report.torn_bytes()), (rows, torn), "{case}");
        assert_eq!(report.path(), damaged.path);
        assert_eq!(report.dtype().to_string(), "<u2");
        assert_eq!(report.max_rows(), u64::MAX);
        assert_eq!(
            report.header_rows().is_none(),
            case.starts_with("digits"),
            "{case}"
        );
        assert_eq!(report.recovered_rows(), None);
        assert_eq!(damaged.bytes(), bytes, "checking changes nothing");
        let Some(mut numpy) = numpy() else { continue };
        let loaded = numpy.try_ask(json!({"ask": "loads", "path": damaged.path}));
        assert_eq!(report.numpy_loads(), loaded.is_ok(), "{case}: {loaded:?}");
        loads += u32::from(loaded.is_ok());
    }
    assert!(loads == 0 || loads > 10);
}

#[test]
fn adopting_keeps_all_whole_rows_and_numpy_loads_them() {
    for (case, bytes, rows, _) in corpus() {
        let damaged = Damaged::new(&bytes);
        let was_sound = damaged.check().is_sound();
        let report = damaged.recover(Recovery::Adopt).unwrap();
        assert_eq!(
            report.recovered_rows(),
            Some(rows).filter(|_| !was_sound),
            "{case}"
        );
        let after = damaged.check();
        assert!(after.is_sound() && after.numpy_loads(), "{case}");
        assert_eq!(after.header_rows(), Some(rows), "{case}");
        let Some(mut numpy) = numpy() else { continue };
        let code = "a = np.load(path)\nanswer = [a.ravel('K').tolist(), a.ndim]";
        let answer = numpy.python(&damaged.path, code);
        let per_row = if after.shape().len() == 1 { 1 } else { 6 };
        let expected: Vec<u64> = (0..rows * per_row).collect();
        assert_eq!(answer, json!([expected, after.shape().len()]), "{case}");
        if rows > 1 && after.shape().len() > 1 {
            // For one axis, or one row, `np.save` writes C order in any case.
            assert_eq!(damaged.bytes(), numpy.resave(&damaged.path), "{case}");
        }
    }
}

#[test]
fn discarding_keeps_what_the_header_counts() {
    for (case, bytes, rows, _) in corpus() {
        let damaged = Damaged::new(&bytes);
        let counted = damaged.check().header_rows();
        damaged.recover(Recovery::Discard).unwrap();
        let kept = counted.map_or(rows, |counted| counted.min(rows));
        let after = damaged.check();
        assert!(after.is_sound(), "{case}");
        assert_eq!(after.rows(), kept, "{case}");
    }
}

#[test]
fn filling_completes_a_torn_row_with_zeros() {
    for (case, bytes, rows, torn) in corpus() {
        let damaged = Damaged::new(&bytes);
        damaged.recover(Recovery::ZeroFill).unwrap();
        let after = damaged.check();
        assert!(after.is_sound(), "{case}");
        assert_eq!(after.rows(), rows + u64::from(torn > 0), "{case}");
        let recovered = damaged.bytes();
        let row = if after.shape().len() == 1 { 2 } else { 12 };
        if torn > 0 {
            assert_eq!(recovered[recovered.len() - row], 0xee);
            let filled = &recovered[recovered.len() - row + 1..];
            assert!(filled.iter().all(|byte| *byte == 0), "{case}");
        }
    }
}

#[test]
fn refusing_changes_nothing_and_says_what_is_wrong() {
    for (case, bytes, rows, torn_bytes) in corpus() {
        let damaged = Damaged::new(&bytes);
        if damaged.check().is_sound() {
            damaged.recover(Recovery::Refuse).unwrap();
            continue;
        }
        let error = damaged.recover(Recovery::Refuse).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NeedsRecovery, "{case}: {error}");
        let found = error.found_rows().zip(error.torn_bytes());
        assert_eq!(found, Some((rows, torn_bytes)), "{case}");
        assert_eq!(damaged.bytes(), bytes, "{case}");
    }
}

/// `open` does the same as [`npyrec::recover`], and appended rows follow.
#[test]
fn an_appender_recovers_as_it_is_told() {
    for recovery in [Recovery::Adopt, Recovery::Discard, Recovery::ZeroFill] {
        for (case, bytes, ..) in corpus() {
            if case.contains("[2, 3]") {
                continue;
            }
            let (by_hand, on_open) = (Damaged::new(&bytes), Damaged::new(&bytes));
            let sound = by_hand.check().is_sound();
            by_hand.recover(recovery).unwrap();
            let options = AppendOptions::new().recover(recovery);
            let mut appender = options.open::<u16>(&on_open.path).unwrap();
            // Along its one axis, an array grows in C order.
            let mark = |bytes: Vec<u8>| {
                let header = Header::read_from(&mut &bytes[..]).unwrap();
                let data = bytes[header.to_bytes().len().min(bytes.len())..].to_vec();
                (header.shape().to_vec(), header.dtype().clone(), data)
            };
            assert_eq!(mark(on_open.bytes()), mark(by_hand.bytes()), "{case}");
            if case.contains("Fortran") {
                assert!(
                    !on_open.bytes()[..128]
                        .escape_ascii()
                        .to_string()
                        .contains("True")
                );
            } else {
                assert_eq!(on_open.bytes(), by_hand.bytes(), "{case}");
            }
            assert_eq!(appender.rows(), by_hand.check().rows(), "{case}");
            assert_eq!(appender.recovery().is_none(), sound, "{case}");
            appender.append(&77).unwrap();
            appender.close().unwrap();
            assert_eq!(
                npyrec::read::<u16>(&on_open.path).unwrap().last(),
                Some(&77)
            );
        }
    }
    let damaged = Damaged::new(&array(Order::C, &[2], 3, 0));
    let refuse = AppendOptions::new().recover(Recovery::Refuse);
    let error = refuse.open::<u16>(&damaged.path).unwrap_err();
    assert_eq!(
        (error.kind(), error.found_rows()),
        (ErrorKind::NeedsRecovery, Some(3))
    );
}

#[test]
fn what_a_stopped_npyz_writer_leaves_is_mended() {
    let damaged = Damaged::new(&[]);
    // The writer keeps its file open.
    let live = damaged.dir.path().join("live.npy");
    let mut writer = npyz::WriteOptions::<u16>::new()
        .default_dtype()
        .writer(File::create(&live).unwrap())
        .begin_1d()
        .unwrap();
    writer.extend(0..500).unwrap();
    std::mem::forget(writer); // As if it were killed: the header has only asterisks.
    fs::copy(live, &damaged.path).unwrap();
    let report = damaged.check();
    assert_eq!(report.header_rows(), None);
    assert!(!report.numpy_loads());
    let rows = report.rows();
    damaged.recover(Recovery::Adopt).unwrap();
    let expected: Vec<u16> = (0..u16::try_from(rows).unwrap()).collect();
    assert_eq!(npyrec::read::<u16>(&damaged.path).unwrap(), expected);
}

#[test]
fn a_report_reads_well_and_is_data() {
    let texts: Vec<String> = corpus()
        .iter()
        .filter(|(case, ..)| !case.contains("Fortran, inner shape []"))
        .take(16)
        .flat_map(|(case, bytes, ..)| {
            let damaged = Damaged::new(bytes);
            let mut texts = vec![format!("# {case}\n{}", damaged.text(&damaged.check()))];
            let done = damaged.recover(Recovery::Adopt).unwrap();
            if done.recovered_rows().is_some() && case.starts_with("rows and") {
                texts.push(format!("# recovered: {case}\n{}", damaged.text(&done)));
            }
            texts
        })
        .collect();
    insta::assert_snapshot!(texts.join("\n\n"));
    let damaged = Damaged::new(&array(Order::Fortran, &[2, 2], 5, 1));
    insta::assert_json_snapshot!(damaged.check(), { ".path" => "damaged.npy" });
}

#[test]
fn what_cannot_be_recovered_is_left_alone() {
    let two = array(Order::C, &[3], 3, 0).repeat(2);
    let scalar = Header::new("<u2".parse().unwrap(), Order::C, &[])
        .unwrap()
        .to_bytes();
    let objects = file(
        1,
        "{'descr': '|O', 'fortran_order': False, 'shape': (9,)}",
        64,
        b"\x80",
    );
    let inner = file(
        1,
        "{'descr': '<u2', 'fortran_order': False, 'shape': (*, 2*)}",
        64,
        b"..",
    );
    let in_header = header(Order::C, &[3])[..100].to_vec();
    for bytes in [
        two,
        scalar,
        objects,
        inner,
        in_header,
        b"time,price\n1,2\n".to_vec(),
        vec![],
    ] {
        let damaged = Damaged::new(&bytes);
        for recovery in [Recovery::Adopt, Recovery::Discard, Recovery::ZeroFill] {
            damaged.recover(recovery).unwrap_err();
            assert_eq!(damaged.bytes(), bytes);
        }
    }
}

#[test]
fn arrays_one_after_another_are_told_apart_from_rows() {
    let damaged = Damaged::new(&array(Order::C, &[3], 3, 0).repeat(2));
    assert_eq!(damaged.check().another_array(), Some(134));
    let error = damaged.recover(Recovery::Discard).unwrap_err();
    assert_eq!(
        (error.kind(), error.byte()),
        (ErrorKind::Header, Some(134)),
        "{error}"
    );
}

#[test]
fn a_single_element_is_a_row_that_cannot_grow() {
    let header = Header::new("<u2".parse().unwrap(), Order::C, &[])
        .unwrap()
        .to_bytes();
    let element = Damaged::new(&[header, elements(1, 0)].concat());
    let report = element.check();
    assert!(report.is_sound() && report.numpy_loads());
    assert_eq!((report.rows(), report.max_rows()), (1, 1));
    let error = npyrec::make_appendable(&element.path).unwrap_err();
    assert!(
        error.to_string().contains("no rows to read or append to"),
        "{error}"
    );
}

#[test]
fn a_file_that_an_appender_has_open_is_not_recovered() {
    let damaged = Damaged::new(&array(Order::C, &[3], 3, 0));
    let appender = Appender::<u16>::open(&damaged.path).unwrap();
    let error = damaged.recover(Recovery::Adopt).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
    let error = npyrec::make_appendable(&damaged.path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
    assert!(damaged.check().is_sound(), "but it may be looked at");
    drop(appender);
}

/// Only the number of rows is made up for, never another axis.
#[test]
fn a_shape_that_is_lost_with_its_axes_is_not_guessed() {
    let mut bytes = array(Order::C, &[10, 4, 4], 160, 0);
    let at = bytes.windows(3).position(|text| text == b"(10").unwrap() + 3;
    bytes[at..127].fill(0);
    let damaged = Damaged::new(&bytes);
    damaged.recover(Recovery::Adopt).unwrap_err();
    assert_eq!(damaged.bytes(), bytes);
}

/// A number that cannot be read is not treated as 0, which would drop all rows.
#[test]
fn rows_of_no_bytes_are_not_guessed() {
    for shape in ["(90,0, ", "(9*, 0)"] {
        let text = format!("{{'descr': '<u2', 'fortran_order': False, 'shape': {shape}}}");
        let bytes = file(1, &text, 64, &elements(90, 0));
        let damaged = Damaged::new(&bytes);
        damaged.recover(Recovery::Adopt).unwrap_err();
        assert_eq!(damaged.bytes(), bytes);
    }
}

/// A file shorter than a row may follow, too.
#[test]
fn a_short_array_behind_a_long_row_is_not_a_torn_one() {
    let row = [7_u8; 256];
    let damaged = Damaged::new(&[]);
    npyrec::write(&damaged.path, &[row, row]).unwrap();
    let first = damaged.bytes();
    npyrec::write(&damaged.path, &[1_u8, 2]).unwrap();
    let both = [first.clone(), damaged.bytes()].concat();
    fs::write(&damaged.path, &both).unwrap();
    assert_eq!(damaged.check().another_array(), Some(first.len() as u64));
    for error in [
        Appender::<[u8; 256]>::open(&damaged.path).unwrap_err(),
        damaged.recover(Recovery::Adopt).unwrap_err(),
    ] {
        assert!(
            error.to_string().contains("another array starts here"),
            "{error}"
        );
    }
    assert_eq!(damaged.bytes(), both);
}

/// A header that tries to be read again and again costs no more than its length.
#[test]
fn a_header_with_many_shapes_is_refused_soon() {
    let text = format!(
        "{{{}'fortran_order':False}}",
        "'shape':(0,),".repeat(15_000)
    );
    let bytes = file(2, &text, 64, &[]);
    let error = npyrec::check(&Damaged::new(&bytes).path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Header);
    let text = error.to_string();
    assert!(
        text.ends_with("byte 12: the key `descr` is missing"),
        "{text}"
    );
}

/// Returns the names in a folder, where no temporary file may be left.
pub fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}
