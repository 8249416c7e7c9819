use npyrec::Value;

use crate::{
    failure::Result,
    input::{Layout, Picked, Rows},
    text::TextRows,
};

/// Rows to be written, whose number is known.
pub(crate) trait Feed {
    /// Returns the dtype and the number of the rows.
    fn layout(&self) -> Layout;

    /// Calls `visit` with each row and its number, from 0.
    fn each(&mut self, visit: &mut dyn FnMut(u64, Value) -> Result<()>) -> Result<()>;

    /// Returns true if the rows can be read several times.
    fn is_repeatable(&self) -> bool;
}

/// Some rows of an array.
pub(crate) struct NpyFeed<'a, 'b> {
    pub(crate) rows: &'a mut Rows<'b>,
    pub(crate) picked: Picked,
}

impl Feed for NpyFeed<'_, '_> {
    fn layout(&self) -> Layout {
        Layout {
            rows: self.picked.count,
            ..self.rows.layout().clone()
        }
    }

    fn each(&mut self, visit: &mut dyn FnMut(u64, Value) -> Result<()>) -> Result<()> {
        let mut nth = 0;
        self.rows.each(self.picked, |_, value| {
            nth += 1;
            visit(nth - 1, value)
        })
    }

    fn is_repeatable(&self) -> bool {
        self.rows.is_repeatable()
    }
}

impl Feed for TextRows {
    fn layout(&self) -> Layout {
        TextRows::layout(self).clone()
    }

    fn each(&mut self, visit: &mut dyn FnMut(u64, Value) -> Result<()>) -> Result<()> {
        TextRows::each(self, visit)
    }

    fn is_repeatable(&self) -> bool {
        true
    }
}
