use std::{path::Path, time::SystemTime};

use super::{Rows, shard_log::ShardLog};
use crate::{
    error::{Cause, Error, Result},
    header::{Header, Order},
    repair::{Recovery, check_listed, check_order, sealed_rows},
    shards::{Info, TOO_LARGE, count_shards, info_of, lock_before, missing_shard, shard_path},
    storage::read_header,
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

/// Advice for an option that a directory does not have.
const LEAVE_OUT: &str =
    "the shards of a directory are joined along their first axis: leave out `AppendOptions::order`";

const LISTED: &str = "`info` lists it";

impl Rows {
    /// Opens a directory of shards, or creates it.
    pub(in crate::write::append) fn open_dir(
        dir: &Path,
        target: Result<Target>,
        settings: AppendOptions,
    ) -> Result<Self> {
        let target = target.map_err(|e| e.at_path(dir))?;
        if settings.order == Some(Order::Fortran) {
            let (expected, found) = (Order::Fortran, Order::C);
            let error = Error::new(Cause::Order { expected, found });
            return Err(error.with_end(LEAVE_OUT).at_path(dir));
        }
        let folder = ShardFiles::open(dir, settings)?;
        let there = folder.path()?.to_owned();
        let opened = Rows::open_folder(folder, &target, settings);
        opened.map_err(|e| with_path_of_user(e, &there, dir))
    }

    /// Opens the last shard of an open directory, and adds those before it. The directory may be renamed meanwhile.
    fn open_folder(folder: ShardFiles, target: &Target, settings: AppendOptions) -> Result<Self> {
        loop {
            let there = folder.path()?;
            let shards = count_shards(there)?;
            let number = shards.saturating_sub(1);
            if shards == 0
                && let Err(error) = check_nothing_listed(there, target)
            {
                match count_shards(there)? {
                    0 => return Err(error),
                    // Another appender started and listed it just now.
                    _ => continue,
                }
            }
            let opened = Rows::open_last(&folder, number, target, settings);
            let opened = opened.map_err(|e| e.at_path_if_unknown(&shard_path(there, number)))?;
            if let Some((rows, changed)) = opened {
                return rows.with_folder(folder, number, changed, settings);
            }
        }
    }

    /// Opens the last shard. Returns it with the time of its last change, or `None` if another appender started the
    /// next one before it was locked.
    fn open_last(
        folder: &ShardFiles,
        number: u64,
        target: &Target,
        settings: AppendOptions,
    ) -> Result<Option<(Self, SystemTime)>> {
        let there = folder.path()?;
        let _before = match settings.lock {
            true => lock_before(there, number)?,
            false => None,
        };
        let path = shard_path(there, number);
        let storage = open_file(&path, Mode::Open, target, &settings)?;
        if count_shards(folder.path()?)? != number + 1 {
            return Ok(None);
        }
        if let (Ok(header), _) = read_header(&storage, 0) {
            check_order(&header)?;
        }
        // What is mended later changes the time.
        let changed = storage.file().metadata().and_then(|found| found.modified());
        let (storage, mut opened) = OpenedFile::with_room(storage, &path, target, &settings)?;
        let path = shard_path(folder.dir(), number);
        opened.recovery = opened.recovery.map(|report| report.at_path(&path));
        let rows = Rows::of(settings.storage(storage), &path, target, opened, settings)?;
        Ok(Some((rows, changed.unwrap_or_else(|_| SystemTime::now()))))
    }

    /// Adds the shards before the file. Takes the file off the list of shards, if it is there.
    fn with_folder(
        mut self,
        folder: ShardFiles,
        number: u64,
        changed: SystemTime,
        settings: AppendOptions,
    ) -> Result<Self> {
        let dir = folder.path()?;
        let header = Header::read_from(&mut self.file.header.bytes())
            .map_err(|e| Error::from(e).at_path(self.path()))?
            .with_rows(0);
        let sealed = (0..number).map(|number| sealed_rows(dir, number, &header));
        let sealed: Vec<u64> = sealed.collect::<Result<_>>()?;
        let info = match Info::read(dir, number + 1, &header) {
            // It is written anew from the shards.
            Err(error) if matches!(error.cause(), Cause::Info(reason) if *reason != TOO_LARGE) => {
                None
            }
            info => info?,
        };
        if let Some(info) = &info {
            let may_be_less = !matches!(settings.recovery, None | Some(Recovery::Refuse));
            check_list(dir, info, &sealed, self.file.committed, may_be_less)?;
        }
        let bytes = info_of(&header, &sealed);
        let is_listed = info.is_some_and(|info| info.bytes == bytes);
        let changed = match self.file.committed {
            0 => SystemTime::now(),
            _ => changed,
        };
        let shards = ShardLog::new(Box::new(folder), header, sealed, changed, &settings);
        self.file.extent.limit(shards.max_rows);
        self.shards = Some(Box::new(shards));
        let is_synced = settings.durability == Durability::Synced;
        if is_synced {
            self.sync_earlier_run()?;
        }
        if is_synced || !is_listed {
            // On the device before the first row follows, with any durability. An earlier run may not have synced a list
            // that is true.
            self.unlist_last()?;
        }
        if let Some(shards) = &mut self.shards
            && is_synced
        {
            shards.unsynced = shards.last();
        }
        self.refill();
        Ok(self)
    }
}

/// Names the directory by the path that the user gave for the one that is open.
fn with_path_of_user(error: Error, there: &Path, dir: &Path) -> Error {
    let within = error.path().and_then(|path| path.strip_prefix(there).ok());
    // Joining an empty path would add a separator.
    let path = within.map(|within| match within.as_os_str().is_empty() {
        true => dir.to_owned(),
        false => dir.join(within),
    });
    match path {
        Some(path) => error.at_path(&path),
        None => error,
    }
}

/// Checks that a directory without a shard does not list one, which is then missing.
fn check_nothing_listed(dir: &Path, target: &Target) -> Result<()> {
    let header = target
        .new_header()
        .ok_or_else(|| Error::new(Cause::NoRows))?;
    match Info::read(dir, 0, header)? {
        Some(info) if !info.rows.is_empty() => Err(missing_shard(dir, 0).with_end(LISTED)),
        _ => Ok(()),
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
                return Err(missing_shard(dir, number).with_end(LISTED));
            }
        }
    }
    Ok(())
}
