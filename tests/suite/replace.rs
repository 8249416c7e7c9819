//! Functions that write a whole file replace the old one completely, or leave it as it was.

use std::{fs, path::Path};

use npyrec::{NpyRecord, Result};

use crate::recover::names;

#[derive(NpyRecord, Clone)]
struct Name(#[npy(dtype = "S2")] String);

fn name(text: &str) -> Name {
    Name(text.to_owned())
}

#[test]
fn a_record_that_does_not_fit_leaves_the_old_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("names.npy");
    let too_long = [name("a"), name("b"), name("long")];
    for write in [
        |path: &Path, names: &[Name]| npyrec::write(path, names),
        |path: &Path, names: &[Name]| npyrec::write_array(path, &ndarray::arr1(names)),
    ] {
        let error = write(&path, &too_long).unwrap_err();
        assert_eq!((error.row(), error.path()), (Some(2), Some(&*path)));
        assert!(names(dir.path()).is_empty());
        write(&path, &[name("a"), name("b")]).unwrap();
        let old = fs::read(&path).unwrap();
        write(&path, &too_long).unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), old);
        assert_eq!(names(dir.path()), ["names.npy"]);
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_new_file_replaces_the_old_one_and_its_readers_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("numbers.npy");
    npyrec::write(&path, &[1_u64, 2]).unwrap();
    let old = npyrec::Reader::<u64>::open(&path).unwrap();
    npyrec::write(&path, &[3_u64]).unwrap();
    assert_eq!(npyrec::read::<u64>(&path).unwrap(), [3]);
    assert_eq!(old.read_all().unwrap(), [1, 2]);
    assert_eq!(names(dir.path()), ["numbers.npy"]);
}

#[test]
fn a_log_that_is_open_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npy");
    let mut log = npyrec::Appender::<u64>::create(&path).unwrap();
    log.append(&1).unwrap();
    let error = npyrec::write(&path, &[2_u64]).unwrap_err();
    assert!(matches!(error.kind(), npyrec::ErrorKind::Locked), "{error}");
    log.close().unwrap();
    assert_eq!(npyrec::read::<u64>(&path).unwrap(), [1]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    npyrec::write(&path, &[1_u16, 2, 3]).unwrap();
    let child = crate::process::command("replace", &path, "");
    // A write beyond the limit is then an error, and does not kill the program.
    let ignoring = ["-c", "trap '' XFSZ; exec \"$0\" \"$@\""];
    let mut child = crate::process::inside("sh", &ignoring, &child);
    let output = child.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Runs, where no file may become longer than some bytes, each function that writes a whole file.
#[cfg(target_os = "linux")]
pub fn replace(path: &Path) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    type Write = fn(&Path) -> Result<()>;
    const WRITES: [(&str, Write); 6] = [
        ("write", |path| npyrec::write(path, &[7_u64; 100_000])),
        ("write, encoded", |path| {
            npyrec::write(path, &vec![name("a"); 100_000])
        }),
        ("write_array", |path| {
            npyrec::write_array(path, &ndarray::Array2::<f64>::zeros((1_000, 100)))
        }),
        ("create_zeroed", |path| {
            npyrec::create_zeroed(path, &u64::dtype(), &[100_000])
        }),
        ("concatenate", |path| {
            let parts = path.with_file_name("parts");
            npyrec::stream::concatenate(parts, path).map(drop)
        }),
        ("npz::Writer", |path| {
            let mut archive = npyrec::npz::Writer::create(path)?;
            archive.write("a", &[7_u64; 100_000])?;
            archive.finish().map(drop)
        }),
    ];
    let parts = path.with_file_name("parts");
    let mut stream = npyrec::stream::Writer::new(fs::File::create(&parts).unwrap());
    for _ in 0..2 {
        stream.write(&[7_u64; 50_000]).unwrap();
    }
    drop(stream);
    let old = fs::read(path).unwrap();
    let current = Some(100_000);
    let all = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current, ..all }).unwrap();
    for (what, write) in WRITES {
        let error = write(path).unwrap_err();
        assert_eq!(error.path(), Some(path), "{what}: {error}");
        assert_eq!(fs::read(path).unwrap(), old, "{what}");
        assert_eq!(
            names(path.parent().unwrap()),
            ["old.npy", "parts"],
            "{what}"
        );
    }
    setrlimit(Resource::Fsize, all).unwrap();
    for (what, write) in WRITES {
        write(path).unwrap();
        assert_ne!(fs::read(path).unwrap(), old, "{what}");
    }
}
