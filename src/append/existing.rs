use std::path::Path;

use super::{
    durability::Durability,
    settings::Settings,
    target::{Fit, Target},
};
use crate::{
    error::{Error, ErrorKind, Result},
    header::{GrowingHeader, Header, HeaderError, Order, Reorder},
    recover::{Found, Recovery, Report, replace_with_rows, widen},
    storage::{FileStorage, Storage},
};

/// Rows for which a header is to have room, unless less is accepted.
const MANY_ROWS: u64 = 1_000_000_000;

const NO_ROOM: &str = "`AppendOptions::make_appendable` does so when the file is opened";
const LITTLE_ROOM: &str = "`AppendOptions::make_appendable` does so when the file is opened, and \
                           `AppendOptions::accept_little_room` appends as many as fit";

/// What is in a file before anything is appended.
pub(super) struct Existing {
    pub(super) header: GrowingHeader,
    /// The rows in the file, all of which the header counts.
    pub(super) rows: u64,
    /// What was found, if header and data did not agree.
    pub(super) recovery: Option<Report>,
    pub(super) fit: Fit,
}

impl Existing {
    /// A file that is to be started with `header`, which counts no rows.
    pub(super) fn none(header: &Header, target: &Target, settings: &Settings) -> Result<Self> {
        let growing = GrowingHeader::new(header);
        Ok(Existing {
            header: growing.ok_or_else(|| Error::new(ErrorKind::NoRows))?,
            rows: 0,
            recovery: None,
            fit: target.fit(header, settings)?,
        })
    }

    /// What a file holds, once header and data agree; `None` if it is not started.
    pub(super) fn read(
        storage: &dyn Storage,
        path: &Path,
        target: &Target,
        settings: &Settings,
    ) -> Result<Option<Self>> {
        match Existing::expected(storage, target, settings)? {
            None => Existing::any(storage, path, target, settings),
            expected => Ok(expected),
        }
    }

    /// What a file holds that is as an appender left it: a header that differs from that of a new file in
    /// the number of rows alone, and just these. It is told without taking the header's text apart.
    fn expected(
        storage: &dyn Storage,
        target: &Target,
        settings: &Settings,
    ) -> Result<Option<Self>> {
        let Some(new) = target.new_header()? else {
            return Ok(None);
        };
        let Some(mut header) = GrowingHeader::new(&new) else {
            return Ok(None);
        };
        let mut start = vec![0; header.bytes().len()];
        let read = storage.read_all_at(&mut start, 0);
        let start = start.get(..read.map_err(HeaderError::io)?);
        let Some(rows) = start.and_then(|start| header.rows_in(start)) else {
            return Ok(None);
        };
        let len = storage.len();
        let len = len.map_err(|e| Error::io("read the file's length", e))?;
        let data = new.row_size().saturating_mul(rows);
        if data.saturating_add(header.bytes().len() as u64) != len {
            return Ok(None);
        }
        // What is to be rewritten is there already.
        let Some(_) = header.set_rows(rows) else {
            return Ok(None);
        };
        Ok(Some(Existing {
            header,
            rows,
            recovery: None,
            fit: target.fit(&new, settings)?,
        }))
    }

    /// The same of any file.
    fn any(
        storage: &dyn Storage,
        path: &Path,
        target: &Target,
        settings: &Settings,
    ) -> Result<Option<Self>> {
        let Some(mut found) = examine(storage, target)? else {
            return Ok(None);
        };
        let order_before = found.header.order();
        found.set_order(order_of(&found, target));
        let fit = target.fit(&found.header, settings)?;
        let is_durable = settings.durability == Durability::Synced;
        let recovery = recovery(&mut found, settings)?;
        found.check(recovery)?;
        let rows = found.rows_after(recovery);
        let mut header = match found.growing() {
            Err(_) if found.is_damaged() => return Err(found.needs_recovery()),
            header => header?,
        };
        // NumPy's text cannot take the place of another in several sectors at once.
        let reorder = (found.header.order() != order_before && found.counted.is_some())
            .then(|| header.reorder(&found.header, found.bytes()));
        let is_renewable = found.is_renewable(&header)
            || !is_durable
            || reorder.as_ref().is_some_and(|reorder| reorder.is_safe);
        let max_rows = if is_renewable {
            header.max_rows()
        } else {
            rows
        };
        if rows >= max_rows && found.is_damaged() {
            return Err(found.needs_recovery());
        }
        let wanted = match settings.accept_little_room {
            true => rows.saturating_add(1),
            // No more than make a file as long as can be.
            false => MANY_ROWS.min(i64::MAX.unsigned_abs() / found.header.row_size().max(1)),
        };
        if max_rows < wanted || max_rows <= rows {
            let error = Error::new(ErrorKind::NoGrowthRoom { max_rows });
            return Err(error.with_end(match rows < max_rows {
                true => LITTLE_ROOM,
                false => NO_ROOM,
            }));
        }
        if let Some(reorder) = reorder {
            write_order(storage, &reorder, is_durable)?;
        }
        let mut report = None;
        if !found.is_sound() {
            report = Some(Report::new(path, &found).recovered(rows));
            found.mend(storage, recovery, Some(&mut header), is_durable)?;
        }
        Ok(Some(Existing {
            header,
            rows,
            recovery: report,
            fit,
        }))
    }
}

/// Returns the order in which the array of a file is continued.
fn order_of(found: &Found, target: &Target) -> Order {
    let order = found.header.order();
    // Without a legible number of rows, only an array of one axis is known to be in both orders.
    if found.counted.is_none() && found.header.shape().len() > 1 {
        return order;
    }
    let other = target.order_of(&found.header);
    // Data after rows of no bytes would belong to no row.
    let has_bytes = |order| found.header.with_order(order).row_size() > 0;
    match has_bytes(order) && !has_bytes(other) && found.rows() > 0 {
        true => order,
        false => other,
    }
}

/// Changes the order key, at a time when both orders are the same.
fn write_order(storage: &dyn Storage, reorder: &Reorder, is_durable: bool) -> Result<()> {
    for write in &reorder.writes {
        let at = write.at as u64;
        let written = storage.write_all_at(&write.new, at);
        if written.is_err() {
            // A part of it may have been written.
            let _ = storage.write_all_at(&write.old, at);
        }
        let written = written.and_then(|()| match is_durable {
            true => storage.sync_data(),
            false => Ok(()),
        });
        written.map_err(|e| Error::io("write the order to the header", e))?;
    }
    Ok(())
}

/// Gives the header of a file room, if it has too little, and makes header and data agree if the file is
/// written anew for that; what was found then.
pub(super) fn make_room(
    storage: FileStorage,
    path: &Path,
    target: &Target,
    settings: &Settings,
) -> Result<(FileStorage, Option<Report>)> {
    let Some(mut found) = examine(&storage, target)? else {
        return Ok((storage, None));
    };
    target.fit(&found.header.with_order(order_of(&found, target)), settings)?;
    let recovery = recovery(&mut found, settings)?;
    found.check(recovery)?;
    if found.has_room() {
        return Ok((storage, None));
    }
    if found.is_sound() {
        return Ok((widen(path, storage, &mut found, settings.lock)?, None));
    }
    let rows = found.rows_after(recovery);
    let report = Report::new(path, &found).recovered(rows);
    let storage = replace_with_rows(path, storage, &found, rows, settings.lock)?;
    Ok((storage, Some(report)))
}

/// What is to be done if header and data do not agree: what was asked, or what the durability implies.
/// That rows are missing is not passed over unless it was asked.
fn recovery(found: &mut Found, settings: &Settings) -> Result<Recovery> {
    found.check_mendable()?;
    if let Some(recovery) = settings.recovery {
        return Ok(recovery);
    }
    if let Some(error) = found.take_too_many() {
        return Err(error.into());
    }
    let (expected, found) = (found.counted.unwrap_or_default(), found.rows());
    if found < expected {
        let error = Error::new(ErrorKind::Truncated { expected, found });
        return Err(error.recoverable(true));
    }
    Ok(match settings.durability {
        Durability::Cached => Recovery::Adopt,
        Durability::Synced => Recovery::Discard,
    })
}

/// What is in a file; `None` if it is to be started.
fn examine(storage: &dyn Storage, target: &Target) -> Result<Option<Found>> {
    match Found::examine(storage) {
        Err(error) if matches!(error.kind(), ErrorKind::Header(_)) => {
            match is_unstarted(storage, target)? {
                true => Ok(None),
                false => Err(error),
            }
        }
        found => found.map(Some),
    }
}

/// Whether a file is empty, or holds no more of a new header than a power cut may leave of its writing.
fn is_unstarted(storage: &dyn Storage, target: &Target) -> Result<bool> {
    let Some(new) = target.new_header()? else {
        return Ok(false);
    };
    let new = new.to_bytes();
    let mut start = vec![0; new.len() + 1];
    let len = storage.read_all_at(&mut start, 0);
    let len = len.map_err(|e| Error::io("read the file", e))?;
    let start = start.get(..len).unwrap_or_default();
    let is_part = start
        .iter()
        .zip(&new)
        .all(|(byte, new)| *byte == 0 || byte == new);
    Ok(len <= new.len() && is_part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dtype::DType, storage::Disk};

    /// What is told of a file in one way.
    fn told(existing: Result<Option<Existing>>) -> Option<(Vec<u8>, u64, Vec<u8>, usize)> {
        let mut existing = existing.unwrap()?;
        assert!(existing.recovery.is_none() && existing.fit.plan.is_none());
        let file = existing.header.bytes().to_vec();
        let rewrite = existing.header.set_rows(existing.rows + 1).unwrap();
        let writes = existing.header.writes(&rewrite);
        let changed = writes.flat_map(|(at, bytes)| [&[u8::try_from(at).unwrap()], bytes].concat());
        let changed = changed.collect();
        Some((file, existing.rows, changed, existing.fit.itemsize))
    }

    /// Whether a file is as an appender left it, of which the same is told as of any.
    fn is_expected(file: &[u8], target: &Target, durability: Durability) -> bool {
        let disk = Disk::new(file.to_vec());
        let settings = Settings {
            durability,
            ..Settings::default()
        };
        let expected = told(Existing::expected(&disk, target, &settings));
        if expected.is_some() {
            let any = Existing::any(&disk, Path::new("rows.npy"), target, &settings);
            assert_eq!(expected, told(any));
        }
        assert_eq!(disk.bytes(), file);
        expected.is_some()
    }

    #[test]
    fn of_a_file_as_an_appender_left_it_the_same_is_told_as_of_any() {
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
                let is_expected = |file: &[u8]| is_expected(file, &target, durability);
                let new = target.new_header().unwrap().unwrap();
                for rows in [0, 1, 9, 10, 123] {
                    let header = new.with_rows(rows as u64).to_bytes();
                    let data = vec![1; rows * row_size];
                    let file = [&header[..], &data].concat();
                    assert!(is_expected(&file));
                    assert!(!is_expected(&[&file[..], b"\x01"].concat()));
                    assert!(!is_expected(&file[..file.len() - 1]));
                    let other = [&header[..header.len() - 1], b" \n", &data].concat();
                    assert!(!is_expected(&other));
                }
                assert!(!is_expected(b""));
            }
        }
    }

    #[test]
    fn a_file_is_not_expected_to_hold_more_rows_than_there_can_be() {
        let target = Target::array("<f8".parse().unwrap(), Some(&[0]), Some(Order::C)).unwrap();
        let new = target.new_header().unwrap().unwrap();
        let most = i64::MAX.unsigned_abs();
        for (rows, is_there) in [
            (5, true),
            (most, true),
            (most + 1, false),
            (u64::MAX, false),
        ] {
            let file = new.with_rows(rows).to_bytes();
            let disk = Disk::new(file);
            let expected = Existing::expected(&disk, &target, &Settings::default());
            assert_eq!(expected.unwrap().is_some(), is_there);
        }
    }
}
