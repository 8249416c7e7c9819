use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use super::found::Found;
use crate::{
    error::{Error, ErrorKind, Result},
    header::Header,
    storage::{self, FileStorage, Lock, Options, Replaced, Storage, sync_folder_of},
};

/// Files up to this size are written anew even where the file system can insert a range: it takes no
/// time, and their header becomes that of `np.save`.
const SMALL: u64 = 1 << 20;

/// Gives the header of an `.npy` file of any dtype the room that `np.save` leaves for the number of rows
/// to grow, and NumPy's own text. Files of old NumPy, of cnpy, or written by hand may lack it. It says
/// whether there was something to do.
///
/// A small file, or one on a file system that cannot do better, is written anew under another name and
/// then takes the place of the old one at once: whoever reads the old one goes on doing so. It needs as
/// much room again as the file has, for as long as it takes.
///
/// For a large file on ext4 or xfs a block is inserted before its data, in a time that does not depend
/// on its size; the header is then longer than `np.save` makes it, by that block. (Where it would be
/// longer than the 10,000 bytes that `np.load` takes unless it is told to take more, the file is
/// written anew as well.) The data move for everybody who has the file open, so that nobody may read it
/// meanwhile. A program killed between the insertion and the writing of the header leaves a file that
/// NumPy refuses, but from which nothing is lost: [`recover`](crate::recover),
/// [`Appender::open`](crate::Appender::open) or another call of this function completes it. (Should
/// power be cut during the insertion itself, it is for the file system's journal to keep its promise.)
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
///
/// # Errors
///
/// If the file cannot be read and written, or has no header that NumPy takes; if an appender has it open
/// ([`ErrorKind::Locked`]); if it holds a single element of shape `()` or Python objects. No row is lost
/// then: the file is as it was or, if only the last sync failed, the new one. Where a block was inserted and
/// the device takes neither its content nor its removal, the error says so, and the file is as after a kill.
pub fn make_appendable(path: impl AsRef<Path>) -> Result<bool> {
    let path = path.as_ref();
    let widen = || {
        let storage = FileStorage::open_to_mend(path)?;
        let mut found = Found::examine(&storage)?;
        if found.header.rows().is_none() {
            return Err(Error::new(ErrorKind::NoRows));
        }
        if found.is_damaged() {
            return Err(found.needs_recovery());
        }
        let was_stopped = found.inserted > 0;
        found.finish_insertion(&storage)?;
        if found.has_room() {
            return Ok(was_stopped);
        }
        widen(path, storage, &mut found, false)?;
        Ok(true)
    };
    widen().map_err(|e| e.at_path(path))
}

impl Found {
    /// Whether its header is as `np.save` would write it, but for what is longer than needed.
    pub(crate) fn has_room(&self) -> bool {
        let growing = self.growing();
        growing.is_ok_and(|header| header.is_numpys_own() && header.max_rows() == u64::MAX)
    }
}

/// Gives the header of a file room.
pub(crate) fn widen(
    path: &Path,
    storage: FileStorage,
    found: &mut Found,
    lock: bool,
) -> Result<FileStorage> {
    match found.is_sound() && insert(&storage, found)? {
        true => Ok(storage),
        false => replace(path, storage, found, &found.header, found.data_len(), lock),
    }
}

/// Inserts a block before the header and fills it; `false` where this cannot be done.
pub(super) fn insert(storage: &dyn Storage, found: &mut Found) -> Result<bool> {
    let block = match storage.block_size().map(usize::try_from) {
        Ok(Ok(block)) if found.data_len() > SMALL => block,
        _ => return Ok(false),
    };
    let len = found.bytes.len() + block;
    let wide = found.header.to_bytes_of_len(len);
    let Some(wide) = wide.filter(|_| len <= Header::MAX_HEADER_SIZE) else {
        return Ok(false);
    };
    // What was written before is on the device before it is moved.
    let inserted = storage
        .sync_all()
        .and_then(|()| storage.insert(block as u64));
    if inserted.is_err() {
        return Ok(false);
    }
    let narrow = std::mem::replace(&mut found.bytes, wide);
    found.inserted = block;
    let undone = |error: Error, undone: io::Result<()>| match undone {
        Ok(()) => error,
        Err(_) => error.with_end(UNDONE_LATER),
    };
    storage
        .sync_all()
        .map_err(|e| Error::io("sync the file", e))
        .and_then(|()| found.fill_room(storage))
        .map_err(|error| undone(error, storage.remove(block as u64)))?;
    found
        .fill_old_place(storage)
        .map_err(|error| undone(error, restore(storage, &narrow, block as u64)))?;
    found.inserted = 0;
    Ok(true)
}

/// Advice for an inserted block that can neither be filled nor removed.
const UNDONE_LATER: &str = "the file cannot be made as it was either; no row is lost, and \
                            `npyrec::recover` completes what was begun";

/// Makes a file as it was before a block was inserted and filled. It takes no write unless the old header
/// was overwritten in part.
fn restore(storage: &dyn Storage, narrow: &[u8], block: u64) -> io::Result<()> {
    let mut old = vec![0; narrow.len()];
    let read = storage.read_all_at(&mut old, block);
    if read.is_err() || old != narrow {
        storage.write_all_at(narrow, block)?;
    }
    storage.remove(block)
}

/// Writes the file anew with so many rows, and room in its header for more.
pub(crate) fn replace_with_rows(
    path: &Path,
    storage: FileStorage,
    found: &Found,
    rows: u64,
    lock: bool,
) -> Result<FileStorage> {
    let header = found.header.with_rows(rows);
    replace(path, storage, found, &header, found.len_of(rows), lock)
}

/// Writes the file anew, with another header and so many bytes of data, and puts it in the place of the
/// old one.
fn replace(
    path: &Path,
    storage: FileStorage,
    found: &Found,
    header: &Header,
    data_len: u64,
    lock: bool,
) -> Result<FileStorage> {
    let failed = |e| Error::io("write the file anew", e);
    let write = |mut new: &File, old: &FileStorage| {
        let header = header.to_bytes();
        let mut written = || {
            new.write_all(&header)?;
            let mut data = old.read_from(found.data_start())?.take(data_len);
            io::copy(&mut data, &mut new)?;
            new.set_len(header.len() as u64 + data_len)?;
            new.sync_all()
        };
        written().map_err(failed)
    };
    let options = Options {
        lock: match lock {
            true => Lock::Kept,
            false => Lock::WhileReplaced,
        },
        ..Options::USUAL
    };
    match storage::replace(path, storage, options, &write)? {
        Replaced::By(new) => {
            sync_folder_of(path).map_err(failed)?;
            Ok(new)
        }
        Replaced::Not(_, error) => Err(failed(error)),
    }
}
