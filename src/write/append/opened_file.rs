use std::path::Path;

use super::{
    durability::Durability,
    options::AppendOptions,
    target::{FileElements, Target},
};
use crate::{
    error::{Cause, Error, Result},
    header::GrowingHeader,
    repair::{Continuation, Inspection, Policy, RepairPlan, Report, header_as_closed, mend},
    storage::{FileStorage, Storage},
};

/// A file in which header and data agree, before anything is appended.
pub(super) struct OpenedFile {
    pub(super) header: GrowingHeader,
    /// The rows in the file, all of which the header counts.
    pub(super) rows: u64,
    /// The report of the file as it was found, if header and data did not agree.
    pub(super) recovery: Option<Report>,
    pub(super) elements: FileElements,
}

impl OpenedFile {
    /// Opens a file after giving its header room, if that was asked for. A file that is written anew for that
    /// is returned in the place of the old one.
    pub(super) fn with_room(
        mut storage: FileStorage,
        path: &Path,
        target: &Target,
        settings: &AppendOptions,
    ) -> Result<(FileStorage, Self)> {
        let mut report = None;
        if settings.make_appendable
            && let Some(found) = Inspection::of_started(&storage, target.new_header())?
        {
            target.file_elements(&found.header.with_order(target.order_of(&found)), settings)?;
            let rows = found.rows_to_continue(policy(settings))?;
            if found.has_room() {
                let opened = OpenedFile::mended(&storage, path, found, target, settings)?;
                return Ok((storage, opened));
            }
            let plan = RepairPlan::replace(&found, rows);
            storage = plan.carry_out(path, storage, &found, settings.lock)?;
            report = (!found.is_sound()).then(|| Report::new(path, found, Some(rows)));
        }
        let mut opened = OpenedFile::open(&storage, path, target, settings)?;
        opened.recovery = opened.recovery.or(report);
        Ok((storage, opened))
    }

    /// Opens a file, which is started if it is empty.
    pub(super) fn open(
        storage: &dyn Storage,
        path: &Path,
        target: &Target,
        settings: &AppendOptions,
    ) -> Result<Self> {
        if let Some(new) = target.new_header()
            && let Some((header, rows)) = header_as_closed(storage, new)?
        {
            return Ok(OpenedFile {
                header,
                rows,
                recovery: None,
                elements: target.file_elements(new, settings)?,
            });
        }
        match Inspection::of_started(storage, target.new_header())? {
            Some(found) => OpenedFile::mended(storage, path, found, target, settings),
            None => OpenedFile::start(storage, target, settings),
        }
    }

    /// Opens a file that was inspected, and makes header and data agree.
    fn mended(
        storage: &dyn Storage,
        path: &Path,
        mut found: Inspection,
        target: &Target,
        settings: &AppendOptions,
    ) -> Result<Self> {
        let order = target.order_of(&found);
        let elements = target.file_elements(&found.header.with_order(order), settings)?;
        let plan = Continuation::new(&mut found, order, policy(settings))?;
        mend(storage, &plan.steps)?;
        let rows = plan.rows;
        Ok(OpenedFile {
            header: plan.header,
            rows,
            recovery: (!found.is_sound()).then(|| Report::new(path, found, Some(rows))),
            elements,
        })
    }

    /// Starts an empty file.
    fn start(storage: &dyn Storage, target: &Target, settings: &AppendOptions) -> Result<Self> {
        let new = target.new_header();
        let new = new.and_then(|new| Some((new, GrowingHeader::new(new)?)));
        let (new, header) = new.ok_or_else(|| Error::new(Cause::NoRows))?;
        let elements = target.file_elements(new, settings)?;
        storage.write_all_at(header.bytes(), 0).map_err(|e| {
            // Half a header would be of no use to anybody.
            let _ = storage.set_len(0);
            Error::io("write the header", e)
        })?;
        if settings.durability == Durability::Synced {
            let synced = storage.sync_all();
            synced.map_err(|e| Error::io("sync the header", e))?;
        }
        Ok(OpenedFile {
            header,
            rows: 0,
            recovery: None,
            elements,
        })
    }
}

/// Returns the settings that decide what happens to a file that exists.
fn policy(settings: &AppendOptions) -> Policy {
    Policy {
        recovery: settings.recovery,
        is_durable: settings.durability == Durability::Synced,
        accepts_little_room: settings.accept_little_room,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dtype::DType, header::Order, storage::Disk};

    /// Returns the bytes and rows of an opened file, the next write to its header, and the size of an element.
    fn state(mut opened: OpenedFile) -> (Vec<u8>, u64, Vec<u8>, usize) {
        assert!(opened.recovery.is_none() && opened.elements.plan.is_none());
        let file = opened.header.bytes().to_vec();
        let rewrite = opened.header.set_rows(opened.rows + 1).unwrap();
        let writes = opened.header.writes(&rewrite);
        let changed = writes.flat_map(|(at, bytes)| [&[u8::try_from(at).unwrap()], bytes].concat());
        (
            file,
            opened.rows,
            changed.collect(),
            opened.elements.itemsize,
        )
    }

    /// Returns true if a file opens without its header being parsed. If so, checks that parsing it tells the
    /// same.
    fn opens_as_closed(file: &[u8], target: &Target, durability: Durability) -> bool {
        let disk = Disk::new(file.to_vec());
        let settings = AppendOptions {
            durability,
            ..AppendOptions::default()
        };
        let is_closed = header_as_closed(&disk, target.new_header().unwrap()).unwrap();
        if is_closed.is_some() {
            let (path, inspection) = (Path::new("rows.npy"), Inspection::of(&disk).unwrap());
            let opened = OpenedFile::open(&disk, path, target, &settings).unwrap();
            let mended = OpenedFile::mended(&disk, path, inspection, target, &settings);
            assert_eq!(state(opened), state(mended.unwrap()));
        }
        assert_eq!(disk.bytes(), file);
        is_closed.is_some()
    }

    #[test]
    fn a_file_that_an_appender_closed_opens_as_any_file_does() {
        let structs = [
            "[('é', '<f8'), ('b', '?')]",
            "[('日', '<i2')]",
            "[('a', '|V0')]",
        ];
        let arrays = [(Order::C, "<f8", 8), (Order::Fortran, "<u2", 2)];
        let rows = structs.map(|dtype| {
            let dtype: DType = dtype.parse().unwrap();
            (Target::rows(&dtype).unwrap(), dtype.itemsize())
        });
        let arrays = arrays.map(|(order, dtype, size)| {
            let target = Target::array(dtype.parse().unwrap(), Some(&[2, 3]), Some(order));
            (target.unwrap(), 6 * size)
        });
        for (target, row_size) in rows.into_iter().chain(arrays) {
            for durability in [Durability::Cached, Durability::Synced] {
                let is_closed = |file: &[u8]| opens_as_closed(file, &target, durability);
                let new = target.new_header().unwrap();
                for rows in [0, 1, 9, 10, 123] {
                    let header = new.with_rows(rows as u64).to_bytes();
                    let data = vec![1; rows * row_size];
                    let file = [&header[..], &data].concat();
                    assert!(is_closed(&file));
                    assert!(!is_closed(&[&file[..], b"\x01"].concat()));
                    assert!(!is_closed(&file[..file.len() - 1]));
                    let other = [&header[..header.len() - 1], b" \n", &data].concat();
                    assert!(!is_closed(&other));
                }
                assert!(!is_closed(b""));
            }
        }
    }

    #[test]
    fn a_count_of_more_rows_than_an_array_can_have_is_not_compared() {
        let target = Target::array("<f8".parse().unwrap(), Some(&[0]), Some(Order::C)).unwrap();
        let new = target.new_header().unwrap();
        let most = i64::MAX.unsigned_abs();
        for (rows, is_there) in [
            (5, true),
            (most, true),
            (most + 1, false),
            (u64::MAX, false),
        ] {
            let file = new.with_rows(rows).to_bytes();
            let disk = Disk::new(file);
            let closed = header_as_closed(&disk, new).unwrap();
            assert_eq!(closed.is_some(), is_there);
        }
    }
}
