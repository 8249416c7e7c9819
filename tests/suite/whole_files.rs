//! Files that are written whole: an old one is there until the new one is, and nothing else is left.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ndarray::{Array1, Array2};
use npyrec::{Appender, ArrayAppender, ErrorKind, NpyRecord, npz, stream};

#[cfg(target_os = "linux")]
use crate::{
    process::{command, inside, strace},
    survive::disturbed,
};
use crate::{recover::names, system::replaces_open_files};

/// A record that may not fit.
#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Named {
    number: u64,
    #[npy(dtype = "S8")]
    name: String,
}

fn named(number: u64) -> Named {
    let name = format!("n{number}");
    Named { number, name }
}

const TOO_LONG: &str = "longer than 8";

/// More than a block of records, whose last one does not fit.
fn unfit() -> Vec<Named> {
    let mut records = Vec::from_iter((0..10_000).map(named));
    records[9_999].name = TOO_LONG.to_owned();
    records
}

type Door = fn(&Path) -> npyrec::Result<()>;

/// All that write a whole file of `.npy`, of about 100,000 bytes but for those that are made without rows.
const DOORS: [(&str, Door); 10] = [
    ("write", |path| npyrec::write(path, &[7_u64; 12_000])),
    ("write encoded", |path| {
        npyrec::write(path, &Vec::from_iter((0..6_000).map(named)))
    }),
    ("write_array", |path| {
        npyrec::write_array(path, &Array2::<f64>::ones((3, 4_000)).t())
    }),
    ("write_array encoded", |path| {
        let array = Array1::from_iter((0..12_000).map(named));
        npyrec::write_array(path, &array.slice(ndarray::s![..;2]))
    }),
    ("create_zeroed", |path| {
        npyrec::create_zeroed(path, &npyrec::Header::for_record::<f64>(12_000))
    }),
    ("concatenate", |path| {
        let dir = tempfile::tempdir().unwrap();
        stream::concatenate(two_arrays(dir.path()), path).map(drop)
    }),
    ("Appender::create", |path| {
        Appender::<u64>::create(path)?.close()
    }),
    ("ArrayAppender::create", |path| {
        ArrayAppender::<u64>::create(path, &[3])?.close()
    }),
    ("Appender<Value>::create", |path| {
        Appender::create_with_dtype(path, &"<u8".parse()?)?.close()
    }),
    ("npz", |path| {
        let mut archive = npz::Writer::create(path)?;
        archive.write("a", &[7_u64; 12_000])?;
        archive.finish().map(drop)
    }),
];

/// Writes a file of two arrays to a folder.
fn two_arrays(folder: &Path) -> PathBuf {
    let path = folder.join("arrays.npy");
    let mut arrays = stream::Writer::open(&path).unwrap();
    arrays.write(&[7_u64; 6_000]).unwrap();
    arrays.write(&[8_u64; 6_000]).unwrap();
    path
}

#[test]
fn a_record_that_does_not_fit_leaves_the_old_file_as_it_was_and_no_other() {
    let writers: [(&str, Door); 5] = [
        ("write", |path| npyrec::write(path, &unfit())),
        ("write_array", |path| {
            npyrec::write_array(path, &Array1::from_vec(unfit()))
        }),
        ("write_array, in Fortran order", |path| {
            let array = Array2::from_shape_vec((2, 5_000), unfit()).unwrap();
            npyrec::write_array(path, &array.t())
        }),
        ("npz", |path| {
            let mut archive = npz::Writer::create(path)?;
            archive.write("good", &[1_u8])?;
            archive.write("bad", &unfit())?;
            archive.finish().map(drop)
        }),
        ("npz, added to", |path| {
            if !path.exists() {
                return npz::Writer::create(path)?.write("bad", &unfit());
            }
            let mut archive = npz::Writer::open(path)?;
            archive.write("bad", &unfit())?;
            archive.finish().map(drop)
        }),
    ];
    for (door, write) in writers {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let is_refused = || {
            let error = write(&path).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Encode, "{door}: {error}");
        };
        is_refused();
        assert!(
            names(dir.path()).is_empty(),
            "{door}: nothing of a new file is left"
        );
        let mut old = npz::Writer::create(&path).unwrap();
        old.write("old", &[1_u64, 2, 3]).unwrap();
        old.finish().unwrap();
        let bytes = fs::read(&path).unwrap();
        is_refused();
        assert_eq!(fs::read(&path).unwrap(), bytes, "{door}");
        assert_eq!(names(dir.path()), ["file"], "{door}");
    }
}

#[test]
fn write_says_which_record_does_not_fit() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("records.npy");
    let error = npyrec::write(&path, &unfit()).unwrap_err();
    assert_eq!((error.row(), error.path()), (Some(9_999), Some(&*path)));
    assert_eq!(
        (error.kind(), error.field()),
        (ErrorKind::Encode, Some("name"))
    );
}

/// A reader of the old file reads on, at every door.
#[test]
fn a_file_that_is_replaced_is_there_for_those_who_have_it_open() {
    for (door, write) in DOORS {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        npyrec::write(&path, &[1_u32, 2]).unwrap();
        let old = npyrec::Reader::<u32>::open(&path).unwrap();
        let before = fs::read(&path).unwrap();
        match replaces_open_files() {
            true => {
                write(&path).unwrap();
                assert_ne!(fs::read(&path).unwrap(), before, "{door}");
            }
            false => {
                let error = write(&path).unwrap_err();
                assert!(matches!(error.kind(), ErrorKind::Io), "{door}: {error}");
                assert_eq!(fs::read(&path).unwrap(), before, "{door}");
            }
        }
        assert_eq!(Vec::from_iter(old.map(Result::unwrap)), [1, 2], "{door}");
        assert_eq!(names(dir.path()), ["file"], "{door}");
    }
}

#[test]
fn a_new_file_and_one_that_replaces_another_are_the_same() {
    for (door, write) in DOORS {
        let dir = tempfile::tempdir().unwrap();
        let (new, old) = (dir.path().join("new"), dir.path().join("old"));
        let empty = dir.path().join("empty");
        npyrec::write(&old, &[1_u32, 2]).unwrap();
        fs::write(&empty, []).unwrap();
        for path in [&new, &old, &empty] {
            write(path).unwrap();
        }
        if door == "npz" {
            // It holds the time.
            continue;
        }
        let bytes = fs::read(&new).unwrap();
        assert_eq!(fs::read(&old).unwrap(), bytes, "{door}");
        assert_eq!(fs::read(&empty).unwrap(), bytes, "{door}");
    }
}

#[test]
fn a_file_that_an_appender_has_open_is_not_replaced() {
    for (door, write) in DOORS.into_iter().filter(|(door, _)| *door != "npz") {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.npy");
        let mut log = Appender::<u32>::create(&path).unwrap();
        log.append(&7).unwrap();
        let error = write(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Locked, "{door}: {error}");
        log.close().unwrap();
        assert_eq!(npyrec::read::<u32>(&path).unwrap(), [7], "{door}");
        write(&path).unwrap();
        assert_eq!(names(dir.path()), ["log.npy"], "{door}");
    }
}

/// Nobody may lock the file once it is written, not even for a moment.
#[test]
fn a_file_that_was_written_can_be_appended_to_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npy");
    for n in 1..200_u64 {
        npyrec::write(&path, &[n; 3]).unwrap();
        let mut log = Appender::<u64>::open(&path).unwrap();
        log.append(&n).unwrap();
        log.close().unwrap();
        assert_eq!(npyrec::read::<u64>(&path).unwrap(), [n; 4]);
    }
    assert_eq!(names(dir.path()), ["log.npy"]);
}

#[cfg(unix)]
mod unix {
    use std::{
        io::Read,
        os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    };

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn permissions_are_those_of_a_new_file_or_of_the_old_one_and_links_are_followed() {
        for (door, write) in DOORS {
            let dir = tempfile::tempdir().unwrap();
            let (path, link) = (dir.path().join("file"), dir.path().join("link"));
            let plain = dir.path().join("plain");
            fs::write(&plain, []).unwrap();
            write(&path).unwrap();
            assert_eq!(mode(&path), mode(&plain), "{door}");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
            symlink("file", &link).unwrap();
            let before = fs::metadata(&path).unwrap().ino();
            write(&link).unwrap();
            assert_eq!(mode(&path), 0o604, "{door}");
            assert_ne!(fs::metadata(&path).unwrap().ino(), before, "{door}");
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "{door}");
        }
    }

    #[test]
    fn a_pipe_is_written_from_its_start_to_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let (pipe, file) = (dir.path().join("pipe"), dir.path().join("file"));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for (door, write) in DOORS.into_iter().take(4).chain([DOORS[5]]) {
            let _ = fs::remove_file(&file);
            write(&file).unwrap();
            let expected = fs::read(&file).unwrap();
            let bytes = std::thread::scope(|scope| {
                let reader = scope.spawn(|| {
                    let mut bytes = Vec::new();
                    let mut pipe = fs::File::open(&pipe).unwrap();
                    pipe.read_to_end(&mut bytes).unwrap();
                    bytes
                });
                write(&pipe).unwrap();
                reader.join().unwrap()
            });
            assert_eq!(bytes, expected, "{door}");
        }
    }

    #[test]
    fn an_appender_refuses_a_pipe_and_says_what_writes_to_one() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let error = Appender::<u8>::create(&pipe).unwrap_err().to_string();
        assert!(error.contains("no regular file"), "{error}");
        assert!(error.contains("`stream::Writer`"), "{error}");
    }
}

/// Writes a file in a separate process, by the name of a function.
#[cfg(target_os = "linux")]
pub fn role(path: &Path, more: &str) {
    let (limit, door) = more.split_once(' ').unwrap();
    let (_, write) = DOORS.into_iter().find(|(name, _)| *name == door).unwrap();
    if limit == "killed" {
        write(path).unwrap();
        // What it would still say might be what is disturbed.
        std::process::exit(0);
    }
    let limit: u64 = limit.parse().unwrap();
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let all = getrlimit(Resource::Fsize);
    let current = Some(limit);
    // The arrays to be put together are longer than the limit as well.
    let dir = tempfile::tempdir().unwrap();
    let source = two_arrays(dir.path());
    setrlimit(Resource::Fsize, Rlimit { current, ..all }).unwrap();
    let written = match door {
        "concatenate" => stream::concatenate(source, path).map(drop),
        _ => write(path),
    };
    let error = written.unwrap_err();
    assert_eq!(error.path(), Some(path), "{door}: {error}");
    let full = error.io_error().unwrap().kind() == std::io::ErrorKind::FileTooLarge;
    assert!(full, "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_file_as_it_was_and_no_other() {
    for (door, _) in DOORS {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file.npy");
        // Too small for a header as well, and for the data.
        for limit in ["50", "300", "70000"] {
            if limit != "50" && door.contains("Appender") {
                continue;
            }
            let run = || {
                let child = command("write whole", &path, &format!("{limit} {door}"));
                // A file that grows too large ends a program, unless it does not mind.
                let mut shell = inside("sh", &["-c", "trap '' XFSZ; exec \"$0\" \"$@\""], &child);
                assert!(shell.output().unwrap().status.success(), "{door} {limit}");
            };
            let _ = fs::remove_file(&path);
            run();
            assert!(names(dir.path()).is_empty(), "{door} {limit}");
            npyrec::write(&path, &[1_u64, 2, 3]).unwrap();
            let bytes = fs::read(&path).unwrap();
            run();
            assert_eq!(fs::read(&path).unwrap(), bytes, "{door} {limit}");
            assert_eq!(names(dir.path()), ["file.npy"], "{door} {limit}");
        }
    }
}

/// The calls that change a file or a folder.
#[cfg(target_os = "linux")]
const CALLS: [&str; 12] = [
    "openat",
    "write",
    "pwrite64",
    "copy_file_range",
    crate::survive::FTRUNCATE,
    "flock",
    "fsync",
    "fchmod",
    "fchown",
    "linkat",
    "/^rename",
    "/^unlink",
];

/// The first temporary name of `file.npy` in a folder.
#[cfg(target_os = "linux")]
const TEMPORARY: &str = ".npyrec.c19d87b1624ed1f8.0.tmp";

/// Kills a program before each of its calls, and looks at the folder; how often it was killed.
#[cfg(target_os = "linux")]
fn killed_at_each_step(door: &str, replaced: bool, look: impl Fn(&Path)) -> usize {
    let mut killed = 0;
    let dir = tempfile::tempdir().unwrap();
    let folder = fs::canonicalize(dir.path()).unwrap();
    let path = folder.join("file.npy");
    for call in CALLS {
        for nth in 1.. {
            for name in names(&folder) {
                fs::remove_file(folder.join(name)).unwrap();
            }
            if replaced {
                npyrec::write(&path, &[1_u64, 2, 3]).unwrap();
            }
            let kill = format!("signal=SIGKILL:when={nth}");
            let child = command("write whole", &path, &format!("killed {door}"));
            let (is_done, _) = disturbed(&child, &[(call, &kill)]);
            look(&path);
            if is_done {
                break;
            }
            killed += 1;
            assert!(nth < 100, "{call}");
        }
    }
    killed
}

/// Kills a writer at each step; the states of the folder that are seen: whether there is a file, whether it
/// is the new one, and how many temporary ones there are.
#[cfg(target_os = "linux")]
fn seen(door: &str, replaced: bool) -> Vec<(bool, bool, usize)> {
    let (_, write) = DOORS.into_iter().find(|(name, _)| *name == door).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole");
    write(&whole).unwrap();
    let len = fs::metadata(&whole).unwrap().len();
    let seen = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let killed = killed_at_each_step(door, replaced, |path| {
        let folder = path.parent().unwrap();
        let (temporary, own): (Vec<_>, Vec<_>) = names(folder)
            .into_iter()
            .partition(|name| name.ends_with(".tmp"));
        assert!(
            temporary.iter().all(|name| name == TEMPORARY),
            "{temporary:?}"
        );
        let is_old = npyrec::read::<u64>(path).is_ok_and(|rows| rows == [1, 2, 3]);
        let is_new = fs::metadata(path).is_ok_and(|file| file.len() == len);
        assert_eq!(is_old || is_new, own == ["file.npy"], "{door}");
        assert!(is_old || is_new || !replaced, "{door}");
        seen.borrow_mut()
            .insert((own.len() == 1, is_new, temporary.len()));
        write(path).unwrap();
        assert_eq!(names(folder), ["file.npy"], "{door}");
    });
    assert!(killed > 4, "{killed}");
    seen.into_inner().into_iter().collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_writer_of_a_new_file_leaves_all_of_it_or_nothing() {
    if !strace() {
        return;
    }
    for door in ["write", "npz", "Appender::create"] {
        let expected = [(false, false, 0), (true, true, 0)];
        assert_eq!(seen(door, false), expected, "{door}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_killed_writer_leaves_beside_the_old_file_is_removed_by_the_next_writer() {
    if !strace() {
        return;
    }
    for door in ["write", "npz", "Appender::create"] {
        let expected = [(true, false, 0), (true, false, 1), (true, true, 0)];
        assert_eq!(seen(door, true), expected, "{door}");
    }
}
