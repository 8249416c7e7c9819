use std::path::Path;

use super::{inspection::Inspection, plan::RepairPlan};
use crate::{
    error::{Error, Result},
    storage::FileStorage,
};

/// Gives the header of an `.npy` file of any dtype the room that `np.save` leaves for more rows, and NumPy's
/// own text. Files of old NumPy, of cnpy, or written by hand may lack it. Returns false if there was nothing to
/// do.
///
/// A small file is rewritten under another name, and then replaces the old one at once. Readers keep the old
/// file. This needs the space of a second file.
///
/// For a large file on ext4 or xfs, a block is inserted before its data. This takes the same time for any size.
/// The header is then longer than the header of `np.save`, by that block. (Where it would be longer than the
/// 10,000 bytes that `np.load` takes by default, the file is rewritten.) The data move for all programs that
/// have the file open, so nobody may read it meanwhile. A program killed between the insertion and the writing
/// of the header leaves a file that NumPy refuses. No row is lost: [`recover`](crate::recover),
/// [`Appender::open`](crate::Appender::open) or another call of this function completes it. (If power is cut
/// during the insertion itself, the file system's journal must protect the file.)
///
/// # Errors
///
/// - The file cannot be read and written, or has no header that NumPy accepts.
/// - An appender has it open ([`ErrorKind::Locked`](crate::ErrorKind::Locked)).
/// - It holds a single element of shape `()` or Python objects.
///
/// No row is lost then: the file is as it was or, if only the last sync failed, the new one. If a block was
/// inserted and the device takes neither its content nor its removal, the error says so. The file is then as
/// after a kill.
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("old.npy");
/// # let text = "{'descr': '<u4', 'fortran_order': False, 'shape': (2,), }\n";
/// # let header = [b"\x93NUMPY\x01\x00", &[text.len() as u8, 0][..], text.as_bytes()].concat();
/// # std::fs::write(&path, [header, vec![1, 0, 0, 0, 2, 0, 0, 0]].concat())?;
/// assert!(npyrec::make_appendable(&path)?);
/// let mut numbers = npyrec::Appender::<u32>::open(&path)?;
/// numbers.extend(3..100)?;
/// numbers.close()?;
/// assert_eq!(npyrec::read::<u32>(&path)?.len(), 99);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn make_appendable(path: impl AsRef<Path>) -> Result<bool> {
    let path = path.as_ref();
    let make_appendable = || {
        let storage = FileStorage::open_to_mend(path)?;
        let inspection = Inspection::of(&storage)?;
        let plan = RepairPlan::make_appendable(&inspection)?;
        plan.carry_out(path, storage, &inspection, false)?;
        Ok(!plan.is_empty())
    };
    make_appendable().map_err(|e: Error| e.at_path(path))
}
