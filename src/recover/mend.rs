use super::{found::Found, recovery::Recovery};
use crate::{
    error::{Error, ErrorKind, Result},
    header::{GrowingHeader, HeaderError},
    storage::Storage,
};

/// What there is to know of a single element that is not whole, or not alone.
const SINGLE_ELEMENT: &str =
    "`recover` corrects a number of rows, and there is none in the shape ()";

impl Found {
    /// Refuses a file that is not to be recovered, or cannot be.
    pub(crate) fn check(&self, recovery: Recovery) -> Result<()> {
        self.check_mendable()?;
        match recovery {
            Recovery::Refuse if !self.agrees() => Err(self.needs_recovery()),
            _ => Ok(()),
        }
    }

    /// Refuses a file in which more than the number of rows is wrong.
    pub(crate) fn check_mendable(&self) -> Result<()> {
        if self.agrees() {
            return Ok(());
        }
        if let Some(offset) = self.another_array {
            return Err(Error::new(ErrorKind::AnotherArray { offset }));
        }
        if self.header.rows().is_none() {
            return Err(Error::new(ErrorKind::NoRows).with_end(SINGLE_ELEMENT));
        }
        if self.has_data_of_no_bytes() {
            let (shape, bytes) = (self.header.shape(), self.data_len());
            return Err(HeaderError::data_of_no_bytes(shape, self.data_start(), bytes).into());
        }
        if let Some(end) = self.line_end {
            return Err(HeaderError::line_end(end, self.data_start()).into());
        }
        Ok(())
    }

    /// The error that header and data do not agree, which [`recover`](super::recover) can mend.
    pub(crate) fn needs_recovery(&self) -> Error {
        Error::new(ErrorKind::NeedsRecovery {
            counted: self.counted,
            found: self.rows(),
            torn_bytes: self.torn_bytes(),
        })
    }

    /// The rows that a recovery leaves in the file.
    pub(crate) fn rows_after(&self, recovery: Recovery) -> u64 {
        let present = self.rows();
        match recovery {
            Recovery::Adopt | Recovery::Refuse => present,
            Recovery::Discard => self.counted.unwrap_or(present).min(present),
            Recovery::ZeroFill => present + u64::from(self.has_torn_row()),
        }
    }

    /// Makes header and data agree.
    ///
    /// With `is_durable` each step is on the device before the next, so that a power cut in between
    /// leaves what recovers to the same.
    pub(crate) fn mend(
        &mut self,
        storage: &dyn Storage,
        recovery: Recovery,
        header: Option<&mut GrowingHeader>,
        is_durable: bool,
    ) -> Result<()> {
        self.finish_insertion(storage)?;
        let rows = self.rows_after(recovery);
        let sync = |()| match is_durable {
            true => storage.sync_all(),
            false => Ok(()),
        };
        let is_header_right = self.counted == Some(rows) && self.damage.is_none();
        let max_rows = header.as_ref().map_or(0, |header| header.max_rows());
        let rewrite = match header {
            _ if is_header_right => None,
            // It is known that there is room before anything is changed.
            Some(header) => header.set_rows(rows).map(|rewrite| (header, rewrite)),
            None => None,
        };
        if rewrite.is_none() && !is_header_right {
            return Err(Error::new(ErrorKind::NoGrowthRoom { max_rows }));
        }
        if self.torn_bytes() > 0 || rows != self.rows() || self.preallocated > 0 {
            let cut = storage.set_len(self.end(rows)).and_then(sync);
            cut.map_err(|e| Error::io("cut off what is not a whole row", e))?;
        }
        let Some((header, rewrite)) = rewrite else {
            return Ok(());
        };
        for (at, bytes) in header.writes(&rewrite) {
            let written = storage.write_all_at(bytes, at as u64).and_then(sync);
            written.map_err(|e| Error::io("write the number of rows to the header", e))?;
        }
        Ok(())
    }

    /// Fills the room that was inserted before the header.
    pub(super) fn finish_insertion(&mut self, storage: &dyn Storage) -> Result<()> {
        if self.inserted > 0 {
            self.fill_room(storage)?;
            self.fill_old_place(storage)?;
            self.inserted = 0;
        }
        Ok(())
    }

    /// Writes the header up to the place where it stood. Until that is overwritten, this can be done again,
    /// or undone.
    pub(super) fn fill_room(&self, storage: &dyn Storage) -> Result<()> {
        fill(storage, self.bytes.get(..self.inserted), 0)
    }

    /// Writes the rest of the header.
    pub(super) fn fill_old_place(&self, storage: &dyn Storage) -> Result<()> {
        fill(
            storage,
            self.bytes.get(self.inserted..),
            self.inserted as u64,
        )
    }
}

fn fill(storage: &dyn Storage, bytes: Option<&[u8]>, offset: u64) -> Result<()> {
    let written = storage.write_all_at(bytes.unwrap_or_default(), offset);
    let written = written.and_then(|()| storage.sync_all());
    written.map_err(|e| Error::io("write the header", e))
}
