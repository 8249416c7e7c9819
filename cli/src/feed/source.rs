use npyrec::Value;

use crate::{
    failure::Result,
    input::{Layout, Picked, Rows},
    text::TextRows,
};

/// The number of rows of a block.
const AT_ONCE: usize = 1024;

/// A function that returns the text of rows.
pub(crate) type MakeBlock<'a> = dyn Fn(Vec<Value>) -> Result<TextBlock> + Sync + 'a;

/// A function that writes the text of rows.
pub(crate) type TakeBlock<'a> = dyn FnMut(TextBlock) -> Result<()> + 'a;

/// The text of a number of rows.
#[derive(Debug)]
pub(crate) struct TextBlock {
    pub(crate) rows: u64,
    pub(crate) text: Vec<u8>,
}

/// Rows to be written, whose number is known.
pub(crate) trait Feed {
    /// Returns the dtype and the number of the rows.
    fn layout(&self) -> Layout;

    /// Calls `visit` with each row and its number, from 0.
    fn each(&mut self, visit: &mut dyn FnMut(u64, Value) -> Result<()>) -> Result<()>;

    /// Calls `make` with blocks of rows, in several threads if they can be read so, and `take` with what it returns,
    /// in the order of the rows.
    fn each_block(&mut self, make: &MakeBlock<'_>, take: &mut TakeBlock<'_>) -> Result<()> {
        let mut block = Vec::new();
        self.each(&mut |_, value| {
            block.push(value);
            match block.len() < AT_ONCE {
                true => Ok(()),
                false => take(make(std::mem::take(&mut block))?),
            }
        })?;
        take(make(block)?)
    }

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

    fn each_block(&mut self, make: &MakeBlock<'_>, take: &mut TakeBlock<'_>) -> Result<()> {
        self.rows.each_block(self.picked, make, take)
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
