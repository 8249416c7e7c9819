use std::path::Path;

use super::{
    durability::Durability,
    settings::Settings,
    target::{Fit, Target},
};
use crate::{
    error::{Error, ErrorKind, Result},
    header::{GrowingHeader, Header, HeaderError},
    recover::{Found, Recovery, Report, replace_with_rows, widen},
    storage::{FileStorage, Storage},
};

/// The bytes that a device writes at once, or not at all, when power is cut.
const SECTOR: usize = 512;

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
        let data = new.row_size().checked_mul(rows);
        let end = data.and_then(|data| data.checked_add(header.bytes().len() as u64));
        if end != Some(len) || rows >= header.max_rows() || header.set_rows(rows).is_none() {
            return Ok(None);
        }
        Ok(Some(Existing {
            header,
            rows,
            recovery: None,
            fit: target.fit(&new, settings)?,
        }))
    }

    /// What a file holds, once header and data agree; `None` if it is not started.
    pub(super) fn read(
        storage: &dyn Storage,
        path: &Path,
        target: &Target,
        settings: &Settings,
    ) -> Result<Option<Self>> {
        if let Some(existing) = Existing::expected(storage, target, settings)? {
            return Ok(Some(existing));
        }
        let mut found = match examine(storage, target)? {
            Some(found) => found,
            None => return Ok(None),
        };
        let fit = target.fit(&found.header, settings)?;
        let is_durable = settings.durability == Durability::Synced;
        let recovery = recovery(&found, settings)?;
        found.check(recovery)?;
        let rows = found.rows_after(recovery);
        let mut header = found.growing()?;
        // NumPy's text cannot take the place of another in several sectors at once.
        let is_renewable = header.is_numpys_own() || header.bytes().len() <= SECTOR || !is_durable;
        let max_rows = if is_renewable {
            header.max_rows()
        } else {
            rows
        };
        if rows >= max_rows {
            return Err(Error::new(ErrorKind::NoGrowthRoom { max_rows }));
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
    target.fit(&found.header, settings)?;
    let recovery = recovery(&found, settings)?;
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
fn recovery(found: &Found, settings: &Settings) -> Result<Recovery> {
    if let Some(recovery) = settings.recovery {
        return Ok(recovery);
    }
    let (expected, found) = (found.counted.unwrap_or_default(), found.rows());
    if found < expected {
        return Err(Error::new(ErrorKind::Truncated { expected, found }));
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
