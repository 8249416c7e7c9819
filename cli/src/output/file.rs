//! Files that are written whole, or not at all.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

#[cfg(unix)]
use super::interrupt;
use crate::failure::{Failure, Result};

/// A file that takes its name when it is complete.
pub(crate) struct NewFile {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
    force: bool,
}

impl NewFile {
    /// Starts a file. Another of its name is replaced only by `force`.
    pub(crate) fn create(path: &Path, force: bool) -> Result<Self> {
        check_free(path, force)?;
        let failed = |e| Failure::io(path.display(), e);
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As every new file: less the bits of the umask.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder).map_err(failed)?;
        #[cfg(unix)]
        interrupt::remove_on_signal(file.path()).map_err(failed)?;
        Ok(NewFile {
            file: BufWriter::with_capacity(1 << 16, file),
            path: path.to_owned(),
            force,
        })
    }

    /// Gives the file its name.
    pub(crate) fn finish(self) -> Result<()> {
        let path = self.path;
        let failed = |e| Failure::io(path.display(), e);
        let file = self.file.into_inner().map_err(|e| failed(e.into_error()))?;
        file.as_file().sync_all().map_err(failed)?;
        #[cfg(unix)]
        interrupt::keep_on_signal(file.path());
        let kept = match self.force {
            true => file.persist(&path),
            false => file.persist_noclobber(&path),
        };
        kept.map_err(|e| failed(e.error))?;
        Ok(())
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Checks that nothing has a path, unless it may be replaced.
pub(crate) fn check_free(path: &Path, force: bool) -> Result<()> {
    match !force && fs::symlink_metadata(path).is_ok() {
        true => {
            let failure = Failure::new(format!("{} exists", path.display()));
            Err(failure.hint("`--force` replaces it"))
        }
        false => Ok(()),
    }
}
