//! Any file: every way of reading it gives the same records, and none panics or takes more memory than
//! in proportion to the file.
#![no_main]

use std::{
    cell::OnceCell,
    fmt::Debug,
    fs,
    io::{Cursor, Read},
    path::PathBuf,
};

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use npyrec::{Bytes, Casting, DType, Datetime64, Error, ErrorKind, Mapped, NpyFile, NpyRecord, ReadOptions, Reader, Str, half::f16, num_complex::Complex, unit};
use npyrec_fuzz::{
    memory::{Limited, limited},
    mutate::mutate,
    temporary_file,
    way::told,
};

#[global_allocator]
static ALLOCATOR: Limited = Limited;

#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[repr(C)]
struct Plain {
    a: u32,
    b: f32,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Mixed {
    id: u16,
    live: bool,
    #[npy(dtype = "S5")]
    name: String,
    #[npy(dtype = "U3")]
    text: String,
    grid: [[i16; 2]; 2],
    #[npy(dtype = ">f4")]
    energy: f64,
    at: Plain,
    more: [(bool, Str<1>); 2],
    time: Datetime64<unit::Second>,
    gear: Gear,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[repr(i8)]
enum Gear {
    Reverse = -1,
    Neutral = 0,
    First = 1,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Defaults {
    #[npy(default)]
    a: i32,
    b: f64,
    #[npy(default)]
    c: Str<2>,
    #[npy(default)]
    at: Plain,
    #[npy(default)]
    grid: [[i16; 2]; 2],
}

impl Default for Plain {
    fn default() -> Self {
        Plain { a: 7, b: 0.5 }
    }
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Empty {}

/// Calls a macro with each type of record.
macro_rules! with_records {
    ($($call:tt)*) => {
        $($call)*! {
            u8, bool, i64, f16, f32, f64, Complex<f32>, Bytes<3>, Str<2>, Datetime64<unit::Nanosecond>,
            [i16; 3], [[u8; 2]; 2], (u8, f64), Plain, Mixed, Gear, Defaults, [Defaults; 2], Empty,
        }
    };
}

/// More rows than these are not looked at.
const MANY: usize = 600;

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    macro_rules! dtypes {
        ($($record:ty,)+) => { vec![$(<$record>::dtype()),+] };
    }
    thread_local! {
        static DTYPES: OnceCell<Vec<DType>> = const { OnceCell::new() };
    }
    DTYPES.with(|dtypes| {
        let dtypes = dtypes.get_or_init(|| with_records!(dtypes));
        mutate(data, size, max_size, seed, dtypes)
    })
});

fuzz_target!(|bytes: &[u8]| {
    let (_dir, path) = temporary_file(bytes);
    macro_rules! check_all {
        ($($record:ty,)+) => { $(File { bytes, path: path.clone() }.check::<$record>();)+ };
    }
    with_records!(check_all);
});

/// The traits of every type that a file is read as.
trait Record: NpyRecord + Clone + Debug + PartialEq {}

impl<R: NpyRecord + Clone + Debug + PartialEq> Record for R {}

struct File<'a> {
    bytes: &'a [u8],
    path: PathBuf,
}

/// The results of reading row by row, from bytes.
struct Rows<R> {
    /// The number of rows that the header counts.
    len: u64,
    axes: usize,
    rows: Vec<Result<R, String>>,
    /// True if `rows` are all rows.
    is_all: bool,
    /// True if the rows end too early; the last of `rows` is then the error.
    is_cut: bool,
}

/// Returns true if both are the same, NaN included.
fn same<T: Debug + PartialEq>(a: &T, b: &T) -> bool {
    a == b || format!("{a:?}") == format!("{b:?}")
}

#[track_caller]
fn assert_same<T: Debug + PartialEq>(a: &T, b: &T) {
    assert!(same(a, b), "{a:?}\nis not\n{b:?}");
}

impl<R: Record> Rows<R> {
    fn read(bytes: &[u8], options: &ReadOptions) -> Result<Self, String> {
        let mut reader = options.from_reader::<R>(bytes).map_err(|e| told(&e))?;
        let (len, axes) = (reader.remaining(), reader.shape().len());
        let mut rows = Vec::new();
        let mut is_cut = false;
        while let Some(row) = reader.next().filter(|_| rows.len() < MANY) {
            is_cut = row
                .as_ref()
                .is_err_and(|e| e.kind() == ErrorKind::Truncated);
            rows.push(row.map_err(|e| told(&e)));
        }
        let is_all = rows.len() < MANY;
        assert!(!is_all || is_cut || rows.len() as u64 == len);
        Ok(Rows {
            len,
            axes,
            rows,
            is_all,
            is_cut,
        })
    }

    /// Returns the expected result at the row `at`, if it is known.
    #[allow(clippy::type_complexity)]
    fn at(&self, at: u64) -> Option<Option<&Result<R, String>>> {
        let row = usize::try_from(at).ok().and_then(|at| self.rows.get(at));
        match row {
            Some(row) => Some(Some(row)),
            // Each missing row has the error of the first one.
            None if self.is_cut && at < self.len => Some(self.rows.last()),
            None => self.is_all.then_some(None),
        }
    }

    /// The first error, or all rows.
    fn collected(&self) -> Result<Vec<R>, String> {
        match self.rows.last() {
            Some(Err(error)) if self.is_cut => Err(error.clone()),
            _ => self.rows.iter().cloned().collect(),
        }
    }
}

impl File<'_> {
    fn limited<R, T>(&self, work: impl FnOnce() -> T) -> T {
        // A record is in memory as often as a vector that grows has it, with its texts.
        limited(self.bytes.len(), 4 * size_of::<R>(), work)
    }

    /// One of the ways to read it, which the last byte but two chooses; all are too slow.
    fn check<R: Record>(&self) {
        let [way, _, _] = self.bytes.last_chunk().copied().unwrap_or_default();
        let way = usize::from(way) + size_of::<R>();
        let in_c_order = way & 1 == 1;
        let castings = [
            Casting::No,
            Casting::Equiv,
            Casting::Safe,
            Casting::SameKind,
        ];
        let casting = castings[way / 2 % castings.len()];
        let options = ReadOptions::new()
            .flat(true)
            .casting(casting)
            .in_c_order(in_c_order);
        let rows = self.limited::<R, _>(|| Rows::<R>::read(self.bytes, &options));
        self.check_readers(&options, &rows);
        self.check_read(&options, &rows);
        if !in_c_order {
            self.check_mapped(&options, &rows);
        }
        let options = options.casting(Casting::Equiv).in_c_order(true);
        if let Ok(rows) = Rows::<R>::read(self.bytes, &options) {
            self.check_range(&rows);
        }
        self.check_mapped_mut::<R>();
    }

    fn check_readers<R: Record>(&self, options: &ReadOptions, rows: &Result<Rows<R>, String>) {
        let cursor = self.limited::<R, _>(|| options.from_seekable::<R>(Cursor::new(self.bytes)));
        let file = self.limited::<R, _>(|| options.open::<R>(&self.path));
        match rows {
            Ok(rows) => {
                let reader = options.from_reader::<R>(self.bytes).expect("it was read before");
                self.check_steps(reader, rows);
                self.check_steps(cursor.expect("it is read from bytes"), rows);
                let file = file.expect("it is read from bytes");
                if rows.is_all {
                    let (low, high) = file.size_hint();
                    let len = rows.rows.len();
                    assert!(low <= len && high.is_none_or(|high| len <= high));
                }
                self.check_steps(file, rows);
            }
            Err(error) => {
                assert_eq!(*error, told(&cursor.expect_err("as from bytes")));
                assert_eq!(*error, told(&file.expect_err("as from bytes")));
            }
        }
    }

    /// Reads on in steps that are taken from the end of the file.
    fn check_steps<R: Record, S: Read>(&self, mut reader: Reader<R, S>, rows: &Rows<R>) {
        assert_eq!(reader.remaining(), rows.len);
        let script = &self.bytes[self.bytes.len().saturating_sub(12)..];
        let Ok(zero) = R::decode(&vec![0; R::ITEMSIZE]) else {
            return;
        };
        let mut row = 0;
        for &step in script {
            let size = u64::from(step >> 2);
            match step & 3 {
                0 => {
                    let Some(next) = rows.at(row) else { return };
                    let found =
                        self.limited::<R, _>(|| reader.next().map(|r| r.map_err(|e| told(&e))));
                    assert_same(&found.as_ref(), &next);
                    row += 1;
                }
                1 => {
                    // Far ahead with the largest.
                    let n = if size == 63 { u64::MAX } else { size };
                    let target = row.saturating_add(n);
                    let Some(next) = rows.at(target) else { return };
                    let n = usize::try_from(n).unwrap_or(usize::MAX);
                    let found =
                        self.limited::<R, _>(|| reader.nth(n).map(|r| r.map_err(|e| told(&e))));
                    // After the end there is no row, or the error that rows are missing.
                    if !(target >= rows.len && rows.is_cut && found.is_some()) {
                        assert_same(&found.as_ref(), &next);
                    }
                    row = target.saturating_add(1);
                }
                2 => {
                    let mut place = vec![zero.clone(); size as usize % 9];
                    let read =
                        self.limited::<R, _>(|| reader.read_into(&mut place).map_err(|e| told(&e)));
                    for (nth, place) in place.iter().enumerate() {
                        let Some(next) = rows.at(row) else { return };
                        match next {
                            Some(Ok(next)) => assert_same(place, next),
                            Some(Err(error)) => {
                                assert_eq!(read, Err(error.clone()));
                                row += 1;
                                break;
                            }
                            None => {
                                assert_eq!(read, Ok(nth));
                                break;
                            }
                        }
                        row += 1;
                    }
                }
                _ => {
                    let (low, high) = reader.size_hint();
                    if rows.is_all {
                        let left = rows
                            .rows
                            .len()
                            .saturating_sub(row.try_into().unwrap_or(usize::MAX));
                        assert!(low <= left && high.is_none_or(|high| left <= high));
                    }
                }
            }
            if rows.is_cut && row >= rows.rows.len() as u64 || row > rows.len {
                assert!(reader.next().is_none(), "it is at the end");
                return;
            }
            assert_eq!(reader.remaining(), rows.len - row);
        }
    }

    fn check_read<R: Record>(&self, options: &ReadOptions, rows: &Result<Rows<R>, String>) {
        if let Ok(rows) = rows
            && R::ITEMSIZE == 0
            && rows.len > MANY as u64
        {
            return; // It would only take long.
        }
        let read = self.limited::<R, _>(|| options.read::<R>(&self.path).map_err(|e| told(&e)));
        match rows {
            Ok(rows) if rows.is_all => assert_same(&read, &rows.collected()),
            Ok(_) => {}
            Err(error) => assert_eq!(read.as_ref(), Err(error)),
        }
    }

    fn check_mapped<R: Record>(&self, options: &ReadOptions, rows: &Result<Rows<R>, String>) {
        // SAFETY: nobody else knows of the file.
        let mapped = self.limited::<R, _>(|| unsafe { options.map::<R>(&self.path) });
        let rows = match rows {
            Err(error) => return assert_eq!(*error, told(&mapped.expect_err("as from bytes"))),
            Ok(rows) if rows.is_cut => {
                let error = told(&mapped.expect_err("rows are missing"));
                return assert_eq!(
                    rows.rows.last().and_then(|row| row.as_ref().err()),
                    Some(&error)
                );
            }
            Ok(rows) => rows,
        };
        let mut mapped = match mapped {
            Ok(mapped) => mapped,
            Err(error) => match error.kind() {
                ErrorKind::Shape => return assert!(rows.len > 1 << 24),
                ErrorKind::Truncated => return assert!(!rows.is_all),
                _ => panic!("{error}"),
            },
        };
        self.limited::<R, _>(|| {
            mapped
                .refresh()
                .map(|more| assert_eq!(more, 0))
                .expect("it is whole")
        });
        assert_eq!(mapped.len() as u64, rows.len);
        let row = |row: Result<R, Error>| row.map_err(|e| told(&e));
        for (index, found) in rows.rows.iter().enumerate() {
            assert_same(&row(mapped.get(index).expect("it is there")), found);
        }
        assert!(mapped.get(mapped.len()).is_none() && mapped.get(usize::MAX).is_none());
        for (found, next) in rows.rows.iter().zip(mapped.iter()) {
            assert_same(&row(next), found);
        }
        if rows.is_all {
            for (found, next) in rows.rows.iter().rev().zip(mapped.iter().rev()) {
                assert_same(&row(next), found);
            }
        }
        let (start, end) = self.range(rows.rows.len());
        for (found, next) in rows
            .rows
            .iter()
            .take(end)
            .skip(start)
            .zip(mapped.range(start..end))
        {
            assert_same(&row(next), found);
        }
        assert_eq!(
            mapped.range(start..end).len(),
            end.min(mapped.len()).saturating_sub(start)
        );
        assert_eq!(
            mapped.layout_mismatch().is_none(),
            mapped.as_slice().is_some()
        );
        if let Some(slice) = mapped.as_slice() {
            assert_eq!(slice.len(), mapped.len());
            for (found, next) in rows.rows.iter().zip(slice) {
                assert_same(&Ok(next), &found.as_ref());
            }
        }
        let header = mapped.header().dtype().clone();
        for field in header.fields().iter().take(20) {
            self.check_column::<R, f64>(&mapped, field.name());
            self.check_column::<R, f32>(&mapped, field.name());
            self.check_column::<R, bool>(&mapped, field.name());
            self.check_column::<R, [[i16; 2]; 2]>(&mapped, field.name());
            self.check_column::<R, Plain>(&mapped, field.name());
            self.check_column::<R, Str<3>>(&mapped, field.name());
        }
    }

    fn check_column<R: Record, T: Record>(&self, mapped: &Mapped<R>, name: &str) {
        let Ok(column) = self.limited::<R, _>(|| mapped.column::<T>(name)) else {
            return;
        };
        assert_eq!(column.len(), mapped.len());
        assert!(column.get(column.len()).is_none());
        for (row, value) in column.iter().take(50).enumerate() {
            let value = value.map_err(|e| told(&e));
            assert_same(
                &column.get(row).map(|v| v.map_err(|e| told(&e))),
                &Some(value.clone()),
            );
            if let Some(slice) = column.as_slice() {
                assert_same(&slice.get(row), &value.as_ref().ok());
            }
        }
    }

    /// A range of rows that mostly are there.
    fn range(&self, rows: usize) -> (usize, usize) {
        let end = self.bytes.last_chunk::<2>().copied().unwrap_or_default();
        let [start, end] = end.map(usize::from);
        (start % (rows + 1), end % (rows + 3))
    }

    /// Rows of the file that are records.
    fn check_range<R: Record>(&self, rows: &Rows<R>) {
        let file = match self.limited::<R, _>(|| NpyFile::open(&self.path)) {
            Ok(file) => file,
            Err(error) => {
                return assert!(
                    error
                        .to_string()
                        .contains("more than a file or the memory can hold"),
                    "{error}"
                );
            }
        };
        let (start, end) = self.range(rows.rows.len());
        let range = start as u64..end as u64;
        let read = self.limited::<R, _>(|| file.read_range::<R>(range.clone()));
        if let (Ok(read), Ok(array)) = (&read, file.read_array::<R>(range)) {
            assert_same(&array.iter().collect(), &read.iter().collect::<Vec<_>>());
        }
        match read {
            // The axes along which the records lie are the first one.
            Ok(read) if rows.axes == file.shape().len().min(1) => {
                let found = rows.rows.iter().take(end).skip(start).cloned();
                assert_same(&Ok(read), &found.collect());
            }
            Ok(read) => assert_eq!(read.len(), end.saturating_sub(start)),
            Err(error) => {
                let is_known = rows.axes != file.shape().len().min(1)
                    || end as u64 > file.len()
                    || rows.is_cut
                    || rows.rows.iter().take(end).skip(start).any(Result::is_err);
                assert!(is_known, "{error}");
            }
        }
    }

    /// A map that may be written to, and what is written through it.
    fn check_mapped_mut<R: Record>(&self) {
        let options = ReadOptions::new();
        let Ok(rows) = Rows::<R>::read(self.bytes, &options) else {
            return;
        };
        // SAFETY: nobody else knows of the file.
        let mapped = self.limited::<R, _>(|| unsafe { ReadOptions::new().flat(true).map_mut::<R>(&self.path) });
        let Ok(mut mapped) = mapped else {
            return;
        };
        assert_eq!(mapped.len() as u64, rows.len);
        for (index, found) in rows.rows.iter().enumerate() {
            let row = mapped.get(index).expect("it is there");
            assert_same(&row.map_err(|e| told(&e)), found);
        }
        let (from, at) = self.range(rows.rows.len());
        let Some(Ok(record)) = rows.rows.get(from) else {
            return;
        };
        let is_set = mapped.set(at, record).is_ok();
        assert_eq!(is_set, at < mapped.len());
        drop(mapped);
        let bytes = fs::read(&self.path).expect("it was mapped");
        let changed = Rows::read(&bytes, &options).expect("its header stays");
        for (index, row) in changed.rows.iter().enumerate() {
            let expected = if index == at { from } else { index };
            assert_same(&Some(row), &rows.rows.get(expected));
        }
        fs::write(&self.path, self.bytes).expect("it was written before");
    }
}
