use std::{
    fmt,
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
    slice,
    sync::Arc,
};

use super::{reader::Reader, source::Data};
use crate::{
    error::{Cause, Error, Result},
    header::Header,
    read::Member,
};

/// An index of the arrays in a file of several, to read any of them.
///
/// It reads all headers when it is built, and skips the data. It takes memory in proportion to the headers;
/// equal consecutive headers are kept once.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("epochs.npy");
/// use npyrec::stream::{Index, Writer};
///
/// let mut epochs = Writer::open(&path)?;
/// for epoch in 0..10_u8 {
///     epochs.write(&vec![f32::from(epoch); 100])?;
/// }
///
/// let mut index = Index::build(&path)?;
/// assert_eq!(index.len(), 10);
/// assert!(index.iter().all(|entry| entry.header().rows() == Some(100)));
/// assert_eq!(index.array(7)?.read::<f32>()?[0], 7.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Index<S = File> {
    reader: Reader<S>,
    entries: Vec<Entry>,
}

/// The position and the header of an array.
#[derive(Clone, Debug)]
pub struct Entry {
    offset: u64,
    data_offset: u64,
    header: Arc<Header>,
}

impl Entry {
    /// Returns the byte of the file at which its header starts.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the byte of the file at which its data starts.
    pub fn data_offset(&self) -> u64 {
        self.data_offset
    }

    /// Returns its header.
    pub fn header(&self) -> &Header {
        &self.header
    }
}

impl Index {
    /// Finds the arrays of a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or does not consist of complete arrays. The error then gives the number of
    /// the first invalid [array](Error::array), and its [offset](Error::array_offset).
    pub fn build(path: impl AsRef<Path>) -> Result<Self> {
        Index::of(Reader::open(path)?)
    }
}

impl<S: Read + Seek> Index<S> {
    /// Finds the arrays of any source, from its first byte on.
    ///
    /// # Errors
    ///
    /// As [`build`](Index::build).
    pub fn build_from(mut source: S) -> Result<Self> {
        source.rewind().map_err(|e| Error::io("seek", e))?;
        Index::of(Reader::seekable(source))
    }

    /// Returns the source at the start of the data of an array.
    pub(super) fn data(&mut self, number: usize) -> Result<&mut S> {
        self.array(number)?;
        Ok(&mut self.reader.source.inner)
    }

    fn of(mut reader: Reader<S>) -> Result<Self> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let offset = reader.offset();
            let Some(header) = reader.advance()? else {
                break;
            };
            let last = entries.last().filter(|last| *last.header == header);
            let data = header.data_len().unwrap_or_default();
            entries.push(Entry {
                offset,
                data_offset: reader.offset().saturating_sub(data),
                header: match last {
                    Some(last) => Arc::clone(&last.header),
                    None => Arc::new(header),
                },
            });
        }
        Ok(Index { reader, entries })
    }

    /// Returns an array, counted from 0.
    ///
    /// # Errors
    ///
    /// If the number is out of range, or the source cannot seek to the array.
    pub fn array(&mut self, number: usize) -> Result<Member<Data<'_, S>>> {
        let arrays = self.entries.len() as u64;
        let array = number as u64;
        let entry = self.entries.get(number);
        let entry = entry.ok_or_else(|| Error::new(Cause::NoArray { array, arrays }));
        let entry = entry.map_err(|e| self.reader.at_path(e))?;
        let data = SeekFrom::Start(entry.data_offset);
        let sought = self.reader.source.inner.seek(data);
        sought.map_err(|e| self.reader.at_path(Error::io("seek", e)))?;
        Ok(self.reader.array_at(array, entry.offset, &entry.header))
    }
}

impl<S> Index<S> {
    /// Returns the error with the file and the array that it is about.
    pub(super) fn at(&self, number: usize, error: Error) -> Error {
        let offset = self.entries.get(number).map(Entry::offset);
        let error = error.in_array(number as u64, offset.unwrap_or_default());
        self.reader.at_path(error)
    }

    /// Returns the byte at which the last array ends.
    pub(super) fn end(&self) -> u64 {
        self.reader.offset()
    }

    /// Returns the number of arrays.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns true if the file is empty.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the entry of an array, counted from 0.
    pub fn get(&self, number: usize) -> Option<&Entry> {
        self.entries.get(number)
    }

    /// Returns an iterator of all arrays, in the order of the file.
    pub fn iter(&self) -> slice::Iter<'_, Entry> {
        self.entries.iter()
    }
}

impl<'a, S> IntoIterator for &'a Index<S> {
    type Item = &'a Entry;
    type IntoIter = slice::Iter<'a, Entry>;

    fn into_iter(self) -> slice::Iter<'a, Entry> {
        self.iter()
    }
}

impl<S> fmt::Debug for Index<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index")
            .field("reader", &self.reader)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
