use std::{path::Path, time::Instant};

use super::{Rows, buffer::Buffer};
use crate::{
    append::{
        durability::Durability,
        open_file::open_file,
        opened_file::OpenedFile,
        settings::{Mode, Settings},
        target::{FileElements, Target},
    },
    error::{Error, Result},
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
        let (storage, is_new) = open_file(path, mode, target, &settings)?;
        let (storage, opened) = OpenedFile::with_room(storage, path, target, &settings)?;
        let storage: Box<dyn Storage> = match settings.mapped {
            #[cfg(feature = "mmap")]
            true => Box::new(crate::storage::MappedStorage::new(storage)),
            _ => Box::new(storage),
        };
        let mut rows = Rows::of(storage, path, target, opened, settings)?;
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
        opened: OpenedFile,
        settings: Settings,
    ) -> Result<Self> {
        let OpenedFile {
            header,
            rows,
            recovery,
            elements:
                FileElements {
                    plan,
                    itemsize,
                    shape,
                },
        } = opened;
        let data_start = header.bytes().len() as u64;
        let stride = itemsize.max(1);
        // An array has 2^63 - 1 bytes at the most, and as many rows.
        let max_bytes = i64::MAX.unsigned_abs() - data_start;
        let max_in_file = max_bytes
            .checked_div(itemsize as u64)
            .unwrap_or(i64::MAX.unsigned_abs());
        let row_len = shape.row_len().max(1);
        let max_in_header = header.max_rows().saturating_mul(row_len);
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
            written: rows.saturating_mul(row_len),
            shape,
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
