use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use super::{
    block::Block,
    converted::Converted,
    decoder::{BLOCK, Decoder},
    options::ReadOptions,
    rearrange::{c_order, is_scattered, read_elements},
};
use crate::{
    dtype::Casting,
    error::{Cause, Error, ErrorContext, Result},
    header::{Header, Order, Shape},
    record::{DecodeError, Element},
    storage::{READ_UNINIT, ReadUninit, read_header_with_limit},
};

/// A reader of rows, one by one, from a file or from any [`Read`].
///
/// It is an iterator of `Result<E>`. A row that cannot be decoded is an error, and the next item is the row
/// after it. After an error by which a source says that there may be more later (`WouldBlock`, `TimedOut`),
/// the next item is the same row. Any other error is the last item.
///
/// It needs memory for a block of 64 KiB and a row, for any number of rows. The source need not
/// be buffered, and is not read beyond the last row. Rows of an array of several axes in Fortran order are
/// not contiguous: the whole array is then read into memory first, if the source is a file or can seek. This
/// takes two to three times the size of its data. See [`ReadOptions::in_c_order`] for other sources.
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
/// A row of an array of shape `(4, 3)` is a `[f64; 3]`. With [`ReadOptions::flat`], the reader yields its twelve
/// elements, in the [order](Self::order) of the file. A single element of shape `()` is one row.
pub struct Reader<E: Element, S = File> {
    pub(super) source: S,
    seek: Option<SeekOver<S>>,
    /// Reads to memory that is not initialized, if the source is a file.
    pub(super) read_uninit: Option<ReadUninit<S>>,
    context: ErrorContext,
    header: Header,
    pub(super) casting: Casting,
    pub(super) shape: Shape,
    /// The next row.
    pub(super) row: u64,
    /// The end of the remaining rows. An error moves it to the next row.
    pub(super) end: u64,
    pub(super) decoder: Decoder<E>,
    pub(super) threads: usize,
    /// The rows that a regular file has, which may be fewer than its header counts.
    pub(super) present: Option<u64>,
    /// The bytes of data that a regular file has.
    pub(super) data: Option<u64>,
    pub(super) block: Block,
    /// The rows of the block, if they were converted together.
    converted: Converted,
}

/// Skips a number of bytes of a source if it has them. Returns true if they are skipped.
pub(crate) type SeekOver<S> = fn(&mut S, u64) -> io::Result<bool>;

/// Returns true if nothing is read after an error: it does not say that there may be more later.
pub(crate) fn is_last(error: &Error) -> bool {
    use io::ErrorKind::{TimedOut, WouldBlock};
    !matches!(error.cause(), Cause::Io(e) if matches!(e.kind(), TimedOut | WouldBlock))
}

pub(crate) fn seek_over<S: Seek>(source: &mut S, bytes: u64) -> io::Result<bool> {
    let start = source.stream_position()?;
    let end = source.seek(SeekFrom::End(0))?;
    let target = start.checked_add(bytes).filter(|&target| target <= end);
    source.seek(SeekFrom::Start(target.unwrap_or(start)))?;
    Ok(target.is_some())
}

impl<E: Element> Reader<E> {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, is not an `.npy` file, or its rows cannot be read as `E`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let () = E::READABLE;
        ReadOptions::new().open(path)
    }

    pub(super) fn open_path(path: &Path, options: ReadOptions) -> Result<Self> {
        let mut reader = Self::open_in_file_order(path, options)?;
        reader
            .read_in_c_order(options)
            .map_err(|e| e.at_path(path))?;
        Ok(reader)
    }

    /// Opens a file whose elements are not put into C order yet.
    pub(super) fn open_in_file_order(path: &Path, options: ReadOptions) -> Result<Self> {
        let mut reader = Self::of_file(path, options).map_err(|e| e.at_path(path))?;
        reader.context.path = Some(path.to_owned());
        Ok(reader)
    }

    fn of_file(path: &Path, options: ReadOptions) -> Result<Self> {
        let mut file = File::open(path).map_err(|e| Error::io("open the file", e))?;
        let length = |file: &File| {
            let metadata = file.metadata();
            metadata.map_err(|e| Error::io("read the file's length", e))
        };
        if !length(&file)?.is_file() {
            return Reader::of_source_in_file_order(file, None, options);
        }
        let (header, bytes) = read_header_with_limit(&file, 0, options.max_header_size);
        let header = header?;
        // The length is taken after the header is read, as an appender may commit in between.
        let data = length(&file)?.len().saturating_sub(bytes.len() as u64);
        let data_start = SeekFrom::Start(bytes.len() as u64);
        file.seek(data_start)
            .map_err(|e| Error::io("find the data", e))?;
        let mut reader = Reader::of(file, Some(seek_over), header, options)?;
        reader.read_uninit = READ_UNINIT;
        reader.count_present(data);
        let itemsize = reader.decoder.itemsize();
        if itemsize > BLOCK && reader.present > Some(0) && reader.remaining() > 0 {
            let reserved = reader.block.reserve_row(itemsize);
            reserved.map_err(|e| Error::io("allocate memory", e))?;
        }
        Ok(reader)
    }

    /// Reads from a pipe, a socket, a slice, or any other [`Read`].
    ///
    /// # Errors
    ///
    /// If reading fails, the source does not start with the header of an `.npy` file, or its rows cannot be read
    /// as `E`.
    pub fn new<S: Read>(source: S) -> Result<Reader<E, S>> {
        let () = E::READABLE;
        Reader::of_source(source, None, ReadOptions::new())
    }

    /// Reads from a source as [`new`](Self::new) does, with options.
    ///
    /// [`ReadOptions::from_reader`] does the same, but returns a type that has no name.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_options<S: Read>(source: S, options: ReadOptions) -> Result<Reader<E, S>> {
        let () = E::READABLE;
        Reader::of_source(source, None, options)
    }

    /// Reads from a source that can seek, so that [`nth`](Iterator::nth) and [`skip`](Iterator::skip) read
    /// nothing.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    ///
    /// # Examples
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
    pub fn seekable<S: Read + Seek>(source: S) -> Result<Reader<E, S>> {
        let () = E::READABLE;
        Reader::of_source(source, Some(seek_over), ReadOptions::new())
    }
}

impl ReadOptions {
    /// Opens a file, as [`Reader::open`].
    ///
    /// # Errors
    ///
    /// As [`Reader::open`].
    pub fn open<E: Element>(&self, path: impl AsRef<Path>) -> Result<Reader<E>> {
        let () = E::READABLE;
        Reader::open_path(path.as_ref(), *self)
    }

    /// Reads from any source, as [`Reader::new`].
    ///
    /// # Errors
    ///
    /// As [`Reader::new`].
    pub fn from_reader<E: Element>(self, source: impl Read) -> Result<Reader<E, impl Read>> {
        let () = E::READABLE;
        Reader::of_source(source, None, self)
    }

    /// Reads from a source that can seek, as [`Reader::seekable`].
    ///
    /// # Errors
    ///
    /// As [`Reader::seekable`].
    pub fn from_seekable<E: Element>(
        self,
        source: impl Read + Seek,
    ) -> Result<Reader<E, impl Read + Seek>> {
        let () = E::READABLE;
        Reader::of_source(source, Some(seek_over), self)
    }
}

impl<E: Element, S: Read> Reader<E, S> {
    pub(super) fn of_source(
        source: S,
        seek: Option<SeekOver<S>>,
        options: ReadOptions,
    ) -> Result<Self> {
        let mut reader = Reader::of_source_in_file_order(source, seek, options)?;
        reader.read_in_c_order(options)?;
        Ok(reader)
    }

    /// Returns a reader whose elements are not put into C order yet.
    fn of_source_in_file_order(
        mut source: S,
        seek: Option<SeekOver<S>>,
        options: ReadOptions,
    ) -> Result<Self> {
        let header = Header::read_from_with_max_size(&mut source, options.max_header_size)?;
        Reader::of(source, seek, header, options)
    }

    /// Returns a reader of the data of a header that was read before. `data` is the number of bytes in the
    /// source, if it is known.
    pub(super) fn of_data(
        source: S,
        seek: Option<SeekOver<S>>,
        header: Header,
        data: Option<u64>,
        context: &ErrorContext,
        options: ReadOptions,
    ) -> Result<Self> {
        let reader = Reader::of(source, seek, header, options).map_err(|e| context.add_to(e));
        let mut reader = reader?;
        reader.context = context.clone();
        if let Some(data) = data {
            reader.count_present(data);
        }
        reader
            .read_in_c_order(options)
            .map_err(|e| context.add_to(e))?;
        Ok(reader)
    }

    /// Returns a reader of the rows that come next in `source`.
    fn of(
        source: S,
        seek: Option<SeekOver<S>>,
        header: Header,
        options: ReadOptions,
    ) -> Result<Self> {
        let (shape, decoder) = Decoder::of(&header, options)?;
        decoder.check_len(shape.len())?;
        Ok(Reader {
            source,
            seek,
            read_uninit: None,
            context: ErrorContext::default(),
            header,
            casting: options.casting,
            row: 0,
            end: shape.len(),
            shape,
            decoder,
            threads: options.threads,
            present: None,
            data: None,
            block: Block::default(),
            converted: Converted::default(),
        })
    }

    /// Notes the number of rows in `data` bytes. Rows of no bytes are always present.
    fn count_present(&mut self, data: u64) {
        let rows = data.checked_div(self.decoder.itemsize() as u64);
        self.present = Some(rows.unwrap_or(u64::MAX));
        self.data = Some(data);
    }

    /// Reads an array in Fortran order and puts its elements into C order, if an option or rows need it.
    fn read_in_c_order(&mut self, options: ReadOptions) -> Result<()> {
        match self.read_to_rearrange(options)? {
            Some(elements) => self.rearrange(elements),
            None => Ok(()),
        }
    }

    /// Puts all elements into C order.
    pub(super) fn rearrange(&mut self, elements: Vec<u8>) -> Result<()> {
        let itemsize = self.header.base_dtype().itemsize();
        let elements = c_order(&elements, itemsize, self.header.array_shape().axes());
        self.block = Block::of(elements.map_err(|e| Error::io("read", e))?);
        Ok(())
    }

    /// Reads an array in Fortran order, if an option or rows need its elements in C order.
    pub(super) fn read_to_rearrange(&mut self, options: ReadOptions) -> Result<Option<Vec<u8>>> {
        let is_wanted = options.in_c_order || !options.flat;
        if !is_wanted || !is_scattered(&self.header) || self.shape.len() == 0 {
            return Ok(None);
        }
        if !options.in_c_order && self.seek.is_none() {
            let shape = self.header.shape().to_vec();
            return Err(self.at_path(Error::new(Cause::FortranOrder(shape))));
        }
        if self
            .present
            .is_some_and(|present| present < self.shape.len())
        {
            return Err(self.truncated());
        }
        let elements = read_elements(&mut self.source, &self.header, self.present.is_some());
        let elements = elements.map_err(|e| Error::io("read", e))?;
        let truncated = |found| self.at_path(Error::truncated(&self.header, found));
        elements.map(Some).map_err(truncated)
    }

    /// Reads a block if the current block has no row left.
    pub(super) fn fill_block(&mut self) -> Result<()> {
        let (itemsize, left) = (self.decoder.itemsize(), self.end - self.row);
        let error = match self.block.fill(&mut self.source, itemsize, left) {
            Ok(true) => return Ok(()),
            Ok(false) => self.truncated_here(),
            Err(e) => self.at_row(Error::io("read", e)),
        };
        self.note(&error);
        Err(error)
    }

    /// Ends the iteration after an error, unless it says that there may be more later.
    pub(super) fn note(&mut self, error: &Error) {
        if is_last(error) {
            self.end = self.row;
        }
    }

    /// Decodes the next element, by one of the functions of `E`.
    #[inline]
    pub(super) fn next_by<O>(
        &mut self,
        decode: impl FnOnce(&E::Codec, &[u8]) -> Result<O, DecodeError>,
    ) -> Result<O> {
        self.fill_block()?;
        let itemsize = self.decoder.itemsize();
        let element = match self.decoder.needs_no_conversion() {
            true => decode(self.decoder.codec(), self.block.row(itemsize)),
            false => self
                .converted
                .decode_next(&self.block, &self.decoder, decode),
        };
        let element = element.map_err(|e| self.at_row(e.into()));
        self.block.start += itemsize;
        self.row += 1;
        element
    }

    /// Skips rows, without reading them if the source can seek.
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
            return Err(self.truncated());
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

impl<E: Element, S> Reader<E, S> {
    /// Returns the header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the number of remaining rows, as the header counts them.
    ///
    /// There may be fewer: the iterator ends with an error where the source ends too early.
    pub fn remaining(&self) -> u64 {
        self.end - self.row
    }

    /// Returns the next row, counted from 0.
    pub fn next_row(&self) -> u64 {
        self.row
    }

    /// Returns the axes along which the items lie: `[rows]` for rows, and all axes of the array for
    /// [elements](ReadOptions::flat), without the axes that `E` has itself. Empty for a single element.
    pub fn shape(&self) -> &[u64] {
        self.shape.dims()
    }

    /// Returns the order in which the items come.
    pub fn order(&self) -> Order {
        self.shape.order()
    }

    /// Returns the error that the file has fewer rows than its header counts.
    pub(super) fn truncated(&self) -> Error {
        self.truncated_after(self.data.unwrap_or_default())
    }

    /// Returns the error that the source ends after the bytes that were read.
    pub(super) fn truncated_here(&self) -> Error {
        let rows = self.row.saturating_mul(self.decoder.itemsize() as u64);
        self.truncated_after(rows.saturating_add(self.block.left() as u64))
    }

    fn truncated_after(&self, data: u64) -> Error {
        // A source whose length is known is a file.
        let can_recover = self.data.is_some() && self.header.rows().is_some();
        self.at_path(Error::truncated(&self.header, data).recoverable(can_recover))
    }

    pub(super) fn at_row(&self, error: Error) -> Error {
        self.at_path(error.at_element(self.row, &self.shape))
    }

    pub(crate) fn at_path(&self, error: Error) -> Error {
        self.context.add_to(error)
    }
}

impl<E: Element, S: Read> Iterator for Reader<E, S> {
    type Item = Result<E>;

    fn next(&mut self) -> Option<Result<E>> {
        (self.row < self.end).then(|| self.next_by(E::decode_as))
    }

    /// Skips `n` items and returns the next item. It takes constant time if the source is a file or
    /// [seekable](Reader::seekable).
    fn nth(&mut self, n: usize) -> Option<Result<E>> {
        let rows = (n as u64).min(self.remaining());
        match self.pass_over(rows) {
            Ok(()) => self.next(),
            Err(error) => Some(Err(error)),
        }
    }

    /// Returns a lower bound of 1 if a row [remains](Self::remaining). The number of items is not known: an
    /// error may end them early, or be an additional item.
    fn size_hint(&self) -> (usize, Option<usize>) {
        match self.remaining() {
            0 => (0, Some(0)),
            _ => (1, None),
        }
    }
}

impl<E: Element, S> fmt::Debug for Reader<E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("path", &self.context.path)
            .field("header", &self.header)
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}
