//! Opening a directory to append: who may have it, what is synced first, and a directory that is renamed meanwhile.

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, SystemTime},
};

use npyrec::{
    AppendOptions, Appender, Durability, ErrorKind, Follow, Order, Recovery, Shards, Value,
};

use super::{assert_shards, names};
use crate::{
    process::{command, strace},
    survive::disturbed,
};

/// Shards of two rows, which an appender closed.
fn numbers(dir: &Path, rows: u64) {
    let mut log = options().open_dir::<u64>(dir).unwrap();
    log.extend(0..rows).unwrap();
    log.close().unwrap();
}

fn options() -> AppendOptions {
    AppendOptions::new().rows_per_shard(2)
}

/// An appender that starts a shard has the new one unlocked for a moment, but never the one before.
#[test]
fn nobody_takes_a_shard_that_another_appender_starts() {
    let dir = tempfile::tempdir().unwrap();
    numbers(dir.path(), 4);
    let starting = Appender::<u64>::open(dir.path().join("0.npy")).unwrap();
    let error = options().open_dir::<u64>(dir.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    assert_eq!(error.path(), Some(&*dir.path().join("0.npy")));
    fs::write(dir.path().join("info"), b"not a list").unwrap();
    let error = npyrec::recover(dir.path(), Recovery::Adopt).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    drop(starting);
    npyrec::recover(dir.path(), Recovery::Adopt).unwrap();
    drop(options().open_dir::<u64>(dir.path()).unwrap());
}

/// The list is a pipe, which shows how far the recovery is.
#[cfg(unix)]
#[test]
fn nobody_appends_to_a_directory_that_is_being_recovered() {
    let dir = tempfile::tempdir().unwrap();
    numbers(dir.path(), 4);
    let (info, last) = (dir.path().join("info"), dir.path().join("1.npy"));
    fs::remove_file(&info).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&info).status();
    assert!(made.unwrap().success());
    let torn = [&fs::read(&last).unwrap()[..], b"torn"].concat();
    fs::write(&last, torn).unwrap();
    let path = dir.path().to_owned();
    let recovery = std::thread::spawn(move || npyrec::recover(path, Recovery::Adopt));
    let is_mended = || npyrec::check(&last).unwrap().is_sound();
    let mut pipe = File::options().write(true).open(&info).unwrap();
    while !is_mended() {
        drop(pipe);
        pipe = File::options().write(true).open(&info).unwrap();
    }
    // All shards are mended, and none is listed yet.
    let error = Appender::<u64>::open(&last).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    drop(pipe);
    let report = recovery.join().unwrap().unwrap();
    assert_eq!(report.recovered_rows(), Some(4));
    Appender::<u64>::open(&last).unwrap();
}

/// Opens a directory or a file, and appends nothing.
pub fn open(path: &Path) {
    let options = options().durability(Durability::Synced);
    let opened = match path.is_dir() {
        true => options.open_dir::<u64>(path),
        false => options.open::<u64>(path),
    };
    std::mem::forget(opened.unwrap());
}

/// The last parts of the paths that are synced while a path is opened, in turn. Opening fails at each of them.
fn synced_by_opening(path: &Path) -> Vec<String> {
    let mut synced = Vec::new();
    for nth in 1.. {
        let fail = format!("error=EIO:when={nth}");
        let opened = disturbed(&command("open shards", path, ""), &[("fsync", &fail)]);
        let (is_open, injected) = opened;
        assert_eq!(is_open, injected.is_empty());
        if is_open {
            break;
        }
        let (_, call) = injected[0].split_once('<').unwrap();
        let (path, _) = call.split_once('>').unwrap();
        let name = path.rsplit('/').next().unwrap();
        // A new file has no name.
        let is_named = !name.starts_with('#');
        synced.push(if is_named { name } else { "new" }.to_owned());
    }
    synced
}

/// A run without syncs was killed, perhaps before the name of the last shard was on the device.
#[test]
fn what_an_earlier_run_left_is_synced_before_the_first_row() {
    if !cfg!(target_os = "linux") || !strace() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    for is_killed in [false, true] {
        numbers(&log, 5);
        if is_killed {
            // The list is true, but was not synced by a run that did not sync the shards.
            std::mem::forget(options().lock(false).open_dir::<u64>(&log).unwrap());
        }
        // The list comes last, as it counts what is then on the device.
        let synced = synced_by_opening(&log);
        assert_eq!(synced, ["2.npy", "log", "0.npy", "1.npy", "new", "log"]);
        fs::remove_dir_all(&log).unwrap();
    }
    let file = dir.path().join("file");
    let mut log = Appender::<u64>::create(&file).unwrap();
    log.extend(0..5_u64).unwrap();
    log.close().unwrap();
    let folder = dir.path().file_name().unwrap().to_str().unwrap();
    assert_eq!(synced_by_opening(&file), ["file", folder]);
    // Many shards are written at once, by a call that need not report an error. Syncing each one does.
    let log = dir.path().join("many");
    numbers(&log, 40);
    for error in [("syncfs", "error=ENOSYS"), ("syncfs", "error=EIO")] {
        let sync = ("fsync", "error=EIO:when=4");
        let (is_open, injected) = disturbed(&command("open shards", &log, ""), &[error, sync]);
        assert_eq!((is_open, injected.len()), (false, 2), "{injected:?}");
        let name = |call: &String| call.contains(&format!("<{}/", log.display()));
        assert!(injected.iter().any(name), "{injected:?}");
    }
}

/// Mending a shard changes its time.
#[test]
fn the_time_of_a_shard_is_that_of_its_last_row() {
    let years = Duration::from_secs(20 * 365 * 86_400);
    for is_torn in [false, true] {
        for (changed, rows) in [(SystemTime::UNIX_EPOCH, 1), (SystemTime::now(), 2)] {
            let dir = tempfile::tempdir().unwrap();
            let options = AppendOptions::new().shard_every(years);
            let mut log = options.open_dir::<u64>(dir.path()).unwrap();
            log.append(&0).unwrap();
            log.close().unwrap();
            let path = dir.path().join("0.npy");
            if is_torn {
                let torn = [&fs::read(&path).unwrap()[..], b"torn"].concat();
                fs::write(&path, torn).unwrap();
            }
            let file = File::options().write(true).open(&path).unwrap();
            file.set_modified(changed).unwrap();
            drop(file);
            let mut log = options.open_dir::<u64>(dir.path()).unwrap();
            log.append(&1).unwrap();
            log.close().unwrap();
            let shards: &[&[u64]] = if rows == 1 { &[&[0], &[1]] } else { &[&[0, 1]] };
            assert_shards(dir.path(), shards);
        }
    }
}

/// Opens a directory without a shard in another thread. When it has counted the shards and reads the list, which is a pipe,
/// calls `meanwhile`, and then gives it a list. Returns the appender.
#[cfg(unix)]
fn open_meanwhile(dir: &Path, meanwhile: impl FnOnce() -> Vec<u8>) -> Appender<u64> {
    use std::io::Write;
    fs::create_dir(dir).unwrap();
    let info = dir.join("info");
    let made = std::process::Command::new("mkfifo").arg(&info).status();
    assert!(made.unwrap().success());
    let path = dir.to_owned();
    let opening = std::thread::spawn(move || options().open_dir::<u64>(path));
    let mut pipe = File::options().write(true).open(&info).unwrap();
    fs::remove_file(&info).unwrap();
    pipe.write_all(&meanwhile()).unwrap();
    drop(pipe);
    opening.join().unwrap().unwrap()
}

#[cfg(unix)]
#[test]
fn a_directory_that_another_appender_fills_meanwhile_is_continued() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let mut log = open_meanwhile(&path, || {
        numbers(&path, 3);
        fs::read(path.join("info")).unwrap()
    });
    log.append(&3).unwrap();
    log.close().unwrap();
    assert_shards::<u64>(&path, &[&[0, 1], &[2, 3]]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_is_renamed_while_it_is_opened_is_the_one_that_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let (path, renamed) = (dir.path().join("log"), dir.path().join("renamed"));
    let mut log = open_meanwhile(&path, || {
        fs::rename(&path, &renamed).unwrap();
        let other = options().open_dir::<u64>(&path).unwrap();
        let list = fs::read(path.join("info")).unwrap();
        drop(other);
        fs::remove_dir_all(&path).unwrap();
        fs::create_dir(&path).unwrap();
        list
    });
    assert_eq!(log.path(), path.join("0.npy"));
    assert!(!log.is_current().unwrap());
    log.extend(0..3_u64).unwrap();
    log.close().unwrap();
    assert!(names(&path).is_empty());
    assert_shards::<u64>(&renamed, &[&[0, 1], &[2]]);
    assert!(npyrec::check(&renamed).unwrap().is_sound());
}

/// Linux has a path of the directory that is open.
#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_is_renamed_goes_on_and_one_in_its_place_is_left_alone() {
    for durability in [Durability::Cached, Durability::Synced] {
        let dir = tempfile::tempdir().unwrap();
        let (path, renamed) = (dir.path().join("log"), dir.path().join("renamed"));
        let mut log = options()
            .durability(durability)
            .open_dir::<u64>(&path)
            .unwrap();
        log.extend(0..3_u64).unwrap();
        assert!(log.is_current().unwrap());
        fs::rename(&path, &renamed).unwrap();
        log.extend(3..6_u64).unwrap();
        assert!(!log.is_current().unwrap());
        numbers(&path, 1);
        log.extend(6..7_u64).unwrap();
        log.sync().unwrap();
        log.rotate().unwrap();
        log.append(&7).unwrap();
        assert!(!log.is_current().unwrap());
        log.close().unwrap();
        assert_shards::<u64>(&renamed, &[&[0, 1], &[2, 3], &[4, 5], &[6], &[7]]);
        assert!(npyrec::check(&renamed).unwrap().is_sound());
        assert_eq!(names(&path), ["info", "0.npy"]);
        assert_shards::<u64>(&path, &[&[0]]);
    }
}

#[test]
fn a_directory_has_no_shard_in_fortran_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let fortran = options().order(Order::Fortran);
    let error = fortran.open_array_dir::<u64>(&path, &[2]).err().unwrap();
    assert!(
        error
            .to_string()
            .ends_with("leave out `AppendOptions::order`"),
        "{error}"
    );
    assert!(!path.exists());

    fs::create_dir(&path).unwrap();
    let shard = path.join("0.npy");
    let mut array = fortran.create_array::<u64>(&shard, &[2]).unwrap();
    array.append_rows(&[0, 1, 2, 3]).unwrap();
    array.close().unwrap();
    let doors = [
        options().open_array_dir::<u64>(&path, &[2]).err(),
        options().open_dir::<[u64; 2]>(&path).err(),
        options()
            .open_array_dir_with_dtype(&path, &"<u8".parse().unwrap(), &[2])
            .err(),
        Shards::<[u64; 2]>::open(&path).err(),
        npyrec::read::<[u64; 2]>(&path).err(),
        Follow::<Value>::open(&path).err(),
        npyrec::check(&path).err(),
        npyrec::recover(&path, Recovery::Adopt).err(),
    ];
    for (nth, error) in doors.into_iter().enumerate() {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::Shape, "{nth}");
        assert_eq!(error.path(), Some(&*shard), "{nth}");
        assert!(
            error.to_string().ends_with("with `np.ascontiguousarray`"),
            "{nth} {error}"
        );
    }
}
