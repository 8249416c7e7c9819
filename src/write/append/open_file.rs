use std::{
    fs::File,
    io::{self, Seek},
    path::Path,
};

use super::{durability::Durability, mode::Mode, options::AppendOptions, target::Target};
use crate::{
    error::{Cause, Error, Result},
    header::Header,
    storage::{Content, FileStorage, Lock, Options, is_io, write_whole},
};

/// Advice for an array that does not exist.
const CREATE: &str = "`open_or_create` creates one, of rows of a shape that it is given";

/// Opens or creates a file, and locks it before anything in it is changed.
///
/// A new file, and one that takes the place of another, gets its name only when its header is whole.
pub(super) fn open_file(
    path: &Path,
    mode: Mode,
    target: &Target,
    settings: &AppendOptions,
) -> Result<FileStorage> {
    let new = target.new_header();
    if mode == Mode::Open {
        let opened = FileStorage::open_to_write(&mut File::options(), path, settings.lock);
        match (opened, new) {
            (Err(error), _) if !is_io(&error, io::ErrorKind::NotFound) => return Err(error),
            (Err(error), None) => return Err(error.with_end(CREATE)),
            (Err(_), Some(_)) => {}
            (Ok(opened), _) => return Ok(opened),
        }
    }
    let header = new.ok_or_else(|| Error::new(Cause::NoRows))?;
    create_file(path, mode == Mode::CreateNew, header, settings)
}

/// Creates a file without rows. If it is not to be new, it may take the place of another.
fn create_file(
    path: &Path,
    is_new: bool,
    header: &Header,
    settings: &AppendOptions,
) -> Result<FileStorage> {
    let options = Options {
        is_new,
        lock: match settings.lock {
            true => Lock::Kept,
            false => Lock::Never,
        },
        is_synced: settings.durability == Durability::Synced,
    };
    let header = header.to_bytes();
    let content = Content::new(&header, &|_| Ok(())).checked(&check_seekable);
    write_whole(path, options, &content)
}

/// Checks that a header can be written again, as the number of rows grows.
fn check_seekable(mut file: &File) -> Result<()> {
    let position = file.stream_position();
    position
        .map(drop)
        .map_err(|e| Error::io("append to what is no regular file", e))
}
