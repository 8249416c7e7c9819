use std::{fs::File, path::Path};

use super::{
    inspection::Inspection,
    report::{Directory, List, Report},
    shard::{check_alike, sealed_rows},
};
use crate::{
    error::{Cause, Error, Result},
    header::Header,
    shards::{Info, count_shards, info_of, missing_shard, shard_path, sum_of},
    storage::FileStorage,
};

/// Inspects the shards of a directory, and the list of them.
pub(super) fn check_directory(dir: &Path) -> Result<Report> {
    let count = count_shards(dir)?;
    let mut all = Directory {
        shards: count,
        header_rows: Some(0),
        numpy_loads: true,
        ..Directory::default()
    };
    let mut first: Option<Header> = None;
    let mut last = None;
    let mut counted = Vec::new();
    for number in 0..count {
        let path = shard_path(dir, number);
        let inspect = || {
            let storage = FileStorage::open(File::options().read(true), &path)?;
            let inspection = Inspection::of(&storage)?;
            let header = &inspection.header;
            check_alike(header, first.as_ref().unwrap_or(header))?;
            Ok(inspection)
        };
        let inspection = inspect().map_err(|e: Error| e.at_path(&path))?;
        counted.push(inspection.counted.unwrap_or_default());
        first.get_or_insert_with(|| inspection.header.with_rows(0));
        let report = Report::new(&path, inspection, None);
        all.add(&report);
        if !report.is_sound() {
            all.unsound.push(report.clone());
        }
        last = Some(report.inspection);
    }
    let (Some(first), Some(last)) = (first, last) else {
        return Err(missing_shard(dir, 0));
    };
    all.list = list_state(dir, &first, &counted)?;
    all.shape = first.with_rows(all.rows).shape().to_vec();
    Ok(Report::of_directory(dir, last, all))
}

impl Directory {
    fn add(&mut self, shard: &Report) {
        self.rows = self.rows.saturating_add(shard.rows());
        self.header_rows = self
            .header_rows
            .zip(shard.header_rows())
            .map(|(sum, rows)| sum.saturating_add(rows));
        self.torn_bytes = self.torn_bytes.saturating_add(shard.torn_bytes());
        self.preallocated = self.preallocated.saturating_add(shard.preallocated_bytes());
        self.numpy_loads &= shard.numpy_loads();
    }
}

/// Compares the list of shards with their headers.
fn list_state(dir: &Path, header: &Header, counted: &[u64]) -> Result<List> {
    let before_last = counted.split_last().map_or(&[][..], |(_, before)| before);
    match Info::read(dir, counted.len() as u64, header) {
        Ok(None) => Ok(List::Missing),
        Ok(Some(info)) if !info.has_dtype_of(header) => Ok(List::Wrong),
        Ok(Some(info)) if info.rows == counted || info.rows == before_last => Ok(List::True),
        Ok(Some(_)) => Ok(List::Wrong),
        Err(error) if matches!(error.cause(), Cause::Info(_)) => Ok(List::Wrong),
        Err(error) => Err(error),
    }
}

/// Lists all shards, which must be sound. Returns the number of their rows.
pub(super) fn list_all(dir: &Path) -> Result<u64> {
    let path = shard_path(dir, 0);
    let storage = FileStorage::open(File::options().read(true), &path);
    let first = storage.and_then(|storage| Inspection::of(&storage));
    let header = first.map_err(|e| e.at_path(&path))?.header.with_rows(0);
    let rows = (0..count_shards(dir)?).map(|number| sealed_rows(dir, number, &header));
    let rows: Vec<u64> = rows.collect::<Result<_>>()?;
    let bytes = info_of(&header, &rows);
    let is_listed = matches!(
        Info::read(dir, rows.len() as u64, &header),
        Ok(Some(info)) if info.bytes == bytes
    );
    if !is_listed {
        Info::replace(dir, &bytes, true)?;
    }
    Ok(sum_of(&rows))
}
