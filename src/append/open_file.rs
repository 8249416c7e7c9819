use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use super::{
    durability::Durability,
    settings::{Mode, Settings},
    target::Target,
};
use crate::{
    error::{Error, ErrorKind, Result},
    header::Header,
    storage::{FileStorage, NewFile, Storage, is_final, is_io, is_tied},
};

/// What to do where there is no array to continue.
const CREATE: &str = "`open_or_create` creates one, of rows of a shape that it is given";

/// The file, locked before anything in it is changed, and whether its name is a new one.
///
/// A new file, and one that takes the place of another, gets its name only when its header is whole.
pub(super) fn open_file(
    path: &Path,
    mode: Mode,
    target: &Target,
    settings: &Settings,
) -> Result<(FileStorage, bool)> {
    let open = || FileStorage::open_to_write(&mut File::options(), path, settings.lock);
    let header = match mode {
        Mode::Create | Mode::CreateNew => target.new_header()?,
        Mode::Open => match open() {
            Err(error) if is_io(&error, io::ErrorKind::NotFound) => match target.new_header()? {
                None => return Err(error.with_end(CREATE)),
                new => new,
            },
            opened => return Ok((opened?, false)),
        },
    };
    let header = &header.ok_or_else(|| Error::new(ErrorKind::NoRows))?;
    if mode == Mode::Create {
        match open() {
            Ok(storage) => return empty(path, storage, header, settings),
            Err(error) if is_io(&error, io::ErrorKind::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    let new = || {
        let new = whole(NewFile::at(path)?, header, settings)?;
        new.create_new(settings.lock)
    };
    let storage = match new() {
        Ok(file) => FileStorage::new(file, path, settings.lock)?,
        Err(error) if is_final(&error) || mode == Mode::CreateNew && is_there(&error) => {
            return Err(Error::io("create the file", error));
        }
        // The file system cannot name a file that is there, or the path is a link to nothing.
        Err(_) => in_place(path, mode, header, settings)?,
    };
    Ok((storage, true))
}

/// A file with a header of no rows, on the device if it is to be.
fn whole(mut new: NewFile, header: &Header, settings: &Settings) -> io::Result<NewFile> {
    new.file().write_all(&header.to_bytes())?;
    if settings.durability == Durability::Synced {
        new.file().sync_all()?;
    }
    Ok(new)
}

/// A new file that is started under its name, which it loses if that fails.
fn in_place(path: &Path, mode: Mode, header: &Header, settings: &Settings) -> Result<FileStorage> {
    let open = |is_new| {
        let mut options = File::options();
        options.create(true).create_new(is_new);
        FileStorage::open_to_write(&mut options, path, settings.lock)
    };
    let storage = match open(true) {
        // A file behind a link, or another's: it is not for us to remove.
        Err(error) if mode != Mode::CreateNew && is_io(&error, io::ErrorKind::AlreadyExists) => {
            return open(false);
        }
        opened => opened?,
    };
    let written = storage.write_all_at(&header.to_bytes(), 0);
    let started = written.and_then(|()| match settings.durability {
        Durability::Cached => Ok(()),
        Durability::Synced => storage.sync_all(),
    });
    let Err(error) = started else {
        return Ok(storage);
    };
    // The lock is held until it is done, but where a file that is open cannot be removed.
    let _locked = cfg!(not(windows)).then_some(storage);
    let _ = fs::remove_file(path);
    Err(Error::io("create the file", error))
}

/// A file without rows in the place of one that exists, which is locked.
fn empty(
    path: &Path,
    storage: FileStorage,
    header: &Header,
    settings: &Settings,
) -> Result<(FileStorage, bool)> {
    let failed = |e| Error::io("empty the file", e);
    if !storage.is_regular().map_err(failed)? || storage.len().map_err(failed)? == 0 {
        return Ok((storage, false));
    }
    let new = NewFile::instead_of(path).and_then(|new| whole(new, header, settings));
    // The lock is held until it is done, but where a file that is open cannot be replaced.
    let locked = cfg!(not(windows)).then_some(storage);
    match new.and_then(|new| new.replace(settings.lock)) {
        Ok(file) => Ok((FileStorage::new(file, path, settings.lock)?, true)),
        // The folder takes no new file, or the name is tied to the file, as that of a mount is.
        Err(error) if is_tied(&error) => {
            let reopen = || FileStorage::open_to_write(&mut File::options(), path, settings.lock);
            let storage = locked.map_or_else(reopen, Ok)?;
            storage.set_len(0).map_err(failed)?;
            Ok((storage, false))
        }
        Err(error) => Err(failed(error)),
    }
}

fn is_there(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AlreadyExists
}
