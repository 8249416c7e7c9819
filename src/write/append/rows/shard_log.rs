use std::time::{Duration, SystemTime};

use crate::{
    error::Result,
    header::Header,
    shards::{info_of, sum_of},
    write::append::{options::AppendOptions, shard_folder::ShardFolder},
};

/// The shards before the file that grows, which is the last one.
pub(super) struct ShardLog {
    pub(super) folder: Box<dyn ShardFolder>,
    /// The header of a new shard.
    pub(super) header: Header,
    /// The rows of each shard before the last.
    sealed: Vec<u64>,
    /// The rows of all of them.
    pub(super) sealed_rows: u64,
    seal: Seal,
    /// The most rows of a shard.
    pub(super) max_rows: u64,
    clock: Option<ShardClock>,
    /// The first sealed shard that may not be on the device.
    pub(super) unsynced: u64,
}

/// The state of the last shard.
#[derive(Clone, Copy, PartialEq)]
enum Seal {
    /// It is not listed, and takes rows.
    Open,
    /// It may be listed, as listing it failed. It takes no rows.
    Sealed,
    Listed,
}

/// The time at which the next shard starts.
struct ShardClock {
    interval: Duration,
    /// The interval in which the last shard was started or changed, counted since 1970.
    period: u128,
}

impl ShardLog {
    /// Returns the log of a directory whose last shard changed at a time.
    pub(super) fn new(
        folder: Box<dyn ShardFolder>,
        header: Header,
        sealed: Vec<u64>,
        changed: SystemTime,
        settings: &AppendOptions,
    ) -> Self {
        let data = settings
            .bytes_per_shard
            .saturating_sub(header.to_bytes().len() as u64);
        let in_bytes = data.checked_div(header.row_size()).unwrap_or(u64::MAX);
        ShardLog {
            folder,
            sealed_rows: sum_of(&sealed),
            unsynced: 0,
            sealed,
            seal: Seal::Open,
            max_rows: settings.rows_per_shard.min(in_bytes).max(1),
            clock: settings.shard_every.map(|interval| ShardClock {
                interval,
                period: period(changed, interval),
            }),
            header,
        }
    }

    /// Returns the number of the last shard.
    pub(super) fn last(&self) -> u64 {
        self.sealed.len() as u64
    }

    /// Returns true if the last shard takes no more rows.
    pub(super) fn is_sealed(&self) -> bool {
        self.seal != Seal::Open
    }

    /// Returns true if the last shard is listed.
    pub(super) fn is_listed(&self) -> bool {
        self.seal == Seal::Listed
    }

    /// Lists all shards, of which the last has a number of rows. It is sealed even if this fails, as the list may
    /// be replaced, and not yet on the device.
    pub(super) fn list(&mut self, rows: u64, is_synced: bool) -> Result<()> {
        self.seal = Seal::Sealed;
        self.sealed.push(rows);
        let info = info_of(&self.header, &self.sealed);
        self.sealed.pop();
        self.folder.list(&info, is_synced)?;
        self.seal = Seal::Listed;
        Ok(())
    }

    /// Takes the last shard off the list, so that it takes rows.
    pub(super) fn unlist(&mut self) -> Result<()> {
        let info = info_of(&self.header, &self.sealed);
        self.folder.list(&info, true)?;
        self.seal = Seal::Open;
        Ok(())
    }

    /// Writes the list that is there once more, and waits until it is on the device. It lists the last shard, which
    /// has a number of rows, if that shard is sealed.
    pub(super) fn list_again(&mut self, rows: u64) -> Result<()> {
        match self.is_sealed() {
            true => self.list(rows, true),
            false => self.unlist(),
        }
    }

    /// Notes that a shard follows the last one, which has a number of rows.
    pub(super) fn note_started(&mut self, rows: u64) {
        self.sealed.push(rows);
        self.sealed_rows = self.sealed_rows.saturating_add(rows);
        self.seal = Seal::Open;
        self.restart_clock();
    }

    /// Starts the time of the last shard anew.
    pub(super) fn restart_clock(&mut self) {
        if let Some(clock) = &mut self.clock {
            clock.period = clock.now();
        }
    }

    /// Returns true if the time decides when a shard starts.
    pub(super) fn has_clock(&self) -> bool {
        self.clock.is_some()
    }

    /// Returns true if the time of the last shard is over.
    pub(super) fn is_over(&self) -> bool {
        let clock = self.clock.as_ref();
        clock.is_some_and(|clock| clock.now() > clock.period)
    }
}

impl ShardClock {
    fn now(&self) -> u128 {
        period(SystemTime::now(), self.interval)
    }
}

/// Returns the number of whole intervals between 1970 and a time.
fn period(time: SystemTime, interval: Duration) -> u128 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos() / interval.as_nanos().max(1))
}
