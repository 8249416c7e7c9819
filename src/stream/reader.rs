use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek},
    path::Path,
};

use super::{
    array::Array,
    source::{Data, Seeking, Source},
};
use crate::{
    error::{Error, ErrorKind, Result},
    header::{Header, Shape},
    read::{Place, is_last},
    record::Misfit,
};

/// Reads arrays one after another, as `np.load` on one open handle does.
///
/// What is not read of an array is passed over: by seeking, where the source can ([`open`](Self::open),
/// [`seekable`](Self::seekable)), else by reading it. The source need not be buffered, and is read no
/// further than what was asked for.
///
/// A log that an appender [maps](crate::AppendOptions::mapped), or did when its program was killed, has
/// room for more rows after the rows that its header counts, and a mark at its end. This room is no array.
/// A source that cannot seek does not show the mark in time: the room is an error there, after the array.
///
/// ```
/// use npyrec::stream::{Reader, Writer};
///
/// let mut writer = Writer::new(Vec::new());
/// writer.write(&[1_u8, 2, 3])?;
/// writer.write(&[0.5_f64])?;
/// let bytes = writer.into_inner();
///
/// let mut arrays = Reader::new(&bytes[..]);
/// while let Some(array) = arrays.next_array() {
///     for row in array?.values()? {
///         println!("{}", row?);
///     }
/// }
/// # Ok::<(), npyrec::Error>(())
/// ```
pub struct Reader<S = File> {
    pub(super) source: Source<S>,
    max_header_size: u32,
    /// Of the array that was given last, whose data is still to be passed over.
    place: Place,
    rows: u64,
    row_size: u64,
    /// How many arrays were given.
    number: u64,
    /// The byte at which the next array starts.
    offset: u64,
    is_over: bool,
}

/// What zeros after an array may be, in a source that cannot seek.
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
        let mut reader = Reader::of(file, is_file.then(Seeking::new));
        reader.place.path = Some(path.to_owned());
        Ok(reader)
    }
}

impl<S: Read> Reader<S> {
    /// Reads from a pipe, a socket, a slice, or whatever else is [`Read`].
    pub fn new(source: S) -> Self {
        Reader::of(source, None)
    }

    /// Reads from a source in which data can be passed over without reading it.
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
            max_header_size: Header::DEFAULT_LIMIT,
            place: Place::default(),
            rows: 0,
            row_size: 0,
            number: 0,
            offset: 0,
            is_over: false,
        }
    }

    /// The longest header to read, in bytes, as the `max_header_size` of `np.load`. A longer one is an
    /// error. Unless it is set, it is [`Header::DEFAULT_LIMIT`].
    #[must_use]
    pub fn max_header_size(mut self, bytes: u32) -> Self {
        self.max_header_size = bytes;
        self
    }

    /// The next array; `None` where the source ends behind the last one.
    ///
    /// # Errors
    ///
    /// If reading fails, the source ends in the array before or in a header, or what follows is no
    /// header, or one of pickled Python objects, whose end only Python finds. The error says which
    /// [array](Error::array) it is, and at which [byte](Error::array_offset) this one starts. No more
    /// arrays are given then; unless the source said that there may be more later (`WouldBlock`,
    /// `TimedOut`) before anything of the header was read.
    pub fn next_array(&mut self) -> Option<Result<Array<'_, S>>> {
        match self.advance() {
            Ok(Some(header)) => Some(Ok(self.array(header))),
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }

    /// The array whose header was just read.
    fn array(&mut self, header: Header) -> Array<'_, S> {
        Array {
            data: Data {
                source: &mut self.source,
            },
            header,
            place: self.place.clone(),
        }
    }

    /// The array of this number, found before at an offset, whose data is where the source stands.
    pub(super) fn array_at(&mut self, number: u64, offset: u64, header: &Header) -> Array<'_, S> {
        self.place.array = Some((number, offset));
        self.start_data(header);
        self.array(header.clone())
    }

    /// Passes over what is left of an array, and reads the header of the next.
    pub(super) fn advance(&mut self) -> Result<Option<Header>> {
        if self.is_over {
            return Ok(None);
        }
        let next = self.pass_over().and_then(|()| {
            self.place.array = Some((self.number, self.offset));
            self.read_header().map_err(|e| self.place.of(e))
        });
        self.is_over |= match &next {
            Ok(next) => next.is_none(),
            Err(error) => is_last(error),
        };
        next
    }

    fn pass_over(&mut self) -> Result<()> {
        let missing = self.source.pass_over();
        let missing = missing.map_err(|e| self.place.of(Error::io("read", e)))?;
        if missing == 0 {
            return Ok(());
        }
        let data = self.rows.saturating_mul(self.row_size);
        let found = data.saturating_sub(missing).checked_div(self.row_size);
        let (expected, found) = (self.rows, found.unwrap_or_default());
        let truncated = Error::new(ErrorKind::Truncated { expected, found });
        Err(self.place.of(truncated))
    }

    /// The header that comes next, unless the source ends before it.
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
        let header = Header::read_from_with_limit(&mut rest, self.max_header_size);
        let header_len = rest.count;
        // What was read of a header cannot be read again.
        let header = match header.map_err(Error::from) {
            Ok(header) => header,
            Err(error) => {
                self.is_over = true;
                return self.end_of_log(first, error);
            }
        };
        if header.dtype().has_objects() {
            return Err(Misfit::objects(header.dtype()).into());
        }
        self.offset = self.offset.saturating_add(header_len);
        self.start_data(&header);
        self.number += 1;
        Ok(Some(header))
    }

    /// Returns `None` if there is room for more rows, and not an array, after a log that is appended to
    /// through a map; otherwise the error.
    fn end_of_log(&mut self, first: [u8; 1], error: Error) -> Result<Option<Header>> {
        if self.number == 0 || !matches!(error.kind(), ErrorKind::Header(_)) {
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
        let shape = Shape::of(header);
        let (base, _) = header.dtype().base_and_shape();
        self.rows = shape.rows().unwrap_or(1);
        self.row_size = shape.row_len().saturating_mul(base.itemsize() as u64);
    }
}

/// Counts what is read.
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
    /// How many arrays were given.
    pub fn arrays(&self) -> u64 {
        self.number
    }

    /// The byte of the source at which the next array starts.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The error, with the file that it is about.
    pub(super) fn at_path(&self, error: Error) -> Error {
        match &self.place.path {
            Some(path) => error.at_path(path),
            None => error,
        }
    }

    /// Gives the source back.
    pub fn into_inner(self) -> S {
        self.source.inner
    }
}

impl<S> fmt::Debug for Reader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("path", &self.place.path)
            .field("arrays", &self.number)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}
