use std::time::Duration;

use super::durability::Durability;
use crate::{dtype::Casting, header::Order, repair::Recovery};

/// When an appender writes, and what else it does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// In bytes.
    pub(super) buffer_capacity: usize,
    /// In rows.
    pub(super) commit_every: u64,
    pub(super) commit_interval: Option<Duration>,
    pub(super) durability: Durability,
    /// What was asked for; otherwise the durability implies it.
    pub(super) recovery: Option<Recovery>,
    pub(super) make_appendable: bool,
    /// A header with room for few rows is taken as it is.
    pub(super) accept_little_room: bool,
    /// What may be converted between records and the rows of a file that exists.
    pub(super) casting: Casting,
    /// The order of an array that is created, or is in both orders.
    pub(super) order: Option<Order>,
    pub(super) lock: bool,
    /// Rows and their number are stored through a map of the file.
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

/// What is to become of a file that exists, or does not.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Mode {
    /// It is created or emptied.
    Create,
    /// It is created; there must be none.
    CreateNew,
    /// It is continued or created.
    Open,
}
