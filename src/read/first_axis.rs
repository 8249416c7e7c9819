use super::decoder::MAX_EMPTY_ROWS;
use crate::{
    dtype::DType,
    error::{Error, ErrorKind, Result},
    header::Header,
    record::Misfit,
    value::Codec,
};

/// The rows of an array as NumPy's `array[i]` gives them: along the first axis. A single element is one.
pub(super) struct FirstAxis {
    pub(super) len: u64,
    /// What a row is.
    pub(super) row: DType,
    pub(super) codec: Codec,
}

impl FirstAxis {
    /// That of an array.
    ///
    /// # Errors
    ///
    /// If its elements are pickled Python objects, or too many of no bytes.
    pub(super) fn of(header: &Header) -> Result<Self> {
        if header.dtype().has_objects() {
            return Err(Misfit::objects(header.dtype()).into());
        }
        let (len, inner) = match header.shape().split_first() {
            Some((&len, inner)) => (len, inner),
            None => (1, Default::default()),
        };
        let row = header.dtype().along(inner);
        let codec = Codec::new(&row);
        if row.itemsize() == 0 && len > MAX_EMPTY_ROWS || !codec.vouches_for(1) {
            return Err(Error::new(ErrorKind::TooManyRows(len)));
        }
        Ok(FirstAxis { len, row, codec })
    }
}
