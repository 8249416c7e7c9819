use super::{
    inspection::Inspection,
    plan::{Policy, RepairStep},
};
use crate::{
    error::{Cause, Error, Result},
    header::{GrowingHeader, Order, Reorder},
};

/// The rows for which a header must have room, unless little room is accepted.
const MANY_ROWS: u64 = 1_000_000_000;

const NO_ROOM: &str = "`AppendOptions::make_appendable` does so when the file is opened";
const LITTLE_ROOM: &str = "`AppendOptions::make_appendable` does so when the file is opened, and \
                           `AppendOptions::accept_little_room` appends as many as fit";

/// A plan to append to a file: the steps that mend it, and its header and rows after them.
#[derive(Debug)]
pub(crate) struct Continuation {
    pub(crate) steps: Vec<RepairStep>,
    pub(crate) header: GrowingHeader,
    pub(crate) rows: u64,
}

impl Continuation {
    /// Plans to append to a file along the growth axis of an order, in which the array is.
    ///
    /// # Errors
    ///
    /// As [`Inspection::rows_to_continue`], or if the header has too little room for more rows.
    pub(crate) fn new(inspection: &mut Inspection, order: Order, policy: Policy) -> Result<Self> {
        let is_reordered = order != inspection.header.order();
        inspection.set_order(order);
        let rows = inspection.rows_to_continue(policy)?;
        let Some(mut header) = inspection.growing() else {
            return Err(match inspection.damage {
                Some(_) => inspection.needs_recovery(),
                None => no_room(inspection.counted.unwrap_or_default()),
            });
        };
        let reorder: Option<Reorder> = (is_reordered && inspection.counted.is_some())
            .then(|| header.reorder(&inspection.header, &inspection.bytes));
        // NumPy's text cannot take the place of another in several sectors at once.
        let is_renewable = inspection.is_renewable(&header)
            || !policy.is_durable
            || reorder.as_ref().is_some_and(|reorder| reorder.is_safe);
        let max_rows = match is_renewable {
            true => header.max_rows(),
            false => rows,
        };
        if rows >= max_rows && inspection.damage.is_some() {
            return Err(inspection.needs_recovery());
        }
        let wanted = match policy.accepts_little_room {
            true => rows.saturating_add(1),
            // A file has at most `i64::MAX` bytes.
            false => MANY_ROWS.min(i64::MAX.unsigned_abs() / inspection.header.row_size().max(1)),
        };
        if max_rows < wanted || max_rows <= rows {
            return Err(no_room(max_rows).with_end(match rows < max_rows {
                true => LITTLE_ROOM,
                false => NO_ROOM,
            }));
        }
        let action = "write the order to the header";
        let writes = reorder.iter().flat_map(|reorder| &reorder.writes);
        let mut steps: Vec<_> = writes
            .map(|write| {
                RepairStep::write(action, write.at, &write.new, &write.old, policy.is_durable)
            })
            .collect();
        let mending = inspection.steps(rows, Some(&mut header), policy.is_durable);
        steps.extend(mending.ok_or_else(|| no_room(max_rows))?);
        Ok(Continuation {
            steps,
            header,
            rows,
        })
    }
}

fn no_room(max_rows: u64) -> Error {
    Error::new(Cause::NoGrowthRoom { max_rows })
}
