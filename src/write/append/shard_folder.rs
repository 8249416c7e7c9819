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
    shards::{Info, shard_path},
    storage::{FileStorage, Storage, sync_folder_of},
};

/// The directory in which an appender starts and lists shards.
pub(super) trait ShardFolder: Send + Sync {
    /// Returns the path of the directory.
    fn dir(&self) -> &Path;

    /// Starts a shard with this header, which counts no rows. Another try may have started it before.
    fn start(&self, number: u64, header: &Header) -> Result<(Box<dyn Storage>, GrowingHeader)>;

    /// Replaces the list of sealed shards.
    fn list(&self, info: &[u8], is_synced: bool) -> Result<()>;

    /// Opens a sealed shard, which is to be synced.
    fn sealed(&self, number: u64) -> Result<Box<dyn Storage>>;
}

/// A directory of files.
pub(super) struct ShardFiles {
    dir: PathBuf,
    /// The absolute path, which a change of the current folder does not affect.
    absolute: PathBuf,
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
            absolute,
            settings,
        })
    }
}

impl ShardFolder for ShardFiles {
    fn dir(&self) -> &Path {
        &self.dir
    }

    fn start(&self, number: u64, header: &Header) -> Result<(Box<dyn Storage>, GrowingHeader)> {
        let path = shard_path(&self.absolute, number);
        let start = || {
            let target = Target::started_with(header);
            let (storage, _) = open_file(&path, Mode::Open, &target, &self.settings)?;
            let Some((header, 0)) = header_as_closed(&storage, header)? else {
                let there = io::ErrorKind::AlreadyExists.into();
                return Err(Error::io("start the next shard", there));
            };
            if self.settings.durability == Durability::Synced {
                let synced = sync_folder_of(&path);
                synced.map_err(|e| Error::io("sync the folder", e))?;
            }
            Ok((self.settings.storage(storage), header))
        };
        start().map_err(|e| e.at_path(&shard_path(&self.dir, number)))
    }

    fn list(&self, info: &[u8], is_synced: bool) -> Result<()> {
        Info::replace(&self.absolute, info, is_synced)
    }

    fn sealed(&self, number: u64) -> Result<Box<dyn Storage>> {
        // Windows syncs only files that are open for writing.
        let options = File::options().write(true).clone();
        let opened = FileStorage::open(&options, &shard_path(&self.absolute, number));
        let opened = opened.map_err(|e| e.at_path(&shard_path(&self.dir, number)));
        Ok(Box::new(opened?))
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
