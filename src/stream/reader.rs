use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek},
    path::Path,
};

use super::source::{Data, Seeking, Source};
use crate::{
    error::{Cause, Error, ErrorContext, Result},
    header::Header,
    read::{Member, is_last},
    record::Mismatch,
};

/// A reader of consecutive arrays, as `np.load` on one open handle.
///
/// Data of an array that is not read is skipped: by seeking, if the source can seek ([`open`](Self::open),
/// [`seekable`](Self::seekable)), otherwise by reading it. The source need not be buffered, and is not read beyond
/// the requested rows.
///
/// A log that an appender [maps](crate::AppendOptions::mapped), or did when its program was killed, has
/// room for more rows after the rows that its header counts, and a mark at its end. This room is not an array.
/// A source that cannot seek does not show the mark in time: the room is an error there, after the array.
///
/// ```
/// use npyrec::{
///     stream::{Reader, Writer},
/// };
///
/// let mut writer = Writer::new(Vec::new());
/// writer.write(&[1_u8, 2, 3])?;
/// writer.write(&[0.5_f64])?;
/// let bytes = writer.into_inner();
///
/// let mut arrays = Reader::new(&bytes[..]);
/// while let Some(array) = arrays.next_array() {
///     for row in array?.rows::<npyrec::Value>()? {
///         println!("{}", row?);
///     }
/// }
/// # Ok::<(), npyrec::Error>(())
/// ```
pub struct Reader<S = File> {
    pub(super) source: Source<S>,
    max_header_size: u32,
    /// The place of the last array, whose data must still be skipped.
    context: ErrorContext,
    rows: u64,
    row_size: u64,
    /// The number of arrays that were returned.
    number: u64,
    /// The byte at which the next array starts.
    offset: u64,
    is_over: bool,
}

/// The advice about zeros after an array in a source that cannot seek.
const ROOM: &str = "a log that is appended to through a map has room after its rows, and its mark at the \
                    end: read it from a source that can seek";

impl Reader {
    /// Opens a file, or a pipe that has a path.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let open = || {
            let file = File::open(path)?;
            let is_file = file.metadata()?.is_file();
            Ok((file, is_file))
        };
        let (file, is_file) = open().map_err(|e| Error::io("open the file", e).at_path(path))?;
        let mut reader = Reader::of(file, is_file.then(Seeking::of_file));
        reader.context.path = Some(path.to_owned());
        Ok(reader)
    }
}

impl<S: Read> Reader<S> {
    /// Reads from a pipe, a socket, a slice, or any other [`Read`].
    pub fn new(source: S) -> Self {
        Reader::of(source, None)
    }

    /// Reads from a source that can seek, so that data is skipped without reading it.
    pub fn seekable(source: S) -> Self
    where
        S: Seek,
    {
        Reader::of(source, Some(Seeking::new()))
    }

    fn of(inner: S, seek: Option<Seeking<S>>) -> Self {
        Reader {
            source: Source {
                inner,
                seek,
                left: 0,
            },
            max_header_size: Header::DEFAULT_MAX_SIZE,
            context: ErrorContext::default(),
            rows: 0,
            row_size: 0,
            number: 0,
            offset: 0,
            is_over: false,
        }
    }

    /// Sets the longest header to read, in bytes, as the `max_header_size` of `np.load`. A longer header is an
    /// error. The default is [`Header::DEFAULT_MAX_SIZE`].
    #[must_use]
    pub fn max_header_size(mut self, bytes: u32) -> Self {
        self.max_header_size = bytes;
        self
    }

    /// Returns the next array, or `None` if the source ends after the last array.
    ///
    /// # Errors
    ///
    /// - If reading fails.
    /// - If the source ends within the previous array or within a header.
    /// - If the following bytes are not a header.
    /// - If the array has pickled Python objects, because only Python finds their end.
    ///
    /// The error gives the number of the [array](Error::array), and its [offset](Error::array_offset). The
    /// reader then ends. It continues only if the source reported `WouldBlock` or `TimedOut` before the first
    /// byte of a header.
    pub fn next_array(&mut self) -> Option<Result<Member<Data<'_, S>>>> {
        match self.advance() {
            Ok(Some(header)) => Some(Ok(self.array(header))),
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }

    /// Returns the array whose header was just read.
    fn array(&mut self, header: Header) -> Member<Data<'_, S>> {
        let data = Data {
            source: &mut self.source,
        };
        Member::new(data, header, self.context.clone())
    }

    /// Returns the array with a number and an offset, whose data starts at the position of the source.
    pub(super) fn array_at(
        &mut self,
        number: u64,
        offset: u64,
        header: &Header,
    ) -> Member<Data<'_, S>> {
        self.context.array = Some((number, offset));
        self.start_data(header);
        self.array(header.clone())
    }

    /// Skips the rest of an array, and reads the header of the next array.
    pub(super) fn advance(&mut self) -> Result<Option<Header>> {
        if self.is_over {
            return Ok(None);
        }
        let next = self.pass_over().and_then(|()| {
            self.context.array = Some((self.number, self.offset));
            self.read_header().map_err(|e| self.context.add_to(e))
        });
        self.is_over |= match &next {
            Ok(next) => next.is_none(),
            Err(error) => is_last(error),
        };
        next
    }

    fn pass_over(&mut self) -> Result<()> {
        let missing = self.source.pass_over();
        let missing = missing.map_err(|e| self.context.add_to(Error::io("read", e)))?;
        if missing == 0 {
            return Ok(());
        }
        let data = self.rows.saturating_mul(self.row_size);
        let found = data.saturating_sub(missing).checked_div(self.row_size);
        let (expected, found) = (self.rows, found.unwrap_or_default());
        let truncated = Error::new(Cause::Truncated { expected, found });
        Err(self.context.add_to(truncated))
    }

    /// Reads the next header, unless the source ends before it.
    fn read_header(&mut self) -> Result<Option<Header>> {
        let mut first = [0];
        let read = loop {
            match self.source.inner.read(&mut first) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                read => break read.map_err(|e| Error::io("read", e))?,
            }
        };
        if read == 0 {
            return Ok(None);
        }
        let mut rest = Counted {
            source: first.chain(&mut self.source.inner),
            count: 0,
        };
        let header = Header::read_from_with_max_size(&mut rest, self.max_header_size);
        let header_len = rest.count;
        // Bytes of a header that were read cannot be read again.
        let header = match header.map_err(Error::from) {
            Ok(header) => header,
            Err(error) => {
                self.is_over = true;
                return self.end_of_log(first, error);
            }
        };
        if header.dtype().has_objects() {
            return Err(Mismatch::objects(header.dtype()).into());
        }
        self.offset = self.offset.saturating_add(header_len);
        self.start_data(&header);
        self.number += 1;
        Ok(Some(header))
    }

    /// Returns `None` if there is room for more rows, and not an array, after a log that is appended to
    /// through a map; otherwise the error.
    fn end_of_log(&mut self, first: [u8; 1], error: Error) -> Result<Option<Header>> {
        if self.number == 0 || !matches!(error.cause(), Cause::Header(_)) {
            return Err(error);
        }
        let inner = &mut self.source.inner;
        let is_marked = self
            .source
            .seek
            .as_ref()
            .map(|seek| (seek.is_marked)(inner));
        match is_marked.transpose().map_err(|e| Error::io("seek", e))? {
            Some(true) => Ok(None),
            None if first == [0] => Err(error.with_end(ROOM)),
            _ => Err(error),
        }
    }

    /// Notes that the data of a header comes next.
    fn start_data(&mut self, header: &Header) {
        let data = header.data_len().unwrap_or(u64::MAX);
        self.source.left = data;
        self.offset = self.offset.saturating_add(data);
        let shape = header.array_shape();
        let (base, _) = header.dtype().base_and_shape();
        self.rows = shape.rows().unwrap_or(1);
        self.row_size = shape.row_len().saturating_mul(base.itemsize() as u64);
    }
}

/// A source that counts the bytes that are read.
struct Counted<S> {
    source: S,
    count: u64,
}

impl<S: Read> Read for Counted<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.count += read as u64;
        Ok(read)
    }
}

impl<S> Reader<S> {
    /// Returns the number of arrays that were returned.
    pub fn arrays(&self) -> u64 {
        self.number
    }

    /// Returns the byte of the source at which the next array starts.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the error with the path of the file.
    pub(super) fn at_path(&self, error: Error) -> Error {
        match &self.context.path {
            Some(path) => error.at_path(path),
            None => error,
        }
    }

    /// Returns the source.
    pub fn into_inner(self) -> S {
        self.source.inner
    }
}

impl<S> fmt::Debug for Reader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("path", &self.context.path)
            .field("arrays", &self.number)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}
