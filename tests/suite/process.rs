//! Programs that other tests start and end: this one, told by its environment what to be.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use npyrec::{AppendOptions, Appender, Durability, ErrorKind, Follow, NpyRecord};

use crate::python::skipped;

const ROLE: &str = "NPYREC_TEST_ROLE";

/// Set for the long form of the tests that last as long as they are let, as in `.ci/run`.
const FULL: &str = "NPYREC_FULL";

pub fn is_full() -> bool {
    env::var_os(FULL).is_some()
}

/// The emulator that runs this program, if any does, as in `.ci/platforms`.
const EMULATOR: &str = "NPYREC_EMULATOR";

pub fn is_emulated() -> bool {
    env::var_os(EMULATOR).is_some()
}

/// Returns the command of a program that was built as this one was: an emulator runs it as well.
pub fn program(path: &Path) -> Command {
    match env::var_os(EMULATOR) {
        Some(emulator) => {
            let mut command = Command::new(emulator);
            command.arg(path);
            command
        }
        None => Command::new(path),
    }
}

/// Long enough that only a failing test waits for it.
pub const LONG: Duration = Duration::from_secs(60);

/// A record that shows if it is complete and in the right row.
///
/// Its names place the number of rows across a bound of the header's lines, after the third digit. Many
/// commits then need several writes.
#[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
pub struct Numbered {
    pub number: u64,
    #[npy(rename = "number times three, five, seven")]
    pub check: [u64; 3],
}

impl Numbered {
    pub fn new(number: u64) -> Self {
        let check = [3, 5, 7].map(|factor| number.wrapping_mul(factor));
        Numbered { number, check }
    }
}

/// The check of the rows of `a` from `start` on, in Python.
pub const CHECK: &str = "\
def check(a, start=0):
    n = np.arange(start, len(a), dtype='u8')
    assert np.array_equal(a['number'][start:], n)
    check = a['number times three, five, seven'][start:]
    assert np.array_equal(check, n[:, None] * np.array([3, 5, 7], 'u8'))
";

/// This program, to be started in a role of [`child`] on a file.
pub fn command(role: &str, path: &Path, more: &str) -> Command {
    let mut command = program(&env::current_exe().unwrap());
    command
        .args(["process::child", "--exact", "--ignored", "--nocapture"])
        .env(ROLE, format!("{role}\n{}\n{more}", path.display()))
        // Cargo's path has many folders, and searching them for a library would fill the trace.
        .env_remove("LD_LIBRARY_PATH")
        .stdin(Stdio::null());
    command
}

/// A command, to be run by another program: `program`, its arguments, and then the command.
pub fn inside(program: &str, arguments: &[&str], command: &Command) -> Command {
    let mut outer = Command::new(program);
    outer
        .args(arguments)
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    outer.stdin(Stdio::null());
    outer
}

/// A running child, and the numbers that it prints.
pub struct Running {
    pub process: Child,
    lines: BufReader<ChildStdout>,
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        Running { process, lines }
    }

    /// The next number, or `None` when there will be no more.
    pub fn number(&mut self) -> Option<u64> {
        let mut line = String::new();
        while self.lines.read_line(&mut line).unwrap() > 0 {
            if let Some(number) = line.strip_prefix("> ") {
                return Some(number.trim().parse().unwrap());
            }
            line.clear();
        }
        None
    }

    /// Kills it a random time after a random number. Returns the last number, and how it ended.
    pub fn kill_after_some(mut self, random: &mut fastrand::Rng) -> (u64, ExitStatus) {
        let mut number = 0;
        for _ in 0..random.u32(..60) {
            number = self.number().expect("it goes on until it is killed");
        }
        for _ in 0..random.u32(..100_000) {
            std::hint::spin_loop();
        }
        self.process.kill().unwrap();
        let (last, status) = self.last_number();
        (last.unwrap_or(number), status)
    }

    /// The last of the numbers left, once it is dead or ends, and how it did.
    pub fn last_number(mut self) -> (Option<u64>, ExitStatus) {
        let mut last = None;
        while let Some(number) = self.number() {
            last = Some(number);
        }
        (last, self.process.wait().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn say(number: u64) {
    // A parent that is gone ends it.
    if writeln!(std::io::stdout(), "> {number}").is_err() {
        std::process::exit(1);
    }
}

/// Prints the name of a skipped test. Panics if all tests are required.
pub fn untested(what: &str) {
    assert!(
        !is_full(),
        "{FULL} is set, but this cannot be tested: {what}"
    );
    skipped(what);
}

/// Returns true if a program can be traced here, and prints a note otherwise.
pub fn strace() -> bool {
    const WHAT: &str = "what looks at system calls";
    if is_emulated() {
        skipped(&format!("{WHAT}, as those of the emulator would be traced"));
        return false;
    }
    let traced = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .output();
    match traced {
        Ok(output) if output.status.success() => return true,
        // It is there, but a container may not allow it.
        Ok(_) => skipped(&format!("{WHAT}, as `strace` may not trace here")),
        Err(error) => untested(&format!("{WHAT}, as there is no `strace`: {error}")),
    }
    false
}

#[test]
#[ignore = "other tests start it, as a process of its own"]
fn child() {
    let Ok(role) = env::var(ROLE) else {
        return;
    };
    let mut lines = role.lines();
    let (role, path) = (lines.next().unwrap(), PathBuf::from(lines.next().unwrap()));
    let more = lines.next().unwrap_or_default();
    match role {
        "log" => log(&path, more.parse().unwrap()),
        "write" => write(&path, more),
        "follow" => follow(&path, until(more)),
        "read" => read(&path, until(more)),
        "commit" => commit(&path, more),
        "make_appendable" => {
            // `strace` counts the calls of each thread, and the first writes once before this one does.
            say(0);
            assert!(npyrec::make_appendable(&path).unwrap());
            // What it would still say might be what is disturbed.
            std::process::exit(0);
        }
        "open" => open(&path),
        "log shards" => crate::shards::kill::log(&path, more.parse().unwrap()),
        "open shards" => crate::shards::opening::open(&path),
        "seal shards" => {
            crate::shards::kill::seal(&path, more);
            // What it would still say might be what is disturbed.
            std::process::exit(0);
        }
        "write shards" => crate::shards::dask::write(&path, say),
        "open a door" => crate::faults::open_door(&path, more, say),
        #[cfg(target_os = "linux")]
        "lack locks" => crate::advice::lack_locks(&path),
        #[cfg(target_os = "linux")]
        "lack memory for a map" => crate::faults::lack_memory(&path, say),
        #[cfg(target_os = "linux")]
        "fill to a limit" => crate::faults::fill_to(&path, more.parse().unwrap(), say),
        #[cfg(unix)]
        "leave the folder" => crate::disturbed::leave_the_folder(&path, say),
        #[cfg(target_os = "linux")]
        "close on a full disk" => {
            crate::disturbed::close_on_a_full_disk(&path, more.parse().unwrap(), say);
        }
        #[cfg(target_os = "linux")]
        "fill" => crate::filling::fill(&path),
        #[cfg(target_os = "linux")]
        "write whole" => crate::whole_files::role(&path, more),
        #[cfg(target_os = "linux")]
        "fill_mapped" => crate::filling::fill_mapped(&path),
        #[cfg(feature = "background")]
        "log in background" => crate::background::log_for_ever(&path, say),
        #[cfg(all(feature = "background", target_os = "linux"))]
        "fill in background" => crate::background::fill(&path, say, false),
        #[cfg(all(feature = "background", target_os = "linux"))]
        "fill in background and call back" => crate::background::fill(&path, say, true),
        #[cfg(all(feature = "background", target_os = "linux"))]
        "fill arrays in background" => crate::background::fill_arrays(&path, say),
        #[cfg(all(feature = "background", target_os = "linux"))]
        "fill and try in background" => crate::background::fill_and_try(&path, say),
        #[cfg(all(feature = "background", target_os = "linux"))]
        "close a logger on a full disk" => crate::background::close_when_full(&path, say),
        #[cfg(all(feature = "background", target_os = "linux"))]
        "lack a thread" => crate::background::lack_thread(&path, say),
        other => panic!("no such role: {other}"),
    }
}

fn options(random: &mut fastrand::Rng) -> AppendOptions {
    let durability = [Durability::Cached, Durability::Synced][usize::from(random.u8(..8) == 0)];
    let options = AppendOptions::new()
        .buffer_capacity([0, 100, 4096, 1 << 16][random.usize(..4)])
        .commit_every([0, 1, 50][random.usize(..3)])
        .durability(durability)
        .mapped(random.u8(..4) == 0);
    match random.u64(..4) {
        0 => options.commit_interval(Duration::ZERO),
        1 => options.commit_interval(Duration::from_millis(1)),
        _ => options,
    }
}

/// Continues a log for ever and says what is committed.
fn log(path: &Path, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut log = options(&mut random).open::<Numbered>(path).unwrap();
    say(log.committed_rows());
    loop {
        let rows = random.u64(..300);
        let new = (log.rows()..log.rows() + rows).map(Numbered::new);
        match random.bool() {
            true => log.append_slice(&Vec::from_iter(new)).unwrap(),
            false => log.extend(new).unwrap(),
        }
        if random.bool() {
            log.commit().unwrap();
        }
        say(log.committed_rows());
    }
}

/// Commits after each few rows, as fast as it can; through a map no faster than readers have memory for,
/// who read all there is.
fn write(path: &Path, word: &str) {
    let options = AppendOptions::new();
    let pause = if word == "mapped" { 100 } else { 0 };
    let options = match word {
        "mapped" => options.mapped(true),
        word => options.durability(durability(word)),
    };
    let mut log = options.open::<Numbered>(path).unwrap();
    for number in 0.. {
        log.append(&Numbered::new(number)).unwrap();
        if number % 3 != 0 {
            log.commit().unwrap();
        }
        // A file that is not much longer than this is read again and again in a short time.
        let pause = if number < 500_000 { pause } else { 20_000 };
        (0..pause).for_each(|_| std::hint::spin_loop());
        // From here on, the digits lie across a line, and not the bracket after them.
        if number == 100 {
            say(number);
        }
    }
}

/// Returns a function that is true for a number of calls, and for a number of seconds.
fn until(more: &str) -> impl FnMut() -> bool + use<> {
    let (times, seconds) = more.split_once(' ').unwrap();
    let (mut left, seconds) = (times.parse::<u64>().unwrap(), seconds.parse().unwrap());
    let end = Instant::now() + Duration::from_secs(seconds);
    move || {
        left = left.saturating_sub(1);
        left > 0 || Instant::now() < end
    }
}

/// Follows a file, and says how many rows it has seen.
fn follow(path: &Path, mut goes_on: impl FnMut() -> bool) {
    let mut follow = Follow::<Numbered>::open(path).unwrap();
    let (mut next, mut records) = (0, Vec::new());
    while goes_on() {
        records.clear();
        while follow.poll_into(&mut records).unwrap() == 0 {
            assert!(follow.wait(LONG).unwrap(), "the writer writes no more");
        }
        for record in &records {
            assert_eq!(*record, Numbered::new(next));
            next += 1;
        }
    }
    say(next);
}

/// Reads a file again and again, its oldest rows, its newest ones and some between, and says how many rows
/// it has.
fn read(path: &Path, mut goes_on: impl FnMut() -> bool) {
    const MANY: usize = 10_000;
    let mut random = fastrand::Rng::with_seed(5);
    let mut last = 0;
    while goes_on() {
        let reader = npyrec::Reader::<Numbered>::open(path).unwrap();
        let rows = reader.remaining();
        assert!(rows >= last, "{rows} rows after {last}");
        last = rows;
        for (number, record) in (0..).zip(reader.take(MANY)) {
            assert_eq!(record.unwrap(), Numbered::new(number));
        }
        let mapped = map(path);
        let rows = mapped.len();
        assert!(rows as u64 >= last, "{rows} rows after {last}");
        last = rows as u64;
        let middle = random.usize(..rows);
        for start in [rows.saturating_sub(MANY), middle] {
            for row in (start..rows).take(MANY) {
                assert_eq!(mapped.get(row).unwrap().unwrap(), Numbered::new(row as u64));
            }
        }
        assert!(npyrec::check(path).unwrap().numpy_loads());
        if last < 100_000 {
            let records = npyrec::read::<Numbered>(path).unwrap();
            assert!(records.len() as u64 >= last);
            assert!(
                records
                    .into_iter()
                    .zip(0..)
                    .all(|(record, n)| record == Numbered::new(n))
            );
        }
    }
    say(last);
}

#[allow(unsafe_code)]
fn map(path: &Path) -> npyrec::Mapped<Numbered> {
    // SAFETY: the file is in a folder of the test's own, and only grows.
    unsafe { npyrec::Mapped::open(path) }.unwrap()
}

/// Says 1 if another has the file open, whom reading does not mind, and 0 if it may be appended to.
fn open(path: &Path) {
    npyrec::read::<Numbered>(path).unwrap();
    let is_locked = |opened: npyrec::Result<Appender<Numbered>>| match opened {
        Ok(_) => false,
        Err(error) => error.kind() == ErrorKind::Locked,
    };
    say(is_locked(Appender::open(path)).into());
    say(is_locked(Appender::create(path)).into());
}

fn durability(word: &str) -> Durability {
    match word {
        "cached" => Durability::Cached,
        "synced" => Durability::Synced,
        other => panic!("no such durability: {other}"),
    }
}

/// Creates a file and follows a script: the durability, and then for each commit the total number of rows,
/// `sync`, or `panic` with an uncommitted row.
fn commit(path: &Path, more: &str) {
    let (word, words) = more.split_once(' ').unwrap();
    let options = AppendOptions::new().durability(durability(word));
    let mut log = options.create_new::<Numbered>(path).unwrap();
    for word in words.split(' ') {
        match word {
            "sync" => log.sync().unwrap(),
            "panic" => {
                let panic = std::panic::catch_unwind(AssertUnwindSafe(move || {
                    log.append(&Numbered::new(log.rows())).unwrap();
                    panic!("such is life");
                }));
                return assert!(panic.is_err());
            }
            rows => {
                let new = log.rows()..rows.parse().unwrap();
                log.extend(new.map(Numbered::new)).unwrap();
                log.commit().unwrap();
            }
        }
    }
}
