use super::{found::Found, recovery::Recovery};
use crate::{
    error::{Error, ErrorKind, Result},
    header::GrowingHeader,
    storage::Storage,
};

impl Found {
    /// Refuses what cannot be recovered, or is not to be.
    pub(crate) fn check(&self, recovery: Recovery) -> Result<()> {
        if self.agrees() {
            return Ok(());
        }
        if let Some(offset) = self.another_array {
            return Err(Error::new(ErrorKind::AnotherArray { offset }));
        }
        if self.header.rows().is_none() {
            return Err(Error::new(ErrorKind::NoRows));
        }
        match recovery {
            Recovery::Refuse => Err(self.needs_recovery()),
            _ => Ok(()),
        }
    }

    pub(super) fn needs_recovery(&self) -> Error {
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
        let is_header_right = self.counted == Some(rows);
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
