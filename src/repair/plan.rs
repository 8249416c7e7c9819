use super::{inspection::Inspection, recovery::Recovery};
use crate::{
    error::{Cause, Error, Result},
    header::{DamagedRows, GrowingHeader, Header},
};

/// The changes of a file, as they are planned from its inspection.
#[derive(Debug, PartialEq)]
pub(crate) enum RepairPlan {
    /// The file is changed in place, in the order of the steps. Without steps it stays as it is.
    InPlace(Vec<RepairStep>),
    /// A file with this header and this length of data takes the place of the old one. Instead, if
    /// `may_insert`, a block is inserted before the header where the file system can do that.
    Replace {
        header: Header,
        data_len: u64,
        may_insert: bool,
    },
}

/// One change of a file in place.
#[derive(Debug, PartialEq)]
pub(crate) struct RepairStep {
    pub(super) edit: Edit,
    /// The change is on the device before the next step.
    pub(super) is_synced: bool,
    /// The action that an error names: `write the header`.
    pub(super) action: &'static str,
}

#[derive(Debug, PartialEq)]
pub(super) enum Edit {
    /// Cuts the file to a length, or extends it with zeros.
    Length(u64),
    /// Writes the bytes `new`. If that fails, writes `old` in their place.
    Bytes { at: u64, new: Vec<u8>, old: Vec<u8> },
}

/// The settings of an appender that decide what happens to the file that it continues.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// The recovery that was asked for. Otherwise the durability implies it.
    pub(crate) recovery: Option<Recovery>,
    /// Each step is on the device before the next.
    pub(crate) is_durable: bool,
    /// A header with room for few rows is accepted.
    pub(crate) accepts_little_room: bool,
}

impl RepairPlan {
    /// Plans to make header and data agree on `rows` rows.
    pub(super) fn recover(inspection: &Inspection, rows: u64) -> Self {
        let mut header = inspection.growing();
        let is_renewable = header.as_ref().is_none_or(|h| inspection.is_renewable(h));
        let steps = inspection.steps(rows, header.as_mut(), true);
        match steps.filter(|_| is_renewable) {
            Some(steps) => RepairPlan::InPlace(steps),
            None => RepairPlan::replace(inspection, rows),
        }
    }

    /// Plans to give the header room for any number of rows. The data stay as they are.
    pub(super) fn make_appendable(inspection: &Inspection) -> Result<Self> {
        if inspection.header.rows().is_none() {
            return Err(Error::new(Cause::NoRows));
        }
        if inspection.damage.is_some() {
            return Err(inspection.needs_recovery());
        }
        Ok(match inspection.has_room() {
            true => RepairPlan::InPlace(inspection.fill_steps()),
            false => RepairPlan::Replace {
                header: inspection.header.clone(),
                data_len: inspection.data_len(),
                may_insert: inspection.is_sound(),
            },
        })
    }

    /// Plans to give the header room for any number of rows, and to make header and data agree on `rows` rows.
    pub(crate) fn replace(inspection: &Inspection, rows: u64) -> Self {
        RepairPlan::Replace {
            header: inspection.header.with_rows(rows),
            data_len: inspection.len_of(rows),
            may_insert: inspection.is_sound(),
        }
    }

    /// Returns true if the file stays as it is.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, RepairPlan::InPlace(steps) if steps.is_empty())
    }
}

impl Inspection {
    /// Returns the number of rows that a recovery leaves in the file.
    ///
    /// # Errors
    ///
    /// If more than the number of rows is wrong, or by [`Recovery::Refuse`].
    pub(super) fn rows_after(&self, recovery: Recovery) -> Result<u64> {
        self.check_mendable()?;
        let present = self.rows();
        let is_torn = self.header.row_size() > 0 && self.torn_bytes() > 0;
        Ok(match recovery {
            Recovery::Refuse if !self.agrees() => return Err(self.needs_recovery()),
            Recovery::Adopt | Recovery::Refuse => present,
            Recovery::Discard => self.counted.unwrap_or(present).min(present),
            Recovery::ZeroFill => present + u64::from(is_torn),
        })
    }

    /// Returns the number of rows after which an appender continues.
    ///
    /// # Errors
    ///
    /// As [`rows_after`](Self::rows_after). Missing rows are an error unless a recovery was asked for.
    pub(crate) fn rows_to_continue(&self, policy: Policy) -> Result<u64> {
        self.check_mendable()?;
        if policy.recovery.is_none() {
            if self.damage == Some(DamagedRows::TooMany) {
                Header::read_from(&mut &*self.bytes)?;
            }
            let (expected, found) = (self.counted.unwrap_or_default(), self.rows());
            if found < expected {
                let error = Error::new(Cause::Truncated { expected, found });
                return Err(error.recoverable(true));
            }
        }
        self.rows_after(policy.recovery.unwrap_or(match policy.is_durable {
            true => Recovery::Discard,
            false => Recovery::Adopt,
        }))
    }

    /// Returns the steps that make header and data agree on `rows` rows, or `None` if the header has no room
    /// for that number. A power cut between durable steps leaves a file that recovers to the same.
    pub(super) fn steps(
        &self,
        rows: u64,
        header: Option<&mut GrowingHeader>,
        is_durable: bool,
    ) -> Option<Vec<RepairStep>> {
        let mut steps = self.fill_steps();
        if self.torn_bytes() > 0 || rows != self.rows() || self.preallocated > 0 {
            steps.push(RepairStep {
                edit: Edit::Length(self.end(rows)),
                is_synced: is_durable,
                action: "cut off what is not a whole row",
            });
        }
        if self.counted != Some(rows) || self.damage.is_some() {
            let header = header?;
            let rewrite = header.set_rows(rows)?;
            let action = "write the number of rows to the header";
            let writes = header.writes(&rewrite);
            steps.extend(
                writes.map(|(at, new)| RepairStep::write(action, at, new, &[], is_durable)),
            );
        }
        Some(steps)
    }

    /// Returns the steps that fill an inserted block, if there is one.
    pub(super) fn fill_steps(&self) -> Vec<RepairStep> {
        match self.inserted {
            0 => Vec::new(),
            inserted => fill_steps(&self.bytes, inserted).into(),
        }
    }
}

impl RepairStep {
    pub(super) fn write(
        action: &'static str,
        at: usize,
        new: &[u8],
        old: &[u8],
        is_synced: bool,
    ) -> Self {
        let (at, new, old) = (at as u64, new.to_vec(), old.to_vec());
        RepairStep {
            edit: Edit::Bytes { at, new, old },
            is_synced,
            action,
        }
    }
}

/// Returns the steps that fill a block that was inserted before a header: the first writes the new header up
/// to the old one, and the second the rest. Until the second starts, the first can be done again, or undone.
pub(super) fn fill_steps(header: &[u8], inserted: usize) -> [RepairStep; 2] {
    let (block, old_place) = header.split_at_checked(inserted).unwrap_or((header, &[]));
    let step = |at, bytes| RepairStep::write("write the header", at, bytes, &[], true);
    [step(0, block), step(inserted, old_place)]
}
