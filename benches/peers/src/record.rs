//! The records that are written and read: 32 bytes each.

use bytemuck::{CheckedBitPattern, Pod, Zeroable};
use npyrec::NpyRecord;

/// Their memory is their form in the file.
#[derive(
    NpyRecord,
    npyz::Serialize,
    npyz::AutoSerialize,
    npyz::Deserialize,
    serde::Serialize,
    Clone,
    Copy,
    Pod,
    Zeroable,
)]
#[repr(C)]
pub(crate) struct Whole {
    pub(crate) time: i64,
    pub(crate) price: f64,
    pub(crate) size: f32,
    pub(crate) side: u32,
    pub(crate) order: u64,
}

/// The same fields, in a memory that is not their form in the file.
#[derive(NpyRecord)]
pub(crate) struct Encoded {
    pub(crate) side: u32,
    pub(crate) time: i64,
    pub(crate) size: f32,
    pub(crate) price: f64,
    pub(crate) order: u64,
}

/// Copied whole when it is written; what is read has to be looked at, as not every byte is a `bool`.
#[derive(NpyRecord, CheckedBitPattern, Clone, Copy)]
#[repr(C)]
pub(crate) struct Flagged {
    pub(crate) time: i64,
    pub(crate) price: f64,
    pub(crate) order: u64,
    pub(crate) size: f32,
    pub(crate) side: u8,
    pub(crate) is_buy: bool,
    pub(crate) is_last: bool,
    pub(crate) is_auction: bool,
}

impl Whole {
    pub(crate) fn nth(row: u64) -> Self {
        let row = row as u32;
        Whole {
            time: i64::from(row) * 1_000,
            price: f64::from(row) * 0.25,
            size: row as f32,
            side: row & 1,
            order: u64::from(row),
        }
    }
}

impl Encoded {
    pub(crate) fn nth(row: u64) -> Self {
        let Whole {
            time,
            price,
            size,
            side,
            order,
        } = Whole::nth(row);
        Encoded {
            side,
            time,
            size,
            price,
            order,
        }
    }
}

impl Flagged {
    pub(crate) fn nth(row: u64) -> Self {
        let Whole {
            time,
            price,
            size,
            order,
            ..
        } = Whole::nth(row);
        Flagged {
            time,
            price,
            order,
            size,
            side: row as u8,
            is_buy: row & 1 == 0,
            is_last: row & 2 == 0,
            is_auction: row & 4 == 0,
        }
    }
}
