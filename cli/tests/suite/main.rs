//! The command, run as its users run it.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation
)]

mod check;
mod convert;
mod corpus;
mod derive;
mod diff;
mod follow;
mod heat_map;
mod hostile;
mod info;
mod json;
mod kerchunk;
mod migrate;
mod numpy;
mod plot;
#[path = "../../../tests/suite/python.rs"]
mod python;
mod quiet;
mod readme;
mod rows;
mod run;
mod sample;
mod shards;
mod shell;
#[cfg(unix)]
mod signals;
mod stats;
mod terminal;

/// The folder of the tests of the library.
pub const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/suite");
