//! Inspecting a file, planning what to change, and changing it.
//!
//! An [`Inspection`] says what a file is. [`check`](check()) reports it; [`recover`](recover()),
//! [`make_appendable`](make_appendable()) and an appender that opens a file make a plan from it, without
//! touching the file, and then carry out the plan.

mod check;
mod continuation;
mod directory;
mod inspect;
mod inspection;
mod make_appendable;
mod mend;
mod plan;
mod recover;
mod recovery;
mod report;
mod report_text;
mod shard;

pub use self::{
    check::check, make_appendable::make_appendable, recover::recover, recovery::Recovery,
    report::Report,
};
pub(crate) use self::{
    continuation::Continuation,
    inspect::header_as_closed,
    inspection::Inspection,
    mend::{mend, write_anew, write_failed},
    plan::{Policy, RepairPlan},
    shard::{check_alike, check_listed, check_order, sealed_rows},
};

#[cfg(test)]
mod tests;
