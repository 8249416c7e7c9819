//! Any file and any sequence of calls: no call panics, and a log holds what was appended to it.
#![no_main]

use std::{fs, path::Path};

use libfuzzer_sys::{
    arbitrary::{self, Arbitrary},
    fuzz_target,
};
use npyrec::{AppendOptions, Appender, Durability, Follow, Header, Recovery};
use npyrec_fuzz::{kill, temporary_path};

#[derive(Arbitrary, Debug)]
struct Input {
    start: Start,
    steps: Vec<Step>,
}

/// The file before the first step.
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
    buffer: u16,
    commit_every: u8,
    is_synced: bool,
    is_mapped: bool,
    recovery: Option<u8>,
    make_appendable: bool,
}

fn recovery(number: u8) -> Recovery {
    use Recovery::{Adopt, Discard, Refuse, ZeroFill};
    [Adopt, Discard, ZeroFill, Refuse][usize::from(number % 4)]
}

impl Options {
    fn build(&self) -> AppendOptions {
        let options = AppendOptions::new()
            .buffer_capacity(self.buffer.into())
            .commit_every(self.commit_every.into())
            .durability([Durability::Cached, Durability::Synced][usize::from(self.is_synced)])
            .make_appendable(self.make_appendable)
            .mapped(self.is_mapped);
        match self.recovery {
            Some(number) => options.recover(recovery(number)),
            None => options,
        }
    }
}

/// The content of the closed file, as far as the steps determine it.
#[derive(Clone, Debug)]
enum File {
    /// Bytes of another program, or no file.
    Any,
    /// A header that counts `counted` rows, and the bytes after it.
    Ours { counted: usize, data: Vec<u8> },
}

impl File {
    /// A file that was just created.
    fn empty() -> Self {
        let (counted, data) = (0, Vec::new());
        File::Ours { counted, data }
    }

    fn is_ours(&self) -> bool {
        matches!(self, File::Ours { .. })
    }

    /// Returns the file after recovery, or `None` for an error.
    fn recovered(self, recovery: Recovery) -> Option<Self> {
        let File::Ours { counted, mut data } = self else {
            return Some(self);
        };
        let (present, torn) = (data.len() / 2, data.len() % 2);
        if (counted, 0) == (present, torn) {
            return Some(File::Ours { counted, data });
        }
        let behind = data.get(counted * 2..).unwrap_or_default();
        if behind.starts_with(b"\x93NUMPY") {
            return None;
        }
        let rows = match recovery {
            Recovery::Adopt => present,
            Recovery::Discard => counted.min(present),
            Recovery::ZeroFill => present + torn,
            _ => return None,
        };
        data.resize(rows * 2, 0);
        let counted = rows;
        Some(File::Ours { counted, data })
    }

    /// Returns the file after opening it, or `None` for an error.
    fn opened(self, options: &Options) -> Option<Self> {
        let recovery = match (options.recovery, &self) {
            (Some(number), _) => recovery(number),
            // That rows are missing is not passed over unless it is asked.
            (None, File::Ours { counted, data }) if data.len() / 2 < *counted => return None,
            (None, _) if options.is_synced => Recovery::Discard,
            (None, _) => Recovery::Adopt,
        };
        self.recovered(recovery)
    }

    /// Compares it to the file on disk.
    fn check(&self, path: &Path) {
        if let File::Ours { counted, data } = self {
            let header = Header::for_record::<u16>(*counted as u64).to_bytes();
            assert_eq!(
                fs::read(path).expect("it is there"),
                [header, data.clone()].concat()
            );
        }
    }

    /// The rows that its header counts.
    fn rows(&self) -> Option<Vec<u16>> {
        let File::Ours { counted, data } = self else {
            return None;
        };
        let rows = data
            .chunks_exact(2)
            .map(|row| u16::from_le_bytes([row[0], row[1]]));
        Some(rows.take(*counted).collect())
    }

    /// Changes the bytes. With another header, they are bytes of another program.
    fn change(&mut self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = fs::read(path).unwrap_or_default();
        change(&mut bytes);
        fs::write(path, &bytes).expect("the file is written");
        if let File::Ours { counted, .. } = *self {
            let header = Header::for_record::<u16>(counted as u64).to_bytes();
            *self = match bytes.strip_prefix(&*header) {
                Some(data) => File::Ours {
                    counted,
                    data: data.to_vec(),
                },
                None => File::Any,
            };
        }
    }
}

/// A log that is open, and what it holds.
struct Model {
    log: Appender<u16>,
    rows: Vec<u16>,
    committed: usize,
    /// The file was ours before, so that it has room for any number of rows.
    is_ours: bool,
    commit_every: usize,
    /// The rows that a buffer holds at the most.
    buffer: usize,
    is_mapped: bool,
}

impl Model {
    /// Of a file that was just opened; what was in a file that is not ours is taken as it is.
    fn new(log: Appender<u16>, file: &File, options: &Options) -> Self {
        let read: Vec<u16> = npyrec::read(log.path()).expect("a file that was opened is sound");
        let rows = file.rows();
        let model = Model {
            log,
            is_ours: rows.is_some(),
            committed: rows.as_ref().unwrap_or(&read).len(),
            rows: rows.unwrap_or(read),
            commit_every: options.commit_every.into(),
            buffer: (usize::from(options.buffer) / 2).max(1),
            is_mapped: options.is_mapped,
        };
        model.check();
        model
    }

    /// Rows were appended, or were not.
    fn appended(&mut self, rows: &[u16], appended: npyrec::Result<()>) {
        assert!(appended.is_ok() || !self.is_ours, "{appended:?}");
        if appended.is_err() {
            return;
        }
        self.rows.extend(rows);
        let waiting = self.rows.len() - self.committed;
        if self.commit_every > 0 && waiting >= self.commit_every {
            self.committed = self.rows.len();
        }
    }

    fn check(&self) {
        assert_eq!(self.log.rows(), self.rows.len() as u64);
        assert_eq!(self.log.committed_rows(), self.committed as u64);
        let read: Vec<u16> = npyrec::read(self.log.path()).expect("a log is readable");
        assert_eq!(read, self.rows[..self.committed]);
    }

    /// Ends as a killed program, without the lock. Returns the content of the file.
    fn kill(self) -> File {
        let path = self.log.path().to_owned();
        let mut bytes = kill(self.log, &path);
        if !self.is_ours {
            return File::Any;
        }
        if self.is_mapped {
            // The bytes after the committed rows are room, or are treated as room.
            npyrec::recover(&path, Recovery::Discard).expect("it is of a log");
            bytes = fs::read(&path).expect("it is there");
        }
        let header = Header::for_record::<u16>(self.committed as u64).to_bytes();
        let data = bytes
            .strip_prefix(&*header)
            .expect("the header counts what is committed");
        let written = data.len() / 2;
        assert!((self.committed..=self.rows.len()).contains(&written));
        assert!(
            self.is_mapped || self.rows.len() - written <= self.buffer,
            "what is lost was in the buffer"
        );
        let expected = self.rows[..written]
            .iter()
            .flat_map(|row| row.to_le_bytes());
        assert_eq!(data, expected.collect::<Vec<u8>>());
        File::Ours {
            counted: self.committed,
            data: data.to_vec(),
        }
    }

    /// Closes the log, and returns the content of the file.
    fn close(self) -> File {
        let path = self.log.path().to_owned();
        self.log.close().expect("the disk is not full");
        assert_eq!(npyrec::read::<u16>(path).expect("it is sound"), self.rows);
        match self.is_ours {
            true => File::Ours {
                counted: self.rows.len(),
                data: self.rows.iter().flat_map(|row| row.to_le_bytes()).collect(),
            },
            false => File::Any,
        }
    }
}

fuzz_target!(|input: Input| {
    let (_dir, path) = temporary_path();
    let mut file = File::Any;
    match input.start {
        Start::Nothing => {}
        Start::Bytes(bytes) => fs::write(&path, bytes).expect("the file is written"),
        Start::Header {
            rows,
            overwrite,
            data,
        } => {
            let header = Header::for_record::<u16>(rows.into()).to_bytes();
            let mut bytes = header.clone();
            for (at, byte) in overwrite {
                let at = usize::from(at) % bytes.len();
                bytes[at] = byte;
            }
            if bytes == header {
                let (counted, data) = (rows.into(), data.clone());
                file = File::Ours { counted, data };
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
                    let (is_new, expected) = match path.exists() {
                        true => (false, file.clone().opened(&options)),
                        false => (true, Some(File::empty())),
                    };
                    match options.build().open::<u16>(&path) {
                        Ok(log) => {
                            let expected = expected.expect("what is to be refused is not opened");
                            model = Some(Model::new(log, &expected, &options));
                        }
                        Err(error) => {
                            let may_fail = !is_new && expected.is_none_or(|file| !file.is_ours());
                            assert!(may_fail, "{error}");
                        }
                    }
                }
                Step::Create { options } => {
                    let log = options.build().create::<u16>(&path).expect("any file is replaced");
                    model = Some(Model::new(log, &File::empty(), &options));
                }
                Step::Check => drop(npyrec::check(&path).map(|report| report.to_string())),
                Step::Recover(number) => {
                    let expected = file.clone().recovered(recovery(number));
                    match npyrec::recover(&path, recovery(number)) {
                        Ok(_) => {
                            assert!(npyrec::check(&path).expect("it was just read").is_sound());
                            file = expected.expect("what is to be refused is not recovered");
                        }
                        Err(error) => {
                            let may_fail = expected.is_none_or(|file| !file.is_ours());
                            assert!(may_fail, "{error}");
                        }
                    }
                }
                Step::MakeAppendable => {
                    let before = npyrec::read::<u16>(&path);
                    let made = npyrec::make_appendable(&path);
                    assert!(!file.is_ours() || matches!(made, Ok(false)), "{made:?}");
                    if made.is_ok() {
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
                Step::Tear(torn) => file.change(&path, |bytes| bytes.extend(torn)),
                Step::Cut(len) => file.change(&path, |bytes| bytes.truncate(len.into())),
                Step::Overwrite { at, byte } => file.change(&path, |bytes| {
                    if let Some(place) = bytes.get_mut(usize::from(at)) {
                        *place = byte;
                    }
                }),
                Step::Append(_) | Step::AppendSlice(_) | Step::Commit => {}
                Step::Close | Step::Forget => {}
            }
            if model.is_none() {
                file.check(&path);
            }
            continue;
        };
        match step {
            Step::Append(row) => {
                let appended = open.log.append(&row);
                open.appended(&[row], appended);
            }
            Step::AppendSlice(rows) => {
                let appended = open.log.append_slice(&rows);
                open.appended(&rows, appended);
            }
            Step::Commit => {
                open.log.commit().expect("the disk is not full");
                open.committed = open.rows.len();
            }
            Step::Follow => {
                let mut follow = Follow::<u16>::open(&path).expect("a log may be followed");
                let read = follow.poll().expect("a log may be read");
                assert_eq!(read, open.rows[..open.committed]);
            }
            Step::Close => file = model.take().expect("it is open").close(),
            Step::Forget => file = model.take().expect("it is open").kill(),
            _ => {}
        }
        match &model {
            Some(model) => model.check(),
            None => file.check(&path),
        }
    }
});
