use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::file::FileStorage;
use crate::error::Result;

const MOVED: &str = "the directory was renamed or replaced while it was open";

/// A folder that stays open, so that no other folder is taken for it later.
///
/// Linux shows a path of the open folder itself, which stays valid after the folder was renamed. Without such a
/// path, a folder that was renamed is an error.
pub(crate) struct OpenFolder {
    path: PathBuf,
    /// The path of the open folder.
    open_path: Option<PathBuf>,
    /// The open folder. Windows renames no folder in which a file is open.
    open: Option<FileStorage>,
}

impl OpenFolder {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let open = match cfg!(unix) {
            true => Some(FileStorage::open(fs::File::options().read(true), path)?),
            false => None,
        };
        let open_path = open.as_ref().and_then(path_of);
        Ok(OpenFolder {
            // A change of the current folder does not affect it.
            path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
            open_path,
            open,
        })
    }

    /// Returns a path that leads to this folder.
    pub(crate) fn path(&self) -> io::Result<&Path> {
        if let Some(path) = &self.open_path {
            return Ok(path);
        }
        let is_same = self
            .open
            .as_ref()
            .map_or(Ok(true), |open| open.has_path(&self.path));
        match is_same? {
            true => Ok(&self.path),
            false => Err(io::Error::new(io::ErrorKind::NotFound, MOVED)),
        }
    }
}

impl OpenFolder {
    /// Writes the file system of the folder to the device, if the system can do this.
    ///
    /// The outcome tells nothing about a file of it. Linux before 5.8 does not report here that a file could not be written,
    /// later versions report the files of other programs too, and a file system over others may report none. Syncing a
    /// file does.
    pub(crate) fn write_back(&self) {
        #[cfg(target_os = "linux")]
        if let Some(open) = &self.open {
            let _ = rustix::fs::syncfs(open.file());
        }
    }
}

/// Returns the path of an open folder, if the system shows it.
#[cfg(target_os = "linux")]
fn path_of(open: &FileStorage) -> Option<PathBuf> {
    use std::os::fd::AsRawFd;
    let path = super::new_file::open_path(open.file().as_raw_fd());
    open.has_path(&path)
        .is_ok_and(|is_same| is_same)
        .then_some(path)
}

#[cfg(not(target_os = "linux"))]
fn path_of(_: &FileStorage) -> Option<PathBuf> {
    None
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use super::*;

    #[cfg(unix)]
    #[test]
    fn another_folder_at_the_path_is_not_taken_for_it() {
        for has_path in [false, cfg!(target_os = "linux")] {
            let dir = tempfile::tempdir().unwrap();
            let (path, renamed) = (dir.path().join("log"), dir.path().join("renamed"));
            fs::create_dir(&path).unwrap();
            let mut folder = OpenFolder::open(&path).unwrap();
            if !has_path {
                folder.open_path = None;
            }
            fs::write(folder.path().unwrap().join("a"), b"").unwrap();
            fs::rename(&path, &renamed).unwrap();
            for is_replaced in [false, true] {
                if is_replaced {
                    fs::create_dir(&path).unwrap();
                }
                match folder.path() {
                    Ok(there) => assert!(has_path && there.join("a").exists()),
                    Err(error) => {
                        assert_eq!((has_path, error.kind()), (false, io::ErrorKind::NotFound));
                    }
                }
            }
        }
    }
}
