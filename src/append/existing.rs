use super::durability::Durability;
use crate::{
    dtype::DType,
    error::{Error, ErrorKind, Result},
    header::{GrowingHeader, Header, MAGIC},
    record::fit,
    storage::{Storage, StorageRead},
};

/// What is in a file before anything is appended.
pub(super) struct Existing {
    pub(super) header: GrowingHeader,
    /// The rows in the file.
    pub(super) written: u64,
    /// Those that the header counts.
    pub(super) committed: u64,
}

impl Existing {
    /// A file that is to be started with `header`, which counts no rows.
    pub(super) fn none(header: &Header) -> Result<Self> {
        let header = GrowingHeader::new(header);
        Ok(Existing {
            header: header.ok_or_else(|| Error::new(ErrorKind::NoRows))?,
            written: 0,
            committed: 0,
        })
    }

    /// What a file of rows of a dtype holds; `None` if it is empty.
    ///
    /// Rows that the header does not count are of a program that was killed before it committed: the
    /// whole ones are kept, and a torn one is cut off. If the file is to survive a power cut, only
    /// what was synced counts, so that all of them are cut off.
    pub(super) fn read(
        storage: &dyn Storage,
        record: &DType,
        durability: Durability,
    ) -> Result<Option<Self>> {
        let length = storage
            .len()
            .map_err(|e| Error::io("read the file's length", e))?;
        if length == 0 {
            return Ok(None);
        }
        let mut source = StorageRead::new(storage);
        let header = Header::read_from(&mut source)?;
        let bytes = source.into_read();
        let committed = fit(&header, record)?;
        let header = GrowingHeader::existing(&header, &bytes).ok_or_else(|| {
            let max_rows = committed;
            Error::new(ErrorKind::NoGrowthRoom { max_rows })
        })?;
        let data_start = bytes.len() as u64;
        let itemsize = record.itemsize() as u64;
        let present = length.saturating_sub(data_start);
        // Rows of no bytes are all there, whatever the file's length.
        let written = present.checked_div(itemsize).unwrap_or(committed);
        if written < committed {
            return Err(Error::new(ErrorKind::Truncated {
                expected: committed,
                found: written,
            }));
        }
        let written = match durability {
            Durability::Cached => written,
            Durability::Synced => committed,
        };
        let max_rows = header.max_rows();
        if written > max_rows {
            return Err(Error::new(ErrorKind::NoGrowthRoom { max_rows }));
        }
        let offset = data_start + committed * itemsize;
        if starts_array(storage, offset)? {
            return Err(Error::new(ErrorKind::AnotherArray { offset }));
        }
        let end = data_start + written * itemsize;
        if length > end {
            storage
                .set_len(end)
                .map_err(|e| Error::io("cut off a torn row", e))?;
        }
        Ok(Some(Existing {
            header,
            written,
            committed,
        }))
    }
}

/// Whether another `.npy` header starts there.
fn starts_array(storage: &dyn Storage, offset: u64) -> Result<bool> {
    let mut start = [0; MAGIC.len()];
    let found = storage.read_at(&mut start, offset);
    let found = found.map_err(|e| Error::io("read behind the rows", e))?;
    Ok(found == start.len() && start == *MAGIC)
}
