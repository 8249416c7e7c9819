mod commit;

use std::{
    io,
    path::{Path, PathBuf},
    time::Instant,
};

use super::{
    durability::Durability,
    existing::{Existing, make_room},
    open_file::open_file,
    settings::{Mode, Settings},
    target::{Fit, Row, Target},
};
use crate::{
    convert::Plan,
    error::{Error, ErrorKind, Result},
    header::GrowingHeader,
    record::{EncodeError, NpyRecord},
    recover::Report,
    storage::Storage,
};

/// The rows of a file that grows: those in the file, and those in the buffer.
///
/// They are made of elements: of one each, or of all those that an array has along its other axes. An
/// element is a number of bytes here; who appends knows the type. The order of writes is that of the
/// commit protocol: rows first, then the header, which so never counts a row that is not there.
pub(super) struct Rows {
    storage: Box<dyn Storage>,
    path: PathBuf,
    header: GrowingHeader,
    data_start: u64,
    /// The size of an element in the file.
    itemsize: usize,
    /// How the elements are rows.
    row: Row,
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
    /// Elements of `stride` bytes each, so that those of no bytes are counted as well. Those from `start`
    /// to `filled` are not yet written. Something is due (a write, a commit) when the buffer is full,
    /// so `start` is set to where it will be full in time: appending checks for nothing else.
    buffer: Vec<u8>,
    /// The length of a full buffer; its capacity has room for the element that makes something due.
    full: usize,
    stride: usize,
    start: usize,
    /// Half as wide as a length, so that adding to it needs no check of its own.
    filled: u32,
}

/// The largest buffer, in bytes.
const MAX_CAPACITY: usize = 1 << 30;

impl Rows {
    /// Opens a file, and starts it if it is empty.
    pub(super) fn open(
        path: &Path,
        mode: Mode,
        target: &Target,
        settings: Settings,
    ) -> Result<Self> {
        let (mut storage, is_new) = open_file(path, mode, target.new_header(), &settings)?;
        let mut recovery = None;
        if settings.make_appendable {
            (storage, recovery) = make_room(storage, path, target, &settings)?;
        }
        let mut rows = Rows::of(Box::new(storage), path, target, settings)?;
        rows.recovery = rows.recovery.or(recovery);
        rows.is_name_synced = !is_new;
        if settings.durability == Durability::Synced {
            rows.sync_name()?;
        }
        Ok(rows)
    }

    fn of(
        storage: Box<dyn Storage>,
        path: &Path,
        target: &Target,
        settings: Settings,
    ) -> Result<Self> {
        let existing = match Existing::read(&*storage, path, target, &settings)? {
            Some(existing) => existing,
            None => start(&*storage, target, &settings)?,
        };
        let Existing {
            header,
            rows,
            recovery,
            fit,
        } = existing;
        let Fit {
            plan,
            itemsize,
            row,
        } = fit;
        let data_start = header.bytes().len() as u64;
        let stride = itemsize.max(1);
        // An array has 2^63 - 1 bytes at the most, and as many rows.
        let max_bytes = i64::MAX.unsigned_abs() - data_start;
        let max_in_file = max_bytes
            .checked_div(itemsize as u64)
            .unwrap_or(i64::MAX.unsigned_abs());
        let max_in_header = header.max_rows().saturating_mul(row.len);
        let capacity = (settings.buffer_capacity.min(MAX_CAPACITY) / stride).max(1) * stride;
        let full = capacity - stride;
        let mut buffer = Vec::with_capacity(capacity);
        buffer.resize(full, 0);
        let mut rows = Rows {
            storage,
            path: path.to_owned(),
            max_elements: max_in_header.min(max_in_file),
            header,
            data_start,
            itemsize,
            written: rows.saturating_mul(row.len),
            row,
            committed: rows,
            settings,
            last_commit: Instant::now(),
            unconverted: vec![0; plan.as_ref().map_or(0, |_| target.element().itemsize())],
            plan,
            recovery,
            is_name_synced: true,
            is_sync_lost: false,
            buffer,
            full,
            stride,
            start: 0,
            filled: 0,
        };
        rows.set_start();
        Ok(rows)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What was found when the file was opened, if header and data did not agree.
    pub(super) fn recovery(&self) -> Option<&Report> {
        self.recovery.as_ref()
    }

    /// How the elements are rows.
    pub(super) fn row(&self) -> &Row {
        &self.row
    }

    /// All rows, those in the buffer included.
    pub(super) fn rows(&self) -> u64 {
        self.elements() / self.row.len
    }

    /// All elements, those in the buffer included.
    fn elements(&self) -> u64 {
        self.written + self.in_buffer()
    }

    /// The whole rows in the file.
    fn written_rows(&self) -> u64 {
        self.written / self.row.len
    }

    fn in_buffer(&self) -> u64 {
        ((self.end() - self.start) / self.stride) as u64
    }

    /// The end of the elements in the buffer.
    #[inline]
    fn end(&self) -> usize {
        self.filled as usize
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // No buffer is longer than `MAX_CAPACITY` and a row.
    fn set_end(&mut self, end: usize) {
        self.filled = end as u32;
    }

    pub(super) fn committed(&self) -> u64 {
        self.committed
    }

    /// Takes an element, of `itemsize` bytes, and writes or commits what is due after it. When it does not
    /// fit its dtype, or writing fails, it is not taken.
    #[inline]
    pub(super) fn append(
        &mut self,
        itemsize: usize,
        encode: impl Fn(&mut [u8]) -> Result<(), EncodeError>,
    ) -> Result<()> {
        let (start, end) = (self.end(), self.end() + itemsize.max(1));
        let place = self.buffer.get_mut(start..end);
        let Some(place) = place.and_then(|place| place.get_mut(..itemsize)) else {
            return self.append_and_write(encode);
        };
        match encode(place) {
            Ok(()) => {
                self.set_end(end);
                Ok(())
            }
            Err(error) => Err(self.refused(error)),
        }
    }

    /// [`append`](Self::append), where the buffer is full.
    #[cold]
    #[inline(never)]
    fn append_and_write(
        &mut self,
        encode: impl Fn(&mut [u8]) -> Result<(), EncodeError>,
    ) -> Result<()> {
        self.check_room(1)?;
        let start = self.end();
        self.buffer.resize(start + self.stride, 0);
        let place = self.buffer.get_mut(start..start + self.itemsize);
        let place = place.unwrap_or_default();
        let encoded = match &self.plan {
            None => encode(place),
            Some(plan) => {
                encode(&mut self.unconverted).and_then(|()| plan.convert(&self.unconverted, place))
            }
        };
        if let Err(error) = encoded {
            self.buffer.truncate(start);
            return Err(self.refused(error));
        }
        self.set_end(start + self.stride);
        let result = self.write_what_is_due();
        if result.is_err() && self.in_buffer() > 0 {
            self.set_end(self.end() - self.stride);
            self.buffer.truncate(self.end());
        }
        result
    }

    #[cold]
    fn refused(&self, error: EncodeError) -> Error {
        let within = self.elements() % self.row.len;
        let error = self
            .row
            .index(within)
            .into_iter()
            .rev()
            .fold(error, EncodeError::in_item);
        Error::from(error).at_row(self.rows()).at_path(&self.path)
    }

    /// Whether what is appended are elements as they are.
    pub(super) fn takes_records(&self) -> bool {
        self.plan.is_none()
    }

    /// Takes elements whose bytes are at hand.
    pub(super) fn append_bytes(&mut self, bytes: &[u8], elements: u64) -> Result<()> {
        self.cut_partial_row();
        self.check_room(elements)?;
        let (start, end) = (self.end(), self.end().saturating_add(bytes.len()));
        if let Some(place) = self
            .buffer
            .get_mut(start..end)
            .filter(|_| self.itemsize > 0)
        {
            place.copy_from_slice(bytes);
            self.set_end(end);
            return Ok(());
        }
        if self.looks_at_each() && end <= self.full && self.itemsize > 0 {
            self.buffer.extend_from_slice(bytes);
            self.set_end(end);
        } else {
            self.write_out()?;
            self.write_behind(bytes, elements)?;
            self.set_start();
        }
        match self.is_commit_due() {
            true => self.commit_rows(),
            false => Ok(()),
        }
    }

    /// Takes elements one after another, which are whole rows. Rows before one that does not fit are
    /// taken.
    pub(super) fn append_each<'a, T: NpyRecord + 'a>(
        &mut self,
        elements: impl IntoIterator<Item = &'a T>,
    ) -> Result<()> {
        self.cut_partial_row();
        let result = elements
            .into_iter()
            .try_for_each(|element| self.append(T::ITEMSIZE, |place| element.encode(place)));
        if result.is_err() {
            self.cut_partial_row();
        }
        result
    }

    /// Gives up the elements of a row that lacks others, as one of them did not fit, or panicked. What
    /// is in the file of it is behind all rows, which is valid even where it cannot be cut off.
    fn cut_partial_row(&mut self) {
        let partial = match self.row.len {
            1 => return,
            len => self.elements() % len,
        };
        if partial == 0 {
            return;
        }
        let in_buffer = self.in_buffer().min(partial);
        let bytes = usize::try_from(in_buffer).unwrap_or_default() * self.stride;
        self.set_end(self.end() - bytes);
        if self.looks_at_each() {
            self.buffer.truncate(self.end());
        }
        if in_buffer < partial {
            self.written -= partial - in_buffer;
            let _ = self.storage.set_len(self.data_end());
            self.set_start();
        }
    }

    fn data_end(&self) -> u64 {
        self.data_start + self.written * self.itemsize as u64
    }

    fn is_commit_due(&self) -> bool {
        let interval = self.settings.commit_interval;
        self.rows() - self.committed >= self.settings.commit_every
            || interval.is_some_and(|interval| self.last_commit.elapsed() >= interval)
    }

    fn write_what_is_due(&mut self) -> Result<()> {
        match self.is_commit_due() {
            true => self.commit_rows(),
            false if self.end() > self.full => self.write_out(),
            false => Ok(()),
        }
    }

    /// Writes the elements of the buffer behind the others. When it fails they stay in the buffer.
    fn write_out(&mut self) -> Result<()> {
        let elements = self.in_buffer();
        let buffer = std::mem::take(&mut self.buffer);
        let bytes = buffer
            .get(self.start..self.end())
            .filter(|_| self.itemsize > 0);
        let result = self.write_behind(bytes.unwrap_or_default(), elements);
        self.buffer = buffer;
        if result.is_ok() {
            self.set_start();
        }
        result
    }

    fn write_behind(&mut self, bytes: &[u8], elements: u64) -> Result<()> {
        self.check_sync()?;
        let end = self.data_end();
        if let Err(error) = self.storage.write_all_at(bytes, end) {
            // What was written of them is cut off; the file is valid even if that fails too.
            let _ = self.storage.set_len(end);
            return Err(self.failed("write rows", error));
        }
        self.written += elements;
        Ok(())
    }

    fn check_room(&self, more: u64) -> Result<()> {
        match self.elements().checked_add(more) {
            Some(elements) if elements <= self.max_elements => Ok(()),
            _ => Err(self.no_room()),
        }
    }

    fn no_room(&self) -> Error {
        let max_rows = self.max_elements / self.row.len;
        Error::new(ErrorKind::NoGrowthRoom { max_rows }).at_path(&self.path)
    }

    /// Whether the buffer is full at each element: where the time decides what is due, and where they are
    /// converted.
    fn looks_at_each(&self) -> bool {
        self.settings.commit_interval.is_some() || self.plan.is_some()
    }

    /// Starts the empty buffer so that it is full one element before something is due, which is at once
    /// if each is looked at.
    fn set_start(&mut self) {
        if self.looks_at_each() {
            self.buffer.clear();
            self.start = 0;
            self.set_end(0);
            return;
        }
        let to_commit = self
            .settings
            .commit_every
            .saturating_add(self.committed)
            .saturating_mul(self.row.len)
            .saturating_sub(self.written);
        let elements = to_commit
            .saturating_sub(1)
            .min(self.max_elements.saturating_sub(self.written));
        let elements = usize::try_from(elements).unwrap_or(usize::MAX);
        self.buffer.truncate(self.full);
        self.start = self.full - elements.min(self.full / self.stride) * self.stride;
        self.set_end(self.start);
    }

    fn failed(&self, action: &'static str, error: io::Error) -> Error {
        Error::io(action, error)
            .keeping(self.written_rows())
            .with_end("appending may go on")
            .at_path(&self.path)
    }
}

/// Starts an empty file.
fn start(storage: &dyn Storage, target: &Target, settings: &Settings) -> Result<Existing> {
    let header = target.new_header();
    let header = header.ok_or_else(|| Error::new(ErrorKind::NoRows))?;
    let new = Existing::none(header, target, settings)?;
    storage.write_all_at(new.header.bytes(), 0).map_err(|e| {
        // Half a header would be of no use to anybody.
        let _ = storage.set_len(0);
        Error::io("write the header", e)
    })?;
    if settings.durability == Durability::Synced {
        let synced = storage.sync_all();
        synced.map_err(|e| Error::io("sync the header", e))?;
    }
    Ok(new)
}

#[cfg(test)]
mod tests;
