use std::{
    fs::{self, File},
    io::{self, Seek},
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, Result},
    storage::{FileStorage, NewFile},
};

/// The destination of an archive once it is complete.
#[derive(Debug)]
pub(super) struct ArchiveFile {
    new: NewFile,
    path: PathBuf,
    /// The archive that is added to, locked against others who would do the same.
    old: Option<FileStorage>,
}

impl ArchiveFile {
    /// A new archive, perhaps in the place of a file.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let new = match fs::metadata(path) {
            Ok(old) if !old.is_file() => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "there is something that is no regular file",
            )),
            Ok(_) => NewFile::instead_of(path),
            Err(_) => NewFile::at(path),
        };
        Ok(ArchiveFile {
            new: new.map_err(|e| Error::io("create the file", e))?,
            path: path.to_owned(),
            old: None,
        })
    }

    /// A copy of an archive, to be added to.
    pub(super) fn append(path: &Path) -> Result<Self> {
        let old = FileStorage::open_to_mend(path)?;
        let copy = || {
            let new = NewFile::instead_of(path)?;
            io::copy(&mut old.read_from(0)?, &mut new.file())?;
            Ok(new)
        };
        Ok(ArchiveFile {
            new: copy().map_err(|e| Error::io("copy the archive", e))?,
            path: path.to_owned(),
            old: Some(old),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file that is written, which shares its position with this one.
    pub(super) fn file(&mut self) -> Result<File> {
        let file = self.new.file().try_clone();
        file.map_err(|e| Error::io("create the file", e))
    }

    /// Cuts off the bytes after the position.
    pub(super) fn cut(&mut self) -> io::Result<()> {
        let end = self.new.file().stream_position()?;
        self.new.file().set_len(end)
    }

    /// A file without a name beside it.
    pub(super) fn spool(&self) -> io::Result<File> {
        let folder = self.path.parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        tempfile::tempfile_in(folder.unwrap_or(Path::new(".")))
    }

    /// Puts the whole archive under its name.
    pub(super) fn put(self) -> io::Result<()> {
        // The lock is held until it is done, but where a file that is open cannot be replaced.
        let _locked = self.old.filter(|_| cfg!(not(windows)));
        self.new.put()
    }
}
