use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    marker::PhantomData,
    path::{Path, PathBuf},
};

use super::decoder::{BLOCK, Decoder};
use crate::{
    error::{Error, ErrorKind, Result},
    header::Header,
    record::NpyRecord,
    storage::read_header,
};

/// Reads records one by one, from a file or from any [`Read`].
///
/// It is an iterator of `Result<R>`. It needs no more memory than its buffer, however many rows the
/// header counts. The source need not be buffered, and is read no further than the last row.
///
/// ```
/// use npyrec::{Header, Reader};
///
/// let mut bytes = Header::for_record::<u16>(2).to_bytes();
/// bytes.extend([1, 0, 2, 0]);
///
/// let reader = Reader::<u16>::new(&bytes[..])?;
/// assert_eq!(reader.len(), 2);
/// let values = reader.collect::<npyrec::Result<Vec<u16>>>()?;
/// assert_eq!(values, [1, 2]);
/// # Ok::<(), npyrec::Error>(())
/// ```
pub struct Reader<R, S = File> {
    pub(super) source: S,
    path: Option<PathBuf>,
    header: Header,
    /// The next row.
    row: u64,
    /// The end of the rows that are still to be given, the place of an error included.
    pub(super) end: u64,
    pub(super) decoder: Decoder,
    /// The rows that a regular file holds, which may be fewer than its header counts.
    pub(super) present: Option<u64>,
    block: Vec<u8>,
    /// The bytes of `block` that hold rows not yet given.
    start: usize,
    filled: usize,
    records: PhantomData<fn() -> R>,
}

impl<R: NpyRecord> Reader<R> {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, is not an `.npy` file, or its dtype is not that of `R`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let mut reader = Self::from_file(path).map_err(|e| e.at_path(path))?;
        reader.path = Some(path.to_owned());
        Ok(reader)
    }

    fn from_file(path: &Path) -> Result<Self> {
        let mut file = File::open(path).map_err(|e| Error::io("open the file", e))?;
        let length = |file: &File| {
            let metadata = file.metadata();
            metadata.map_err(|e| Error::io("read the file's length", e))
        };
        if !length(&file)?.is_file() {
            return Reader::new(file);
        }
        let (header, bytes) = read_header(&file, 0);
        let header = header?;
        // Behind the header: an appender may commit meanwhile.
        let data = length(&file)?.len().saturating_sub(bytes.len() as u64);
        let data_start = SeekFrom::Start(bytes.len() as u64);
        file.seek(data_start)
            .map_err(|e| Error::io("find the data", e))?;
        let mut reader = Reader::of(file, header)?;
        reader.present = data.checked_div(reader.decoder.itemsize() as u64);
        Ok(reader)
    }

    /// Reads from a pipe, a socket, a slice, or whatever else is [`Read`].
    ///
    /// # Errors
    ///
    /// If reading fails, or what is read is not the header of an `.npy` file of the dtype of `R`.
    pub fn new<S: Read>(mut source: S) -> Result<Reader<R, S>> {
        let header = Header::read_from(&mut source)?;
        Reader::of(source, header)
    }
}

impl<R: NpyRecord, S: Read> Reader<R, S> {
    /// Reads the rows that come next in `source`.
    fn of(source: S, header: Header) -> Result<Self> {
        let (rows, decoder) = Decoder::new::<R>(&header)?;
        Ok(Reader {
            source,
            path: None,
            header,
            row: 0,
            end: rows,
            decoder,
            present: None,
            block: Vec::new(),
            start: 0,
            filled: 0,
            records: PhantomData,
        })
    }

    /// Makes room for at least one row in the block and reads until there is one.
    fn read_block(&mut self) -> Result<()> {
        let itemsize = self.decoder.itemsize();
        let rows = (BLOCK / itemsize.max(1)).max(1);
        let rows = rows.min(usize::try_from(self.end - self.row).unwrap_or(rows));
        self.block.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        // Rows may be large and the source short, so the block grows with what is read.
        let wanted = rows * itemsize;
        while self.filled < itemsize {
            if self.filled == self.block.len() {
                let len = self
                    .filled
                    .saturating_mul(2)
                    .clamp(BLOCK.min(wanted), wanted);
                self.block.resize(len, 0);
            }
            let end = wanted.min(self.block.len());
            let free = self.block.get_mut(self.filled..end).unwrap_or_default();
            match self.source.read(free) {
                Ok(0) => return Err(self.truncated(self.row)),
                Ok(read) => self.filled += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.at_row(Error::io("read", e))),
            }
        }
        Ok(())
    }

    fn next_record(&mut self) -> Result<R> {
        let itemsize = self.decoder.itemsize();
        if self.filled - self.start < itemsize {
            self.read_block().inspect_err(|_| self.end = self.row)?;
        }
        let row = self
            .block
            .get(self.start..)
            .and_then(|block| block.get(..itemsize));
        let record = self.decoder.decode(row.unwrap_or_default());
        let record = record.map_err(|e| self.at_row(e.into()));
        self.start += itemsize;
        self.row += 1;
        record
    }
}

impl<R, S> Reader<R, S> {
    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The number of rows still to be read, as the header counts them.
    pub fn len(&self) -> u64 {
        self.end - self.row
    }

    /// Whether all rows have been read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The error that only so many rows are there.
    pub(super) fn truncated(&self, found: u64) -> Error {
        let expected = self.header.rows().unwrap_or_default();
        self.at_path(Error::new(ErrorKind::Truncated { expected, found }))
    }

    fn at_row(&self, error: Error) -> Error {
        self.at_path(error.at_row(self.row))
    }

    pub(super) fn at_path(&self, error: Error) -> Error {
        match &self.path {
            Some(path) => error.at_path(path),
            None => error,
        }
    }
}

impl<R: NpyRecord, S: Read> Iterator for Reader<R, S> {
    type Item = Result<R>;

    fn next(&mut self) -> Option<Result<R>> {
        (self.row < self.end).then(|| self.next_record())
    }

    /// Exact for a file; of another source it is not known whether it holds what its header counts.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let Some(present) = self.present else {
            return (0, None);
        };
        // A file that is too short gives an error in place of the first missing row.
        let end = self.end.min(present.saturating_add(1));
        let left = usize::try_from(end - self.row);
        (left.unwrap_or(usize::MAX), left.ok())
    }
}

impl<R, S> fmt::Debug for Reader<R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("path", &self.path)
            .field("header", &self.header)
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}
