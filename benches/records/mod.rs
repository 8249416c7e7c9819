//! The records that are written: 32 bytes each.

use bytemuck::{Pod, Zeroable};
use npyrec::NpyRecord;

/// Their memory is their form in the file.
#[derive(
    NpyRecord, npyz::Serialize, npyz::AutoSerialize, npyz::Deserialize, Clone, Copy, Pod, Zeroable,
)]
#[repr(C)]
pub(crate) struct Whole {
    pub(crate) time: i64,
    pub(crate) price: f64,
    pub(crate) size: f32,
    pub(crate) side: u32,
    pub(crate) order: u64,
}

/// The same fields in an order that differs from the order in memory.
#[derive(NpyRecord, npyz::Deserialize)]
pub(crate) struct Encoded {
    pub(crate) side: u32,
    pub(crate) time: i64,
    pub(crate) size: f32,
    pub(crate) price: f64,
    pub(crate) order: u64,
}

pub(crate) fn whole(row: u32) -> Whole {
    Whole {
        time: i64::from(row) * 1_000,
        price: f64::from(row) * 0.25,
        size: row as f32,
        side: row & 1,
        order: u64::from(row),
    }
}

pub(crate) fn encoded(row: u32) -> Encoded {
    let Whole {
        time,
        price,
        size,
        side,
        order,
    } = whole(row);
    Encoded {
        side,
        time,
        size,
        price,
        order,
    }
}
