use std::{
    fs::File,
    io::{self, Seek},
    path::Path,
};

use super::{
    durability::Durability,
    settings::{Mode, Settings},
    target::Target,
};
use crate::{
    error::{Error, ErrorKind, Result},
    storage::{Content, FileStorage, Lock, Options, is_io, write_whole},
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
    let header = match mode {
        Mode::Create | Mode::CreateNew => target.new_header()?,
        Mode::Open => match FileStorage::open_to_write(&mut File::options(), path, settings.lock) {
            Err(error) if is_io(&error, io::ErrorKind::NotFound) => match target.new_header()? {
                None => return Err(error.with_end(CREATE)),
                new => new,
            },
            opened => return Ok((opened?, false)),
        },
    };
    let header = header.ok_or_else(|| Error::new(ErrorKind::NoRows))?;
    let options = Options {
        is_new: mode == Mode::CreateNew,
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
