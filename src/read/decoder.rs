use crate::{
    convert::{Plan, Sequence},
    dtype::{Casting, DType},
    error::{Error, ErrorKind, Result},
    header::Header,
    record::{DecodeError, EncodeError, Misfit, NpyRecord, dtype_of, push_decoded, rows},
};

/// How many bytes are read at once, one record at the least.
pub(super) const BLOCK: usize = 64 * 1024;

/// The most rows of no bytes that are read: no file is too short for them, so that only its header
/// speaks for their number.
pub(super) const MAX_EMPTY_ROWS: u64 = 1 << 24;

/// The most memory that records take for rows of no bytes.
const MAX_EMPTY_MEMORY: u64 = 1 << 20;

/// What makes records of the elements of a file.
pub(super) struct Decoder {
    itemsize: usize,
    /// `None` where an element is a record as it is.
    plan: Option<Plan>,
}

impl Decoder {
    /// How an array of any shape is a sequence of records, and what decodes them.
    pub(super) fn of_sequence<R: NpyRecord>(
        header: &Header,
        casting: Casting,
        in_c_order: bool,
    ) -> Result<(Sequence, Self)> {
        let record = dtype_of::<R>()?;
        let sequence = Sequence::of(header, &record, in_c_order)?;
        let decoder = Decoder::new::<R>(&sequence.dtype, &record, casting)?;
        Ok((sequence, decoder))
    }

    /// The number of rows of an array that may grow, and what decodes them.
    pub(super) fn of_rows<R: NpyRecord>(header: &Header, casting: Casting) -> Result<(u64, Self)> {
        let (rows, row) = rows(header)?;
        let decoder = Decoder::new::<R>(&row, &dtype_of::<R>()?, casting)?;
        Ok((rows, decoder))
    }

    /// What decodes elements of the dtype `file` as `R`.
    pub(super) fn new<R: NpyRecord>(
        file: &DType,
        record: &DType,
        casting: Casting,
    ) -> Result<Self, Misfit> {
        Ok(Decoder {
            itemsize: file.itemsize(),
            plan: Plan::reading::<R>(file, record, casting).map_err(|differences| {
                match Plan::least_reading::<R>(file, record, casting) {
                    Some(least) => Misfit::Convertible(differences, "ReadOptions", least),
                    None => Misfit::DType(differences),
                }
            })?,
        })
    }

    /// The size of an element in the file.
    pub(super) fn itemsize(&self) -> usize {
        self.itemsize
    }

    /// Checks that the file, or else reason, vouches for so many elements in memory.
    pub(super) fn check_len<R>(&self, len: u64) -> Result<()> {
        let memory = len.saturating_mul(size_of::<R>() as u64);
        match self.itemsize > 0 || len <= MAX_EMPTY_ROWS && memory <= MAX_EMPTY_MEMORY {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::TooManyRows(len))),
        }
    }

    /// Whether an element is an encoded record.
    pub(super) fn needs_no_conversion(&self) -> bool {
        self.plan.is_none()
    }

    /// A record, from its form in the file.
    #[inline]
    pub(super) fn decode<R: NpyRecord>(&self, element: &[u8]) -> Result<R, DecodeError> {
        match &self.plan {
            None => R::decode(element),
            Some(plan) => convert(plan, element),
        }
    }

    /// Decodes the elements of a block onto `records`, up to the first that is no `R`.
    pub(super) fn decode_all<R: NpyRecord>(
        &self,
        block: &[u8],
        records: &mut Vec<R>,
    ) -> Result<(), DecodeError> {
        // Two loops, and not a branch in one, in which each record would be put together on the stack
        // and copied.
        match &self.plan {
            // A size that is known needs no check for each element.
            None => (block.chunks_exact(R::ITEMSIZE.max(1)))
                .try_for_each(|element| push_decoded(records, element)),
            Some(plan) => {
                let mut converted = vec![0; R::ITEMSIZE];
                block
                    .chunks_exact(self.itemsize.max(1))
                    .try_for_each(|element| {
                        plan.convert(element, &mut converted)
                            .map_err(EncodeError::into_decode)?;
                        push_decoded(records, &converted)
                    })
            }
        }
    }

    /// Decodes an element of no bytes onto `records`.
    pub(super) fn push_empty<R: NpyRecord>(&self, records: &mut Vec<R>) -> Result<(), DecodeError> {
        let Some(plan) = &self.plan else {
            return push_decoded(records, &[]);
        };
        let mut converted = vec![0; R::ITEMSIZE];
        plan.convert(&[], &mut converted)
            .map_err(EncodeError::into_decode)?;
        push_decoded(records, &converted)
    }

    /// A record, from one of the elements that lie one after another.
    #[cfg(feature = "mmap")]
    #[inline]
    pub(super) fn decode_nth<R: NpyRecord>(
        &self,
        elements: &[u8],
        nth: usize,
    ) -> Result<R, DecodeError> {
        let Some(plan) = &self.plan else {
            // A size that is known makes this a load from memory.
            let start = nth * R::ITEMSIZE;
            let element = elements.get(start..start + R::ITEMSIZE);
            return R::decode(element.unwrap_or_default());
        };
        let start = nth * self.itemsize;
        let element = elements.get(start..start + self.itemsize);
        // Boxed, so that the case above keeps its record in registers.
        convert_boxed(plan, element.unwrap_or_default()).map(|record| *record)
    }
}

/// [`convert`], into memory of its own.
#[cfg(feature = "mmap")]
#[inline(never)]
fn convert_boxed<R: NpyRecord>(plan: &Plan, element: &[u8]) -> Result<Box<R>, DecodeError> {
    convert(plan, element).map(Box::new)
}

/// Decodes what a plan makes of an element.
#[inline(never)]
fn convert<R: NpyRecord>(plan: &Plan, element: &[u8]) -> Result<R, DecodeError> {
    const ON_STACK: usize = 256;
    let mut usual = [0; ON_STACK];
    let mut large;
    let converted = match usual.get_mut(..R::ITEMSIZE) {
        Some(converted) => converted,
        None => {
            large = vec![0; R::ITEMSIZE];
            &mut large
        }
    };
    plan.convert(element, converted)
        .map_err(EncodeError::into_decode)?;
    R::decode(converted)
}
