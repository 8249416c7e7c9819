use std::path::Path;

use super::options::ReadOptions;
use crate::{
    error::{Cause, Error, Result},
    header::Header,
    repair::{check_alike, check_listed, check_order, sealed_rows},
    shards::{Info, count_shards, missing_shard, shard_path},
    storage::{FileStorage, is_io, read_header_with_limit},
};

/// The most attempts to list a directory in which an appender starts shards.
const MOST_TIMES: usize = 100;

/// Returns the header of the first shard of a directory, with 0 rows.
pub(super) fn first_header(dir: &Path, options: ReadOptions) -> Result<Header> {
    let header = header_of(dir, 0, options).map_err(|error| {
        match is_io(&error, std::io::ErrorKind::NotFound) {
            true => missing_shard(dir, 0),
            false => error,
        }
    })?;
    let checked = match header.rows() {
        None => Err(Error::new(Cause::NoRows)),
        Some(_) => check_order(&header),
    };
    checked.map_err(|e| e.at_path(&shard_path(dir, 0)))?;
    Ok(header.with_rows(0))
}

/// Reads the header of a shard.
fn header_of(dir: &Path, number: u64, options: ReadOptions) -> Result<Header> {
    let path = shard_path(dir, number);
    let read = || {
        let storage = FileStorage::open(std::fs::File::options().read(true), &path)?;
        let (header, _) = read_header_with_limit(&storage, 0, options.max_header_size);
        Ok(header?)
    };
    read().map_err(|e: Error| e.at_path(&path))
}

/// Adds the rows of the shards after `rows` to it. All shards must be as `first`.
///
/// An appender may seal shards meanwhile, and takes the last one off the list when it opens the directory. What
/// does not agree is looked at again until the list is the same twice.
pub(super) fn scan(
    dir: &Path,
    first: &Header,
    options: ReadOptions,
    rows: &mut Vec<u64>,
) -> Result<()> {
    let known = rows.len();
    let mut times = 0;
    loop {
        // In this order: a shard is in the list before the next one is in the directory.
        let count = count_shards(dir)?;
        let info = Info::read(dir, count, first)?;
        let scanned = scan_once(dir, first, options, count, info.as_ref(), rows);
        let Err(error) = scanned else {
            return Ok(());
        };
        times += 1;
        let again = || Info::read(dir, count, first);
        if times == MOST_TIMES || again().is_ok_and(|again| again == info) {
            return Err(error);
        }
        rows.truncate(known);
    }
}

fn scan_once(
    dir: &Path,
    first: &Header,
    options: ReadOptions,
    count: u64,
    info: Option<&Info>,
    rows: &mut Vec<u64>,
) -> Result<()> {
    // Without a list, all shards but the last are sealed.
    let listed = info.map_or(count.saturating_sub(1), |info| info.rows.len() as u64);
    let known = rows.len() as u64;
    if count > listed + 1 || count > listed && known > listed {
        let (number, found) = (listed, 0);
        let error = Error::new(Cause::Listed {
            listed: None,
            found,
        });
        return Err(error.at_path(&shard_path(dir, number)));
    }
    if count == 0 && listed == 0 || known > listed {
        return Err(missing_shard(dir, count));
    }
    for number in known..listed {
        let found = sealed_rows(dir, number, first)?;
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        let listed = info.and_then(|info| info.rows.get(index)).copied();
        check_listed(dir, number, listed, found)?;
        rows.push(found);
    }
    match header_of(dir, listed, options) {
        Ok(header) => {
            let alike = check_alike(&header, first);
            alike.map_err(|e| e.at_path(&shard_path(dir, listed)))?;
            rows.extend(header.rows());
            Ok(())
        }
        Err(error) if is_io(&error, std::io::ErrorKind::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}
