#[cfg(feature = "mmap")]
use std::ops::Range;
use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

#[cfg(feature = "mmap")]
use crate::error::{Error, Result};
use crate::{
    read::{MemberData, SeekOver, seek_over},
    storage::ends_in_mark,
};

/// A source of arrays, and the number of unread bytes of the current array.
pub(super) struct Source<S> {
    pub(super) inner: S,
    pub(super) seek: Option<Seeking<S>>,
    pub(super) left: u64,
}

/// The functions of a source that can seek.
pub(super) struct Seeking<S> {
    /// Returns the number of bytes up to the end.
    rest: fn(&mut S) -> io::Result<u64>,
    over: SeekOver<S>,
    /// Returns true if the source ends in the mark of a log that is appended to through a map.
    pub(super) is_marked: fn(&mut S) -> io::Result<bool>,
    #[cfg(feature = "mmap")]
    file: Option<FileOf<S>>,
}

/// Returns the file of a source, to map it, and the position in it.
#[cfg(feature = "mmap")]
type FileOf<S> = fn(&mut S) -> io::Result<(File, u64)>;

impl<S: Read + Seek> Seeking<S> {
    pub(super) fn new() -> Self {
        Seeking {
            rest: rest::<S>,
            over: seek_over::<S>,
            is_marked: ends_in_mark::<S>,
            #[cfg(feature = "mmap")]
            file: None,
        }
    }
}

impl Seeking<File> {
    pub(super) fn of_file() -> Self {
        Seeking {
            #[cfg(feature = "mmap")]
            file: Some(|file| Ok((file.try_clone()?, file.stream_position()?))),
            ..Seeking::new()
        }
    }
}

fn rest<S: Seek>(source: &mut S) -> io::Result<u64> {
    let position = source.stream_position()?;
    let end = source.seek(SeekFrom::End(0))?;
    source.seek(SeekFrom::Start(position))?;
    Ok(end.saturating_sub(position))
}

impl<S: Read> Source<S> {
    /// Skips the rest of the data. Returns the number of bytes that the source lacks.
    pub(super) fn pass_over(&mut self) -> io::Result<u64> {
        if self.left == 0 {
            return Ok(0);
        }
        if let Some(seek) = &self.seek {
            if (seek.over)(&mut self.inner, self.left)? {
                self.left = 0;
            } else {
                return Ok(self.left.saturating_sub((seek.rest)(&mut self.inner)?));
            }
        }
        io::copy(&mut Data { source: self }, &mut io::sink())?;
        Ok(self.left)
    }
}

/// The data of one array, which a [`Reader`](crate::Reader) of a [`Member`](crate::Member) reads.
pub struct Data<'a, S> {
    pub(super) source: &'a mut Source<S>,
}

impl<S: Read> MemberData for Data<'_, S> {
    fn present(&mut self) -> io::Result<Option<u64>> {
        let Source { inner, seek, left } = &mut *self.source;
        let rest = seek.as_ref().map(|seek| (seek.rest)(inner)).transpose()?;
        Ok(rest.map(|rest| rest.min(*left)))
    }

    fn seek_over(&self) -> Option<SeekOver<Self>> {
        self.source.seek.as_ref().map(|_| seek_over_data as _)
    }

    #[cfg(feature = "mmap")]
    fn in_file(&mut self) -> Result<(File, Range<u64>)> {
        let Source { inner, seek, left } = &mut *self.source;
        let in_file = match seek.as_ref().and_then(|seek| seek.file) {
            Some(file) => file(inner),
            None => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "the arrays are not read from a file that was opened by its path",
            )),
        };
        let (file, start) = in_file.map_err(|e| Error::io("map the file", e))?;
        Ok((file, start..start.saturating_add(*left)))
    }
}

/// Skips bytes if they are there and within the data. Returns true if they are skipped.
fn seek_over_data<S>(data: &mut Data<'_, S>, bytes: u64) -> io::Result<bool> {
    let Source { inner, seek, left } = &mut *data.source;
    let is_over = match seek {
        Some(seek) if bytes <= *left => (seek.over)(inner, bytes)?,
        _ => false,
    };
    if is_over {
        *left -= bytes;
    }
    Ok(is_over)
}

impl<S: Read> Read for Data<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Source { inner, left, .. } = &mut *self.source;
        let len = usize::try_from(*left).map_or(buffer.len(), |left| buffer.len().min(left));
        if len == 0 {
            return Ok(0);
        }
        let read = inner.read(buffer.get_mut(..len).unwrap_or_default())?;
        *left = left.saturating_sub(read as u64);
        Ok(read)
    }
}

impl<S> fmt::Debug for Data<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data")
            .field("left", &self.source.left)
            .finish_non_exhaustive()
    }
}
