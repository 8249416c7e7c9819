use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use super::{
    inspection::Inspection,
    plan::{Edit, RepairPlan, RepairStep, fill_steps},
};
use crate::{
    error::{Error, Result},
    header::Header,
    storage::{self, FileStorage, Lock, Options, Replaced, Storage, sync_folder_of},
};

/// Files up to this size are written anew even where the file system can insert a block: that takes no time,
/// and their header becomes the header of `np.save`.
const SMALL: u64 = 1 << 20;

/// Advice for an inserted block that can neither be filled nor removed.
const UNDONE_LATER: &str = "the file cannot be made as it was either; no row is lost, and \
                            `npyrec::recover` completes what was begun";

impl RepairPlan {
    /// Carries out the plan for a file that was inspected. Returns the file, or the new one in its place. It
    /// keeps a lock if `is_locked`.
    pub(crate) fn carry_out(
        &self,
        path: &Path,
        storage: FileStorage,
        inspection: &Inspection,
        is_locked: bool,
    ) -> Result<FileStorage> {
        match self {
            RepairPlan::InPlace(steps) => mend(&storage, steps).map(|()| storage),
            RepairPlan::Replace {
                header,
                data_len,
                may_insert,
            } => {
                if *may_insert && insert(&storage, inspection)? {
                    return Ok(storage);
                }
                let data = (inspection.data_start(), *data_len);
                replace(path, storage, header, data, is_locked)
            }
        }
    }
}

/// Changes a file in place.
pub(crate) fn mend(storage: &dyn Storage, steps: &[RepairStep]) -> Result<()> {
    steps.iter().try_for_each(|step| step.run(storage))
}

impl RepairStep {
    fn run(&self, storage: &dyn Storage) -> Result<()> {
        let edited = match &self.edit {
            Edit::Length(len) => storage.set_len(*len),
            Edit::Bytes { at, new, old } => storage.write_all_at(new, *at).inspect_err(|_| {
                // A part of it may have been written.
                let _ = storage.write_all_at(old, *at);
            }),
        };
        let synced = edited.and_then(|()| match self.is_synced {
            true => storage.sync_all(),
            false => Ok(()),
        });
        synced.map_err(|e| Error::io(self.action, e))
    }
}

/// Inserts a block before the header and fills it. Returns false where this cannot be done.
pub(super) fn insert(storage: &dyn Storage, inspection: &Inspection) -> Result<bool> {
    let block = match storage.block_size().map(usize::try_from) {
        Ok(Ok(block)) if inspection.data_len() > SMALL => block,
        _ => return Ok(false),
    };
    let narrow = &inspection.bytes;
    let len = narrow.len() + block;
    let wide = inspection.header.to_bytes_of_len(len);
    let Some(wide) = wide.filter(|_| len <= Header::MAX_HEADER_SIZE) else {
        return Ok(false);
    };
    // Earlier writes are on the device before they are moved.
    let inserted = storage
        .sync_all()
        .and_then(|()| storage.insert(block as u64));
    if inserted.is_err() {
        return Ok(false);
    }
    let undone = |error: Error, undone: io::Result<()>| match undone {
        Ok(()) => error,
        Err(_) => error.with_end(UNDONE_LATER),
    };
    let [fill_block, fill_old_place] = fill_steps(&wide, block);
    storage
        .sync_all()
        .map_err(|e| Error::io("sync the file", e))
        .and_then(|()| fill_block.run(storage))
        .map_err(|error| undone(error, storage.remove(block as u64)))?;
    fill_old_place
        .run(storage)
        .map_err(|error| undone(error, restore(storage, narrow, block as u64)))?;
    Ok(true)
}

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

/// Writes a new file of a header and the data at an offset, and puts it in the place of the old one. Data that
/// the old file lacks are zeros.
fn replace(
    path: &Path,
    old: FileStorage,
    header: &Header,
    (data_start, data_len): (u64, u64),
    is_locked: bool,
) -> Result<FileStorage> {
    let write = |mut new: &File, old: &FileStorage| {
        let header = header.to_bytes();
        let mut written = || {
            new.write_all(&header)?;
            let mut data = old.read_from(data_start)?.take(data_len);
            io::copy(&mut data, &mut new)?;
            new.set_len(header.len() as u64 + data_len)
        };
        written().map_err(write_failed)
    };
    write_anew(path, old, is_locked, &write)
}

/// Writes a new file from an old one, and puts it in its place when it is on the device.
pub(crate) fn write_anew(
    path: &Path,
    old: FileStorage,
    is_locked: bool,
    write: &dyn Fn(&File, &FileStorage) -> Result<()>,
) -> Result<FileStorage> {
    let write = |new: &File, old: &FileStorage| {
        write(new, old)?;
        new.sync_all().map_err(write_failed)
    };
    let options = Options {
        lock: match is_locked {
            true => Lock::Kept,
            false => Lock::WhileReplaced,
        },
        ..Options::USUAL
    };
    match storage::replace(path, old, options, &write)? {
        Replaced::By(new) => {
            sync_folder_of(path).map_err(write_failed)?;
            Ok(new)
        }
        Replaced::Not(_, error) => Err(write_failed(error)),
    }
}

/// Returns the error that a file could not be written anew.
pub(crate) fn write_failed(error: io::Error) -> Error {
    Error::io("write the file anew", error)
}
