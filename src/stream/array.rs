use std::{fmt, io::Read};

use super::source::Data;
use crate::{
    error::{Error, Result},
    header::Header,
    read::{self, Place, ReadOptions, ValueReader},
    record::NpyRecord,
};

/// One of several arrays, of which the header was read, but nothing else.
///
/// It is read in one of several ways. What is not read is passed over, for the next array to be found.
pub struct Array<'a, S> {
    pub(super) data: Data<'a, S>,
    pub(super) header: Header,
    pub(super) place: Place,
}

impl<S> Array<'_, S> {
    /// Its header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Its number, counted from 0.
    pub fn number(&self) -> u64 {
        self.place.array.unwrap_or_default().0
    }

    /// The byte of the source at which its header starts.
    pub fn offset(&self) -> u64 {
        self.place.array.unwrap_or_default().1
    }
}

impl<'a, S: Read> Array<'a, S> {
    /// Reads all records, as [`npyrec::read`](crate::read()).
    ///
    /// # Errors
    ///
    /// As [`npyrec::read`](crate::read()).
    pub fn read<R: NpyRecord>(self) -> Result<Vec<R>> {
        self.records::<R>()?.read_all()
    }

    /// Reads the records one by one.
    ///
    /// # Errors
    ///
    /// If the dtype of the array cannot be read as that of `R`.
    pub fn records<R: NpyRecord>(self) -> Result<read::Reader<R, Data<'a, S>>> {
        self.records_with(&ReadOptions::new())
    }

    /// Reads the records one by one, as the options say. (The longest header is for the
    /// [`Reader`](super::Reader::max_header_size) of all arrays to say.)
    ///
    /// ```
    /// use npyrec::{Casting, Reader, stream};
    ///
    /// let mut writer = stream::Writer::new(Vec::new());
    /// writer.write(&[1_u8, 2])?;
    /// let bytes = writer.into_inner();
    ///
    /// let mut arrays = stream::Reader::new(&bytes[..]);
    /// let array = arrays.next_array().expect("there is one")?;
    /// let options = Reader::<f64>::options().casting(Casting::Safe);
    /// assert_eq!(array.records_with(&options)?.read_all()?, [1.0, 2.0]);
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the dtype of the array cannot be read as that of `R`, or reading fails.
    pub fn records_with<R: NpyRecord>(
        mut self,
        options: &ReadOptions<R>,
    ) -> Result<read::Reader<R, Data<'a, S>>> {
        let present = self.data.present();
        let present = present.map_err(|e| self.place.of(Error::io("seek", e)))?;
        let seek = Data::seek_over;
        options.read_data(self.data, Some(seek), self.header, present, &self.place)
    }

    /// Reads the rows one by one, without a type.
    ///
    /// # Errors
    ///
    /// If reading fails, or the rows are too large or too many of no bytes.
    pub fn values(self) -> Result<ValueReader<Data<'a, S>>> {
        ValueReader::of_data(self.data, self.header, self.place)
    }

    /// Reads the whole array as one of `ndarray`, as
    /// [`npyrec::Reader::read_array`](crate::Reader::read_array).
    ///
    /// # Errors
    ///
    /// As there.
    #[cfg(feature = "ndarray")]
    pub fn read_array<T: NpyRecord>(self) -> Result<ndarray::ArrayD<T>> {
        self.records::<T>()?.read_array()
    }
}

impl<S> fmt::Debug for Array<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Array")
            .field("number", &self.number())
            .field("offset", &self.offset())
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}
