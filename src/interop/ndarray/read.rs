use std::io::Read;

use ndarray::{ArrayD, IxDyn, StrideShape};

use super::shape;
use crate::{
    error::{Error, ErrorKind, Result},
    read::Reader,
    record::NpyRecord,
};

impl<T: NpyRecord, S: Read> Reader<T, S> {
    /// Reads the whole array, of the [shape](Reader::shape) and in the [order](Reader::order) of the
    /// file: one in Fortran order is laid out so in memory.
    ///
    /// ```
    /// use ndarray::array;
    /// use npyrec::{Header, Reader};
    ///
    /// let mut bytes = Header::for_record::<[u8; 3]>(2).to_bytes();
    /// bytes.extend([1, 2, 3, 4, 5, 6]);
    /// let matrix = Reader::<u8, _>::new(&bytes[..])?.read_array()?;
    /// assert_eq!(matrix, array![[1, 2, 3], [4, 5, 6]].into_dyn());
    /// let rows = Reader::<[u8; 3], _>::new(&bytes[..])?.read_array()?;
    /// assert_eq!((rows.shape(), rows[1]), (&[2][..], [4, 5, 6]));
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`read_all`](Reader::read_all); or if records were read before, or `ndarray` has no array of
    /// that shape.
    pub fn read_array(self) -> Result<ArrayD<T>> {
        let shape = self.shape_in_memory().map_err(|e| self.at_path(e))?;
        let failed = self.at_path(Error::new(ErrorKind::ArrayTooLarge(self.shape().to_vec())));
        ArrayD::from_shape_vec(shape, self.read_all()?).map_err(|_| failed)
    }

    fn shape_in_memory(&self) -> Result<StrideShape<IxDyn>> {
        match self.next_row() {
            0 => shape::in_memory(self.shape(), self.order()),
            read => Err(Error::new(ErrorKind::AlreadyRead(read))),
        }
    }
}
