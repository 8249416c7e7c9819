use std::{fs, path::Path, time::SystemTime};

use super::{Rows, shard_log::ShardLog};
use crate::{
    error::{Cause, Error, Result},
    header::{Header, Order},
    repair::{Recovery, check_listed, sealed_rows},
    shards::{Info, count_shards, info_of, missing_shard, shard_path},
    write::append::{
        durability::Durability,
        mode::Mode,
        open_file::open_file,
        opened_file::OpenedFile,
        options::AppendOptions,
        shard_folder::{ShardFiles, ShardFolder},
        target::Target,
    },
};

impl Rows {
    /// Opens a directory of shards, or creates it.
    pub(in crate::write::append) fn open_dir(
        dir: &Path,
        target: Result<Target>,
        settings: AppendOptions,
    ) -> Result<Self> {
        let target = target.map_err(|e| e.at_path(dir))?;
        if settings.order == Some(Order::Fortran) {
            let (expected, found) = (Order::C, Order::Fortran);
            return Err(Error::new(Cause::Order { expected, found }).at_path(dir));
        }
        let folder = ShardFiles::open(dir, settings)?;
        loop {
            let number = count_shards(dir)?.saturating_sub(1);
            let path = shard_path(dir, number);
            let opened = Rows::open_last(&folder, number, &path, &target, settings);
            if let Some(rows) = opened.map_err(|e| e.at_path_if_unknown(&path))? {
                return rows.with_folder(Box::new(folder), number, &path, settings);
            }
        }
    }

    /// Opens the last shard. Returns `None` if another appender started the next one before it was locked.
    fn open_last(
        folder: &ShardFiles,
        number: u64,
        path: &Path,
        target: &Target,
        settings: AppendOptions,
    ) -> Result<Option<Self>> {
        let (storage, is_new) = open_file(path, Mode::Open, target, &settings)?;
        if count_shards(folder.dir())? != number + 1 {
            return Ok(None);
        }
        let (storage, opened) = OpenedFile::with_room(storage, path, target, &settings)?;
        let mut rows = Rows::of(settings.storage(storage), path, target, opened, settings)?;
        rows.file.is_name_synced = !is_new;
        if settings.durability == Durability::Synced {
            rows.file.sync_name()?;
        }
        Ok(Some(rows))
    }

    /// Adds the shards before the file. Takes the file off the list of shards, if it is there.
    fn with_folder(
        mut self,
        folder: Box<dyn ShardFolder>,
        number: u64,
        path: &Path,
        settings: AppendOptions,
    ) -> Result<Self> {
        let dir = folder.dir();
        let header = Header::read_from(&mut self.file.header.bytes())
            .map_err(|e| Error::from(e).at_path(path))?
            .with_rows(0);
        let sealed = (0..number).map(|number| sealed_rows(dir, number, &header));
        let sealed: Vec<u64> = sealed.collect::<Result<_>>()?;
        let info = match Info::read(dir) {
            // It is written anew from the shards.
            Err(error) if matches!(error.cause(), Cause::Info(_)) => None,
            info => info?,
        };
        if let Some(info) = &info {
            let may_be_less = !matches!(settings.recovery, None | Some(Recovery::Refuse));
            check_list(dir, info, &sealed, self.file.committed, may_be_less)?;
        }
        let bytes = info_of(&header, &sealed);
        if info.is_none_or(|info| info.bytes != bytes) {
            // On the device before the first row follows, with any durability.
            folder.list(&bytes, true)?;
        }
        let changed = fs::metadata(path).and_then(|found| found.modified());
        let changed = match (self.file.committed, changed) {
            (1.., Ok(changed)) => changed,
            _ => SystemTime::now(),
        };
        let shards = ShardLog::new(folder, header, sealed, changed, &settings);
        self.file.extent.limit(shards.max_rows);
        self.shards = Some(Box::new(shards));
        self.refill();
        Ok(self)
    }
}

/// Checks that no listed shard is missing, or lost rows, unless a recovery may have cut them. A shard that has more
/// rows than listed is listed anew.
fn check_list(dir: &Path, info: &Info, sealed: &[u64], last: u64, may_be_less: bool) -> Result<()> {
    let mut found = sealed.iter().chain([&last]);
    for (number, listed) in (0..).zip(&info.rows) {
        match found.next() {
            Some(found) if found < listed && !may_be_less => {
                check_listed(dir, number, Some(*listed), *found)?;
            }
            Some(_) => {}
            None => {
                return Err(missing_shard(dir, number).with_end("`info` lists it"));
            }
        }
    }
    Ok(())
}
