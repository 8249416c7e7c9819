//! What a log survives, shown with real processes.

#[cfg(unix)]
use std::os::unix::process::ExitStatusExt;
use std::{fs, path::Path, process::Command};

use npyrec::{
    AppendOptions, Appender, DType, Durability, EncodeAs, EncodeError, ErrorKind, Header, NpyRecord,
};
use serde_json::json;

use crate::{
    numpy::{Numpy, numpy},
    process::{CHECK, Numbered, Running, command, inside, is_full, strace},
    recover::names,
};

/// The system calls that set a length, and a position, of 64 bits.
pub const FTRUNCATE: &str = match cfg!(target_pointer_width = "32") {
    true => "ftruncate64",
    false => "ftruncate",
};
pub const LSEEK: &str = match cfg!(target_pointer_width = "32") {
    true => "_llseek",
    false => "lseek",
};

/// After a kill at any moment, each acknowledged row is in the file and NumPy loads it. The next process
/// continues without a gap or a repeated row.
#[test]
fn a_killed_program_loses_no_row_that_it_committed() {
    let kills = if is_full() { 300 } else { 24 };
    let dir = tempfile::tempdir().unwrap();
    let mut random = fastrand::Rng::with_seed(3);
    let mut path = dir.path().join("0.npy");
    for kill in 0..kills {
        if kill % 12 == 0 {
            path = dir.path().join(format!("{kill}.npy"));
        }
        let child = Running::start(&mut command("log", &path, &kill.to_string()));
        let (committed, status) = child.kill_after_some(&mut random);
        #[cfg(unix)]
        assert_eq!(status.signal(), Some(9), "it ended by itself: {status}");
        assert!(!status.success());
        if !path.exists() {
            assert_eq!(committed, 0);
            continue;
        }
        let rows = npyrec::read::<Numbered>(&path).unwrap();
        assert!(
            rows.len() as u64 >= committed,
            "{} of {committed}",
            rows.len()
        );
        assert!(
            rows.iter()
                .copied()
                .eq((0..rows.len() as u64).map(Numbered::new))
        );
        if let Some(mut numpy) = numpy() {
            let code = format!("{CHECK}\na = np.load(path)\ncheck(a)\nanswer = len(a)");
            assert_eq!(numpy.python(&path, &code), json!(rows.len()));
        }
    }
    let left = names(dir.path());
    assert!(
        left.iter()
            .all(|name| name.ends_with(".npy") || name.ends_with(".tmp")),
        "{left:?}"
    );
}

/// A reader that NumPy is: what it finds is what was appended, and never less than before. One that is held
/// up in the middle of reading a header that is being written may refuse it; that is as rare as this.
fn load(path: &Path, mode: &str, times: u64, seconds: u64) -> u64 {
    let Ok(mut numpy) = Numpy::start() else {
        return 0;
    };
    let code = format!(
        "{CHECK}\n\
         import time\n\
         last, loads, torn, end = 0, 0, 0, time.monotonic() + {seconds}\n\
         while loads < {times} or time.monotonic() < end:\n    \
             try: a = np.load(path, mmap_mode={mode})\n    \
             except ValueError:\n        \
                 torn += 1\n        \
                 assert torn <= 2, torn\n        \
                 continue\n    \
             assert len(a) >= last, (len(a), last)\n    \
             check(a, max(0, min(last, len(a) - 10000)))\n    \
             last, loads = len(a), loads + 1\n\
         answer = last"
    );
    numpy.python(path, &code).as_u64().unwrap()
}

#[test]
fn readers_see_what_was_committed_while_a_writer_writes() {
    let (times, seconds) = if is_full() { (1_000, 60) } else { (200, 0) };
    read_beside_a_writer("cached", times, seconds);
    read_beside_a_writer("synced", times / 4, seconds / 4);
    read_beside_a_writer("mapped", times / 2, seconds / 2);
}

/// Four readers, two of them NumPy, beside a writer that commits as fast as it can.
fn read_beside_a_writer(durability: &str, times: u64, seconds: u64) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("growing.npy");
    let has_numpy = numpy().is_some();
    let mut writer = Running::start(&mut command("write", &path, durability));
    writer.number().unwrap();
    let child = |role| Running::start(&mut command(role, &path, &format!("{times} {seconds}")));
    let (follower, reader) = (child("follow"), child("read"));
    let seen = std::thread::scope(|scope| {
        let mapped = scope.spawn(|| load(&path, "'r'", times, seconds));
        let loaded = scope.spawn(|| load(&path, "None", times, seconds));
        [mapped.join().unwrap(), loaded.join().unwrap()]
    });
    for child in [follower, reader] {
        let (last, status) = child.last_number();
        assert!(status.success());
        assert!(last.unwrap() > 0);
    }
    assert!(
        writer.process.try_wait().unwrap().is_none(),
        "the writer still writes"
    );
    writer.process.kill().unwrap();
    assert!(!has_numpy || seen.iter().all(|rows| *rows > 0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_what_was_written_and_the_log_goes_on_when_there_is_room() {
    fill("fill", 4_000, &["full.npy", "full.other.npy"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_to_a_mapped_log_too() {
    fill("fill_mapped", 10_000, &["full.npy"]);
}

/// Runs a role that meets a full disk, and still appends `rows` rows.
#[cfg(target_os = "linux")]
fn fill(role: &str, expected: u64, files: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("full.npy");
    let child = command(role, &path, "");
    // A file that grows too large ends a program, unless it does not mind.
    let mut shell = inside("sh", &["-c", "trap '' XFSZ; exec \"$0\" \"$@\""], &child);
    let (last, status) = Running::start(&mut shell).last_number();
    assert!(status.success());
    assert_eq!(last, Some(expected));
    let rows = npyrec::read::<Numbered>(&path).unwrap();
    assert!(rows.into_iter().eq((0..expected).map(Numbered::new)));
    assert_eq!(names(dir.path()), files);
}

#[test]
fn a_file_has_one_appender_in_all_processes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("locked.npy");
    let open = || {
        let mut child = Running::start(&mut command("open", &path, ""));
        [child.number().unwrap(), child.number().unwrap()]
    };
    let mut log = Appender::<Numbered>::create(&path).unwrap();
    log.append(&Numbered::new(0)).unwrap();
    log.commit().unwrap();
    assert_eq!(open(), [1, 1], "it is locked");
    log.append(&Numbered::new(1)).unwrap();
    log.close().unwrap();
    assert_eq!(npyrec::read::<Numbered>(&path).unwrap().len(), 2);
    assert_eq!(open(), [0, 0]);
}

/// If several processes create, replace or open a file at the same time, one of them gets it. The rows that it
/// committed are in the file at the end.
#[test]
fn a_file_has_one_appender_though_it_is_replaced_again_and_again() {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    let dir = tempfile::tempdir().unwrap();
    let path = &dir.path().join("contended.npy");
    let (open, rounds) = (&AtomicU32::new(0), if is_full() { 5_000 } else { 500 });
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            scope.spawn(move || {
                for round in 0..rounds {
                    let opened = match (thread + round) % 3 {
                        0 => Appender::<u64>::create(path),
                        _ => Appender::<u64>::open(path),
                    };
                    let mut log = match opened {
                        Ok(log) => log,
                        Err(error) => {
                            // Windows does not replace a file that another program has just opened.
                            let is_refused = error.kind() == ErrorKind::Locked
                                || cfg!(windows) && error.kind() == ErrorKind::Io;
                            assert!(is_refused, "{error}");
                            continue;
                        }
                    };
                    assert_eq!(open.fetch_add(1, SeqCst), 0, "there is another one");
                    log.append(&round).unwrap();
                    log.commit().unwrap();
                    let rows = npyrec::read::<u64>(path).unwrap();
                    assert_eq!(rows.len() as u64, log.rows());
                    assert_eq!(rows.last(), Some(&round));
                    open.fetch_sub(1, SeqCst);
                }
            });
        }
    });
}

/// The calls of a child that change the file, or its folder, in order.
fn traced(role: &str, path: &Path, more: &str) -> Vec<String> {
    let trace = path.with_extension("trace");
    let child = command(role, path, more);
    let calls = "write,pwrite64,pwritev,pwritev2,fsync,fdatasync,msync,fallocate,\
                 rename,renameat,renameat2,link,linkat,unlink,unlinkat";
    let calls = format!("trace={calls},{FTRUNCATE}");
    let out = trace.to_str().unwrap();
    let traced = ["-f", "-y", "-s", "0", "-e", &calls, "-o", out];
    let output = inside("strace", &traced, &child).output().unwrap();
    assert!(output.status.success());
    let folder = fs::canonicalize(path.parent().unwrap()).unwrap();
    let header = Header::for_record::<Numbered>(0).to_bytes().len() as u64;
    let trace = fs::read_to_string(trace).unwrap();
    let calls = trace
        .lines()
        .filter(|line| line.contains(&*folder.to_string_lossy()));
    let calls = calls.map(|line| {
        let (_, call) = line.split_once(' ').unwrap();
        let (name, arguments) = call.trim().split_once('(').unwrap();
        let file = match () {
            // It has no name yet.
            () if arguments.contains("/#") => "new file",
            () if arguments.contains(".npy>") => "file",
            () if arguments.contains(".npy\"") => "name",
            () => "folder",
        };
        // A call that another thread came between is on two lines, the second without arguments.
        let arguments = arguments.split(" <unfinished").next().unwrap();
        let arguments = arguments.split(") = ").next().unwrap();
        let offset = arguments.rsplit(", ").next();
        match offset.and_then(|offset| offset.parse::<u64>().ok()) {
            Some(offset) if name == "pwrite64" && offset < header => format!("{name} header"),
            Some(_) if name == "pwrite64" => format!("{name} rows"),
            _ if name.starts_with("link") => "link name".to_owned(),
            _ => format!("{name} {file}"),
        }
    });
    calls.collect()
}

#[test]
fn a_commit_is_two_writes_and_a_synced_one_is_on_the_device_in_order() {
    if !cfg!(target_os = "linux") || !strace() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let created = ["write new file", "link name"];
    let calls = traced("commit", &dir.path().join("cached.npy"), "cached 2 4 6");
    let commit = ["pwrite64 rows", "pwrite64 header"];
    assert_eq!(calls, [&created[..], &commit.repeat(3)].concat());

    let calls = traced("commit", &dir.path().join("later.npy"), "cached 2 4 6 sync");
    let sync = ["fsync file", "fsync folder"];
    assert_eq!(calls, [&created[..], &commit.repeat(3), &sync].concat());

    let calls = traced("commit", &dir.path().join("synced.npy"), "synced 2 4 6");
    let created = [
        "write new file",
        "fsync new file",
        "link name",
        "fsync folder",
    ];
    let sync = "fdatasync file";
    let commit = [commit[0], sync, commit[1], sync];
    assert_eq!(calls, [&created[..], &commit.repeat(3)].concat());
}

#[test]
fn a_panic_syncs_what_it_commits_if_commits_are_synced() {
    if !cfg!(target_os = "linux") || !strace() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for (durability, sync) in [("cached", &[][..]), ("synced", &["fdatasync file"])] {
        let path = dir.path().join(format!("{durability}.npy"));
        let calls = traced("commit", &path, &format!("{durability} 2 panic"));
        let step = |call| [&[call], sync].concat();
        let commit = [step("pwrite64 rows"), step("pwrite64 header")].concat();
        let start = calls.iter().position(|call| call == "pwrite64 rows");
        assert_eq!(calls[start.unwrap()..], commit.repeat(2));
        assert_eq!(npyrec::read::<Numbered>(&path).unwrap().len(), 3);
    }
}

/// The rows of a log at its commits, and whether the header takes several writes: where digits on either
/// side of the bound change. (From 0 to 99 it is the bracket that does.)
const COMMITS: [(u64, bool); 10] = [
    (99, false),
    (100, true),
    (199, false),
    (200, false),
    (999, false),
    (1_000, true),
    (1_009, false),
    (1_010, true),
    (1_019, false),
    (2_000, true),
];

/// The role that commits so.
fn commits(durability: &str) -> String {
    let rows = COMMITS.map(|(rows, _)| rows.to_string());
    format!("{durability} {}", rows.join(" "))
}

#[test]
fn digits_across_a_line_take_three_writes_each_on_the_device_before_the_next() {
    if !cfg!(target_os = "linux") || !strace() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for (durability, sync) in [("cached", &[][..]), ("synced", &["fdatasync file"])] {
        let path = dir.path().join(format!("{durability}.npy"));
        let calls = traced("commit", &path, &commits(durability));
        let step = |call| [&[call], sync].concat();
        let expected = COMMITS.map(|(_, is_bridged)| {
            let writes = if is_bridged { 3 } else { 1 };
            [
                step("pwrite64 rows"),
                step("pwrite64 header").repeat(writes),
            ]
            .concat()
        });
        let start = calls.iter().position(|call| call == "pwrite64 rows");
        assert_eq!(calls[start.unwrap()..], expected.concat());
    }
}

/// Killed before each of the writes, those that a number across a line takes as well.
#[test]
fn a_commit_killed_at_any_write_leaves_the_rows_before_or_after() {
    if !cfg!(target_os = "linux") || !strace() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut before = 0;
    let mut nth = 0;
    for (after, is_bridged) in COMMITS {
        let mut seen = Vec::new();
        for _ in 0..if is_bridged { 4 } else { 2 } {
            nth += 1;
            let path = dir.path().join(format!("{nth}.npy"));
            let kill = format!("signal=SIGKILL:when={nth}");
            let child = command("commit", &path, &commits("cached"));
            assert!(!disturbed(&child, &[("pwrite64", &kill)]).0);
            let rows = npyrec::read::<Numbered>(&path).unwrap();
            assert!(
                rows.iter()
                    .copied()
                    .eq((0..).map(Numbered::new).take(rows.len()))
            );
            seen.push(rows.len() as u64);
            if let Some(mut numpy) = numpy() {
                let code = format!("{CHECK}\na = np.load(path)\ncheck(a)\nanswer = len(a)");
                assert_eq!(numpy.python(&path, &code), json!(rows.len()));
            }
            let log = Appender::<Numbered>::open(&path).unwrap();
            assert_eq!(log.rows(), if seen.len() == 1 { before } else { after });
        }
        // The number is known from the first of three writes on.
        let expected = match is_bridged {
            true => vec![before, before, after, after],
            false => vec![before; 2],
        };
        assert_eq!(seen, expected, "to {after}");
        before = after;
    }
}

/// Runs a child to whose calls `strace` does something; whether it succeeds, and those it was done to.
pub fn disturbed(child: &Command, injections: &[(&str, &str)]) -> (bool, Vec<String>) {
    let trace = tempfile::NamedTempFile::new().unwrap();
    let calls = Vec::from_iter(injections.iter().map(|(call, _)| *call)).join(",");
    let mut traced = vec!["-f", "-y", "-s", "0", "-o", trace.path().to_str().unwrap()];
    let injections = injections
        .iter()
        .map(|(call, what)| format!("inject={call}:{what}"));
    let expressions = Vec::from_iter(std::iter::once(format!("trace={calls}")).chain(injections));
    for expression in &expressions {
        traced.extend(["-e", expression]);
    }
    let output = inside("strace", &traced, child).output().unwrap();
    let trace = fs::read_to_string(trace.path()).unwrap();
    let injected = trace.lines().filter(|line| line.contains("(INJECTED)"));
    let injected = injected.map(str::to_owned).collect();
    (output.status.success(), injected)
}

/// A record whose encoding panics.
#[derive(Clone, Copy)]
struct Panics(u32);

impl EncodeAs<Panics> for Panics {
    fn encode_as(&self, (): &(), out: &mut [u8]) -> Result<(), EncodeError> {
        self.encode(out)
    }
}

impl NpyRecord for Panics {
    const ITEMSIZE: usize = 4;

    fn dtype() -> DType {
        u32::dtype()
    }

    fn encode(&self, out: &mut [u8]) -> Result<(), npyrec::EncodeError> {
        out[..2].copy_from_slice(&[0xee; 2]);
        assert!(self.0 < 100, "such is life");
        self.0.encode(out)
    }

    fn decode(bytes: &[u8]) -> Result<Self, npyrec::DecodeError> {
        u32::decode(bytes).map(Panics)
    }
}

#[test]
fn a_panic_commits_whole_rows_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("panic.npy");
    for durability in [Durability::Cached, Durability::Synced] {
        for capacity in [0, 10, 1 << 16] {
            let panic = std::panic::catch_unwind(|| {
                let mut log = AppendOptions::new()
                    .buffer_capacity(capacity)
                    .durability(durability)
                    .create::<Panics>(&path)
                    .unwrap();
                log.extend([1, 2, 3, 100, 4].map(Panics)).unwrap();
            });
            assert!(panic.is_err());
            assert_eq!(npyrec::read::<u32>(&path).unwrap(), [1, 2, 3]);
            let bytes = fs::read(&path).unwrap();
            assert_eq!(bytes[..128], Header::for_record::<u32>(3).to_bytes());
            assert_eq!(bytes.len(), 128 + 12);
        }
    }
}
