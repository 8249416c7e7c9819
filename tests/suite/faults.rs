//! System calls that fail for ever, from each one on, at the doors that write files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use npyrec::{AppendOptions, Appender, Recovery};
use serde_json::json;

use crate::{
    format::file,
    numpy::numpy,
    process::{CHECK, Numbered, Running, command, is_full, strace},
    recover::names,
    room_to_grow::inserting_folder,
    survive::{FTRUNCATE, LSEEK, disturbed},
};

const OLD: [u64; 3] = [1, 2, 3];
const NEW: [u64; 4] = [5, 6, 7, 8];

/// A call that writes a file, or adds to it, and whether the old file stays until the new one is whole.
type Door = (&'static str, fn(&Path) -> npyrec::Result<()>, bool);

/// The doors through which files are written.
const DOORS: &[Door] = &[
    ("npyrec::write", |path| npyrec::write(path, &NEW), true),
    (
        "append",
        |path| {
            let mut log = Appender::<u64>::open(path)?;
            log.append_slice(&NEW)?;
            log.sync()?;
            log.close()
        },
        false,
    ),
    (
        "create",
        |path| {
            let mut log = Appender::<u64>::create(path)?;
            log.append_slice(&NEW)?;
            log.sync()?;
            log.close()
        },
        false,
    ),
    (
        "append through a map",
        |path| {
            let mut log = AppendOptions::new().mapped(true).open::<u64>(path)?;
            log.append_slice(&NEW)?;
            log.sync()?;
            log.close()
        },
        false,
    ),
    (
        "append to a stream",
        |path| {
            let mut stream = npyrec::stream::Writer::open(path)?;
            stream.write(&NEW)
        },
        false,
    ),
    #[cfg(feature = "ndarray")]
    (
        "npyrec::write_array",
        |path| npyrec::write_array(path, &ndarray::arr1(&NEW)),
        true,
    ),
    #[cfg(feature = "npz")]
    (
        "npz",
        |path| {
            let mut archive = npyrec::npz::Writer::create(path)?;
            archive.write("new", &NEW)?;
            archive.finish().map(drop)
        },
        true,
    ),
    #[cfg(feature = "npz")]
    (
        "records added to an npz",
        |path| {
            let mut archive = npyrec::npz::Writer::open(path)?;
            let mut records = archive.records::<u64>("new")?;
            records.append_slice(&NEW)?;
            records.finish()?;
            archive.finish().map(drop)
        },
        true,
    ),
    (
        "concatenate",
        |path| npyrec::stream::concatenate(arrays_beside(path), path).map(drop),
        true,
    ),
    (
        "cut_torn",
        |path| npyrec::stream::cut_torn(path).map(drop),
        true,
    ),
    (
        "make_appendable",
        |path| npyrec::make_appendable(path).map(drop),
        true,
    ),
    (
        "recover",
        |path| npyrec::recover(path, Recovery::Adopt).map(drop),
        false,
    ),
];

/// Returns the path of the arrays to be put together, which are in another folder.
fn arrays_beside(path: &Path) -> PathBuf {
    let folder = path.parent().and_then(Path::parent).unwrap();
    folder.join("arrays.npy")
}

/// The bytes of the file before, for a door.
fn old_file(path: &Path, name: &str) -> Vec<u8> {
    npyrec::write(path, &OLD).unwrap();
    let bytes = fs::read(path).unwrap();
    match name {
        "make_appendable" => narrow(&OLD),
        // A row that no header counts, and a part of another.
        "recover" => [&bytes[..], &[4; 9]].concat(),
        // A second array whose last row is not whole.
        "cut_torn" => [&bytes[..], &bytes[..bytes.len() - 1]].concat(),
        #[cfg(feature = "npz")]
        "records added to an npz" => {
            let mut archive = npyrec::npz::Writer::create(path).unwrap();
            archive.write("old", &OLD).unwrap();
            archive.finish().unwrap();
            fs::read(path).unwrap()
        }
        _ => bytes,
    }
}

/// The calls that fail, and their errors.
const CALLS: [(&str, &str); 10] = [
    ("write", "ENOSPC"),
    ("pwrite64", "ENOSPC"),
    ("copy_file_range", "ENOSPC"),
    (FTRUNCATE, "EIO"),
    ("fsync", "EIO"),
    ("fallocate", "ENOSPC"),
    ("renameat", "EIO"),
    ("renameat2", "EIO"),
    ("fchmod", "EPERM"),
    (LSEEK, "EIO"),
];

/// Opens a file in a separate process, by the name of a function. If that fails, the process ends silently.
pub fn open_door(path: &Path, name: &str, say: fn(u64)) {
    // `strace` counts the calls of each thread, and the first writes once before this one does.
    say(0);
    let (_, door, _) = DOORS.iter().find(|(door, ..)| *door == name).unwrap();
    let is_done = door(path).is_ok();
    std::process::exit(if is_done { 0 } else { 1 });
}

/// Returns the numbers that NumPy loads from a file, or `None` if it refuses the file.
fn loaded(path: &Path) -> Option<Vec<u64>> {
    let own = match npyrec::read::<u64>(path) {
        Ok(rows) => Some(rows),
        #[cfg(feature = "npz")]
        Err(_) => npyrec::npz::Reader::open(path)
            .ok()
            .and_then(|mut archive| {
                let newest = archive.names().last()?.clone();
                archive.read(&newest).ok()
            }),
        #[cfg(not(feature = "npz"))]
        Err(_) => None,
    };
    if let Some(mut numpy) = numpy() {
        let code = "try: a = np.load(path)\n\
                    except (ValueError, EOFError): a = None\n\
                    answer = None if a is None else (a if isinstance(a, np.ndarray) else a[a.files[-1]]).tolist()";
        assert_eq!(numpy.python(path, code), json!(own));
    }
    own
}

/// From each call on to the last, each door in turn.
#[test]
fn whichever_calls_fail_for_ever_a_file_is_the_old_one_or_the_new_one() {
    if !cfg!(target_os = "linux") || !strace() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let folder = fs::canonicalize(dir.path()).unwrap().join("folder");
    fs::create_dir(&folder).unwrap();
    let path = folder.join("file.npy");
    let mut arrays = npyrec::stream::Writer::open(arrays_beside(&path)).unwrap();
    arrays.write(&NEW[..1]).unwrap();
    arrays.write(&NEW[1..]).unwrap();
    let mut failed = 0;
    for &(name, _, is_replaced) in DOORS {
        let old = old_file(&path, name);
        for (call, error) in CALLS {
            let first = if call == "write" { 2 } else { 1 };
            for nth in first.. {
                fs::write(&path, &old).unwrap();
                let fail = format!("error={error}:when={nth}+");
                let child = command("open a door", &path, name);
                let (is_done, injected) = disturbed(&child, &[(call, &fail)]);
                let case = format!("{name}: {call} from {nth} on: {injected:?}");
                let after = fs::read(&path).unwrap();
                let rows = loaded(&path);
                if is_replaced && !is_done && call != "fsync" {
                    assert!(after == old, "{case}");
                }
                let rows = rows.unwrap_or_else(|| panic!("{case}"));
                let expected = match name {
                    "append" | "append through a map" => [&OLD[..], &NEW].concat(),
                    "append to a stream" | "cut_torn" => OLD.to_vec(),
                    "make_appendable" | "recover" => rows.clone(),
                    _ => NEW.to_vec(),
                };
                assert!(!is_done || rows == expected, "{case}: {rows:?}");
                assert!(
                    rows.starts_with(&OLD) || NEW.starts_with(&rows),
                    "{case}: {rows:?}"
                );
                if name.starts_with("append") {
                    assert!(rows.starts_with(&OLD), "{case}");
                }
                assert_eq!(names(&folder), ["file.npy"], "{case}");
                let folder = &*folder.to_string_lossy();
                let is_hit = injected.iter().any(|call| call.contains(folder));
                failed += u32::from(is_hit);
                if !is_hit || nth > first && !is_full() {
                    break;
                }
                assert!(nth < 100, "{case}");
            }
        }
    }
    println!("doors: {failed} cases");
    assert!(failed > 45, "{failed}");
}

/// A file of numbers without room to grow, as its bytes.
fn narrow(numbers: &[u64]) -> Vec<u8> {
    let data: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
    let len = numbers.len();
    let text = format!("{{'descr': '<u8', 'fortran_order': False, 'shape': ({len},), }}");
    file(1, &text, 16, &data)
}

#[test]
fn make_appendable_leaves_the_old_file_though_every_later_write_fails() {
    if !cfg!(target_os = "linux") || !strace() {
        return;
    }
    let Some(dir) = inserting_folder() else {
        return;
    };
    let folder = fs::canonicalize(dir.path()).unwrap();
    let path = folder.join("narrow.npy");
    let numbers = Vec::from_iter(0..200_000);
    let old = narrow(&numbers);
    for (call, error) in [
        ("pwrite64", "EIO"),
        ("pwrite64", "ENOSPC"),
        ("fsync", "EIO"),
    ] {
        let mut failed = 0;
        for nth in 1.. {
            fs::write(&path, &old).unwrap();
            let fail = format!("error={error}:when={nth}+");
            let child = command("open a door", &path, "make_appendable");
            let (is_done, injected) = disturbed(&child, &[(call, &fail)]);
            let folder = &*folder.to_string_lossy();
            if !injected.iter().any(|call| call.contains(folder)) {
                assert!(is_done);
                break;
            }
            failed += 1;
            assert!(!is_done && fs::read(&path).unwrap() == old, "{call} {nth}");
        }
        assert!(failed > 1, "{call}: {failed}");
    }
    // Where the block cannot be removed either, it is as after a kill.
    fs::write(&path, &old).unwrap();
    let child = command("open a door", &path, "make_appendable");
    let fail = [
        ("pwrite64", "error=EIO"),
        ("fallocate", "error=EIO:when=2+"),
    ];
    assert!(!disturbed(&child, &fail).0);
    assert!(fs::read(&path).unwrap() != old);
    npyrec::recover(&path, Recovery::Adopt).unwrap();
    assert_eq!(npyrec::read::<u64>(&path).unwrap(), numbers);
}

/// The rows of a log that lacks memory for a map.
#[cfg(target_os = "linux")]
const ROWS: u64 = 10_000;

/// A map that fails is not an error.
#[cfg(target_os = "linux")]
#[test]
fn a_mapped_log_without_memory_for_a_map_writes_its_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npy");
    let child = Running::start(&mut command("lack memory for a map", &path, ""));
    let (last, status) = child.last_number();
    assert!(status.success());
    assert_eq!(last, Some(ROWS));
    let rows = npyrec::read::<Numbered>(&path).unwrap();
    assert!(rows.into_iter().eq((0..ROWS).map(Numbered::new)));
    if let Some(mut numpy) = numpy() {
        let code = format!("{CHECK}\na = np.load(path)\ncheck(a)\nanswer = len(a)");
        assert_eq!(numpy.python(&path, &code), json!(ROWS));
    }
}

/// Appends while there is no more memory to map, and on when there is.
#[cfg(target_os = "linux")]
pub fn lack_memory(path: &Path, say: fn(u64)) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let all = getrlimit(Resource::As);
    let options = AppendOptions::new().buffer_capacity(1_000);
    let mut log = options.mapped(true).create_new(path).unwrap();
    let is_mapped = || {
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        maps.contains("log.npy")
    };
    let sizes = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = sizes.split(' ').next().unwrap().parse().unwrap();
    // A window is larger than the remaining memory.
    let current = Some(pages * 4096 + (600 << 10));
    setrlimit(Resource::As, Rlimit { current, ..all }).unwrap();
    let append = |log: &mut Appender<Numbered>, rows: std::ops::Range<u64>| {
        for number in rows {
            log.append(&Numbered::new(number)).unwrap();
            if number % 100 == 0 {
                log.commit().unwrap();
                assert_eq!(log.committed_rows(), number + 1);
            }
        }
    };
    append(&mut log, 0..5_000);
    assert_eq!(npyrec::check(path).unwrap().header_rows(), Some(4_901));
    setrlimit(Resource::As, all).unwrap();
    append(&mut log, 5_000..ROWS);
    assert!(is_mapped(), "it is tried again");
    log.close().unwrap();
    say(ROWS);
}

/// Near the largest length of a file, rows are stored up to it, though the signal for going beyond it would
/// end the program.
#[cfg(target_os = "linux")]
#[test]
fn a_mapped_log_fills_a_file_to_the_largest_length_that_is_allowed() {
    let dir = tempfile::tempdir().unwrap();
    for limit in [
        128 + 32,
        1_000,
        4_096,
        4_128,
        4_160,
        10_000,
        1 << 20,
        (3 << 20) + 40,
    ] {
        let path = dir.path().join(format!("{limit}.npy"));
        let rows = (limit - 128) / 32;
        let child = command("fill to a limit", &path, &limit.to_string());
        let (last, status) = Running::start(&mut { child }).last_number();
        assert!(status.success(), "{limit}: {status}");
        assert_eq!(last, Some(rows));
        let read = npyrec::read::<u64>(&path).unwrap();
        assert!(read.len() as u64 == rows * 4);
    }
}

/// Appends rows of four numbers up to the limit on the length of a file.
#[cfg(target_os = "linux")]
pub fn fill_to(path: &Path, limit: u64, say: fn(u64)) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let all = getrlimit(Resource::Fsize);
    let current = Some(limit);
    let options = AppendOptions::new().mapped(true);
    let mut log = options.buffer_capacity(64).create_new::<u64>(path).unwrap();
    setrlimit(Resource::Fsize, Rlimit { current, ..all }).unwrap();
    let rows = (limit - 128) / 32;
    for row in 0..rows {
        log.append_slice(&[row; 4]).unwrap();
        log.commit().unwrap();
    }
    setrlimit(Resource::Fsize, all).unwrap();
    log.close().unwrap();
    say(rows);
}
