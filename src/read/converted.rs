use super::{
    block::Block,
    decoder::{BLOCK, Decoder},
};
use crate::record::{DecodeError, Element};

/// The rows of a block, converted together: a loop over many rows takes less time for each.
#[derive(Debug, Default)]
pub(super) struct Converted {
    bytes: Vec<u8>,
    /// The start of the next row in `bytes`.
    next: usize,
    /// The start of the same row in the block.
    start: usize,
    /// The end of the converted rows in the block.
    end: usize,
}

impl Converted {
    /// Decodes the next row of a block, whose elements need a conversion.
    pub(super) fn decode_next<E: Element, O>(
        &mut self,
        block: &Block,
        decoder: &Decoder<E>,
        decode: impl FnOnce(&E::Codec, &[u8]) -> Result<O, DecodeError>,
    ) -> Result<O, DecodeError> {
        if self.start != block.start || self.start >= self.end {
            self.convert(block, decoder);
        }
        let itemsize = E::itemsize_of(decoder.codec());
        let row = self.bytes.get(self.next..self.next + itemsize);
        match row.filter(|_| self.start < self.end) {
            Some(row) => {
                self.next += itemsize;
                self.start += decoder.itemsize();
                decode(decoder.codec(), row)
            }
            // The first row that does not convert.
            None => decoder.decode_by(block.row(decoder.itemsize()), decode),
        }
    }

    /// Converts the rows that are left in a block, up to the first that does not convert.
    #[cold]
    fn convert<E: Element>(&mut self, block: &Block, decoder: &Decoder<E>) {
        let rows = block.left().checked_div(decoder.itemsize());
        let size = E::itemsize_of(decoder.codec());
        let at_once = (BLOCK / size.max(1)).max(1);
        let rows = rows.unwrap_or_default().min(at_once);
        self.bytes.resize(rows * size, 0);
        let block_rows = block.rest().get(..rows * decoder.itemsize());
        let converted = decoder.convert(block_rows.unwrap_or_default(), &mut self.bytes);
        let rows = converted.map_or_else(|(index, _)| index, |_| rows);
        (self.next, self.start) = (0, block.start);
        self.end = self.start + rows * decoder.itemsize();
    }
}
