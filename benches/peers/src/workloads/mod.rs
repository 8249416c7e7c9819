//! The workloads.

mod append;
mod background;
mod batches;
mod chunks;
mod commit;
mod grow;
mod header;
mod make_appendable;
mod mapped;
mod read;

use crate::workload::Workload;

pub(crate) static ALL: &[&Workload] = &[
    &append::TO_FILE,
    &append::TO_NULL,
    &batches::WORKLOAD,
    &commit::CACHED,
    &commit::SYNCED,
    &chunks::WORKLOAD,
    &grow::WORKLOAD,
    &read::WORKLOAD,
    &mapped::COLUMN,
    &mapped::RANDOM,
    &make_appendable::WORKLOAD,
    &background::WORKLOAD,
];
