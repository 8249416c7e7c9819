//! What is allocated is in proportion to the bytes that are there, not to those that are promised.
#![allow(
    missing_docs,
    unsafe_code,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    fs::{self, File},
    io,
    num::NonZero,
    path::Path,
    time::Duration,
};

use npyrec::{
    AppendOptions, Appender, ArrayAppender, Casting, EncodeAs, Follow, Header, NpyFile, NpyRecord,
    Order, ReadOptions, Reader, Value, Void,
};

/// The system's allocator, which notes what each thread has and had at the most.
struct Counting;

thread_local! {
    static NOW: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is passed on as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        NOW.set(NOW.get() + layout.size());
        PEAK.set(PEAK.get().max(NOW.get()));
        CALLS.set(CALLS.get() + 1);
        // SAFETY: the caller has the same duties as a caller of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.set(NOW.get().saturating_sub(layout.size()));
        // SAFETY: the caller has the same duties as a caller of `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes that `work` had allocated at once.
fn peak<T>(work: impl FnOnce() -> T) -> usize {
    let before = NOW.get();
    PEAK.set(before);
    drop(work());
    PEAK.get() - before
}

fn calls<T>(work: impl FnOnce() -> T) -> usize {
    let before = CALLS.get();
    drop(work());
    CALLS.get() - before
}

fn file(text: &str) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x02\x00".to_vec();
    bytes.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes
}

#[test]
fn a_header_takes_memory_in_proportion_to_its_bytes() {
    let nested = |item: &str| format!("{{'descr': [{}]}}", item.repeat(50_000));
    let hostile = [
        file(&nested("1,")),
        file(&nested("[],")),
        file(&nested("'',")),
        file(&nested("('',''),")),
        file(&nested("('a','<i4'),")),
        file(&format!("{{'shape': ({})}}", "1,".repeat(50_000))),
        file(&format!("'{}'", "\\x41".repeat(50_000))),
        file(&"[".repeat(100_000)),
    ];
    for bytes in hostile {
        let peak = peak(|| Header::read_from(&mut &bytes[..]).unwrap_err());
        assert!(peak < 100 * bytes.len(), "{peak} for {} bytes", bytes.len());
    }
}

#[test]
fn a_header_that_claims_4_gib_takes_none() {
    let mut bytes = b"\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr'".to_vec();
    assert!(peak(|| Header::read_from(&mut &bytes[..])) < 1_000);
    bytes[8..12].copy_from_slice(&1_000_000_u32.to_le_bytes());
    assert!(peak(|| Header::read_from(&mut &bytes[..])) < 10_000);
    let unlimited = || Header::read_from_with_max_size(&mut &bytes[..], u32::MAX);
    assert!(peak(unlimited) < 10_000);
}

#[test]
fn a_reader_takes_its_buffer_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    npyrec::write(&path, &vec![(1_u8, 2.0_f32); 1_000_000]).unwrap();
    let peak_of_rows = peak(|| {
        Reader::<(u8, f32)>::open(&path)
            .unwrap()
            .map(Result::unwrap)
            .count()
    });
    assert!(peak_of_rows < 100_000, "{peak_of_rows}");
    let huge = Header::for_record::<[u64; 1 << 13]>(1 << 40).to_bytes();
    let peak_of_huge = peak(|| {
        Reader::<[u64; 1 << 13]>::new(&huge[..])
            .unwrap()
            .next()
            .is_some()
    });
    assert!(peak_of_huge < 200_000, "{peak_of_huge}");
}

/// By arithmetic, or because the file is shorter; not by trying.
/// As much as the documentation has it; nothing of the kind where there is one axis.
#[test]
fn elements_take_their_memory_again_to_be_put_into_c_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fortran.npy");
    let len = 1 << 20;
    for (shape, times) in [(&[1 << 10, 1 << 10][..], [2, 3]), (&[1 << 20], [0, 0])] {
        let header = Header::new("|u1".parse().unwrap(), Order::Fortran, shape).unwrap();
        let bytes = [header.to_bytes(), vec![7; len]].concat();
        std::fs::write(&path, &bytes).unwrap();
        let options = ReadOptions::new().flat(true).in_c_order(true);
        let of_file = peak(|| assert_eq!(options.open::<u8>(&path).unwrap().count(), len));
        let of_source =
            peak(|| assert_eq!(options.from_reader::<u8>(&bytes[..]).unwrap().count(), len));
        for (peak, times) in [of_file, of_source].into_iter().zip(times) {
            assert!(peak <= times * len + (1 << 17), "{shape:?}: {peak}");
        }
    }
}

#[test]
fn rows_that_no_memory_holds_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("huge.npy");
    let shapes = [
        "(9223372036854775807,)",
        "(9223372036854775808,)",
        "(18446744073709551615,)",
        "(4294967296, 2147483648)",
        "(2147483648, 4294967295, 3)",
        "(4294967296,)", // of 2^31 bytes each 2^63
        "(4294967295,)",
        "(1099511627776, 0)",
        "(3,)",
        "()",
    ];
    for descr in ["|V2147483648", "|u1"] {
        let text = format!(
            "{{'descr': '{descr}', 'fortran_order': False, 'shape': ({},), }}",
            1_u64 << 63
        );
        fs::write(&path, file(&text)).unwrap();
        assert!(Reader::<u8>::new(&file(&text)[..]).is_err());
        assert!(Reader::<u8>::open(&path).is_err());
        assert!(npyrec::read::<u8>(&path).is_err());
        assert!(NpyFile::open(&path).is_err());
        #[cfg(feature = "mmap")]
        // SAFETY: nobody else knows of the file.
        assert!(unsafe { npyrec::Mapped::<u8>::open(&path) }.is_err());
    }
    let orders = ["False", "True"];
    for (shape, order) in shapes
        .iter()
        .flat_map(|shape| orders.map(|order| (shape, order)))
    {
        for descr in [
            "'|V2147483648'",
            "'|V2147483647'",
            "[('f0', '|u1'), ('f1', '|V2147483646')]",
            "'|u1'",
        ] {
            let text =
                format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}");
            let mut bytes = file(&text);
            bytes.extend([7]);
            fs::write(&path, &bytes).unwrap();
            check_huge::<u8>(&path, &bytes, &text);
            check_huge::<(u8,)>(&path, &bytes, &text);
            check_huge::<Void<16>>(&path, &bytes, &text);
        }
    }
}

#[test]
fn values_take_memory_in_proportion_to_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("values.npy");
    let empty_fields: String = (0..1_000).map(|i| format!("('{i}', '|V0'), ")).collect();
    let deep = (0..40).fold("'|u1'".to_owned(), |inner, _| format!("[('a', {inner})]"));
    let axes = "1, ".repeat(60);
    let arrays = [
        ("[('a', [('b', [], (65536,))], (65536,))]", "(9,)"),
        ("[('a', [('b', '<f8', (0,))])]", "(65535, 65536)"),
        ("[('a', [], (65535,)), ('b', [], (65535,))]", "(2,)"),
        ("[('a', [], (60000,)), ('b', '|u1')]", "(1000,)"),
        ("'|S0'", "(16777216,)"),
        (&format!("[{empty_fields}('a', '|u1')]"), "(1000,)"),
        (&format!("[('a', '|u1', ({axes}))]"), "(1000,)"),
        (&deep, "(1000,)"),
    ];
    for (descr, shape) in arrays {
        let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}");
        let mut bytes = file(&text);
        bytes.extend([7; 1_000]);
        fs::write(&path, &bytes).unwrap();
        // Every level of nesting is a value and a vector for every byte.
        let allowed = (4 << 20) + 100 * bytes.len() + 48 * (1 + descr.matches('[').count()) * 1_000;
        let took = peak(|| NpyFile::open(&path)?.rows().next().transpose());
        assert!(took < allowed, "a row took {took} for {text}");
        let took = peak(|| -> npyrec::Result<_> {
            let file = NpyFile::open(&path)?;
            file.read_range::<Value>(0..file.len())
        });
        assert!(took < allowed, "all rows took {took} for {text}");
    }
}

fn check_huge<R: NpyRecord>(path: &Path, bytes: &[u8], text: &str) {
    let options = || ReadOptions::new().casting(Casting::SameKind);
    for in_c_order in [false, true] {
        let options = || options().in_c_order(in_c_order);
        let took = peak(|| -> npyrec::Result<_> {
            options()
                .from_reader::<R>(bytes)
                .map(|mut rows| rows.next().is_some())
        });
        assert!(took < 100_000, "a reader took {took} for {text}");
        let took = peak(|| -> npyrec::Result<_> {
            options()
                .open::<R>(path)
                .map(|mut rows| rows.nth(usize::MAX).is_some())
        });
        assert!(took < 100_000, "passing over took {took} for {text}");
        let took = peak(|| options().read::<R>(path).is_ok());
        assert!(took < 100_000, "reading all took {took} for {text}");
        #[cfg(feature = "ndarray")]
        let took = peak(|| options().read_array::<R>(path).is_ok());
        #[cfg(feature = "ndarray")]
        assert!(took < 100_000, "reading an array took {took} for {text}");
    }
    // SAFETY: nobody else knows of the file.
    #[cfg(feature = "mmap")]
    let took = peak(|| unsafe { options().map::<R>(path) }.map(|mapped| mapped.get(0).is_some()));
    #[cfg(feature = "mmap")]
    assert!(took < 100_000, "mapping took {took} for {text}");
    // SAFETY: nobody else knows of the file.
    #[cfg(feature = "mmap")]
    let took = peak(|| unsafe { npyrec::MappedMut::<R>::open(path) }.map(|mapped| mapped.len()));
    #[cfg(feature = "mmap")]
    assert!(took < 100_000, "mapping to change took {took} for {text}");
    let took = peak(|| -> npyrec::Result<_> {
        let file = NpyFile::open(path)?;
        let of_all = file.read_range::<Value>(0..file.len()).is_ok();
        let as_records = file.read_range::<R>(0..file.len()).is_ok();
        let one = file.row(file.len().saturating_sub(1)).is_ok();
        Ok((of_all, as_records, one, file.rows().next().is_some()))
    });
    assert!(took < 100_000, "values took {took} for {text}");
    let took = peak(|| -> npyrec::Result<_> {
        let file = NpyFile::open(path)?;
        let every_other = NonZero::new(2).unwrap();
        let as_records = file.read_strided::<R>(0..file.len(), every_other).is_ok();
        #[cfg(feature = "ndarray")]
        let as_array = file.read_array::<R>(0..file.len()).is_ok();
        #[cfg(not(feature = "ndarray"))]
        let as_array = false;
        Ok((
            as_records,
            as_array,
            file.read_strided::<Value>(0..file.len(), every_other)
                .is_ok(),
        ))
    });
    assert!(took < 100_000, "rows with a step took {took} for {text}");
}

/// The record has 5 bytes, and a name for which the number of rows lies across two lines of the header.
#[test]
fn appending_allocates_nothing_after_the_start() {
    #[derive(NpyRecord, Clone, Copy)]
    struct Row {
        flag: u8,
        #[npy(rename = "a name that is long enough for it.")]
        value: f32,
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    let row = Row {
        flag: 1,
        value: 2.0,
    };
    let options = AppendOptions::new().buffer_capacity(10_000);
    for commit_every in [0, 1, 7, 5_000] {
        for interval in [None, Some(Duration::from_millis(1))] {
            let options = options.commit_every(commit_every);
            let options = interval.map_or(options, |interval| options.commit_interval(interval));
            let mut appender = options.create(&path).unwrap();
            let made = calls(|| {
                for nth in 0..1_000 {
                    appender.append(&row).unwrap();
                    appender.append_slice(&[row; 100]).unwrap();
                    if nth % 10 == 0 {
                        appender.append_slice(&[row; 2_500]).unwrap();
                        appender.commit().unwrap();
                    }
                }
            });
            assert_eq!(made, 0, "{commit_every}, {interval:?}");
        }
    }
    let mut frames = ArrayAppender::<f32>::create(&path, &[3, 5]).unwrap();
    let made = calls(|| {
        for _ in 0..10_000 {
            frames.append_rows(&[0.0; 30]).unwrap();
        }
        frames.commit().unwrap();
    });
    assert_eq!(made, 0);
}

/// The texts live for one iteration, and are encoded where they are.
#[test]
fn appending_records_that_borrow_allocates_nothing() {
    #[derive(NpyRecord)]
    struct Line<'a> {
        #[npy(dtype = "U8")]
        host: &'a str,
        #[npy(dtype = "S8")]
        path: &'a str,
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lines.npy");
    let mut log = Appender::<Line<'static>>::create(&path).unwrap();
    let text = "näher/index".to_owned();
    let made = calls(|| {
        for _ in 0..10_000 {
            let (host, path) = text.split_once('/').unwrap();
            log.append(&Line { host, path }).unwrap();
        }
    });
    assert_eq!(made, 0);
}

/// Rows are converted a block at a time.
#[test]
fn a_file_is_rewritten_in_little_memory() {
    #[derive(NpyRecord)]
    struct Old {
        value: u64,
    }

    #[derive(NpyRecord)]
    struct New {
        #[npy(default)]
        flag: bool,
        value: u64,
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    let mut log = Appender::<Old>::create(&path).unwrap();
    log.extend((0..1_000_000).map(|value| Old { value }))
        .unwrap();
    log.close().unwrap();
    let memory = peak(|| assert_eq!(npyrec::migrate::<New>(&path).unwrap().rows(), 1_000_000));
    assert!(memory < 1 << 20, "{memory}");
    let last = NpyFile::open(&path).unwrap().row(999_999).unwrap();
    assert_eq!(last.to_string(), "(False, 999999)");
}

/// A map is made anew for each extension, and not for each row.
#[cfg(feature = "mmap")]
#[test]
fn appending_through_a_map_allocates_nothing_but_for_extensions() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    let options = AppendOptions::new().mapped(true);
    let mut appender = options.commit_every(1).create::<(u8, f32)>(&path).unwrap();
    appender.append(&(1, 2.0)).unwrap();
    let made = calls(|| {
        for _ in 0..150_000 {
            appender.append(&(1, 2.0)).unwrap();
        }
    });
    assert_eq!(made, 0);
}

/// A record that notes what the thread that encodes it had allocated.
#[cfg(feature = "background")]
struct Noting(std::sync::Arc<std::sync::atomic::AtomicUsize>);

#[cfg(feature = "background")]
impl EncodeAs<Noting> for Noting {
    fn encode_as(&self, (): &(), out: &mut [u8]) -> Result<(), npyrec::EncodeError> {
        self.encode(out)
    }
}

#[cfg(feature = "background")]
impl NpyRecord for Noting {
    const ITEMSIZE: usize = 5;

    fn dtype() -> npyrec::DType {
        <(u8, f32)>::dtype()
    }

    fn encode(&self, out: &mut [u8]) -> Result<(), npyrec::EncodeError> {
        self.0
            .store(CALLS.get(), std::sync::atomic::Ordering::Relaxed);
        (1_u8, 2.0_f32).encode(out)
    }

    fn decode(_: &[u8]) -> Result<Self, npyrec::DecodeError> {
        unimplemented!("it is not read")
    }
}

#[cfg(feature = "background")]
#[test]
fn logging_in_the_background_allocates_nothing_after_the_start() {
    use std::sync::{Arc, atomic::Ordering};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("logged.npy");
    let options = npyrec::BackgroundOptions::new().capacity(100);
    let appender = Appender::<Noting>::create(&path).unwrap();
    let (log, guard) = appender.into_background(options.commit_every(77));
    let made = Arc::default();
    let notes: Vec<_> = (0..10_001).map(|_| Noting(Arc::clone(&made))).collect();
    let mut notes = notes.into_iter();
    // The first flush allocates room for an answer.
    for _ in 0..2 {
        log.log(notes.next().unwrap()).unwrap();
        log.flush().unwrap();
    }
    let of_thread = made.load(Ordering::Relaxed);
    let of_loggers = calls(|| notes.try_for_each(|record| log.log(record)).unwrap());
    log.flush().unwrap();
    let of_thread = made.load(Ordering::Relaxed) - of_thread;
    assert_eq!((of_loggers, of_thread), (0, 0));
    guard.close().unwrap();
    assert_eq!(npyrec::read::<(u8, f32)>(&path).unwrap().len(), 10_001);
}

#[cfg(feature = "background")]
#[test]
fn a_full_queue_takes_no_more_memory() {
    let dir = tempfile::tempdir().unwrap();
    let options = npyrec::BackgroundOptions::new();
    let appender = Appender::<[u64; 4]>::create(dir.path().join("full.npy")).unwrap();
    let took = peak(|| {
        let (log, guard) = appender.into_background(options.capacity(1_000));
        let refused = (0..1_000_000).filter(|&n| log.try_log([n; 4]).is_err());
        let refused = refused.count() as u64;
        assert_eq!(log.accepted() + refused, 1_000_000);
        guard.close().unwrap();
        assert_eq!(log.pending(), 0);
    });
    // Two vectors of records, and the memory of a thread.
    assert!(took < 3 * 32_000, "{took}");
}

#[test]
fn following_allocates_nothing_once_it_has_room() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("followed.npy");
    let mut log = Appender::<[u64; 4]>::create(&path).unwrap();
    let mut follow = Follow::<[u64; 4]>::open(&path).unwrap();
    let mut records = Vec::new();
    let mut round = |rows: u64, follow: &mut Follow<[u64; 4]>| {
        for row in 0..rows {
            log.append(&[row; 4]).unwrap();
        }
        log.commit().unwrap();
        records.clear();
        calls(|| assert_eq!(follow.poll_into(&mut records).unwrap() as u64, rows))
    };
    round(1_000, &mut follow);
    let calls: usize = (0..200).map(|rows| round(rows, &mut follow)).sum();
    // Windows takes a path as UTF-16, to be asked whether the file is still there.
    let per_poll = usize::from(cfg!(windows));
    assert!(calls <= 200 * per_poll, "{calls}");
}

#[cfg(feature = "ndarray")]
#[test]
fn arrays_are_written_without_a_copy_or_block_by_block() {
    let numbers = ndarray::Array2::<f64>::zeros((1_000, 1_000));
    let flags = ndarray::Array2::<(bool, f64)>::from_elem((1_000, 1_000), (true, 0.0));
    let took = peak(|| npyrec::write_array_to(std::io::sink(), &numbers).unwrap());
    assert!(took < 2_000, "{took} in C order");
    let took = peak(|| npyrec::write_array_to(std::io::sink(), &numbers.t()).unwrap());
    assert!(took < 2_000, "{took} in Fortran order");
    let strided = numbers.slice(ndarray::s![..;2, ..;-1]);
    let took = peak(|| npyrec::write_array_to(std::io::sink(), &strided).unwrap());
    assert!(took < 140_000, "{took} with a stride");
    let took = peak(|| npyrec::write_array_to(std::io::sink(), &flags).unwrap());
    assert!(took < 140_000, "{took} encoded");
}

#[cfg(feature = "ndarray")]
#[test]
fn arrays_are_appended_without_a_copy() {
    let dir = tempfile::tempdir().unwrap();
    let numbers = ndarray::Array2::<f64>::zeros((1_000, 1_000));
    for (order, view) in [(Order::C, numbers.view()), (Order::Fortran, numbers.t())] {
        let options = npyrec::AppendOptions::new().order(order);
        let mut array = options.create_array::<f64>(dir.path().join("array.npy"), &[1_000]);
        let array = array.as_mut().unwrap();
        let took = peak(|| array.append_array(view).unwrap());
        assert!(took < 2_000, "{took} in {order:?} order");
        assert_eq!(array.rows(), 1_000);
    }
}

#[cfg(feature = "mmap")]
#[test]
fn a_sparse_file_of_8_gib_of_rows_takes_a_buffer() {
    const ROWS: u64 = 1 << 33;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    npyrec::create_zeroed(&path, &npyrec::Header::for_record::<u8>(ROWS)).unwrap();
    let took = peak(|| {
        let mut rows = Appender::<u8>::open(&path).unwrap();
        rows.append(&200).unwrap();
        rows.commit().unwrap();
        // The address space of a 32-bit machine is too small for a map of it.
        if let Ok(last) = usize::try_from(ROWS) {
            // SAFETY: the file is in a folder of the test's own, and nothing cuts or overwrites its rows.
            let mapped = unsafe { npyrec::Mapped::<u8>::open(&path) }.unwrap();
            assert_eq!(mapped.get(last).unwrap().unwrap(), 200);
        }
        assert_eq!(
            NpyFile::open(&path).unwrap().row(ROWS).unwrap(),
            200_u64.into()
        );
    });
    assert!(took < 200_000, "{took}");
}

#[test]
fn an_index_takes_memory_in_proportion_to_the_headers() {
    use npyrec::stream::Index;

    let tiny = |dtype: &str| {
        file(&format!(
            "{{'descr':'{dtype}','fortran_order':False,'shape':(0,)}}"
        ))
    };
    let (one, other) = (tiny("|u1"), tiny("|V0"));
    let alike = one.repeat(100_000);
    let unlike = [one, other].concat().repeat(50_000);
    let index = |bytes| Index::build_from(io::Cursor::new(bytes)).unwrap();
    assert_eq!(index(&alike).len(), 100_000);
    let peak_of_alike = peak(|| index(&alike));
    assert!(peak_of_alike < 2 * alike.len(), "{peak_of_alike}");
    let peak_of_unlike = peak(|| index(&unlike));
    assert!(peak_of_unlike < 6 * unlike.len(), "{peak_of_unlike}");
}

#[test]
fn arrays_one_after_another_take_a_block() {
    use npyrec::stream;

    let dir = tempfile::tempdir().unwrap();
    let (path, one) = (dir.path().join("arrays.npy"), dir.path().join("one.npy"));
    let rows = vec![(1_u16, 2.5_f64); 200_000];
    let big_endian = Header::new(">f8".parse().unwrap(), Order::C, &[200_000]).unwrap();
    let peak_of_writing = peak(|| {
        let mut arrays = stream::Writer::open(&path).unwrap();
        (0..2).for_each(|_| arrays.write(&rows).unwrap());
        let mut records = arrays.records::<(u16, f64)>(200_000).unwrap();
        records.extend(&rows).unwrap();
        records.finish().unwrap();
    });
    assert!(peak_of_writing < 100_000, "{peak_of_writing}");
    let peak_of_values = peak(|| {
        let mut arrays = stream::Reader::new(File::open(&path).unwrap());
        arrays.next_array().unwrap().unwrap();
        let last = arrays
            .next_array()
            .unwrap()
            .unwrap()
            .rows::<Value>()
            .unwrap()
            .last();
        last.unwrap().unwrap()
    });
    assert!(peak_of_values < 100_000, "{peak_of_values}");
    assert!(peak(|| stream::concatenate(&path, &one).unwrap()) < 100_000);
    fs::write(&path, [big_endian.to_bytes(), vec![0; 1_600_000]].concat()).unwrap();
    let peak_of_converting = peak(|| stream::concatenate(&path, &one).unwrap());
    assert!(peak_of_converting < 300_000, "{peak_of_converting}");
    let no_texts = Header::new(">U10000000".parse().unwrap(), Order::C, &[0]).unwrap();
    fs::write(&path, no_texts.to_bytes()).unwrap();
    let peak_of_nothing = peak(|| stream::concatenate(&path, &one).unwrap());
    assert!(peak_of_nothing < 200_000, "{peak_of_nothing}");
}

#[test]
fn values_of_a_header_that_promises_much_take_little() {
    for order in [Order::C, Order::Fortran] {
        let header = Header::new("|u1".parse().unwrap(), order, &[1 << 20, 1 << 40]).unwrap();
        let bytes = [header.to_bytes(), vec![0; 1000]].concat();
        let peak = peak(|| {
            Reader::<Value>::new(&bytes[..]).map(|mut rows| rows.next().unwrap().unwrap_err())
        });
        assert!(peak < 200_000, "{peak}");
    }
}

/// An archive of one member, of these bytes.
#[cfg(feature = "npz")]
fn zipped(bytes: &[u8], method: zip::CompressionMethod) -> Vec<u8> {
    use std::io::{Cursor, Write};

    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    zip.start_file("a.npy", options).unwrap();
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

#[cfg(feature = "npz")]
#[test]
fn a_member_takes_memory_for_what_it_gives() {
    use std::io::Cursor;

    use npyrec::npz::Reader;

    const LEN: usize = 1 << 22;
    for method in [
        zip::CompressionMethod::Stored,
        zip::CompressionMethod::Deflated,
    ] {
        for rows in [LEN as u64 / 8, 1 << 40] {
            let mut bytes = Header::for_record::<u64>(rows).to_bytes();
            bytes.resize(bytes.len() + LEN, 0);
            let archive = zipped(&bytes, method);
            let open = || Reader::new(Cursor::new(&archive)).unwrap();
            let took = peak(|| {
                open()
                    .by_name("a")
                    .and_then(|array| array.rows::<u64>())
                    .unwrap()
                    .flatten()
                    .count()
            });
            assert!(took < 300_000, "{method}: records took {took}");
            let took = peak(|| {
                open()
                    .by_name("a")
                    .and_then(|array| array.rows::<Value>())
                    .unwrap()
                    .flatten()
                    .count()
            });
            assert!(took < 300_000, "{method}: values took {took}");
            let took = peak(|| open().read::<u64>("a").is_ok());
            assert!(took < 3 * LEN + 300_000, "{method}: all took {took}");
        }
        let huge = [
            Header::for_record::<[u64; 1 << 13]>(1 << 40).to_bytes(),
            Header::new("|V2147483647".parse().unwrap(), Order::Fortran, &[3, 3])
                .unwrap()
                .to_bytes(),
            file("{'descr': '|u1', 'fortran_order': True, 'shape': (4294967296, 1024), }"),
            b"\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr'".to_vec(),
        ];
        for bytes in huge {
            let archive = zipped(&bytes, method);
            let took = peak(|| {
                let mut archive = Reader::new(Cursor::new(&archive)).unwrap();
                let options = npyrec::ReadOptions::new().flat(true).in_c_order(true);
                let read = archive
                    .by_name("a")
                    .and_then(|array| array.with(options).rows::<u8>())
                    .is_ok();
                let header = archive.by_name("a").is_ok();
                let rows = archive
                    .by_name("a")
                    .and_then(|array| array.rows::<[u64; 1 << 13]>())
                    .map(|mut rows| rows.next().is_some());
                let values = archive
                    .by_name("a")
                    .and_then(|array| array.rows::<Value>())
                    .map(|mut rows| rows.next().is_some());
                (read, header, rows.is_ok(), values.is_ok())
            });
            assert!(took < 300_000, "{method}: {took} for {bytes:?}");
        }
    }
}

/// An archive of one member that expands to a bit less than `len` zeros, and to at least 512 KiB, from about a
/// thousandth of them. The number of rows is true, the checksum is not. The archive says that the member
/// has `told` bytes, or the truth.
#[cfg(feature = "npz")]
fn zeros_in_an_archive(len: usize, told: Option<u32>) -> Vec<u8> {
    const SHORT: usize = 512 << 10;
    // A byte in the middle is four times two bits, each of which stands for 258 zeros.
    const ZEROS: usize = 4 * 258;
    let more = len.saturating_sub(SHORT) / ZEROS;
    let rows = SHORT + more * ZEROS;
    let mut bytes = Header::for_record::<u8>(rows as u64).to_bytes();
    let size = (bytes.len() + rows) as u32;
    bytes.resize(bytes.len() + SHORT, 0);
    let mut archive = zipped(&bytes, zip::CompressionMethod::Deflated);

    let find = |archive: &[u8], signature: &[u8]| {
        let found = archive.windows(4).rposition(|bytes| bytes == signature);
        found.unwrap()
    };
    let equal = |run: &[u8]| run.iter().all(|byte| *byte == run[0]);
    let run = archive.windows(100).position(equal).unwrap();
    let (at, byte) = (run + 50, archive[run]);
    archive.splice(at..at, std::iter::repeat_n(byte, more));
    let (entry, end) = (find(&archive, b"PK\x01\x02"), find(&archive, b"PK\x05\x06"));
    let mut change = |at: usize, change: &dyn Fn(u32) -> u32| {
        let place = archive[at..].first_chunk_mut::<4>().unwrap();
        *place = change(u32::from_le_bytes(*place)).to_le_bytes();
    };
    // The compressed size and the size: in the member's header, and in its entry in the directory.
    for at in [18, entry + 20] {
        change(at, &|compressed| compressed + more as u32);
        change(at + 4, &|_| told.unwrap_or(size));
    }
    // Where the directory starts.
    change(end + 16, &|start| start + more as u32);
    archive
}

/// No way to read the member `a` takes the memory that it expands to.
#[cfg(feature = "npz")]
fn is_refused_at_every_door(archive: &[u8], limit: Option<u64>, expected: &str) {
    use std::io::Cursor;

    use npyrec::npz::Reader;

    let open = || {
        let archive = Reader::new(Cursor::new(archive)).unwrap();
        match limit {
            Some(limit) => archive.max_expanded_size(limit),
            None => archive,
        }
    };
    let check = |door: &str, error: npyrec::Error| {
        assert!(error.to_string().contains(expected), "{door}: {error}");
    };
    let by_name = peak(
        || match open().by_name("a").and_then(|array| array.rows::<u8>()) {
            Ok(mut rows) => check("by_name", rows.find_map(Result::err).unwrap()),
            Err(error) => check("by_name", error),
        },
    );
    let values = peak(
        || match open().by_name("a").and_then(|array| array.rows::<Value>()) {
            Ok(mut rows) => check("values", rows.find_map(Result::err).unwrap()),
            Err(error) => check("values", error),
        },
    );
    let read = peak(|| check("read", open().read::<u8>("a").unwrap_err()));
    let took = [by_name, values, read];
    assert!(took.iter().all(|&took| took < 4 << 20), "{took:?}");
}

#[cfg(feature = "npz")]
#[test]
fn an_archive_that_expands_a_thousandfold_is_refused_without_the_memory() {
    use std::io::Cursor;

    use npyrec::npz::Reader;

    const GIB: usize = 1 << 30;
    const MIB: usize = 1 << 20;
    let archive = zeros_in_an_archive(GIB, None);
    assert!(archive.len() < 1_100_000, "{}", archive.len());
    let by_default = "expands to more than 268435456 bytes";
    is_refused_at_every_door(&archive, None, by_default);
    let by_limit = "expands to more than 1048576 bytes";
    is_refused_at_every_door(&archive, Some(MIB as u64), by_limit);
    // A size may be told that is not true: too small, or too large.
    let archive = zeros_in_an_archive(GIB, Some(1000));
    is_refused_at_every_door(&archive, None, "larger than its declared");
    is_refused_at_every_door(&archive, Some(u64::MAX), "larger than its declared");
    let archive = zeros_in_an_archive(0, Some(GIB as u32));
    is_refused_at_every_door(&archive, None, by_default);

    // The member expands to the right size; only the checksum is wrong.
    let archive = zeros_in_an_archive(4 * MIB, None);
    let open = |limit| {
        let archive = Reader::new(Cursor::new(&archive)).unwrap();
        archive.max_expanded_size(limit)
    };
    let error = open(u64::MAX).read::<u8>("a").unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");

    // What is within the limit is read, to the byte.
    let bytes = [Header::for_record::<u8>(1 << 20).to_bytes(), vec![0; MIB]].concat();
    let archive = zipped(&bytes, zip::CompressionMethod::Deflated);
    let size = bytes.len() as u64;
    let limit = format!("expands to more than {} bytes", size - 1);
    is_refused_at_every_door(&archive, Some(size - 1), &limit);
    for limit in [size, u64::MAX] {
        let archive = Reader::new(Cursor::new(&archive)).unwrap();
        let mut archive = archive.max_expanded_size(limit);
        assert!(archive.read::<u8>("a").unwrap() == vec![0; MIB]);
    }
}

/// Writing and logging take a buffer.
#[cfg(feature = "npz")]
#[test]
fn logging_into_an_archive_takes_a_buffer() {
    use npyrec::npz::{Compression, Writer};

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npz");
    for compression in [Compression::Stored, Compression::Deflated] {
        let took = peak(|| {
            let mut archive = Writer::create(&path).unwrap().compression(compression);
            let mut log = archive.records::<(u8, u64)>("log").unwrap();
            log.extend((0..1_000_000).map(|n| (7, n))).unwrap();
            log.finish().unwrap();
            archive.finish().unwrap();
        });
        assert!(took < 1 << 20, "{took}");
    }
}

/// A directory that promises many members.
#[cfg(feature = "npz")]
#[test]
fn a_directory_takes_memory_in_proportion_to_the_archive() {
    use std::io::Cursor;

    use npyrec::npz::Reader;

    const LEN: usize = 4 << 20;
    let mut bytes = vec![0; LEN];
    let (directory, end) = (bytes.len() as u64 / 2, bytes.len() as u64);
    // The number of members that would have room.
    let members = (end - directory) / 46;
    bytes.extend(b"PK\x06\x06");
    bytes.extend(44_u64.to_le_bytes());
    bytes.extend([45, 0, 45, 0]);
    bytes.extend([0; 8]);
    for number in [members, members, u64::from(u32::MAX) * 46, directory] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(b"PK\x06\x07");
    bytes.extend(0_u32.to_le_bytes());
    bytes.extend(end.to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 4]);
    bytes.extend([0xff; 12]);
    bytes.extend([0; 2]);
    let took = peak(|| Reader::new(Cursor::new(&bytes)).unwrap_err());
    assert!(took < 20 * LEN, "{took}");
}
