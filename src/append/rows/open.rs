use std::{path::Path, time::Instant};

use super::{Rows, buffer::Buffer};
use crate::{
    append::{
        durability::Durability,
        existing::{Existing, make_room},
        open_file::open_file,
        settings::{Mode, Settings},
        target::{Fit, Target},
    },
    error::{Error, ErrorKind, Result},
    storage::{Storage, zeroed},
};

/// The least that is worth to be aligned.
const PAGE: usize = 4096;

/// The largest buffer, in bytes.
const MAX_CAPACITY: usize = 1 << 30;

impl Rows {
    /// Opens a file, and starts it if it is empty.
    pub(in crate::append) fn open(
        path: &Path,
        mode: Mode,
        target: &Target,
        settings: Settings,
    ) -> Result<Self> {
        let (mut storage, is_new) = open_file(path, mode, target, &settings)?;
        let mut recovery = None;
        if settings.make_appendable {
            (storage, recovery) = make_room(storage, path, target, &settings)?;
        }
        let existing = existing(&storage, path, target, &settings)?;
        let storage: Box<dyn Storage> = match settings.mapped {
            #[cfg(feature = "mmap")]
            true => Box::new(crate::storage::MappedStorage::new(storage)),
            _ => Box::new(storage),
        };
        let mut rows = Rows::of(storage, path, target, existing, settings)?;
        rows.recovery = rows.recovery.or(recovery);
        rows.is_name_synced = !is_new;
        if settings.durability == Durability::Synced {
            rows.sync_name()?;
        }
        Ok(rows)
    }

    /// The rows of a file in which header and data agree.
    pub(super) fn of(
        storage: Box<dyn Storage>,
        path: &Path,
        target: &Target,
        existing: Existing,
        settings: Settings,
    ) -> Result<Self> {
        let Existing {
            header,
            rows,
            recovery,
            fit:
                Fit {
                    plan,
                    itemsize,
                    row,
                },
        } = existing;
        let data_start = header.bytes().len() as u64;
        let stride = itemsize.max(1);
        // An array has 2^63 - 1 bytes at the most, and as many rows.
        let max_bytes = i64::MAX.unsigned_abs() - data_start;
        let max_in_file = max_bytes
            .checked_div(itemsize as u64)
            .unwrap_or(i64::MAX.unsigned_abs());
        let max_in_header = header.max_rows().saturating_mul(row.len);
        let wanted = settings.buffer_capacity.min(MAX_CAPACITY);
        let capacity = (wanted / stride).max(1) * stride;
        let alignment = match (wanted.checked_ilog2(), itemsize) {
            (Some(log), 1..) if wanted >= PAGE => Some(1 << log),
            _ => None,
        };
        let buffer = Buffer::new(wanted.max(capacity), stride);
        let buffer = buffer.map_err(|e| Error::io("take memory for a buffer", e.into()))?;
        let mut rows = Rows {
            storage,
            path: path.to_owned(),
            absolute_path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
            max_elements: max_in_header.min(max_in_file),
            header,
            data_start,
            itemsize,
            written: rows.saturating_mul(row.len),
            row,
            committed: rows,
            settings,
            last_commit: Instant::now(),
            unconverted: zeroed(plan.as_ref().map_or(0, |_| target.element().itemsize()))?,
            plan,
            recovery,
            is_name_synced: true,
            is_sync_lost: false,
            halt: None,
            failing: None,
            holds_commits: false,
            is_closed: false,
            buffer,
            stride,
            capacity,
            alignment,
            partial: 0,
            has_tail: false,
        };
        rows.restart(0..0, &[]);
        Ok(rows)
    }
}

/// What is in a file, which is started if it is empty.
pub(super) fn existing(
    storage: &dyn Storage,
    path: &Path,
    target: &Target,
    settings: &Settings,
) -> Result<Existing> {
    match Existing::read(storage, path, target, settings)? {
        Some(existing) => Ok(existing),
        None => start(storage, target, settings),
    }
}

/// Starts an empty file.
fn start(storage: &dyn Storage, target: &Target, settings: &Settings) -> Result<Existing> {
    let header = target.new_header()?;
    let header = header.ok_or_else(|| Error::new(ErrorKind::NoRows))?;
    let new = Existing::none(&header, target, settings)?;
    storage.write_all_at(new.header.bytes(), 0).map_err(|e| {
        // Half a header would be of no use to anybody.
        let _ = storage.set_len(0);
        Error::io("write the header", e)
    })?;
    if settings.durability == Durability::Synced {
        let synced = storage.sync_all();
        synced.map_err(|e| Error::io("sync the header", e))?;
    }
    Ok(new)
}
