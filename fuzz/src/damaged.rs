//! What has to hold of a file with any header, at each door that mends files.

use std::{fs, path::Path};

use npyrec::{Appender, ArrayAppender, DType, Error, Header, Order, Recovery, Report};
use serde::Deserialize;

/// The end of a file that a mapped log has made longer than its rows.
const MARK: &[u8] = b"\0npyrec: behind the rows that the header counts there is room.\n\0";

/// NumPy's reading of a file: a line of the verdicts of `fuzz/damaged.py`.
#[derive(Clone, Debug, Deserialize)]
pub struct Verdict {
    /// The file, in the folder.
    pub file: String,
    /// True if `np.load` reads it.
    pub loads: bool,
    /// The shape that it reads.
    #[serde(default)]
    pub shape: Vec<u64>,
    /// The dtype that it reads.
    #[serde(default)]
    pub descr: String,
}

/// Reads the verdicts next to a folder. Returns an empty list if the file is missing.
pub fn verdicts(folder: &Path) -> Vec<Verdict> {
    let lines = fs::read_to_string(folder.with_file_name("verdicts.jsonl")).unwrap_or_default();
    let verdicts = lines.lines().map(serde_json::from_str);
    verdicts
        .collect::<Result<_, _>>()
        .expect("a verdict a line")
}

/// Examines and mends a file of these bytes at `path` at each door.
///
/// # Panics
///
/// If a door changes a file that it refuses, changes an axis other than the number of rows, loses a row that
/// was counted, takes the room of a mapped log for rows, or leaves a file that is not sound; or if `check` and
/// `recover` do not agree.
pub fn try_doors(path: &Path, bytes: &[u8], verdict: Option<&Verdict>) {
    fs::write(path, bytes).expect("the file is written");
    let report = npyrec::check(path).ok();
    assert_eq!(
        fs::read(path).expect("it is there"),
        bytes,
        "`check` changes nothing"
    );
    if let Some(verdict) = verdict {
        let loads = report.as_ref().is_some_and(Report::numpy_loads);
        assert_eq!(loads, verdict.loads, "{verdict:?}");
    }
    if let (Some(report), Some(verdict)) = (&report, verdict)
        && verdict.loads
    {
        assert_eq!(report.shape(), verdict.shape);
        assert_eq!(report.dtype().to_string(), verdict.descr);
    }
    for recovery in [
        Recovery::Adopt,
        Recovery::Discard,
        Recovery::ZeroFill,
        Recovery::Refuse,
    ] {
        // A row of any size is filled up with zeros, more than can be read here.
        if recovery == Recovery::ZeroFill && report.as_ref().is_some_and(has_long_rows) {
            continue;
        }
        fs::write(path, bytes).expect("the file is written");
        let recovered = npyrec::recover(path, recovery);
        let rows = recovered.as_ref().ok().map(Report::recovered_rows);
        check_after(path, bytes, report.as_ref(), recovered.map(drop));
        let (Some(rows), Some(report)) = (rows, &report) else {
            continue;
        };
        assert_eq!(rows.is_none(), report.is_sound());
        let (present, counted) = (report.rows(), report.header_rows());
        let expected = match recovery {
            Recovery::Discard => counted.map_or(present, |counted| counted.min(present)),
            Recovery::ZeroFill => present + u64::from(report.torn_bytes() > 0),
            _ => present,
        };
        assert_eq!(rows.unwrap_or(expected), expected);
    }
    let mut doors: Vec<Box<dyn Fn() -> Result<(), Error>>> = vec![
        Box::new(|| Appender::<u8>::open(path)?.close()),
        Box::new(|| ArrayAppender::<u8>::open(path)?.close()),
        Box::new(|| ArrayAppender::<f64>::open(path)?.close()),
        Box::new(|| ArrayAppender::<(u8, f32)>::open(path)?.close()),
    ];
    // An appender of values has a buffer for two rows.
    let short_rows = report.as_ref().filter(|report| !has_long_rows(report));
    if let Some(row) = short_rows.and_then(row_of) {
        doors.push(Box::new(move || {
            Appender::open_with_dtype(path, &row)?.close()
        }));
    }
    for open in doors {
        fs::write(path, bytes).expect("the file is written");
        let opened = open();
        let is_new = is_started(bytes, opened.is_ok());
        if !is_new {
            check_after(path, bytes, report.as_ref(), opened);
        }
    }
}

fn has_long_rows(report: &Report) -> bool {
    let itemsize = report.dtype().itemsize() as u64;
    let inner = report.shape().iter().filter(|&&dim| dim > 1);
    inner.fold(itemsize, |size, &dim| size.saturating_mul(dim)) > 1 << 20
}

/// Returns true if an appender starts a file of these bytes, which are not a header yet.
fn is_started(bytes: &[u8], is_opened: bool) -> bool {
    is_opened && bytes.iter().skip(10).all(|byte| *byte == 0)
}

/// The dtype of a row of a file in C order.
fn row_of(report: &Report) -> Option<DType> {
    let (_, inner) = report.shape().split_first()?;
    let inner: Vec<String> = inner.iter().map(u64::to_string).collect();
    let dtype = report.dtype().to_string();
    let descr = match dtype.starts_with(['[', '(']) {
        true => dtype,
        false => format!("'{dtype}'"),
    };
    match (&*inner, report.order()) {
        ([], _) => Some(report.dtype().clone()),
        (_, Order::Fortran) => None,
        _ => format!("({descr}, ({},))", inner.join(", ")).parse().ok(),
    }
}

/// Compares the file after a call to the file before.
fn check_after(path: &Path, bytes: &[u8], report: Option<&Report>, opened: Result<(), Error>) {
    let after = fs::read(path).expect("it is there");
    if opened.is_err() {
        assert_eq!(after, bytes, "what is refused is left alone");
        return;
    }
    let report = report.expect("what is mended was examined");
    let mut data = &after[..];
    let header = Header::read_from(&mut data).expect("a mended file has a header");
    assert_eq!(header.data_len(), Some(data.len() as u64));
    assert_eq!(header.dtype(), report.dtype());
    let rows = header.rows().unwrap_or(1);
    let mut shape = report.shape().to_vec();
    let growth = match report.order() {
        Order::C => shape.first_mut(),
        Order::Fortran => shape.last_mut(),
    };
    if let Some(growth) = growth {
        *growth = rows;
    }
    assert_eq!(header.shape(), shape, "the other axes stay");
    let counted = report.header_rows().unwrap_or_default().min(report.rows());
    assert!(rows >= counted, "{rows} of {counted} rows");
    if bytes.ends_with(MARK) {
        assert_eq!(Some(rows), report.header_rows(), "room is no row");
    }
    if report
        .advice()
        .is_some_and(|advice| advice.contains("was stopped"))
    {
        return;
    }
    // The rows that were there are the same, up to what is filled with zeros.
    let before = before(bytes).unwrap_or_default();
    let same = data.len().min(before.len());
    assert_eq!(data[..same], before[..same]);
    assert!(data[same..].iter().all(|byte| *byte == 0));
}

/// The bytes after the header, by its length.
fn before(bytes: &[u8]) -> Option<&[u8]> {
    let width = if *bytes.get(6)? == 1 { 2 } else { 4 };
    let length = bytes.get(8..8 + width)?;
    let length = length
        .iter()
        .rev()
        .fold(0, |n, byte| n << 8 | usize::from(*byte));
    bytes.get(8 + width + length..)
}
