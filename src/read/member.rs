use std::{
    fmt,
    io::{self, Read},
};
#[cfg(feature = "mmap")]
use std::{fs::File, ops::Range};

use super::{
    options::ReadOptions,
    reader::{Reader, SeekOver},
};
use crate::{
    error::{Error, ErrorContext, Result},
    header::Header,
    record::Element,
};

/// The data of an array within a source of several, which ends where the array ends.
pub trait MemberData: Read + Sized {
    /// Returns the number of bytes left in the source, if it can tell.
    #[doc(hidden)]
    fn present(&mut self) -> io::Result<Option<u64>> {
        Ok(None)
    }

    /// Returns the function that skips bytes, if the source can seek.
    #[doc(hidden)]
    fn seek_over(&self) -> Option<SeekOver<Self>> {
        None
    }

    /// Returns the file that holds the data, and its range of bytes there.
    #[cfg(feature = "mmap")]
    #[doc(hidden)]
    fn in_file(&mut self) -> Result<(File, Range<u64>)>;
}

/// One of several arrays in a file, a pipe or an archive. Its header was read, but not its data.
///
/// [`stream::Reader`](crate::stream::Reader), [`stream::Index`](crate::stream::Index) and `npz::Reader`
/// return it.
///
/// ```
/// use npyrec::{Casting, ReadOptions, stream};
///
/// let mut writer = stream::Writer::new(Vec::new());
/// writer.write(&[1_u8, 2])?;
/// let bytes = writer.into_inner();
///
/// let mut arrays = stream::Reader::new(&bytes[..]);
/// let array = arrays.next_array().expect("an array")?;
/// assert_eq!(array.header().shape(), [2]);
/// let options = ReadOptions::new().casting(Casting::Safe);
/// assert_eq!(array.with(options).read::<f64>()?, [1.0, 2.0]);
/// # Ok::<(), npyrec::Error>(())
/// ```
pub struct Member<D> {
    data: D,
    header: Header,
    context: ErrorContext,
    options: ReadOptions,
}

impl<D> Member<D> {
    pub(crate) fn new(data: D, header: Header, context: ErrorContext) -> Self {
        Member {
            data,
            header,
            context,
            options: ReadOptions::new(),
        }
    }

    /// Returns the header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the name, if it is in an archive.
    pub fn name(&self) -> Option<&str> {
        self.context.member.as_deref()
    }

    /// Returns the number of the array, counted from 0, if it is in a file or pipe of several.
    pub fn number(&self) -> Option<u64> {
        self.context.array.map(|(number, _)| number)
    }

    /// Returns the byte at which the header starts, if it is in a file or pipe of several.
    pub fn offset(&self) -> Option<u64> {
        self.context.array.map(|(_, offset)| offset)
    }

    /// Sets the options with which it is read. Its header was read before, with the limit of the reader of
    /// all arrays.
    #[must_use]
    pub fn with(mut self, options: ReadOptions) -> Self {
        self.options = options;
        self
    }
}

impl<D: MemberData> Member<D> {
    /// Reads all rows, as [`npyrec::read`](crate::read()).
    ///
    /// # Errors
    ///
    /// As [`npyrec::read`](crate::read()). Of an archive also if the member is damaged.
    pub fn read<E: Element>(self) -> Result<Vec<E>> {
        let () = E::READABLE;
        self.rows()?.read_all()
    }

    /// Returns a reader of the rows.
    ///
    /// # Errors
    ///
    /// If the rows of the array cannot be read as `E`, or reading fails.
    pub fn rows<E: Element>(mut self) -> Result<Reader<E, D>> {
        let () = E::READABLE;
        let present = self.data.present();
        let present = present.map_err(|e| self.context.add_to(Error::io("seek", e)))?;
        let Member {
            data,
            header,
            context,
            options,
        } = self;
        let seek = data.seek_over();
        Reader::of_data(data, seek, header, present, &context, options)
    }

    /// Reads the whole array as an array of `ndarray`, as
    /// [`npyrec::Reader::read_array`](crate::Reader::read_array).
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), or if `ndarray` has no array of that shape.
    #[cfg(feature = "ndarray")]
    pub fn read_array<T: Element>(mut self) -> Result<ndarray::ArrayD<T>> {
        let () = T::READABLE;
        self.options = self.options.flat(true);
        self.rows::<T>()?.read_array()
    }

    /// Maps the array into memory. An array of an archive must be stored without compression, and its
    /// checksum is not verified.
    ///
    /// [`Mapped::as_slice`](crate::Mapped::as_slice) needs the data to start at a multiple of the alignment of
    /// `E`. All arrays of an `npz::Writer` do.
    ///
    /// # Safety
    ///
    /// As for [`Mapped::open`](crate::Mapped::open), for the rows of this array. An `npz::Writer` that adds to
    /// the archive, or replaces it, does not change the mapped file.
    ///
    /// # Errors
    ///
    /// If the array is compressed or not in a file that was opened by its path, the file cannot be mapped or
    /// is too short, or the rows of the array cannot be read as `E`.
    #[cfg(feature = "mmap")]
    #[allow(unsafe_code)] // The caller vouches for the file.
    pub unsafe fn map<E: Element>(mut self) -> Result<super::Mapped<E>> {
        let () = E::READABLE;
        let in_file = self.data.in_file().map_err(|e| self.context.add_to(e));
        let (file, data) = in_file?;
        let Member {
            header,
            context,
            options,
            ..
        } = self;
        // SAFETY: the caller vouches for the file.
        let mapped = unsafe { options.map_array(file, context.clone(), header, data) };
        mapped.map_err(|e| context.add_to(e))
    }
}

impl<D> fmt::Debug for Member<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member")
            .field("place", &self.context)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}
