use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    marker::PhantomData,
    path::Path,
};

use super::{
    block::Block,
    decoder::Decoder,
    options::{ReadOptions, Settings},
    place::Place,
    rearrange::{is_scattered, read_in_c_order},
};
use crate::{
    convert::Sequence,
    error::{Error, ErrorKind, Result},
    header::{Header, Order},
    record::NpyRecord,
    storage::read_header_with_limit,
};

/// Reads records one by one, from a file or from any [`Read`].
///
/// It is an iterator of `Result<R>`. It goes on behind a record that is no `R`, and after an error by which
/// a source says that there may be more later (`WouldBlock`, `TimedOut`); any other error is the last
/// item. It needs no more memory than its buffer, however many rows the
/// header counts. The source need not be buffered, and is read no further than the last row.
///
/// ```
/// use npyrec::{Header, Reader};
///
/// let mut bytes = Header::for_record::<u16>(2).to_bytes();
/// bytes.extend([1, 0, 2, 0]);
///
/// let reader = Reader::<u16>::new(&bytes[..])?;
/// assert_eq!(reader.remaining(), 2);
/// let values = reader.collect::<npyrec::Result<Vec<u16>>>()?;
/// assert_eq!(values, [1, 2]);
/// # Ok::<(), npyrec::Error>(())
/// ```
///
/// An array of several axes is read as one record after another, in the [order](Self::order) of the
/// file. Its last axes are those that a record has itself: an array of shape `(4, 3)` is twelve `f64`
/// or four `[f64; 3]`.
pub struct Reader<R, S = File> {
    pub(super) source: S,
    seek: Option<SeekOver<S>>,
    place: Place,
    header: Header,
    sequence: Sequence,
    /// The next row.
    pub(super) row: u64,
    /// The end of the rows that are still to be given, the place of an error included.
    pub(super) end: u64,
    pub(super) decoder: Decoder,
    /// The rows that a regular file holds, which may be fewer than its header counts.
    pub(super) present: Option<u64>,
    pub(super) block: Block,
    records: PhantomData<fn() -> R>,
}

/// Passes over so many bytes of a source if they are there, and says whether they are.
pub(crate) type SeekOver<S> = fn(&mut S, u64) -> io::Result<bool>;

/// Whether no more is read after an error, which does not say that there may be more later.
pub(crate) fn is_last(error: &Error) -> bool {
    use io::ErrorKind::{TimedOut, WouldBlock};
    !matches!(error.kind(), ErrorKind::Io(e) if matches!(e.kind(), TimedOut | WouldBlock))
}

pub(crate) fn seek_over<S: Seek>(source: &mut S, bytes: u64) -> io::Result<bool> {
    let start = source.stream_position()?;
    let end = source.seek(SeekFrom::End(0))?;
    let target = start.checked_add(bytes).filter(|&target| target <= end);
    source.seek(SeekFrom::Start(target.unwrap_or(start)))?;
    Ok(target.is_some())
}

impl<R: NpyRecord> Reader<R> {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, is not an `.npy` file, or its dtype cannot be read as that of `R`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::options().open(path)
    }

    /// The options with which a file can be opened.
    pub fn options() -> ReadOptions<R> {
        ReadOptions::new()
    }

    pub(super) fn open_path(path: &Path, settings: Settings) -> Result<Self> {
        let mut reader = Self::of_file(path, settings).map_err(|e| e.at_path(path))?;
        reader.place.path = Some(path.to_owned());
        Ok(reader)
    }

    fn of_file(path: &Path, settings: Settings) -> Result<Self> {
        let mut file = File::open(path).map_err(|e| Error::io("open the file", e))?;
        let length = |file: &File| {
            let metadata = file.metadata();
            metadata.map_err(|e| Error::io("read the file's length", e))
        };
        if !length(&file)?.is_file() {
            return Reader::of_source(file, None, settings);
        }
        let (header, bytes) = read_header_with_limit(&file, 0, settings.max_header_size);
        let header = header?;
        // Behind the header: an appender may commit meanwhile.
        let data = length(&file)?.len().saturating_sub(bytes.len() as u64);
        let data_start = SeekFrom::Start(bytes.len() as u64);
        file.seek(data_start)
            .map_err(|e| Error::io("find the data", e))?;
        let mut reader = Reader::of(file, Some(seek_over), header, settings)?;
        reader.count_present(data);
        reader.rearrange(settings)?;
        Ok(reader)
    }

    /// Reads from a pipe, a socket, a slice, or whatever else is [`Read`].
    ///
    /// # Errors
    ///
    /// If reading fails, or what is read is not the header of an `.npy` file whose dtype can be read as
    /// that of `R`.
    pub fn new<S: Read>(source: S) -> Result<Reader<R, S>> {
        Self::options().from_reader(source)
    }

    /// Reads from a source whose rows can be passed over without reading them, by
    /// [`nth`](Iterator::nth) and [`skip`](Iterator::skip).
    ///
    /// ```
    /// use std::io::Cursor;
    /// use npyrec::{Header, Reader};
    ///
    /// let mut bytes = Header::for_record::<u8>(3).to_bytes();
    /// bytes.extend([10, 11, 12]);
    /// let mut reader = Reader::<u8>::seekable(Cursor::new(bytes))?;
    /// assert_eq!(reader.nth(2).transpose()?, Some(12));
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn seekable<S: Read + Seek>(source: S) -> Result<Reader<R, S>> {
        Self::options().from_seekable(source)
    }
}

impl<R: NpyRecord, S: Read> Reader<R, S> {
    pub(super) fn of_source(
        mut source: S,
        seek: Option<SeekOver<S>>,
        settings: Settings,
    ) -> Result<Self> {
        let header = Header::read_from_with_limit(&mut source, settings.max_header_size)?;
        let mut reader = Reader::of(source, seek, header, settings)?;
        reader.rearrange(settings)?;
        Ok(reader)
    }

    /// Reads the rows of a header that was read before, of whose data so many bytes are known to be
    /// there.
    pub(super) fn of_data(
        source: S,
        seek: Option<SeekOver<S>>,
        header: Header,
        data: Option<u64>,
        place: &Place,
        settings: Settings,
    ) -> Result<Self> {
        let reader = Reader::of(source, seek, header, settings).map_err(|e| place.of(e));
        let mut reader = reader?;
        reader.place = place.clone();
        if let Some(data) = data {
            reader.count_present(data);
        }
        reader.rearrange(settings).map_err(|e| place.of(e))?;
        Ok(reader)
    }

    /// Reads the rows that come next in `source`.
    fn of(
        source: S,
        seek: Option<SeekOver<S>>,
        header: Header,
        settings: Settings,
    ) -> Result<Self> {
        let (sequence, decoder) =
            Decoder::of_sequence::<R>(&header, settings.casting, settings.in_c_order)?;
        decoder.check_len::<R>(sequence.len)?;
        Ok(Reader {
            source,
            seek,
            place: Place::default(),
            header,
            row: 0,
            end: sequence.len,
            sequence,
            decoder,
            present: None,
            block: Block::default(),
            records: PhantomData,
        })
    }

    /// Notes how many rows there are in the bytes of the data; of rows of no bytes as many as wanted.
    fn count_present(&mut self, data: u64) {
        let rows = data.checked_div(self.decoder.itemsize() as u64);
        self.present = Some(rows.unwrap_or(u64::MAX));
    }

    /// Reads all elements and puts them into C order, if that is asked for and they are not.
    fn rearrange(&mut self, settings: Settings) -> Result<()> {
        if !settings.in_c_order || !is_scattered(&self.header) || self.sequence.len == 0 {
            return Ok(());
        }
        if let Some(present) = self.present.filter(|&present| present < self.sequence.len) {
            return Err(self.truncated(present));
        }
        let elements = read_in_c_order(&mut self.source, &self.header, self.present.is_some());
        let elements = elements.map_err(|e| Error::io("read", e))?;
        let itemsize = self.decoder.itemsize() as u64;
        let of_bytes = |found: u64| found.checked_div(itemsize).unwrap_or_default();
        let elements = elements.map_err(|found| self.truncated(of_bytes(found)))?;
        self.block = Block::of(elements);
        Ok(())
    }

    /// Reads a block if there is no row in it.
    pub(super) fn fill_block(&mut self) -> Result<()> {
        let (itemsize, left) = (self.decoder.itemsize(), self.end - self.row);
        let error = match self.block.fill(&mut self.source, itemsize, left) {
            Ok(true) => return Ok(()),
            Ok(false) => self.truncated(self.row),
            Err(e) => self.at_row(Error::io("read", e)),
        };
        self.note(&error);
        Err(error)
    }

    /// No more is read after an error, unless it says that there may be more later.
    pub(super) fn note(&mut self, error: &Error) {
        if is_last(error) {
            self.end = self.row;
        }
    }

    pub(super) fn next_record(&mut self) -> Result<R> {
        self.fill_block()?;
        let itemsize = self.decoder.itemsize();
        let record = self.decoder.decode(self.block.row(itemsize));
        let record = record.map_err(|e| self.at_row(e.into()));
        self.block.start += itemsize;
        self.row += 1;
        record
    }

    /// Passes over rows, without reading them where the source can.
    fn pass_over(&mut self, rows: u64) -> Result<()> {
        let itemsize = self.decoder.itemsize();
        let in_block = self.block.left().checked_div(itemsize);
        let rows_in_block = in_block.map_or(rows, |n| rows.min(n as u64));
        self.block.start += usize::try_from(rows_in_block).unwrap_or_default() * itemsize;
        self.row += rows_in_block;
        let rows = rows - rows_in_block;
        if rows == 0 {
            return Ok(());
        }
        if let Some(present) = self.present.filter(|&present| present < self.row + rows) {
            (self.row, self.end) = (present, present);
            return Err(self.truncated(present));
        }
        let bytes = rows.saturating_mul(itemsize as u64) - self.block.left() as u64;
        if let Some(seek) = self.seek {
            let is_over = seek(&mut self.source, bytes);
            if is_over.map_err(|e| self.at_row(Error::io("seek", e)))? {
                (self.block.start, self.block.filled) = (0, 0);
                self.row += rows;
                return Ok(());
            }
        }
        for _ in 0..rows {
            self.fill_block()?;
            self.block.start += itemsize;
            self.row += 1;
        }
        Ok(())
    }
}

impl<R, S> Reader<R, S> {
    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the number of records still to be read, as the header counts them.
    ///
    /// There may be fewer: the iterator ends with an error where the source ends too early.
    pub fn remaining(&self) -> u64 {
        self.end - self.row
    }

    /// The record, counted from 0, that is given next.
    pub fn next_row(&self) -> u64 {
        self.row
    }

    /// The axes along which the records lie: the shape of the array without the axes that a record has
    /// itself. Empty for a single record.
    pub fn shape(&self) -> &[u64] {
        &self.sequence.shape
    }

    /// The order in which the records come.
    pub fn order(&self) -> Order {
        self.sequence.order
    }

    /// The error that only so many rows are there.
    pub(super) fn truncated(&self, found: u64) -> Error {
        let expected = self.sequence.len;
        self.at_path(Error::new(ErrorKind::Truncated { expected, found }))
    }

    pub(super) fn at_row(&self, error: Error) -> Error {
        self.at_path(error.at_row(self.row))
    }

    pub(crate) fn at_path(&self, error: Error) -> Error {
        self.place.of(error)
    }
}

impl<R: NpyRecord, S: Read> Iterator for Reader<R, S> {
    type Item = Result<R>;

    fn next(&mut self) -> Option<Result<R>> {
        (self.row < self.end).then(|| self.next_record())
    }

    /// Takes constant time if the source is a file or [seekable](Reader::seekable).
    fn nth(&mut self, n: usize) -> Option<Result<R>> {
        let rows = (n as u64).min(self.remaining());
        match self.pass_over(rows) {
            Ok(()) => self.next(),
            Err(error) => Some(Err(error)),
        }
    }

    /// Returns the records that the file still holds, and one item for the error if the file is too short. There
    /// are no bounds for a source of unknown length.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let Some(present) = self.present else {
            return (0, None);
        };
        // A file that is too short gives an error in place of the first missing row.
        let end = self.end.min(present.saturating_add(1));
        let left = usize::try_from(end.saturating_sub(self.row));
        (left.unwrap_or(usize::MAX), left.ok())
    }
}

impl<R, S> fmt::Debug for Reader<R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("path", &self.place.path)
            .field("header", &self.header)
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}
