//! The places of fields in the file and in memory.

use super::{
    layout::Layout,
    values::{FieldLayout, Rule, Values},
};
use crate::dtype::align_up;

/// Bytes of a record in the file that are bytes of its memory, at another offset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move {
    /// The offset in the form of the record in the file.
    pub(crate) from: usize,
    /// The offset in memory.
    pub(crate) to: usize,
    pub(crate) len: usize,
}

/// The largest number of moves, above which records are decoded one by one.
const MAX: usize = 64;

impl<T> Layout<T> {
    /// Returns the bytes of all fields of a struct, or of an array of structs, that takes `itemsize` bytes in the
    /// file. Returns `None` if the form of a field is not its memory.
    pub(crate) fn moves(&self, itemsize: usize) -> Option<Vec<Move>> {
        let mut moves = Vec::new();
        add(&self.values(), 0, 0, itemsize, &mut moves)?;
        Some(moves)
    }

    /// Returns true if a record has a text or an array whose bytes are checked, which takes less time for a block
    /// of records.
    pub(crate) fn has_long_checks(&self) -> bool {
        has_long_checks(&self.values())
    }
}

fn has_long_checks(values: &Values) -> bool {
    const SHORT: usize = 8;
    match values.rule() {
        Rule::Any | Rule::Unknown => false,
        Rule::Checked(_) | Rule::Numbers(_) => values.size() * values.count() > SHORT,
        Rule::Fields { fields, .. } => fields.iter().any(|field| has_long_checks(&field.values)),
    }
}

/// Adds the fields of structs, at their offsets in the file and in memory.
fn add(
    structs: &Values,
    from: usize,
    to: usize,
    itemsize: usize,
    moves: &mut Vec<Move>,
) -> Option<()> {
    let Rule::Fields { fields, is_aligned } = structs.rule() else {
        return None;
    };
    let size_in_file = itemsize.checked_div(structs.count())?;
    for nth in 0..structs.count() {
        let (from, to) = (from + nth * size_in_file, to + nth * structs.size());
        let mut end = 0;
        for field in fields {
            let offset = match is_aligned {
                true => align_up(end, field.alignment),
                false => end,
            };
            end = offset + field.itemsize;
            add_field(field, from + offset, to + field.memory_offset, moves)?;
        }
    }
    Some(())
}

fn add_field(field: &FieldLayout, from: usize, to: usize, moves: &mut Vec<Move>) -> Option<()> {
    if !field.is_whole {
        return add(&field.values, from, to, field.itemsize, moves);
    }
    match moves.last_mut() {
        Some(last) if last.from + last.len == from && last.to + last.len == to => {
            last.len += field.itemsize;
        }
        _ => moves.push(Move {
            from,
            to,
            len: field.itemsize,
        }),
    }
    (moves.len() <= MAX).then_some(())
}
