use std::{
    mem,
    path::{Path, PathBuf},
};

use super::{
    followed_file::FollowedFile,
    options::ReadOptions,
    shard_scan::{first_header, scan},
};
use crate::{
    error::{Error, Result},
    header::Header,
    record::Element,
    repair::{check_alike, sealed_rows},
    shards::{shard_path, sum_of},
};

/// A directory of shards that is followed, one shard after another.
pub(super) struct FollowedShards {
    dir: PathBuf,
    options: ReadOptions,
    /// The header of the first shard, with 0 rows.
    first: Header,
    /// The number of the shard that is followed.
    number: usize,
    /// The row after each shard that was followed to its end.
    ends: Vec<u64>,
    /// The next row, if it is in a shard that is not open yet.
    target: Option<u64>,
}

impl FollowedShards {
    /// Opens the first shard of a directory.
    pub(super) fn open<E: Element>(
        dir: &Path,
        options: ReadOptions,
    ) -> Result<(Self, FollowedFile<E>)> {
        let first = first_header(dir, options)?;
        let path = shard_path(dir, 0);
        let file = FollowedFile::open(&path, options).map_err(|e| e.at_path(&path))?;
        let shards = FollowedShards {
            dir: dir.to_owned(),
            options,
            first,
            number: 0,
            ends: Vec::new(),
            target: None,
        };
        Ok((shards, file))
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns the first row of the shard that is followed.
    fn start(&self) -> u64 {
        self.start_of(self.number)
    }

    fn start_of(&self, number: usize) -> u64 {
        let before = number
            .checked_sub(1)
            .and_then(|before| self.ends.get(before));
        before.copied().unwrap_or_default()
    }

    /// Returns the next row of the whole array.
    pub(super) fn next_row<E: Element>(&self, file: &FollowedFile<E>) -> u64 {
        self.target.unwrap_or(self.start().saturating_add(file.row))
    }

    /// Sets the next row of the whole array. Its shard is opened by the next look.
    pub(super) fn skip_to(&mut self, row: u64) {
        self.target = Some(row);
    }

    /// Goes to the first row of a shard. Fields that were selected stay selected.
    fn go_to<E: Element>(&mut self, number: usize, file: &mut FollowedFile<E>) -> Result<()> {
        let path = shard_path(&self.dir, number as u64);
        let open = || {
            let next = FollowedFile::open(&path, self.options)?;
            check_alike(&next.header()?, &self.first)?;
            Ok(next)
        };
        let mut next = open().map_err(|e: Error| e.at_path(&path))?;
        mem::swap(&mut next.decoder, &mut file.decoder);
        *file = next;
        self.number = number;
        Ok(())
    }

    /// Updates the number of committed rows, and goes on with the next shard where a sealed one was read.
    /// Returns true if another shard is followed now.
    pub(super) fn look<E: Element>(&mut self, file: &mut FollowedFile<E>) -> Result<bool> {
        let mut is_other = self.go_to_target(file)?;
        loop {
            let next = self.number + 1;
            // Checked first: a shard is sealed before the next one is started.
            let is_sealed = shard_path(&self.dir, next as u64).exists();
            let looked = file.look();
            looked.map_err(|e| e.at_path(&file.path))?;
            if !is_sealed || file.row < file.committed {
                return Ok(is_other);
            }
            let excess = file.row - file.committed;
            if self.ends.len() == self.number {
                // A shard that is damaged must not pass for a shorter one.
                if sealed_rows(&self.dir, self.number as u64, &self.first)? != file.committed {
                    return Ok(is_other);
                }
                self.ends.push(self.start().saturating_add(file.committed));
            }
            self.go_to(next, file)?;
            (file.row, is_other) = (excess, true);
        }
    }

    fn go_to_target<E: Element>(&mut self, file: &mut FollowedFile<E>) -> Result<bool> {
        let Some(row) = self.target else {
            return Ok(false);
        };
        let number = self.ends.partition_point(|end| *end <= row);
        let is_other = number != self.number;
        if is_other {
            self.go_to(number, file)?;
        }
        file.row = row.saturating_sub(self.start());
        self.target = None;
        Ok(is_other)
    }

    /// Returns the number of committed rows of all shards.
    pub(super) fn committed_rows(&self) -> Result<u64> {
        let starts =
            (1..=self.number).map(|number| self.start_of(number) - self.start_of(number - 1));
        let mut rows: Vec<u64> = starts.collect();
        scan(&self.dir, &self.first, self.options, &mut rows)?;
        Ok(sum_of(&rows))
    }
}
