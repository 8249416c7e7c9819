use std::{
    io::{self, Read, Seek, SeekFrom, Write},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

/// The destination of an archive.
///
/// `zip` ends an archive whose writer is dropped, and prints an error if that fails. So bytes that cannot or
/// should not be written at the end are discarded without an error. [`into_inner`](Self::into_inner) reports it.
#[derive(Debug)]
pub(super) struct ArchiveSink<W> {
    out: W,
    state: Arc<AtomicU8>,
    position: u64,
    end: u64,
    /// The archive was given up before this call.
    is_void: bool,
    /// The error after which nothing more was written.
    error: Option<io::Error>,
    /// A call of `out` panicked. Nothing more is written, as its position is unknown.
    has_panicked: bool,
}

/// More of the archive follows.
const OPEN: u8 = 0;
/// The end is written, if that is possible.
const ENDING: u8 = 1;
/// Nothing more is written.
const GIVEN_UP: u8 = 2;

/// A switch that tells an [`ArchiveSink`] that its archive ends. Must be dropped before the archive.
#[derive(Debug)]
pub(super) struct Ending {
    state: Arc<AtomicU8>,
    /// The state after the drop.
    of_dropped: u8,
}

impl Ending {
    pub(super) fn end(&self) {
        self.state.store(ENDING, Ordering::Relaxed);
    }

    /// Makes dropping the archive discard its end.
    pub(super) fn give_up(&mut self) {
        self.end_on_drop(false);
    }

    pub(super) fn end_on_drop(&mut self, ends: bool) {
        self.of_dropped = if ends { ENDING } else { GIVEN_UP };
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.state.store(self.of_dropped, Ordering::Relaxed);
    }
}

impl<W> ArchiveSink<W> {
    pub(super) fn new(out: W) -> (Self, Ending) {
        let state = Arc::new(AtomicU8::new(OPEN));
        let ending = Ending {
            state: state.clone(),
            of_dropped: ENDING,
        };
        let sink = ArchiveSink {
            out,
            state,
            position: 0,
            end: 0,
            is_void: false,
            error: None,
            has_panicked: false,
        };
        (sink, ending)
    }

    /// Returns the writer, or the error after which nothing more was written.
    pub(super) fn into_inner(self) -> io::Result<W> {
        match self.error {
            Some(error) => Err(error),
            None if self.has_panicked => Err(io::Error::other("the writer panicked before")),
            None => Ok(self.out),
        }
    }

    /// Does some work, and moves the position. The result of work that is discarded looks the same.
    fn work<T>(
        &mut self,
        work: impl FnOnce(&mut W) -> io::Result<T>,
        undone: impl FnOnce(&Self) -> io::Result<T>,
        moved: impl FnOnce(&Self, &T) -> u64,
    ) -> io::Result<T> {
        let state = match self.has_panicked {
            true => GIVEN_UP,
            false => self.state.load(Ordering::Relaxed),
        };
        if state == GIVEN_UP && !self.is_void {
            // A member that could not be ended may have left it before the end, which `zip` denies.
            self.position = self.end;
            self.is_void = true;
        }
        let result = if state == GIVEN_UP || self.error.is_some() {
            undone(self)
        } else {
            self.has_panicked = true;
            let done = work(&mut self.out);
            self.has_panicked = false;
            match done {
                Err(error) if state == ENDING && error.kind() != io::ErrorKind::Interrupted => {
                    self.error = Some(error);
                    undone(self)
                }
                done => done,
            }
        };
        if let Ok(value) = &result {
            self.position = moved(self, value);
            self.end = self.end.max(self.position);
        }
        result
    }
}

impl<W: Write> Write for ArchiveSink<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.work(
            |out| match out.write(bytes) {
                Ok(0) if !bytes.is_empty() => Err(io::ErrorKind::WriteZero.into()),
                written => written,
            },
            |_| Ok(bytes.len()),
            |sink, &written| sink.position.saturating_add(written as u64),
        )
    }

    fn flush(&mut self) -> io::Result<()> {
        self.work(W::flush, |_| Ok(()), |sink, ()| sink.position)
    }
}

impl<W: Seek> Seek for ArchiveSink<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.work(
            |out| out.seek(to),
            |sink| {
                let position = match to {
                    SeekFrom::Start(position) => Some(position),
                    SeekFrom::End(by) => sink.end.checked_add_signed(by),
                    SeekFrom::Current(by) => sink.position.checked_add_signed(by),
                };
                position.ok_or_else(|| io::ErrorKind::InvalidInput.into())
            },
            |_, &position| position,
        )
    }
}

impl<W: Read> Read for ArchiveSink<W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.work(
            |out| out.read(buffer),
            |_| Ok(0),
            |sink, &read| sink.position.saturating_add(read as u64),
        )
    }
}
