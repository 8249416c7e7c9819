//! A header whose number of rows changes in place, so that readers find a valid header at every moment.

mod bridge;
mod digits;
mod growing_header;
mod reorder;
mod rewrite;
#[cfg(test)]
mod tests;

pub(super) use self::rewrite::LINE;
pub(crate) use self::{growing_header::GrowingHeader, reorder::Reorder, rewrite::Rewrite};
