//! Writing a file whole: a new one, or one in the place of an old one.
//!
//! All that writes a whole file goes through here, so that the old one is lost nowhere: it stays as it is
//! until the new one is whole. Two kinds of files are written in place, because nothing can take their
//! place: one that is no regular file, and one in a folder that takes no new file or whose name is tied to
//! it. So is a file that is empty, as it has nothing to lose, and whoever made it may hold it open.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::Path,
};

use super::{
    file::FileStorage,
    new_file::NewFile,
    refusal::{is_final, is_io, is_tied},
    traits::Storage,
};
use crate::error::{Error, ErrorKind, Result};

/// The contents of a file.
pub(crate) struct Content<'a> {
    header: &'a [u8],
    data: &'a dyn Fn(&File) -> Result<()>,
    check: &'a dyn Fn(&File) -> Result<()>,
}

impl<'a> Content<'a> {
    /// A header, and the data that `data` writes at the position of a file. It may be called for several.
    pub(crate) fn new(header: &'a [u8], data: &'a dyn Fn(&File) -> Result<()>) -> Self {
        let check = &|_: &File| Ok(());
        Content {
            header,
            data,
            check,
        }
    }

    /// Calls `check` before the content is written over a file in place, which it can still prevent.
    pub(crate) fn checked(self, check: &'a dyn Fn(&File) -> Result<()>) -> Self {
        Content { check, ..self }
    }

    fn write_to_stream(&self, mut file: &File) -> Result<()> {
        file.write_all(self.header).map_err(header_failed)?;
        (self.data)(file)
    }

    /// Writes the header last, when there is what it promises.
    fn write_in_place(&self, mut file: &File, options: Options) -> Result<()> {
        file.seek(SeekFrom::Start(self.header.len() as u64))
            .map_err(header_failed)?;
        (self.data)(file)?;
        Storage::write_all_at(file, self.header, 0).map_err(header_failed)?;
        options.sync(file)
    }

    fn write(&self, file: &File, options: Options) -> Result<()> {
        self.write_to_stream(file)?;
        options.sync(file)
    }
}

fn header_failed(error: io::Error) -> Error {
    Error::io("write the header", error)
}

/// The choices of those who write a whole file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// There must be no file under the path.
    pub(crate) is_new: bool,
    pub(crate) lock: Lock,
    /// The file is on the device before it has its name.
    pub(crate) is_synced: bool,
}

impl Options {
    /// The usual options: an old file is replaced, and the new one is not locked.
    pub(crate) const USUAL: Options = Options {
        is_new: false,
        lock: Lock::WhileReplaced,
        is_synced: false,
    };

    fn sync(self, file: &File) -> Result<()> {
        match self.is_synced {
            true => file.sync_all().map_err(|e| Error::io("sync the file", e)),
            false => Ok(()),
        }
    }
}

/// The locks that are taken against other appenders.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Lock {
    /// Of the old file and of the new one.
    Kept,
    /// Of the old file, if the file system can.
    WhileReplaced,
    Never,
}

impl Lock {
    fn open(self, options: &mut OpenOptions, path: &Path) -> Result<FileStorage> {
        match self {
            Lock::Kept => FileStorage::open_to_write(options, path, true),
            Lock::WhileReplaced => FileStorage::open_locked_if_possible(options, path),
            Lock::Never => FileStorage::open_to_write(options, path, false),
        }
    }

    fn is_kept(self) -> bool {
        self == Lock::Kept
    }
}

/// Writes a file whole, and returns it with whether its name is a new one.
pub(crate) fn write_whole(
    path: &Path,
    options: Options,
    content: &Content,
) -> Result<(FileStorage, bool)> {
    if options.is_new {
        return create(path, options, content);
    }
    match options.lock.open(&mut File::options(), path) {
        Ok(old) => write_over(path, old, options, content),
        Err(error) if is_io(&error, io::ErrorKind::NotFound) => create(path, options, content),
        Err(error) => Err(error),
    }
}

fn create(path: &Path, options: Options, content: &Content) -> Result<(FileStorage, bool)> {
    let named = match NewFile::at(path) {
        Ok(new) => {
            content.write(new.file(), options)?;
            new.create_new(options.lock.is_kept())
        }
        Err(error) => Err(error),
    };
    let is_there = |error: &io::Error| error.kind() == io::ErrorKind::AlreadyExists;
    match named {
        Ok(new) => Ok((new, true)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(is_locked()),
        Err(error) if is_final(&error) || options.is_new && is_there(&error) => {
            Err(Error::io("create the file", error))
        }
        // The file system cannot name a file that is there, or the path is a link to nothing.
        Err(_) => create_in_place(path, options, content),
    }
}

/// Starts a new file under its name, which it loses if writing it fails.
fn create_in_place(
    path: &Path,
    options: Options,
    content: &Content,
) -> Result<(FileStorage, bool)> {
    let open = |open: &mut OpenOptions| options.lock.open(open, path);
    let new = match open(File::options().create_new(true)) {
        // Another's, or a link to nothing, which leads to an empty file then.
        Err(error) if !options.is_new && is_io(&error, io::ErrorKind::AlreadyExists) => {
            let old = open(File::options().create(true))?;
            let (file, _) = write_over(path, old, options, content)?;
            return Ok((file, true));
        }
        opened => opened?,
    };
    match content.write_in_place(new.file(), options) {
        Ok(()) => Ok((new, true)),
        Err(error) => {
            // The lock is held until it is done, but where a file that is open cannot be removed.
            let _locked = cfg!(not(windows)).then_some(new);
            let _ = fs::remove_file(path);
            Err(error)
        }
    }
}

/// Takes the place of a file, or writes the file itself.
fn write_over(
    path: &Path,
    old: FileStorage,
    options: Options,
    content: &Content,
) -> Result<(FileStorage, bool)> {
    if !old.is_regular().map_err(replace_failed)? {
        (content.check)(old.file())?;
        content.write_to_stream(old.file())?;
        return Ok((old, false));
    }
    let old = match old.len().map_err(replace_failed)? {
        0 => old,
        _ => match replace(path, old, options, &|new, _| content.write(new, options))? {
            Replaced::By(new) => return Ok((new, true)),
            Replaced::Not(old, _) => {
                (content.check)(old.file())?;
                old.set_len(0).map_err(replace_failed)?;
                old
            }
        },
    };
    let written = content.write_in_place(old.file(), options);
    written.inspect_err(|_| {
        // Half a file would be of no use to anybody.
        let _ = old.set_len(0);
    })?;
    Ok((old, false))
}

/// The outcome of replacing a file.
pub(crate) enum Replaced {
    By(FileStorage),
    /// The folder takes no new file, or the name is tied to the file, as the name of a mount is.
    Not(FileStorage, io::Error),
}

/// Writes a new file, which may be made of the old one, and puts it in its place.
pub(crate) fn replace(
    path: &Path,
    old: FileStorage,
    options: Options,
    write: &dyn Fn(&File, &FileStorage) -> Result<()>,
) -> Result<Replaced> {
    let new = match NewFile::instead_of(path) {
        Ok(new) => new,
        Err(error) if is_tied(&error) => return Ok(Replaced::Not(old, error)),
        Err(error) => return Err(replace_failed(error)),
    };
    write(new.file(), &old)?;
    // The lock is held until it is done, but where a file that is locked cannot be replaced.
    let locked = cfg!(not(windows)).then_some(old);
    match (new.replace(options.lock.is_kept()), locked) {
        (Ok(new), _) => Ok(Replaced::By(new)),
        (Err(error), _) if error.kind() == io::ErrorKind::WouldBlock => Err(is_locked()),
        (Err(error), Some(old)) if is_tied(&error) => Ok(Replaced::Not(old, error)),
        (Err(error), _) => Err(replace_failed(error)),
    }
}

/// Another appender opened the file as soon as it had its name.
fn is_locked() -> Error {
    Error::new(ErrorKind::Locked)
}

fn replace_failed(error: io::Error) -> Error {
    let failed = Error::io("replace the file", error);
    match cfg!(windows) {
        true => failed.with_end("it is as it was; another program may have it open"),
        false => failed,
    }
}
