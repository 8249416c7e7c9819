#[cfg(all(feature = "mmap", feature = "npz"))]
use std::ops::Range;
use std::{
    fmt,
    fs::File,
    io::{Read, Seek},
    marker::PhantomData,
    path::Path,
};

use super::{
    follow::Follow,
    place::Place,
    reader::{Reader, SeekOver, seek_over},
};
use crate::{dtype::Casting, error::Result, header::Header, record::NpyRecord};

/// How a file is read: which casts are allowed, how long its header may be, and in which order its
/// elements come.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("levels.npy");
/// use npyrec::{Casting, Reader};
///
/// npyrec::write(&path, &[1.5_f64, 2.5])?;
/// let levels = Reader::<f32>::options().casting(Casting::SameKind).read(&path)?;
/// assert_eq!(levels, [1.5_f32, 2.5]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ReadOptions<R> {
    pub(super) settings: Settings,
    records: PhantomData<fn() -> R>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) casting: Casting,
    pub(super) max_header_size: u32,
    pub(super) in_c_order: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            casting: Casting::default(),
            max_header_size: Header::DEFAULT_LIMIT,
            in_c_order: false,
        }
    }
}

impl<R> Clone for ReadOptions<R> {
    fn clone(&self) -> Self {
        ReadOptions { ..*self }
    }
}

impl<R> fmt::Debug for ReadOptions<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadOptions")
            .field("settings", &self.settings)
            .finish()
    }
}

impl<R: NpyRecord> Default for ReadOptions<R> {
    fn default() -> Self {
        ReadOptions::new()
    }
}

impl<R: NpyRecord> ReadOptions<R> {
    /// The options of [`Reader::open`] and its like: [`Casting::Equiv`], headers of up to
    /// [`Header::DEFAULT_LIMIT`] bytes, and elements in the order of the file.
    pub fn new() -> Self {
        ReadOptions {
            settings: Settings::default(),
            records: PhantomData,
        }
    }

    /// What may be converted between the dtype of the file and that of `R`.
    ///
    /// Unless it is [`Casting::No`], fields are matched by name in whatever order the file has them,
    /// and those that `R` does not have are passed over. With [`Casting::SameKind`], values that do not
    /// fit are converted as NumPy's `astype` does, without an error: integers keep their low bytes, texts
    /// their start, times are rounded down. (An [`Appender`](crate::Appender) refuses them.)
    #[must_use]
    pub fn casting(mut self, casting: Casting) -> Self {
        self.settings.casting = casting;
        self
    }

    /// The longest header to read, in bytes, as the `max_header_size` of `np.load`. A longer one is an
    /// error.
    #[must_use]
    pub fn max_header_size(mut self, bytes: u32) -> Self {
        self.settings.max_header_size = bytes;
        self
    }

    /// Whether to give the elements of an array of several axes in C order if the file has them in
    /// Fortran order. The array is then read into memory at once, and rearranged there: twice the size
    /// of its data, or three times where it is not a file. A [`Mapped`](crate::Mapped) file, which is not
    /// copied, stays as it is.
    #[must_use]
    pub fn in_c_order(mut self, in_c_order: bool) -> Self {
        self.settings.in_c_order = in_c_order;
        self
    }

    /// Opens a file, as [`Reader::open`].
    ///
    /// # Errors
    ///
    /// As [`Reader::open`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Reader<R, File>> {
        Reader::open_path(path.as_ref(), self.settings)
    }

    /// Reads from any source, as [`Reader::new`].
    ///
    /// # Errors
    ///
    /// As [`Reader::new`].
    pub fn from_reader<S: Read>(&self, source: S) -> Result<Reader<R, S>> {
        Reader::of_source(source, None, self.settings)
    }

    /// Reads from a source whose rows can be passed over without reading them, as [`Reader::seekable`].
    ///
    /// # Errors
    ///
    /// As [`Reader::seekable`].
    pub fn from_seekable<S: Read + Seek>(&self, source: S) -> Result<Reader<R, S>> {
        Reader::of_source(source, Some(seek_over), self.settings)
    }

    /// The longest header to read.
    #[cfg(feature = "npz")]
    pub(crate) fn header_limit(&self) -> u32 {
        self.settings.max_header_size
    }

    /// Maps the array whose data start at a byte of a file and end by another.
    ///
    /// # Safety
    ///
    /// As for [`Mapped::open`](crate::Mapped::open).
    #[cfg(all(feature = "mmap", feature = "npz"))]
    #[allow(unsafe_code)]
    pub(crate) unsafe fn map_array(
        &self,
        file: File,
        place: Place,
        header: Header,
        data: Range<u64>,
    ) -> Result<super::Mapped<R>> {
        let Range { start, end } = data;
        // SAFETY: the caller vouches for the file.
        unsafe { super::Mapped::map_array(file, place, header, start, Some(end), self.settings) }
    }

    /// Reads the records of a header that was read before, as [`Reader::of_data`].
    pub(crate) fn read_data<S: Read>(
        &self,
        source: S,
        seek: Option<SeekOver<S>>,
        header: Header,
        data: Option<u64>,
        place: &Place,
    ) -> Result<Reader<R, S>> {
        Reader::of_data(source, seek, header, data, place, self.settings)
    }

    /// Reads all records of a file, as [`read`](crate::read()).
    ///
    /// # Errors
    ///
    /// As [`read`](crate::read()).
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Vec<R>> {
        self.open(path)?.read_all()
    }

    /// Reads on while a file grows, as [`Follow::open`].
    ///
    /// # Errors
    ///
    /// As [`Follow::open`].
    pub fn follow(&self, path: impl AsRef<Path>) -> Result<Follow<R>> {
        Follow::open_with(path.as_ref(), self.settings)
    }

    /// Maps a file into memory, as [`Mapped::open`](crate::Mapped::open).
    ///
    /// # Safety
    ///
    /// As for [`Mapped::open`](crate::Mapped::open).
    ///
    /// # Errors
    ///
    /// As [`Mapped::open`](crate::Mapped::open).
    #[cfg(feature = "mmap")]
    #[allow(unsafe_code)]
    pub unsafe fn map(&self, path: impl AsRef<Path>) -> Result<super::Mapped<R>> {
        // SAFETY: the caller vouches for the file.
        unsafe { super::Mapped::map_path(path.as_ref(), self.settings) }
    }
}
