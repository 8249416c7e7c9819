use crate::{
    convert::Fill,
    dtype::Difference,
    error::Result,
    header::Header,
    record::{DecodeError, Misfit, NpyRecord, dtype_of, rows},
};

/// How many bytes are read at once, one record at the least.
pub(super) const BLOCK: usize = 64 * 1024;

/// Rows of no bytes are only counted, and no file is too short for them; more than this many are not
/// believed.
pub(super) const MAX_EMPTY_ROWS: u64 = 1 << 24;

/// What makes records of the rows of a file.
pub(super) struct Decoder {
    itemsize: usize,
    /// `None` where a row is a record as it is.
    fill: Option<Fill>,
}

impl Decoder {
    /// The number of rows in the header, and what makes an `R` of one.
    pub(super) fn new<R: NpyRecord>(header: &Header) -> Result<(u64, Self)> {
        let (rows, row) = rows(header)?;
        let differences = Difference::between(&row, &dtype_of::<R>()?);
        let fill = match differences.is_empty() {
            true => None,
            false => Some(Fill::new::<R>(&row).ok_or(Misfit::DType(differences))?),
        };
        let itemsize = row.itemsize();
        Ok((rows, Decoder { itemsize, fill }))
    }

    /// The size of a row in the file.
    pub(super) fn itemsize(&self) -> usize {
        self.itemsize
    }

    /// Whether a row is the encoded record.
    pub(super) fn is_plain(&self) -> bool {
        self.fill.is_none()
    }

    pub(super) fn decode<R: NpyRecord>(&mut self, row: &[u8]) -> Result<R, DecodeError> {
        match &mut self.fill {
            None => R::decode(row),
            Some(fill) => R::decode(fill.record(row)),
        }
    }
}
