//! Any file, read as values of its dtype. Written again, they give the same bytes, except for the bytes that a
//! value does not keep.
#![no_main]

use std::{cell::OnceCell, fs, path::Path};

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use npyrec::{ByteOrder, DType, Error, ErrorKind, Header, Kind, NpyFile, Order, Scalar, Value, Appender};
use npyrec_fuzz::{
    memory::{Limited, limited},
    mutate::mutate,
    temporary_file,
    way::value_size,
};

#[global_allocator]
static ALLOCATOR: Limited = Limited;

const DESCRS: &[&str] = &[
    "[('a', '<i4'), ('b', '>U3'), ('c', '|S5'), ('d', '|b1')]",
    "[('a', '<M8[ns]'), ('b', '>m8[7D]'), ('', '|V3'), ('c', [('x', '<f2'), ('y', '<V2')], (2, 2))]",
    "[('a', '<c8'), ('b', '>c16'), ('c', '<f16'), ('d', '<c32'), ('e', '|V5')]",
    "[('a', '|V0'), ('b', [], (3,)), ('c', '|S0'), ('d', '>f4', (0,)), ('e', '|i1')]",
    "<f4",
    ">f8",
    "|b1",
    "<U2",
    "|S3",
    "<M8[25us]",
    "|V2",
];

/// More rows than these are not looked at.
const MANY: usize = 300;

/// Nor more than there are in so much text.
const LONG: usize = 1 << 18;

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    thread_local! {
        static DTYPES: OnceCell<Vec<DType>> = const { OnceCell::new() };
    }
    DTYPES.with(|dtypes| {
        let parse = |descr: &&str| descr.parse().expect("it is a dtype");
        let dtypes = dtypes.get_or_init(|| DESCRS.iter().map(parse).collect());
        mutate(data, size, max_size, seed, dtypes)
    })
});

fuzz_target!(|bytes: &[u8]| {
    let (dir, path) = temporary_file(bytes);
    let Ok(file) = limited(bytes.len(), 0, || NpyFile::open(&path)) else {
        return;
    };
    let file = File {
        bytes,
        each: value_size(file.dtype()),
        file,
    };
    let values = file.values();
    file.check_again(&dir.path().join("again.npy"), &values);
    file.check_ranges(values.len().min(60) as u64);
});

struct File<'a> {
    bytes: &'a [u8],
    /// The memory that a byte may become.
    each: usize,
    file: NpyFile,
}

fn told(error: &Error) -> String {
    format!("{error}, {error:?}")
}

impl File<'_> {
    fn limited<T>(&self, work: impl FnOnce() -> T) -> T {
        limited(self.bytes.len(), self.each, work)
    }

    /// The first rows, one by one.
    fn values(&self) -> Vec<Result<Value, Error>> {
        let mut rows = self.limited(|| self.file.rows());
        let mut values = Vec::new();
        let mut shown = 0;
        while values.len() < MANY && shown < LONG {
            let left = rows.size_hint().0;
            let Some(value) = self.limited(|| rows.next()) else {
                assert_eq!(left, 0);
                break;
            };
            assert!(left > 0);
            if let Ok(value) = &value {
                shown += self.show(value);
            }
            values.push(value);
        }
        values
    }

    /// A text takes more than a value: brackets and blanks of every axis, digits, escapes.
    fn show(&self, value: &Value) -> usize {
        limited(self.bytes.len(), 8 * self.each, || value.to_string());
        let text = limited(self.bytes.len(), 8 * self.each, || {
            serde_json::to_string(value)
        });
        text.expect("every value is serialized").len()
    }

    /// Checks that rows read by index equal the rows of the iterator.
    fn check_ranges(&self, rows: u64) {
        let end = self.bytes.last_chunk::<2>().copied().unwrap_or_default();
        let [start, end] = end.map(u64::from);
        let (start, end) = (start % (rows + 1), end % (rows + 3));
        let text = |value: &Result<Value, Error>| match value {
            Ok(value) => format!("{value:?}"),
            Err(error) => told(error),
        };
        let skipped = usize::try_from(start).unwrap_or(usize::MAX);
        let expected = self
            .file
            .rows()
            .skip(skipped)
            .take(end.saturating_sub(start) as usize);
        let expected: Vec<_> = expected.collect();
        let read = self.limited(|| self.file.read_range::<Value>(start..end));
        match &read {
            Ok(read) => {
                assert_eq!(read.len(), expected.len());
                for (value, expected) in read.iter().zip(&expected) {
                    assert_eq!(format!("{value:?}"), text(expected));
                }
            }
            Err(_) if end > self.file.len() => {}
            Err(error)
                if error
                    .to_string()
                    .contains("more than a file or the memory can hold") => {}
            Err(error) => {
                // That rows are missing is found before they are decoded.
                let failed = match error.kind() {
                    ErrorKind::Truncated => expected.last(),
                    _ => expected.iter().find(|value| value.is_err()),
                };
                assert_eq!(told(error), text(failed.expect("a row is an error")));
            }
        }
        for (row, expected) in (start..).zip(expected.iter().take(3)) {
            assert_eq!(text(&self.limited(|| self.file.row(row))), text(expected));
        }
        assert!(self.file.row(self.file.len()).is_err());
    }

    fn check_again(&self, path: &Path, values: &[Result<Value, Error>]) {
        let axes = self.file.shape().get(1..).unwrap_or_default();
        let axes: Vec<_> = axes.iter().map(|&dim| dim as usize).collect();
        let Ok(row) = DType::subarray(self.file.dtype().clone(), &axes) else {
            return;
        };
        // An appender has a buffer for one row at the least.
        if row.itemsize() > self.bytes.len() {
            return;
        }
        let Ok(mut again) = self.limited(|| Appender::create_with_dtype(path, &row)) else {
            return;
        };
        let mut kept = Vec::new();
        for (index, value) in values.iter().enumerate() {
            match value {
                Ok(value) => {
                    again.append(value).expect("what was read is written");
                    kept.push((index, value));
                }
                Err(error) => {
                    let is_known = matches!(error.kind(), ErrorKind::Decode | ErrorKind::Truncated);
                    assert!(is_known, "{error}");
                }
            }
        }
        again.close().expect("the disk is not full");
        let read = NpyFile::open(path).expect("it was just written");
        assert_eq!(read.len(), kept.len() as u64);
        for ((_, before), after) in kept.iter().zip(read.rows()) {
            let after = after.expect("it was just written");
            assert_eq!(format!("{after:?}"), format!("{before:?}"));
        }
        let is_array = !axes.is_empty() || matches!(self.file.dtype(), DType::Subarray(_));
        if self.file.header().order() == Order::Fortran && is_array {
            return;
        }
        let (before, again) = (
            data(self.bytes),
            fs::read(path).expect("it was just written"),
        );
        let again = data(&again);
        assert_eq!(again.len(), kept.len() * row.itemsize());
        for (nth, (index, _)) in kept.iter().enumerate() {
            let place = |nth: usize| nth * row.itemsize()..(nth + 1) * row.itemsize();
            assert_kept(&row, &before[place(*index)], &again[place(nth)]);
        }
    }
}

fn data(mut bytes: &[u8]) -> &[u8] {
    Header::read_from(&mut bytes).expect("it was read before");
    bytes
}

/// Checks that all bytes that a value keeps are unchanged.
fn assert_kept(dtype: &DType, before: &[u8], again: &[u8]) {
    match dtype {
        DType::Scalar(scalar) => {
            assert!(
                is_kept(*scalar, before, again),
                "{dtype}: {before:?} became {again:?}"
            );
        }
        DType::Subarray(_) => {
            let (base, _) = dtype.base_and_shape();
            let size = base.itemsize().max(1);
            for (before, again) in before.chunks_exact(size).zip(again.chunks_exact(size)) {
                assert_kept(base, before, again);
            }
        }
        _ => {
            for field in dtype.fields() {
                let place = field.offset()..field.offset() + field.dtype().itemsize();
                assert_kept(field.dtype(), &before[place.clone()], &again[place]);
            }
        }
    }
}

fn is_kept(scalar: Scalar, before: &[u8], again: &[u8]) -> bool {
    let order = scalar.byte_order();
    let parts = |size: usize, mantissa: u32| {
        let parts = before.chunks_exact(size).zip(again.chunks_exact(size));
        let mut parts = parts.map(|(before, again)| (bits(before, order), bits(again, order)));
        let is_nan = |bits: u64| is_nan(bits, size, mantissa);
        parts.all(|(before, again)| before == again || is_nan(before) && is_nan(again))
    };
    match (scalar.kind(), scalar.itemsize()) {
        (Kind::Bool, _) => u8::from(before != [0]) == again[0],
        // Rounded; that they are the same values was looked at.
        (Kind::Float, 16) | (Kind::Complex, 32) => true,
        (Kind::Float, 2) => parts(2, 10),
        (Kind::Void, 2) if order != ByteOrder::NotApplicable => parts(2, 7),
        (Kind::Float, 4) | (Kind::Complex, 8) => parts(4, 23),
        (Kind::Float, 8) | (Kind::Complex, 16) => parts(8, 52),
        _ => before == again,
    }
}

fn bits(bytes: &[u8], order: ByteOrder) -> u64 {
    let mut part = [0; 8];
    part[..bytes.len()].copy_from_slice(bytes);
    if order == ByteOrder::Big {
        part[..bytes.len()].reverse();
    }
    u64::from_le_bytes(part)
}

/// Returns true for a NaN of `size` bytes, with `mantissa` bits of mantissa.
fn is_nan(bits: u64, size: usize, mantissa: u32) -> bool {
    let exponent_bits = size as u32 * 8 - 1 - mantissa;
    let exponent = ((1 << exponent_bits) - 1) << mantissa;
    bits & exponent == exponent && bits & ((1 << mantissa) - 1) != 0
}
