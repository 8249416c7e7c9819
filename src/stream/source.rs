use std::{
    fmt,
    io::{self, Read, Seek, SeekFrom},
};

use crate::{
    read::{SeekOver, seek_over},
    storage::ends_in_mark,
};

/// A source of arrays, and how much of the data of one of them is still to be read.
pub(super) struct Source<S> {
    pub(super) inner: S,
    pub(super) seek: Option<Seeking<S>>,
    pub(super) left: u64,
}

/// What a source can do that seeks.
pub(super) struct Seeking<S> {
    /// How many bytes there are from here to the end.
    rest: fn(&mut S) -> io::Result<u64>,
    over: SeekOver<S>,
    /// Whether the source ends in the mark of a log that is appended to through a map.
    pub(super) is_marked: fn(&mut S) -> io::Result<bool>,
}

impl<S: Read + Seek> Seeking<S> {
    pub(super) fn new() -> Self {
        Seeking {
            rest: rest::<S>,
            over: seek_over::<S>,
            is_marked: ends_in_mark::<S>,
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
    /// Passes over what is left of the data. How many of its bytes are not there.
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

/// The data of one array, and no more, to be read. Readers of an [`Array`](super::Array) read from it.
pub struct Data<'a, S> {
    pub(super) source: &'a mut Source<S>,
}

impl<S> Data<'_, S> {
    /// How many bytes of the data are there, if that can be known.
    pub(super) fn present(&mut self) -> io::Result<Option<u64>> {
        let Source { inner, seek, left } = &mut *self.source;
        let rest = seek.as_ref().map(|seek| (seek.rest)(inner)).transpose()?;
        Ok(rest.map(|rest| rest.min(*left)))
    }

    /// Passes over some bytes, if that can be done without reading them, and they are there.
    pub(super) fn seek_over(&mut self, bytes: u64) -> io::Result<bool> {
        let Source { inner, seek, left } = &mut *self.source;
        let is_over = match seek {
            Some(seek) if bytes <= *left => (seek.over)(inner, bytes)?,
            _ => false,
        };
        if is_over {
            *left -= bytes;
        }
        Ok(is_over)
    }
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
