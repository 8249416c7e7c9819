use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use tempfile::{Builder, NamedTempFile};

/// A file in the making, under a name of its own until it is whole. It goes away if it is dropped.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: NamedTempFile,
    /// Where it will be, with links followed.
    path: PathBuf,
}

impl NewFile {
    /// A file that is to stand under `path`, or to take the place of the one there.
    pub(crate) fn beside(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{name}.");
        let mut builder = Builder::new();
        builder.prefix(&prefix).suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // Those of any new file: what the process's mask takes away is gone.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder_of(&path))?;
        Ok(NewFile { file, path })
    }

    pub(crate) fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Gives it its name, under which there must be no file. With `is_durable` it is there after a power
    /// cut too.
    pub(crate) fn create_new(self, is_durable: bool) -> io::Result<()> {
        self.sync(is_durable)?;
        self.file.persist_noclobber(&self.path)?;
        sync_folder_of(&self.path, is_durable)
    }

    /// Puts it in the place of the file under its name, with the owner and the permissions of that.
    pub(crate) fn replace(self, is_durable: bool) -> io::Result<()> {
        let old = fs::metadata(&self.path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt, fchown};
            // Only an administrator may give a file away; for others it is theirs anyway.
            let _ = fchown(self.file.as_file(), Some(old.uid()), Some(old.gid()));
        }
        self.file.as_file().set_permissions(old.permissions())?;
        self.sync(is_durable)?;
        self.file.persist(&self.path)?;
        sync_folder_of(&self.path, is_durable)
    }

    fn sync(&self, is_durable: bool) -> io::Result<()> {
        match is_durable {
            true => self.file.as_file().sync_all(),
            false => Ok(()),
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Waits until a name that was just given is on the device. Where a folder cannot be opened as a file,
/// syncing the file has to do.
fn sync_folder_of(path: &Path, is_durable: bool) -> io::Result<()> {
    match is_durable && cfg!(unix) {
        true => File::open(folder_of(path))?.sync_all(),
        false => Ok(()),
    }
}
