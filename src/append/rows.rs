mod append;
mod buffer;
mod check;
mod commit;
mod open;

use std::{
    io,
    ops::Range,
    path::{Path, PathBuf},
    time::Instant,
};

use self::{
    buffer::Buffer,
    check::{Halt, Reason},
};
use super::settings::Settings;
use crate::{
    convert::Plan,
    error::{Cause, Error, Result},
    header::{GrowingHeader, Shape},
    repair::Report,
    storage::Storage,
};

/// Bytes that take much longer to write than to look at the length of the file.
const MANY: usize = 64 << 10;

/// The rows of a file that grows: those in the file, and those in the buffer.
///
/// They are made of elements: of one each, or of all those that an array has along its other axes. An
/// element is a number of bytes here; who appends knows the type. The order of writes is that of the
/// commit protocol: rows first, then the header, which so never counts a row that is not there.
pub(super) struct Rows {
    storage: Box<dyn Storage>,
    path: PathBuf,
    /// The absolute path, which a change of the current folder does not affect.
    absolute_path: PathBuf,
    header: GrowingHeader,
    data_start: u64,
    /// The size of an element in the file.
    itemsize: usize,
    /// The shape of the array without rows.
    shape: Shape,
    /// The most elements that header and file can hold.
    max_elements: u64,
    /// Elements in the file, committed or not.
    written: u64,
    /// The rows that the header counts.
    committed: u64,
    settings: Settings,
    last_commit: Instant,
    /// How what is appended becomes an element, if it is none as it is.
    plan: Option<Plan>,
    /// What is to become one.
    unconverted: Vec<u8>,
    recovery: Option<Report>,
    /// The name of the file is on the device.
    is_name_synced: bool,
    /// A sync failed: the system may have dropped what it could not write, and would not say so twice.
    is_sync_lost: bool,
    /// The file is not as it was left: nothing more is written.
    halt: Option<Halt>,
    /// The reason for which the last write failed, until all that was due is written.
    failing: Option<Reason>,
    /// Rows are taken together: a commit that is due waits for the last of them.
    holds_commits: bool,
    /// The end that gives the appender up was tried: dropping it writes nothing.
    is_closed: bool,
    buffer: Buffer,
    /// The bytes of an element in the buffer: of those of no bytes one, so that they are counted as well.
    stride: usize,
    /// The most bytes in the buffer, a multiple of `stride`.
    capacity: usize,
    /// The buffer is written up to multiples of this in the file, where its capacity allows: systems take
    /// aligned writes in fewer and larger pieces.
    alignment: Option<u64>,
    /// The bytes in the file of the first element in the buffer.
    partial: usize,
    /// What a failed write left behind the rows could not be cut off.
    has_tail: bool,
}

impl Rows {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What was found when the file was opened, if header and data did not agree.
    pub(super) fn recovery(&self) -> Option<&Report> {
        self.recovery.as_ref()
    }

    /// Returns the shape of the array without rows.
    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Returns the number of elements that are counted as a row: 1 if a row has no elements.
    pub(super) fn row_len(&self) -> u64 {
        self.shape.row_len().max(1)
    }

    /// All rows, those in the buffer included.
    pub(super) fn rows(&self) -> u64 {
        self.shape.rows_in(self.elements())
    }

    /// All elements, those in the buffer included.
    fn elements(&self) -> u64 {
        self.written + self.in_buffer()
    }

    /// The whole rows in the file.
    fn written_rows(&self) -> u64 {
        self.shape.rows_in(self.written)
    }

    fn in_buffer(&self) -> u64 {
        match self.buffer.len() {
            0 => 0, // Of a part of an element, the other bytes are in the buffer.
            len => ((len + self.partial) / self.stride) as u64,
        }
    }

    pub(super) fn committed(&self) -> u64 {
        self.committed
    }

    /// Where in the file the bytes of the buffer are to be.
    fn data_end(&self) -> u64 {
        self.data_start + self.written * self.itemsize as u64 + self.partial as u64
    }

    /// Where in the file the buffer is to end when it is written.
    fn boundary(&self) -> u64 {
        let start = self.data_end();
        match self.alignment {
            Some(alignment) => (start / alignment + 1) * alignment,
            None => start + self.capacity as u64,
        }
    }

    fn is_commit_due(&self) -> bool {
        if self.holds_commits {
            return false;
        }
        let interval = self.settings.commit_interval;
        self.rows() - self.committed >= self.settings.commit_every
            || interval.is_some_and(|interval| self.last_commit.elapsed() >= interval)
    }

    fn write_what_is_due(&mut self) -> Result<()> {
        match self.is_commit_due() {
            true => self.commit_rows(),
            false if self.is_write_due(0) => {
                self.write_to_boundary()?;
                self.note_written_all();
                self.restart(0..self.buffer.len(), &[]);
                Ok(())
            }
            false if self.looks_at_each() => Ok(()),
            false => {
                self.buffer.grow();
                self.restart(0..self.buffer.len(), &[]);
                Ok(())
            }
        }
    }

    /// Whether the buffer is to be written, once it has so many bytes more.
    fn is_write_due(&self, more: usize) -> bool {
        self.data_end() + self.buffer.len() as u64 + more as u64 >= self.boundary()
    }

    /// Writes the bytes of the buffer behind the others. When it fails they stay in the buffer, which
    /// is to be [restarted](Self::restart) otherwise.
    fn write_out(&mut self) -> Result<()> {
        self.write_own(self.buffer.len())
    }

    /// The same, up to the last boundary.
    fn write_to_boundary(&mut self) -> Result<()> {
        let start = self.data_end();
        let end = start + self.buffer.len() as u64;
        let last = self
            .alignment
            .map_or(end, |boundary| end / boundary * boundary);
        self.write_own(usize::try_from(last - start).unwrap_or(usize::MAX))
    }

    /// Writes the first bytes of the buffer.
    fn write_own(&mut self, len: usize) -> Result<()> {
        self.check_halt()?;
        if len > 0 && self.itemsize > 0 {
            self.check_end()?;
        }
        let start = self.data_end();
        let own = self.buffer.bytes().get(..len).unwrap_or_default();
        let written = match self.itemsize {
            0 => Ok(()),
            _ => self.storage.append(own, start),
        };
        self.note_written(written, start, len)?;
        self.buffer.give_away(len);
        Ok(())
    }

    /// Writes bytes that are none of the buffer's, which is empty.
    fn write_behind(&mut self, bytes: &[u8]) -> Result<()> {
        self.check_halt()?;
        if bytes.is_empty() {
            return Ok(());
        }
        self.check_end()?;
        let start = self.data_end();
        let written = self.storage.append(bytes, start);
        self.note_written(written, start, bytes.len())
    }

    fn note_written(&mut self, written: io::Result<()>, start: u64, len: usize) -> Result<()> {
        if let Err(error) = written {
            if error.kind() == io::ErrorKind::UnexpectedEof {
                return Err(self.found_cut());
            }
            // What was written of them is cut off; the file is valid even if that fails too.
            self.has_tail = self.storage.cut_to(start).is_err();
            return Err(self.failed("write rows", error));
        }
        let len = self.partial + len;
        self.written += (len / self.stride) as u64;
        self.partial = len % self.stride;
        Ok(())
    }

    /// Takes bytes of which the buffer cannot hold all: first it is filled up and written, then they are
    /// written by themselves, but for what is behind the last boundary.
    fn write_through(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.len() >= MANY {
            // Through a map, it costs too much to look before fewer.
            self.check_not_cut()?;
        }
        let buffered = self.buffer.len();
        let to_boundary = self.boundary() - self.data_end() - buffered as u64;
        let first = match (self.alignment, buffered) {
            (None, 0) => 0,
            _ => usize::try_from(to_boundary).unwrap_or(usize::MAX),
        };
        let (first, rest) = bytes.split_at_checked(first).unwrap_or((bytes, &[]));
        self.buffer.push(first);
        self.write_out()
            .inspect_err(|_| self.give_up(first.len()))?;
        let end = self.data_end() + rest.len() as u64;
        let later = self.alignment.map_or(0, |boundary| end % boundary);
        let later = usize::try_from(later).unwrap_or_default();
        let now = rest.len().saturating_sub(later);
        let (now, later) = rest.split_at_checked(now).unwrap_or((rest, &[]));
        self.write_behind(now)
            .inspect_err(|_| self.cut_partial_element())?;
        self.restart(0..0, later);
        Ok(())
    }

    /// Keeps some bytes of the buffer, puts `more` behind them, and makes it full one element before
    /// something is due.
    fn restart(&mut self, kept: Range<usize>, more: &[u8]) {
        let room = self.room(kept.len() + more.len());
        self.buffer.restart(kept, more, room);
    }

    /// The bytes that the buffer takes behind others before something is due.
    fn room(&self, behind: usize) -> usize {
        if self.looks_at_each() || self.is_halted() {
            return 0;
        }
        let elements = match behind {
            0 => self.written,
            _ => self.written + ((behind + self.partial) / self.stride) as u64,
        };
        let due = match self.holds_commits {
            true => u64::MAX,
            false => self.settings.commit_every.saturating_add(self.committed),
        };
        let to_commit = due.saturating_mul(self.row_len()).saturating_sub(elements);
        if to_commit <= 1 {
            return 0;
        }
        let to_boundary = self.boundary() - self.data_end();
        let to_boundary = to_boundary.saturating_sub(behind as u64 + 1);
        let in_buffer = self.buffer.full().saturating_sub(behind) as u64;
        let room = to_boundary.min(in_buffer) / self.stride as u64;
        let room = room
            .min(to_commit - 1)
            .min(self.max_elements.saturating_sub(elements));
        usize::try_from(room).unwrap_or_default() * self.stride
    }

    /// The largest number of rows that header and file can hold.
    pub(super) fn max_rows(&self) -> u64 {
        self.shape.rows_in(self.max_elements)
    }

    /// The elements of the whole rows that header and file can hold after those that are there.
    fn room_for_rows(&self) -> u64 {
        let rows = self.max_rows().saturating_sub(self.rows());
        rows.saturating_mul(self.row_len())
    }

    fn check_room(&self, more: u64) -> Result<()> {
        match self.elements().checked_add(more) {
            Some(elements) if elements <= self.max_elements => Ok(()),
            _ => Err(self.no_room()),
        }
    }

    fn no_room(&self) -> Error {
        let max_rows = self.max_rows();
        let error = match self.header.max_rows() <= max_rows {
            true => {
                Error::new(Cause::NoGrowthRoom { max_rows }).with_end("close the file before that")
            }
            false => Error::new(Cause::TooManyRows(max_rows.saturating_add(1))),
        };
        error.at_path(&self.path)
    }

    /// Whether the buffer is full at each element: where the time decides what is due, and where they are
    /// converted.
    fn looks_at_each(&self) -> bool {
        self.settings.commit_interval.is_some() || self.plan.is_some()
    }

    fn failed(&self, action: &'static str, error: io::Error) -> Error {
        Error::io(action, error)
            .going_on(self.written_rows())
            .at_path(&self.path)
    }
}

#[cfg(test)]
pub(super) mod tests;
