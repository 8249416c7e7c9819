//! The workloads.

mod append;
mod background;
mod batches;
mod chunks;
mod commit;
mod convert;
mod fortran;
mod grow;
mod header;
mod make_appendable;
mod mapped;
mod read;
mod shards;
mod text;

use crate::workload::Workload;

pub(crate) static ALL: &[&Workload] = &[
    &append::TO_FILE,
    &append::FROM_MEMORY,
    &append::TO_NULL,
    &batches::WORKLOAD,
    &commit::CACHED,
    &commit::SYNCED,
    &chunks::WORKLOAD,
    &grow::WORKLOAD,
    &read::WORKLOAD,
    &convert::F4_F8,
    &convert::I4_F8,
    &convert::F8_F4,
    &convert::F2_F4,
    &convert::U1_I8,
    &convert::C8_C16,
    &convert::BIG_F8,
    &convert::WIDE,
    &convert::TIMES,
    &convert::BIG,
    &convert::FLAGGED,
    &convert::FLAGS,
    &convert::SIDES,
    &convert::TRADES,
    &convert::COMPLEX,
    &convert::NAMES,
    &convert::TEXTS,
    &fortran::C_ORDER,
    &fortran::AS_IT_IS,
    &text::WORKLOAD,
    &mapped::COLUMN,
    &mapped::RANDOM,
    &mapped::CHECKED,
    &mapped::COPY,
    &mapped::ROW,
    &make_appendable::WORKLOAD,
    &background::WORKLOAD,
    &shards::WORKLOAD,
];
