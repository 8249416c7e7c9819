//! Records larger than a stack, and files larger than memory: in programs with little of either.
#![allow(
    missing_docs,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::{
    env, fs,
    fs::File,
    io::{Cursor, Write},
    path::Path,
    process::Command,
    thread,
};

use npyrec::{
    AppendOptions, Appender, ArrayAppender, EncodeAs, ErrorKind, Follow, Header, Mapped, MappedMut,
    NpyFile, NpyRecord, Order, Reader, Str, Value, npz, stream,
};

/// As each thread has that a program starts.
const STACK: usize = 2 << 20;

fn in_small_thread(test: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(STACK).spawn(test);
    thread.unwrap().join().unwrap();
}

/// 64 MiB that are copied whole.
type Plain = [f64; 8 << 20];

/// A record of 64 MiB that is decoded field by field.
#[derive(NpyRecord)]
struct Frame {
    ok: bool,
    samples: [f64; 8 << 20],
    inner: Inner,
}

#[derive(NpyRecord)]
struct Inner {
    number: u16,
    grid: [[Flagged; 64]; 1024],
}

#[derive(NpyRecord)]
struct Flagged(bool, u16);

/// Values whose form in the file is another than in memory.
#[derive(NpyRecord)]
struct Converted {
    flags: [bool; FLAGS],
    #[npy(dtype = "S4194304")]
    ascii: String,
    #[npy(dtype = ">U1048576")]
    text: String,
    chars: Str<{ 1 << 19 }>,
    #[npy(dtype = ">f4")]
    swapped: [f64; 1 << 18],
    #[npy(dtype = "S3145728")]
    padded: [u8; 3 << 20],
    #[npy(dtype = "u2")]
    narrow: [u64; 1 << 18],
    pairs: (u8, [(bool, i8); 1 << 18]),
    #[npy(skip)]
    _skipped: u8,
}

/// A test that is not optimized decodes slowly.
const FLAGS: usize = if cfg!(debug_assertions) {
    3 << 20
} else {
    64 << 20
};

#[derive(NpyRecord)]
#[repr(C, packed)]
struct Packed {
    flag: u8,
    samples: [f64; 1 << 19],
}

/// Two records, from bytes that are values of all types here.
fn bytes_of<R: NpyRecord>() -> Vec<u8> {
    let cycle = [1_u8, 0, 0, 0];
    let mut bytes: Vec<u8> = (0..2 * R::ITEMSIZE)
        .map(|n| cycle[n % 4] * ((n / 4) % 2) as u8)
        .collect();
    bytes
        .iter_mut()
        .step_by(R::ITEMSIZE)
        .for_each(|first| *first = 1);
    bytes
}

fn encoded<R: NpyRecord>(record: &R) -> Vec<u8> {
    let mut bytes = vec![0; R::ITEMSIZE];
    record.encode(&mut bytes).unwrap();
    bytes
}

#[track_caller]
fn check<'a, R: NpyRecord + 'a>(records: impl IntoIterator<Item = &'a R>, expected: &[u8]) {
    let mut expected = expected.chunks(R::ITEMSIZE);
    for record in records {
        assert!(encoded(record) == expected.next().unwrap());
    }
    assert!(expected.next().is_none());
}

#[allow(unsafe_code)]
fn read_and_append<R: NpyRecord + EncodeAs<Box<R>> + Send + 'static>(bytes: &[u8]) {
    let dir = tempfile::tempdir().unwrap();
    let (path, other) = (dir.path().join("large.npy"), dir.path().join("other.npy"));
    let file = [&Header::for_record::<R>(2).to_bytes(), bytes].concat();
    fs::write(&path, &file).unwrap();
    let is_written = |path: &Path| assert!(fs::read(path).unwrap() == file);

    let mut records = npyrec::read::<R>(&path).unwrap();
    check(&records, bytes);
    assert_eq!(
        Reader::<R>::open(&path)
            .unwrap()
            .read_into(&mut records)
            .unwrap(),
        2
    );
    check(&records, bytes);
    let boxed = Reader::<Box<R>>::open(&path).unwrap();
    boxed
        .zip(bytes.chunks(R::ITEMSIZE))
        .for_each(|(record, bytes)| check([&*record.unwrap()], bytes));
    check(
        &Reader::<R, _>::new(&file[..]).unwrap().read_all().unwrap(),
        bytes,
    );

    let npy = NpyFile::open(&path).unwrap();
    check(&npy.read_range::<R>(0..2).unwrap(), bytes);
    check(
        &npy.read_range::<Box<R>>(1..2).unwrap(),
        &bytes[R::ITEMSIZE..],
    );

    let mut follow = Follow::<R>::open(&path).unwrap();
    let mut followed = Vec::new();
    while followed.is_empty() || follow.remaining() > 0 {
        follow.poll_into(&mut followed).unwrap();
    }
    check(&followed, bytes);
    drop(followed);

    // SAFETY: nobody else has the file.
    let mapped = unsafe { Mapped::<Box<R>>::open(&path) }.unwrap();
    check([&*mapped.get(1).unwrap().unwrap()], &bytes[R::ITEMSIZE..]);
    drop(mapped);

    npyrec::write(&other, &records).unwrap();
    is_written(&other);
    // SAFETY: nobody else has the file.
    let mut mapped = unsafe { MappedMut::<R>::open(&other) }.unwrap();
    mapped.set(0, &records[1]).unwrap();
    mapped.set(0, &records[0]).unwrap();
    drop(mapped);
    is_written(&other);

    let mut log = Appender::<R>::create(&other).unwrap();
    log.append(&records[0]).unwrap();
    log.append_slice(&records[1..]).unwrap();
    log.close().unwrap();
    is_written(&other);
    let mut log = ArrayAppender::<R>::create(&other, &[]).unwrap();
    log.append_rows(&records).unwrap();
    log.close().unwrap();
    is_written(&other);
    drop(records);

    let boxed = || npyrec::read::<Box<R>>(&path).unwrap();
    let (logger, guard) = Appender::<Box<R>>::create(&other)
        .unwrap()
        .into_background(Default::default());
    boxed()
        .into_iter()
        .for_each(|record| logger.log(record).unwrap());
    guard.close().unwrap();
    is_written(&other);

    let mut array = stream::Writer::new(Vec::new());
    array.write(&boxed()).unwrap();
    let written = array.into_inner();
    assert!(written == file);
    let mut arrays = stream::Reader::new(&written[..]);
    check(
        &arrays.next_array().unwrap().unwrap().read::<R>().unwrap(),
        bytes,
    );
    let mut writer = stream::RecordWriter::<Box<R>, _>::new(Vec::new(), 2).unwrap();
    writer.append(&boxed()[0]).unwrap();
    writer.append_slice(&boxed()[1..]).unwrap();
    assert!(writer.finish().unwrap() == file);
    let mut archive = npz::Writer::new(Cursor::new(Vec::new()));
    let mut log = archive.records::<Box<R>>("log").unwrap();
    log.extend(&boxed()).unwrap();
    log.finish().unwrap();
    archive.write("large", &boxed()).unwrap();
    let mut archive = npz::Reader::new(archive.finish().unwrap()).unwrap();
    check(&archive.read::<R>("large").unwrap(), bytes);
    check(&archive.read::<R>("log").unwrap(), bytes);
}

#[test]
fn records_of_64_mib_that_are_copied_whole_need_no_stack() {
    in_small_thread(|| read_and_append::<Plain>(&bytes_of::<Plain>()));
}

#[test]
fn records_of_64_mib_that_are_decoded_field_by_field_need_no_stack() {
    in_small_thread(|| read_and_append::<Frame>(&bytes_of::<Frame>()));
}

#[test]
fn large_flags_texts_and_converted_numbers_need_no_stack() {
    in_small_thread(|| {
        let mut bytes = vec![0; 2 * Converted::ITEMSIZE];
        for record in bytes.chunks_mut(Converted::ITEMSIZE) {
            record[..FLAGS].fill(1);
            record[FLAGS..][..4 << 20].fill(b'a');
            record[FLAGS + (4 << 20)..][..4 << 20]
                .copy_from_slice(&[0, 0, 0, b'z'].repeat(1 << 20));
        }
        read_and_append::<Converted>(&bytes);
    });
}

#[test]
fn large_packed_records_need_no_stack() {
    in_small_thread(|| read_and_append::<Packed>(&bytes_of::<Packed>()));
}

#[test]
fn large_records_of_another_byte_order_are_converted_without_the_stack() {
    in_small_thread(|| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("swapped.npy");
        let dtype = ">f8".parse().unwrap();
        let header = Header::new(dtype, Order::C, &[2, 524_288])
            .unwrap()
            .to_bytes();
        fs::write(
            &path,
            [header, 1.5_f64.to_be_bytes().repeat(2 * 524_288)].concat(),
        )
        .unwrap();
        let records = npyrec::read::<[f64; 524_288]>(&path).unwrap();
        assert!(records.len() == 2 && records.as_flattened().iter().all(|&x| x == 1.5));
        let records = Reader::<Box<[f64; 524_288]>>::open(&path).unwrap();
        assert_eq!(records.map(|record| record.unwrap()[7]).sum::<f64>(), 3.0);
    });
}

const CHILD: &str = "NPYREC_TEST_LITTLE_MEMORY";

/// A file of 8 TiB, all of it a hole but the header.
fn sparse(path: &Path, dtype: &str, order: Order, shape: &[u64]) -> bool {
    let header = Header::new(dtype.parse().unwrap(), order, shape).unwrap();
    let mut file = File::create(path).unwrap();
    file.write_all(&header.to_bytes()).unwrap();
    // Not every file system has files as long.
    file.set_len(header.to_bytes().len() as u64 + header.data_len().unwrap())
        .is_ok()
}

fn is_refused<T>(door: &str, result: npyrec::Result<T>) {
    let Err(error) = result else {
        panic!("{door}: 8 TiB were read")
    };
    match error.kind() {
        ErrorKind::Io => {
            assert_eq!(
                error.io_error().unwrap().kind(),
                std::io::ErrorKind::OutOfMemory
            );
            assert!(
                error
                    .to_string()
                    .contains("the system refused an allocation of"),
                "{door}: {error}"
            );
        }
        ErrorKind::Shape => {
            let text = error.to_string();
            let is_too_large = text.contains("more than a file or the memory can hold")
                // The elements have more addresses than 32 bits.
                || text.contains("no memory holds an array");
            assert!(is_too_large, "{door}: {error}");
        }
        // A value of a row says so as part of it.
        ErrorKind::Decode => {
            assert!(error.to_string().contains("memory"), "{door}: {error}");
        }
        _ => panic!("{door}: {error}"),
    }
    assert!(error.path().is_some(), "{door}: {error}");
}

/// A limit of 1 GiB for all memory makes the system refuse what it otherwise may grant and not have.
#[cfg(target_os = "linux")]
#[test]
fn a_sparse_file_of_8_tib_is_an_error_at_every_door() {
    if env::var_os(CHILD).is_some() {
        return sparse_files();
    }
    let test = "a_sparse_file_of_8_tib_is_an_error_at_every_door";
    let child = Command::new("sh")
        .args([
            "-c",
            "ulimit -v 1048576 && exec \"$0\" --exact \"$1\" --test-threads=1",
        ])
        .arg(env::current_exe().unwrap())
        .arg(test)
        .env(CHILD, "1")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&child.stdout);
    let errors = String::from_utf8_lossy(&child.stderr);
    assert!(
        child.status.success(),
        "{}\n{output}\n{errors}",
        child.status
    );
    assert!(output.contains("1 passed"), "{output}");
}

#[allow(unsafe_code)]
fn sparse_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sparse.npy");
    const ROWS: u64 = 1 << 40;

    if !sparse(&path, "<f8", Order::C, &[ROWS]) {
        return;
    }
    is_refused("read", npyrec::read::<f64>(&path));
    is_refused(
        "read of what is decoded",
        npyrec::ReadOptions::new()
            .casting(npyrec::Casting::SameKind)
            .read::<f32>(&path),
    );
    is_refused("read of boxes", npyrec::read::<Box<f64>>(&path));
    is_refused("read_array", npyrec::read_array::<f64>(&path));
    let file = NpyFile::open(&path).unwrap();
    is_refused("read_range", file.read_range::<Value>(0..ROWS));
    is_refused("read_range_as", file.read_range::<f64>(0..ROWS));
    is_refused(
        "read_range_as of boxes",
        file.read_range::<Box<f64>>(0..ROWS),
    );
    is_refused(
        "read_strided",
        file.read_strided::<Value>(0..ROWS, 2.try_into().unwrap()),
    );
    is_refused(
        "read_strided_as",
        file.read_strided::<f64>(0..ROWS, 2.try_into().unwrap()),
    );
    is_refused("NpyFile::read_array", file.read_array::<f64>(0..ROWS));
    assert_eq!(file.rows().take(3).count(), 3);
    assert_eq!(file.read_range::<f64>(ROWS - 2..ROWS).unwrap(), [0.0; 2]);

    let mut reader = Reader::<f64>::open(&path).unwrap();
    assert_eq!(
        (reader.remaining(), reader.next().unwrap().unwrap()),
        (ROWS, 0.0)
    );
    assert_eq!(reader.read_into(&mut [1.0; 100]).unwrap(), 100);
    is_refused("read_all", Reader::<f64>::open(&path).unwrap().read_all());

    let mut follow = Follow::<f64>::open(&path).unwrap();
    for polls in 1..=3_u64 {
        assert_eq!(follow.poll().unwrap(), vec![0.0; 2 << 20]);
        assert_eq!(follow.remaining(), ROWS - polls * (2 << 20));
    }
    // SAFETY: nobody else has the file.
    match unsafe { Mapped::<f64>::open(&path) } {
        Ok(mapped) => assert_eq!(mapped.get(0).unwrap().unwrap(), 0.0),
        Err(error) => {
            let is_refused = matches!(error.kind(), ErrorKind::Io | ErrorKind::Shape);
            assert!(is_refused, "{error}");
        }
    }

    // A row is all of it.
    assert!(sparse(&path, "<f8", Order::C, &[1, ROWS]));
    let file = NpyFile::open(&path).unwrap();
    is_refused("row", file.row(0));
    is_refused("rows", file.rows().next().unwrap());
    is_refused("read_range", file.read_range::<Value>(0..1));
    is_refused("read_array of a row", file.read_array::<f64>(0..1));

    assert!(sparse(&path, "<f8", Order::Fortran, &[1 << 20, 1 << 20]));
    let options = npyrec::ReadOptions::new().flat(true).in_c_order(true);
    is_refused("in_c_order", options.open::<f64>(&path));
    is_refused(
        "read_array in Fortran order",
        npyrec::read_array::<f64>(&path),
    );
    let file = NpyFile::open(&path).unwrap();
    is_refused(
        "read_range in Fortran order",
        file.read_range::<Value>(0..1 << 20),
    );
    assert!(Reader::<Value>::new(&fs::read("/dev/null").unwrap()[..]).is_err());

    // A row that is mostly what nobody asks for.
    let dtype = "[('a', '<f8'), ('b', '|V8796093022208')]";
    #[derive(NpyRecord)]
    struct A {
        #[allow(dead_code)]
        a: f64,
    }
    if dtype.parse::<npyrec::DType>().is_ok() && sparse(&path, dtype, Order::C, &[1]) {
        is_refused("read of part of a row", npyrec::read::<A>(&path));
        is_refused(
            "row with a large field",
            NpyFile::open(&path).unwrap().row(0),
        );
        let mut follow = Follow::<A>::open(&path).unwrap();
        is_refused("poll", follow.poll());
    }
    let appender = AppendOptions::new().buffer_capacity(usize::MAX);
    match appender.create::<u8>(dir.path().join("log.npy")) {
        Ok(mut log) => log.append(&1).unwrap(),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Io, "{error}"),
    }
}
