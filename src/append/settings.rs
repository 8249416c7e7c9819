use std::time::Duration;

use super::durability::Durability;
use crate::{dtype::Casting, header::Order, repair::Recovery};

/// The settings of an appender.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// In bytes.
    pub(super) buffer_capacity: usize,
    /// In rows.
    pub(super) commit_every: u64,
    pub(super) commit_interval: Option<Duration>,
    pub(super) durability: Durability,
    /// The recovery that was set, or `None` if the durability implies it.
    pub(super) recovery: Option<Recovery>,
    pub(super) make_appendable: bool,
    /// Accepts a header with room for few rows.
    pub(super) accept_little_room: bool,
    /// The conversions allowed between records and the rows of a file that exists.
    pub(super) casting: Casting,
    /// The order of an array that is created, or is in both orders.
    pub(super) order: Option<Order>,
    pub(super) lock: bool,
    /// Stores rows and their number through a map of the file.
    pub(super) mapped: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            buffer_capacity: 64 * 1024,
            commit_every: u64::MAX,
            commit_interval: None,
            durability: Durability::Cached,
            recovery: None,
            make_appendable: false,
            accept_little_room: false,
            casting: Casting::No,
            order: None,
            lock: true,
            mapped: false,
        }
    }
}

/// The way to open a file that an appender writes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Mode {
    /// Creates the file, or empties it.
    Create,
    /// Creates the file. Fails if it exists.
    CreateNew,
    /// Continues the file, or creates it.
    Open,
}
