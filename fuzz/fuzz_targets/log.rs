//! Any file and any sequence of calls: no call panics, and a log holds what was appended to it.
#![no_main]

use std::{fs, path::PathBuf};

use libfuzzer_sys::{
    arbitrary::{self, Arbitrary},
    fuzz_target,
};
use npyrec::{AppendOptions, Appender, Durability, Follow, Header, Recovery};

#[derive(Arbitrary, Debug)]
struct Input {
    start: Start,
    steps: Vec<Step>,
}

/// What is there before.
#[derive(Arbitrary, Debug)]
enum Start {
    Nothing,
    Bytes(Vec<u8>),
    /// A header whose bytes are partly overwritten, and rows.
    Header {
        rows: u16,
        overwrite: Vec<(u8, u8)>,
        data: Vec<u8>,
    },
    /// Any text as a header, and rows.
    Text {
        text: String,
        data: Vec<u8>,
    },
}

#[derive(Arbitrary, Debug)]
enum Step {
    Open { options: Options },
    Create { options: Options },
    Append(u16),
    AppendSlice(Vec<u16>),
    Commit,
    Close,
    Forget,
    Check,
    Recover(u8),
    MakeAppendable,
    Follow,
    Tear(Vec<u8>),
    Cut(u16),
    Overwrite { at: u8, byte: u8 },
}

#[derive(Arbitrary, Debug)]
struct Options {
    buffer: u8,
    commit_every: u8,
    is_synced: bool,
    recovery: Option<u8>,
    make_appendable: bool,
}

fn recovery(number: u8) -> Recovery {
    use Recovery::{Adopt, Discard, Refuse, ZeroFill};
    [Adopt, Discard, ZeroFill, Refuse][usize::from(number % 4)]
}

impl Options {
    fn build(&self) -> AppendOptions<u16> {
        let options = Appender::options()
            .buffer_capacity(self.buffer.into())
            .commit_every(self.commit_every.into())
            .durability([Durability::Cached, Durability::Synced][usize::from(self.is_synced)])
            .make_appendable(self.make_appendable);
        match self.recovery {
            Some(number) => options.recover(recovery(number)),
            None => options,
        }
    }
}

/// A log that is open, and what it holds.
struct Model {
    log: Appender<u16>,
    rows: Vec<u16>,
}

impl Model {
    /// Of a file that was just opened: its rows are what was in it.
    fn new(log: Appender<u16>, path: &PathBuf) -> Option<Self> {
        let rows = npyrec::read(path).expect("a file that was opened is sound");
        assert_eq!(rows.len() as u64, log.rows());
        Some(Model { log, rows })
    }

    fn check(&self) {
        assert_eq!(self.log.rows(), self.rows.len() as u64);
        assert!(self.log.committed_rows() <= self.log.rows());
        let read: Vec<u16> = npyrec::read(self.log.path()).expect("a log is readable");
        assert_eq!(read.len() as u64, self.log.committed_rows());
        assert_eq!(read, self.rows[..read.len()]);
    }
}

fuzz_target!(|input: Input| {
    let dir = tempfile::tempdir().expect("there is a temporary folder");
    let path = dir.path().join("log.npy");
    match input.start {
        Start::Nothing => {}
        Start::Bytes(bytes) => fs::write(&path, bytes).expect("the file is written"),
        Start::Header {
            rows,
            overwrite,
            data,
        } => {
            let mut bytes = Header::for_record::<u16>(rows.into()).to_bytes();
            for (at, byte) in overwrite {
                let at = usize::from(at) % bytes.len();
                bytes[at] = byte;
            }
            fs::write(&path, [bytes, data].concat()).expect("the file is written");
        }
        Start::Text { text, data } => {
            let mut bytes = b"\x93NUMPY\x03\x00".to_vec();
            bytes.extend(u32::try_from(text.len()).unwrap_or_default().to_le_bytes());
            fs::write(&path, [&bytes, text.as_bytes(), &data].concat()).expect("it is written");
        }
    }
    let mut model: Option<Model> = None;
    for step in input.steps {
        let Some(open) = &mut model else {
            match step {
                Step::Open { options } => {
                    let opened = options.build().open(&path);
                    model = opened.ok().and_then(|log| Model::new(log, &path));
                }
                Step::Create { options } => {
                    let log = options.build().create(&path).expect("any file is replaced");
                    assert_eq!(log.rows(), 0);
                    model = Model::new(log, &path);
                }
                Step::Check => drop(npyrec::check(&path).map(|report| report.to_string())),
                Step::Recover(number) => {
                    if npyrec::recover(&path, recovery(number)).is_ok() {
                        assert!(npyrec::check(&path).expect("it was just read").is_sound());
                    }
                }
                Step::MakeAppendable => {
                    let before = npyrec::read::<u16>(&path);
                    if npyrec::make_appendable(&path).is_ok() {
                        let report = npyrec::check(&path).expect("it was just read");
                        assert_eq!(report.max_rows(), u64::MAX);
                        if let Ok(before) = before {
                            assert_eq!(npyrec::read::<u16>(&path).expect("as before"), before);
                        }
                    }
                }
                Step::Follow => {
                    let _ = Follow::<u16>::open(&path).and_then(|mut follow| follow.poll());
                }
                Step::Tear(bytes) => {
                    let mut file = fs::read(&path).unwrap_or_default();
                    file.extend(bytes);
                    fs::write(&path, file).expect("the file is written");
                }
                Step::Cut(len) => {
                    let mut file = fs::read(&path).unwrap_or_default();
                    file.truncate(len.into());
                    fs::write(&path, file).expect("the file is written");
                }
                Step::Overwrite { at, byte } => {
                    let mut file = fs::read(&path).unwrap_or_default();
                    if let Some(place) = file.get_mut(usize::from(at)) {
                        *place = byte;
                    }
                    fs::write(&path, file).expect("the file is written");
                }
                Step::Append(_) | Step::AppendSlice(_) | Step::Commit => {}
                Step::Close | Step::Forget => {}
            }
            continue;
        };
        match step {
            Step::Append(row) => {
                if open.log.append(&row).is_ok() {
                    open.rows.push(row);
                }
            }
            Step::AppendSlice(rows) => {
                if open.log.append_slice(&rows).is_ok() {
                    open.rows.extend(rows);
                }
            }
            Step::Commit => open.log.commit().expect("the disk is not full"),
            Step::Follow => {
                let mut follow = Follow::<u16>::open(&path).expect("a log may be followed");
                let read = follow.poll().expect("a log may be read");
                assert_eq!(read, open.rows[..read.len()]);
            }
            Step::Close => {
                let Model { log, rows } = model.take().expect("it is open");
                log.close().expect("the disk is not full");
                assert_eq!(npyrec::read::<u16>(&path).expect("it is sound"), rows);
            }
            // As if it were killed, but for the lock.
            Step::Forget => {
                let Model { log, rows } = model.take().expect("it is open");
                let committed = log.committed_rows();
                let bytes = fs::read(&path).expect("it is there");
                drop(log);
                fs::write(&path, bytes).expect("the file is written");
                let read: Vec<u16> = npyrec::read(&path).expect("it is sound");
                assert_eq!(read.len() as u64, committed);
                assert_eq!(read, rows[..read.len()]);
            }
            _ => {}
        }
        if let Some(model) = &model {
            model.check();
        }
    }
});
