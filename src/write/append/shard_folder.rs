use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::{
    durability::Durability, mode::Mode, open_file::open_file, options::AppendOptions,
    target::Target,
};
use crate::{
    error::{Error, Result},
    header::{GrowingHeader, Header},
    repair::header_as_closed,
    shards::{INFO, Info, shard_path},
    storage::{FileStorage, OpenFolder, Storage, is_io, sync_folder_of},
};

/// The directory in which an appender starts and lists shards.
pub(super) trait ShardFolder: Send + Sync {
    /// Returns the path of the directory.
    fn dir(&self) -> &Path;

    /// Starts a shard with this header, which counts no rows. Another try may have started it before.
    fn start(&self, number: u64, header: &Header) -> Result<(Box<dyn Storage>, GrowingHeader)>;

    /// Replaces the list of sealed shards.
    fn list(&self, info: &[u8], is_synced: bool) -> Result<()>;

    /// Opens a sealed shard to sync it.
    fn sealed(&self, number: u64) -> Result<Box<dyn Storage>>;

    /// Writes all shards to the device at once, if the system can do this. Each shard must still be synced, which then
    /// takes little time: only that tells whether it was written.
    fn write_back(&self) {}
}

/// A directory of files.
pub(super) struct ShardFiles {
    dir: PathBuf,
    folder: OpenFolder,
    settings: AppendOptions,
}

impl ShardFiles {
    /// Opens a directory. Creates it, and the folders around it, if it does not exist.
    pub(super) fn open(dir: &Path, settings: AppendOptions) -> Result<Self> {
        let absolute = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
        let missing = absolute.ancestors().take_while(|folder| !folder.exists());
        let missing: Vec<&Path> = missing.collect();
        let created = fs::create_dir_all(&absolute);
        created.map_err(|e| Error::io("create the directory", e).at_path(dir))?;
        if settings.durability == Durability::Synced {
            for folder in missing {
                let synced = sync_folder_of(folder);
                synced.map_err(|e| Error::io("sync the folder", e).at_path(dir))?;
            }
        }
        Ok(ShardFiles {
            dir: dir.to_owned(),
            folder: OpenFolder::open(&absolute).map_err(|e| e.at_path(dir))?,
            settings,
        })
    }

    /// Returns a path that leads to the directory, even if another one is at its path now.
    pub(super) fn path(&self) -> Result<&Path> {
        let path = self.folder.path();
        path.map_err(|e| Error::io("find the directory", e).at_path(&self.dir))
    }

    fn start_shard(&self, number: u64, header: &Header) -> Result<(FileStorage, GrowingHeader)> {
        let path = shard_path(self.path()?, number);
        let target = Target::started_with(header);
        let open = |mode| open_file(&path, mode, &target, &self.settings);
        let storage = match open(Mode::CreateNew) {
            Err(error) if is_io(&error, io::ErrorKind::AlreadyExists) => open(Mode::Open)?,
            created => created?,
        };
        let Some((header, 0)) = header_as_closed(&storage, header)? else {
            let there = io::ErrorKind::AlreadyExists.into();
            return Err(Error::io("start the next shard", there));
        };
        if self.settings.durability == Durability::Synced {
            let synced = sync_folder_of(&path);
            synced.map_err(|e| Error::io("sync the folder", e))?;
        }
        Ok((storage, header))
    }

    fn open_sealed(&self, number: u64) -> Result<FileStorage> {
        let mut options = File::options();
        // Windows syncs only files that are open for writing. Elsewhere, the shard may be protected against that.
        let options = options.read(true).write(cfg!(windows));
        FileStorage::open(options, &shard_path(self.path()?, number))
    }

    fn error_at_shard(&self, error: Error, number: u64) -> Error {
        error.at_path(&shard_path(&self.dir, number))
    }
}

impl ShardFolder for ShardFiles {
    fn dir(&self) -> &Path {
        &self.dir
    }

    fn start(&self, number: u64, header: &Header) -> Result<(Box<dyn Storage>, GrowingHeader)> {
        let started = self.start_shard(number, header);
        let (storage, header) = started.map_err(|e| self.error_at_shard(e, number))?;
        Ok((self.settings.storage(storage), header))
    }

    fn list(&self, info: &[u8], is_synced: bool) -> Result<()> {
        let listed = self
            .path()
            .and_then(|path| Info::replace(path, info, is_synced));
        listed.map_err(|e| e.at_path(&self.dir.join(INFO)))
    }

    fn sealed(&self, number: u64) -> Result<Box<dyn Storage>> {
        let opened = self.open_sealed(number);
        Ok(Box::new(
            opened.map_err(|e| self.error_at_shard(e, number))?,
        ))
    }

    fn write_back(&self) {
        self.folder.write_back();
    }
}

impl AppendOptions {
    /// Returns the storage for the rows of an open file.
    pub(super) fn storage(&self, file: FileStorage) -> Box<dyn Storage> {
        match self.mapped {
            #[cfg(feature = "mmap")]
            true => Box::new(crate::storage::MappedStorage::new(file)),
            _ => Box::new(file),
        }
    }
}
