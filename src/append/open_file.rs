use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};

use super::{
    durability::Durability,
    settings::{Mode, Settings},
};
use crate::{
    error::{Error, ErrorKind, Result},
    header::Header,
    recover::{Widened, widen},
    storage::{FileStorage, NewFile, Storage},
};

/// The file, locked before anything in it is changed.
///
/// A new file, and one that takes the place of another, gets its name only when its header is whole.
pub(super) fn open_file(
    path: &Path,
    mode: Mode,
    header: &Header,
    settings: &Settings,
) -> Result<FileStorage> {
    if mode == Mode::CreateNew {
        write_new(path, header, settings).map_err(|e| Error::io("create the file", e))?;
        return open_existing(path, settings);
    }
    match open_existing(path, settings) {
        Ok(storage) if mode == Mode::Create => empty(path, storage, header, settings),
        Ok(storage) if settings.make_appendable && is_started(&storage)? => {
            match widen(path, storage)? {
                Widened::NotNeeded(storage) | Widened::InPlace(storage) => Ok(storage),
                Widened::Replaced => open_existing(path, settings),
            }
        }
        Err(error) if is_io(&error, io::ErrorKind::NotFound) => {
            match write_new(path, header, settings) {
                Ok(()) => open_existing(path, settings),
                Err(error) if is_final(&error) => Err(Error::io("create the file", error)),
                Err(_) => open_with(File::options().create(true), path, settings),
            }
        }
        opened => opened,
    }
}

fn open_existing(path: &Path, settings: &Settings) -> Result<FileStorage> {
    open_with(&mut File::options(), path, settings)
}

fn open_with(
    options: &mut std::fs::OpenOptions,
    path: &Path,
    settings: &Settings,
) -> Result<FileStorage> {
    let options = options.read(true).write(true);
    match settings.lock {
        true => FileStorage::open_locked(options, path),
        false => FileStorage::open(options, path),
    }
}

fn write_new(path: &Path, header: &Header, settings: &Settings) -> io::Result<()> {
    let mut new = NewFile::beside(path)?;
    new.file().write_all(&header.to_bytes())?;
    new.create_new(settings.durability == Durability::Synced)
}

/// A file without rows in the place of one that exists, which is locked.
fn empty(
    path: &Path,
    storage: FileStorage,
    header: &Header,
    settings: &Settings,
) -> Result<FileStorage> {
    let failed = |e| Error::io("empty the file", e);
    if !storage.is_regular().map_err(failed)? || !is_started(&storage)? {
        return Ok(storage);
    }
    let write_over = || {
        let mut new = NewFile::beside(path)?;
        new.file().write_all(&header.to_bytes())?;
        new.replace(settings.durability == Durability::Synced)
    };
    // The lock is held until it is done, but where a file that is open cannot be replaced.
    let locked = cfg!(not(windows)).then_some(storage);
    match write_over() {
        Ok(()) => {
            drop(locked);
            open_existing(path, settings)
        }
        Err(error) if is_final(&error) => Err(failed(error)),
        // The folder takes no new file, or the name is tied to the file, as that of a mount is.
        Err(_) => {
            let storage = locked.map_or_else(|| open_existing(path, settings), Ok)?;
            storage.set_len(0).map_err(failed)?;
            Ok(storage)
        }
    }
}

fn is_started(storage: &FileStorage) -> Result<bool> {
    let len = storage.len();
    Ok(len.map_err(|e| Error::io("read the file's length", e))? > 0)
}

/// Whether there is no way around an error: the device is full or broken.
fn is_final(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

fn is_io(error: &Error, kind: io::ErrorKind) -> bool {
    matches!(error.kind(), ErrorKind::Io(e) if e.kind() == kind)
}
