use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek},
    path::Path,
};

use super::{
    file::FileStorage,
    new_file::NewFile,
    refusal::{is_final, is_io, is_tied},
    traits::Storage,
};
use crate::error::{Error, Result};

/// What writes a file, from its start; it may be called for several.
type Write<'a> = &'a dyn Fn(&File) -> Result<()>;

/// Puts what `write` writes under a path: in a new file, or in the place of an old one that no appender
/// has open. It gets its name when it is whole.
///
/// An empty file is written itself, and so is any where the folder takes no new one, or the name is tied to
/// the file.
pub(crate) fn write_whole(path: &Path, write: Write) -> Result<()> {
    match FileStorage::open_to_mend(path) {
        Ok(old) => replace(path, old, write),
        Err(error) if is_io(&error, io::ErrorKind::NotFound) => create(path, write),
        Err(error) => Err(error),
    }
}

fn create(path: &Path, write: Write) -> Result<()> {
    let new = match NewFile::at(path) {
        Ok(mut new) => {
            write(new.file())?;
            new.create_new(false)
        }
        Err(error) => Err(error),
    };
    match new {
        Ok(_) => Ok(()),
        Err(error) if is_final(&error) => Err(Error::io("create the file", error)),
        // The file system cannot name a file that is there, or the path is a link to nothing.
        Err(_) => in_place(path, write),
    }
}

/// Starts a new file under its name, which it loses if writing it fails.
fn in_place(path: &Path, write: Write) -> Result<()> {
    let open = |options: &mut OpenOptions| FileStorage::open_locked_if_possible(options, path);
    let new = match open(File::options().create_new(true)) {
        // Another's, or a link to nothing, which leads to an empty file then.
        Err(error) if is_io(&error, io::ErrorKind::AlreadyExists) => {
            return replace(path, open(File::options().create(true))?, write);
        }
        opened => opened?,
    };
    write(new.file()).inspect_err(|_| {
        // The lock is held until it is done, but where a file that is open cannot be removed.
        let _locked = cfg!(not(windows)).then_some(new);
        let _ = fs::remove_file(path);
    })
}

/// Takes the place of a file, which is locked.
fn replace(path: &Path, old: FileStorage, write: Write) -> Result<()> {
    let failed = |e| Error::io("replace the file", e);
    if !old.is_regular().map_err(failed)? {
        return write(old.file());
    }
    // It has nothing to lose, and whoever made it may hold it open.
    if old.len().map_err(failed)? == 0 {
        return write(old.file()).inspect_err(|_| {
            let _ = old.set_len(0);
        });
    }
    let new = match NewFile::instead_of(path) {
        Ok(mut new) => {
            write(new.file())?;
            Ok(new)
        }
        Err(error) => Err(error),
    };
    // The lock is held until it is done, but where a file that is open cannot be replaced.
    let locked = cfg!(not(windows)).then_some(old);
    match new.and_then(|new| new.replace(false)) {
        Ok(_) => Ok(()),
        // The folder takes no new file, or the name is tied to the file, as that of a mount is.
        Err(error) if is_tied(&error) => {
            let old = locked.map_or_else(|| FileStorage::open_to_mend(path), Ok)?;
            old.set_len(0).map_err(failed)?;
            // Its length was taken by seeking.
            old.file().rewind().map_err(failed)?;
            write(old.file())
        }
        Err(error) => Err(failed(error)),
    }
}
