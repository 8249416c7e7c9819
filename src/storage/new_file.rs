use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use tempfile::TempPath;

use super::{
    file::FileStorage,
    temporary::{create_in_use, folder_of, hold, make_temporary, remove_stale},
};

/// A new file that gets its name when it is complete. It is removed if it is dropped.
///
/// If the system supports files without a name, it has no name before. Nothing is then left of it if the
/// program is killed.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: File,
    /// Its temporary name, if it has one. The file is locked then.
    temporary: Option<TempPath>,
    /// Its future path, with links resolved.
    path: PathBuf,
}

impl NewFile {
    /// Creates a file for a path without a file.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        // The permissions of a usual new file, without the bits in the mask of the process.
        NewFile::with_mode(path.to_owned(), 0o666)
    }

    /// Creates a file that will replace the file at `path`. Other users cannot open it before.
    pub(crate) fn instead_of(path: &Path) -> io::Result<Self> {
        NewFile::with_mode(resolve(path)?, 0o600)
    }

    fn with_mode(path: PathBuf, mode: u32) -> io::Result<Self> {
        match unnamed(folder_of(&path), mode) {
            Some(file) => Ok(NewFile {
                file,
                temporary: None,
                path,
            }),
            None => NewFile::under_another_name(path, mode),
        }
    }

    fn under_another_name(path: PathBuf, mode: u32) -> io::Result<Self> {
        let (file, name) = make_temporary(&path, |name| create_in_use(name, mode))?;
        Ok(NewFile {
            file,
            temporary: Some(name),
            path,
        })
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Gives the file its name. There must be no file at its path.
    pub(crate) fn create_new(self, lock: bool) -> io::Result<FileStorage> {
        self.lock(lock)?;
        match self.temporary {
            Some(temporary) => temporary.persist_noclobber(&self.path)?,
            None => {
                remove_stale(&self.path);
                link(&self.file, &self.path)?;
            }
        }
        FileStorage::named(self.file, &self.path, lock)
    }

    /// Replaces the file at the path. The new file gets the owner and the permissions of the old file.
    pub(crate) fn replace(self, lock: bool) -> io::Result<FileStorage> {
        self.lock(lock)?;
        take_over(&self.file, &fs::metadata(&self.path)?)?;
        let mut temporary = match self.temporary {
            Some(temporary) => temporary,
            None => {
                // Before it has a name, as another program could take it for a file of a killed program.
                hold(&self.file)?;
                make_temporary(&self.path, |name| link(&self.file, name))?.1
            }
        };
        // On Windows, only a rename can replace an open file.
        fs::rename(&temporary, &self.path)?;
        temporary.disable_cleanup(true);
        FileStorage::named(self.file, &self.path, lock)
    }

    /// Gives the file its name. An old file at the path is replaced after this file is on the device.
    #[cfg(feature = "npz")]
    pub(crate) fn put(self) -> io::Result<()> {
        match fs::metadata(&self.path) {
            Ok(_) => {
                self.file.sync_all()?;
                self.replace(false)?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.create_new(false)?;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Locks the file before others can open it. Windows locks a file when it is opened.
    fn lock(&self, lock: bool) -> io::Result<()> {
        match lock && cfg!(not(windows)) {
            true => Ok(self.file.try_lock()?),
            false => Ok(()),
        }
    }
}

/// Creates a file without a name, if the system supports such files and can name them later.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path, mode: u32) -> Option<File> {
    use rustix::fs::{Mode, OFlags, open};
    if !Path::new(OPEN_FILES).is_dir() {
        return None;
    }
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = open(folder, flags, Mode::from_raw_mode(mode)).ok()?;
    Some(File::from(file))
}

/// Gives a name to a file without a name. There must be no file at this path.
#[cfg(target_os = "linux")]
fn link(file: &File, name: &Path) -> io::Result<()> {
    use std::os::fd::AsRawFd;

    use rustix::fs::{AtFlags, CWD, linkat};
    // Linking an open file directly requires a privilege. This way does not.
    let open = open_path(file.as_raw_fd());
    Ok(linkat(CWD, open, CWD, name, AtFlags::SYMLINK_FOLLOW)?)
}

/// Returns the path of an open file or folder. It leads there even if all its names were removed.
#[cfg(target_os = "linux")]
pub(super) fn open_path(descriptor: std::os::fd::RawFd) -> PathBuf {
    Path::new(OPEN_FILES).join(descriptor.to_string())
}

/// The folder with the open files of this program.
#[cfg(target_os = "linux")]
const OPEN_FILES: &str = "/proc/self/fd";

#[cfg(not(target_os = "linux"))]
fn unnamed(_: &Path, _: u32) -> Option<File> {
    None
}

#[cfg(not(target_os = "linux"))]
fn link(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Returns the absolute path of a file that exists, with a link in its last part resolved.
///
/// A path through an open folder stays one, so that it leads there even after the folder was renamed.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    match fs::symlink_metadata(path)?.is_symlink() {
        true => path.canonicalize(),
        false => std::path::absolute(path),
    }
}

#[cfg(unix)]
fn take_over(file: &File, old: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    // Only an administrator can change the owner, but every user can set one of their own groups.
    let group = fchown(file, Some(old.uid()), Some(old.gid()))
        .or_else(|_| fchown(file, None, Some(old.gid())));
    let mode = old.permissions().mode();
    let mode = match group {
        Ok(()) => mode,
        // The permissions of the old group are not given to another group.
        Err(_) => mode & !0o070,
    };
    file.set_permissions(fs::Permissions::from_mode(mode & 0o777))
}

#[cfg(not(unix))]
fn take_over(file: &File, old: &fs::Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}

/// Waits until a new name is on the device. If a folder cannot be opened or synced like a file, syncing the
/// file must suffice.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, Unsupported};
    if !cfg!(unix) {
        return Ok(());
    }
    match File::open(folder_of(&resolve(path)?))?.sync_all() {
        Err(error) if matches!(error.kind(), InvalidInput | Unsupported) => Ok(()),
        synced => synced,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Returns the paths in a folder.
    fn listed(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    type Make = fn(PathBuf) -> io::Result<NewFile>;

    /// Files with and without a temporary name.
    const MAKES: [Make; 2] = [
        |path| NewFile::with_mode(path, 0o600),
        |path| NewFile::under_another_name(path, 0o600),
    ];

    #[test]
    fn a_new_file_takes_no_name_that_is_there_and_replaces_one_when_it_is_asked_to() {
        for make in MAKES {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("file");
            let new = |bytes: &[u8]| {
                let new = make(path.clone()).unwrap();
                new.file().write_all(bytes).unwrap();
                new
            };
            drop(new(b"dropped"));
            assert!(listed(dir.path()).is_empty());
            new(b"first").create_new(false).unwrap();
            let error = new(b"second").create_new(false).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read(&path).unwrap(), b"first");
            new(b"third").replace(false).unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"third");
            assert_eq!(listed(dir.path()), [&*path]);
        }
    }

    #[test]
    fn a_file_that_is_locked_stays_so_when_it_gets_its_name_and_any_other_does_not() {
        for make in MAKES {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("file");
            let is_locked =
                || FileStorage::open_to_write(&mut File::options(), &path, true).is_err();
            let created = make(path.clone()).unwrap().create_new(true).unwrap();
            assert!(created.is_locked() && is_locked());
            drop(created);
            assert!(!is_locked());
            // What mends a file keeps the lock if it has one.
            assert!(FileStorage::open_to_mend(&path).unwrap().is_locked());
            let replaced = make(path.clone()).unwrap().replace(true).unwrap();
            assert!(is_locked());
            drop(replaced);
            let _open = make(path.clone()).unwrap().replace(false).unwrap();
            // On Windows, a file that is open for writing elsewhere cannot be locked.
            assert_eq!(is_locked(), cfg!(windows));
        }
    }
}
