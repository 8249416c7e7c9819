//! Writing of a complete file: a new file, or a replacement of an old file.
//!
//! Every function that writes a complete file uses this module, so that an old file is never lost. The old
//! file stays as it is until the new file is complete.
//!
//! Some files cannot be replaced and are written in place: devices and pipes, files in a folder without
//! permission for new files, and mounts. An empty file is written in place too. It has nothing to lose, and
//! the program that created it may have it open.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::Path,
};

use super::{
    file::FileStorage,
    io_errors::{is_final, is_io, is_tied},
    new_file::NewFile,
    storage_trait::Storage,
};
use crate::error::{Cause, Error, Result};

/// The contents of a file.
pub(crate) struct Content<'a> {
    header: &'a [u8],
    data: &'a dyn Fn(&File) -> Result<()>,
    check: &'a dyn Fn(&File) -> Result<()>,
}

impl<'a> Content<'a> {
    /// Returns a content with a header, and with data that `data` writes at the position of a file. `data`
    /// may be called for several files.
    pub(crate) fn new(header: &'a [u8], data: &'a dyn Fn(&File) -> Result<()>) -> Self {
        let check = &|_: &File| Ok(());
        Content {
            header,
            data,
            check,
        }
    }

    /// Calls `check` before the content overwrites a file in place. An error of `check` prevents that.
    pub(crate) fn checked(self, check: &'a dyn Fn(&File) -> Result<()>) -> Self {
        Content { check, ..self }
    }

    fn write_to_stream(&self, mut file: &File) -> Result<()> {
        file.write_all(self.header).map_err(header_failed)?;
        (self.data)(file)
    }

    /// Writes the header last, after the data that it describes.
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

/// Options for writing a complete file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// There must be no file at the path.
    pub(crate) is_new: bool,
    pub(crate) lock: Lock,
    /// The file is on the device before it gets its name.
    pub(crate) is_synced: bool,
}

impl Options {
    /// The usual options: an old file is replaced, and the new file is not locked.
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

/// The locks that exclude other appenders.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Lock {
    /// The old file and the new file are locked.
    Kept,
    /// The old file is locked, if the file system supports it.
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

/// Writes a complete file, and returns it.
pub(crate) fn write_whole(path: &Path, options: Options, content: &Content) -> Result<FileStorage> {
    if options.is_new {
        return create(path, options, content);
    }
    match options.lock.open(&mut File::options(), path) {
        Ok(old) => write_over(path, old, options, content),
        Err(error) if is_io(&error, io::ErrorKind::NotFound) => create(path, options, content),
        Err(error) => Err(error),
    }
}

fn create(path: &Path, options: Options, content: &Content) -> Result<FileStorage> {
    let named = match NewFile::at(path) {
        Ok(new) => {
            content.write(new.file(), options)?;
            new.create_new(options.lock.is_kept())
        }
        Err(error) => Err(error),
    };
    let is_there = |error: &io::Error| error.kind() == io::ErrorKind::AlreadyExists;
    match named {
        Ok(new) => Ok(new),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(is_locked()),
        Err(error) if is_final(&error) || options.is_new && is_there(&error) => {
            Err(Error::io("create the file", error))
        }
        // The file system cannot name an existing file, or the path is a dangling link.
        Err(_) => create_in_place(path, options, content),
    }
}

/// Creates a new file at its path. If writing fails, the file is removed.
fn create_in_place(path: &Path, options: Options, content: &Content) -> Result<FileStorage> {
    let open = |open: &mut OpenOptions| options.lock.open(open, path);
    let new = match open(File::options().create_new(true)) {
        Err(error) if FileStorage::lacks_locks(&error) => {
            let _ = fs::remove_file(path);
            return Err(error);
        }
        // Another program created the file, or the path is a dangling link. Such a link then leads to an
        // empty file.
        Err(error) if !options.is_new && is_io(&error, io::ErrorKind::AlreadyExists) => {
            let old = open(File::options().create(true))?;
            return write_over(path, old, options, content);
        }
        opened => opened?,
    };
    match content.write_in_place(new.file(), options) {
        Ok(()) => Ok(new),
        Err(error) => {
            // The lock is held until the file is removed, except on systems that cannot remove an open file.
            let _locked = cfg!(not(windows)).then_some(new);
            let _ = fs::remove_file(path);
            Err(error)
        }
    }
}

/// Replaces a file, or overwrites it in place.
fn write_over(
    path: &Path,
    old: FileStorage,
    options: Options,
    content: &Content,
) -> Result<FileStorage> {
    if !old.is_regular().map_err(replace_failed)? {
        (content.check)(old.file())?;
        content.write_to_stream(old.file())?;
        return Ok(old);
    }
    let old = match old.len().map_err(replace_failed)? {
        0 => old,
        _ => match replace(path, old, options, &|new, _| content.write(new, options))? {
            Replaced::By(new) => return Ok(new),
            Replaced::Not(old, _) => {
                (content.check)(old.file())?;
                old.set_len(0).map_err(replace_failed)?;
                old
            }
        },
    };
    let written = content.write_in_place(old.file(), options);
    written.inspect_err(|_| {
        // A part of a file would be useless.
        let _ = old.set_len(0);
    })?;
    Ok(old)
}

/// The outcome of replacing a file.
pub(crate) enum Replaced {
    By(FileStorage),
    /// The folder has no permission for new files, or the name cannot be replaced, such as the name of a
    /// mount.
    Not(FileStorage, io::Error),
}

/// Writes a new file, perhaps from the data of the old file, and replaces the old file.
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
    // The lock is held until the file is replaced, except on systems that cannot replace a locked file.
    let locked = cfg!(not(windows)).then_some(old);
    match (new.replace(options.lock.is_kept()), locked) {
        (Ok(new), _) => Ok(Replaced::By(new)),
        (Err(error), _) if error.kind() == io::ErrorKind::WouldBlock => Err(is_locked()),
        (Err(error), Some(old)) if is_tied(&error) => Ok(Replaced::Not(old, error)),
        (Err(error), _) => Err(replace_failed(error)),
    }
}

/// Returns the error that another appender opened the file as soon as it had its name.
fn is_locked() -> Error {
    Error::new(Cause::Locked)
}

fn replace_failed(error: io::Error) -> Error {
    let failed = Error::io("replace the file", error);
    match cfg!(windows) {
        true => failed.with_end("the old file is unchanged; another program may have it open"),
        false => failed,
    }
}
