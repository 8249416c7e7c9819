use std::{fs::File, path::Path};

use super::{inspect::header_as_closed, inspection::Inspection};
use crate::{
    error::{Cause, Error, Result},
    header::{Header, Order},
    literal::{self, Tuple},
    shards::shard_path,
    storage::FileStorage,
};

/// Returns the rows of a shard that nobody writes. It must have the dtype and row shape of `expected`, and header
/// and data must agree.
///
/// # Errors
///
/// If the shard is missing, is not like `expected`, or its header and data do not agree. The error names it.
pub(crate) fn sealed_rows(dir: &Path, number: u64, expected: &Header) -> Result<u64> {
    let path = shard_path(dir, number);
    let rows = || {
        let storage = FileStorage::open(File::options().read(true), &path)?;
        if let Some((_, rows)) = header_as_closed(&storage, expected)? {
            return Ok(rows);
        }
        let inspection = Inspection::of(&storage)?;
        check_alike(&inspection.header, expected)?;
        inspection.check_sound()
    };
    rows().map_err(|e: Error| e.at_path(&path))
}

/// Checks that the list of shards counts the rows of a shard, if it lists the shard.
pub(crate) fn check_listed(dir: &Path, number: u64, listed: Option<u64>, found: u64) -> Result<()> {
    match listed {
        Some(listed) if listed != found => {
            let listed = Some(listed);
            let error = Error::new(Cause::Listed { listed, found });
            Err(error.at_path(&shard_path(dir, number)))
        }
        _ => Ok(()),
    }
}

/// Advice for a shard in Fortran order.
const TO_C_ORDER: &str = "the shards of a directory are joined along their first axis: save the array again with \
                          `np.ascontiguousarray`";

/// Checks that a shard is in C order.
pub(crate) fn check_order(shard: &Header) -> Result<()> {
    let (expected, found) = (Order::C, shard.array_shape().order());
    match found {
        Order::C => Ok(()),
        Order::Fortran => Err(Error::new(Cause::Order { expected, found }).with_end(TO_C_ORDER)),
    }
}

/// Checks that a header has the dtype and the row shape of the first shard, in C order.
pub(crate) fn check_alike(header: &Header, first: &Header) -> Result<()> {
    check_order(header)?;
    let (found, shape) = (header.array_shape(), first.array_shape());
    if header.base_dtype() == first.base_dtype() && found.has_rows_of(&shape) {
        return Ok(());
    }
    let text = |header: &Header| {
        let shape = literal::to_string(&Tuple(header.array_shape().axes())).unwrap_or_default();
        format!("{}, shape {shape}", header.base_dtype())
    };
    Err(Error::new(Cause::ArrayDiffers {
        expected: text(first),
        found: text(header),
    }))
}
