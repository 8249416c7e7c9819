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
    /// A file that is to stand under `path`, where there is none.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        // The permissions of any new file: what the process's mask takes away is gone.
        NewFile::with_mode(path.to_owned(), 0o666)
    }

    /// A file that is to take the place of the one under `path`, closed to others until it does.
    pub(crate) fn instead_of(path: &Path) -> io::Result<Self> {
        NewFile::with_mode(path.canonicalize()?, 0o600)
    }

    #[cfg_attr(not(unix), allow(unused_variables))]
    fn with_mode(path: PathBuf, mode: u32) -> io::Result<Self> {
        let mut builder = Builder::new();
        builder.prefix(".npyrec.").suffix(".tmp");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
        let file = builder.tempfile_in(folder_of(&path))?;
        Ok(NewFile { file, path })
    }

    pub(crate) fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Gives it its name, under which there must be no file.
    pub(crate) fn create_new(self, lock: bool) -> io::Result<File> {
        self.lock(lock)?;
        Ok(self.file.persist_noclobber(&self.path)?)
    }

    /// Puts it in the place of the file under its name, with the owner and the permissions of that.
    pub(crate) fn replace(self, lock: bool) -> io::Result<File> {
        self.lock(lock)?;
        take_over(self.file.as_file(), &fs::metadata(&self.path)?)?;
        Ok(self.file.persist(&self.path)?)
    }

    /// Gives it its name, from which another file goes when this one is on the device.
    #[cfg(feature = "npz")]
    pub(crate) fn put(self) -> io::Result<()> {
        match fs::metadata(&self.path) {
            Ok(old) => {
                take_over(self.file.as_file(), &old)?;
                self.file.as_file().sync_all()?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        self.file.persist(&self.path)?;
        Ok(())
    }

    /// Locks it before others can open it. Windows locks when it opens.
    fn lock(&self, lock: bool) -> io::Result<()> {
        match lock && cfg!(not(windows)) {
            true => Ok(self.file.as_file().try_lock()?),
            false => Ok(()),
        }
    }
}

#[cfg(unix)]
fn take_over(file: &File, old: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    // Only an administrator may give a file away, but anybody to a group of their own.
    let group = fchown(file, Some(old.uid()), Some(old.gid()))
        .or_else(|_| fchown(file, None, Some(old.gid())));
    let mode = old.permissions().mode();
    let mode = match group {
        Ok(()) => mode,
        // What the old group was allowed is not for another.
        Err(_) => mode & !0o070,
    };
    file.set_permissions(fs::Permissions::from_mode(mode & 0o777))
}

#[cfg(not(unix))]
fn take_over(file: &File, old: &fs::Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}

fn folder_of(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Waits until a name that was just given is on the device. Where a folder cannot be opened or synced
/// as a file, syncing the file has to do.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, Unsupported};
    if !cfg!(unix) {
        return Ok(());
    }
    let path = path.canonicalize()?;
    match File::open(folder_of(&path))?.sync_all() {
        Err(error) if matches!(error.kind(), InvalidInput | Unsupported) => Ok(()),
        synced => synced,
    }
}
