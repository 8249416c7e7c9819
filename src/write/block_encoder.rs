use std::io::{self, Write};

use super::new_array::NewArray;
use crate::{
    error::{Error, Result},
    header::Shape,
    record::{Element, EncodeAs, EncodeError, Layout, push},
};

/// The number of bytes that are written at once, or one element if it is larger.
const BLOCK: usize = 64 * 1024;

/// The number of bytes of a block that is not yet full for the first time.
const SMALL: usize = 4 * 1024;

/// An encoder of the elements of one array, in blocks of 64 KiB.
///
/// An element that does not fit its dtype is refused: those before it are kept, and the next one may follow.
/// Bytes that the sink does not take stay in the block for another try.
pub(crate) struct BlockEncoder<E: Element> {
    codec: E::Codec,
    /// The axes along which the elements are counted. The growth axis may be longer.
    shape: Shape,
    /// The number of elements that were taken.
    elements: u64,
    /// Encoded bytes that are not yet written.
    block: Vec<u8>,
    /// The sink panicked, so the number of bytes that it took is unknown.
    has_panicked: bool,
}

impl<E: Element> BlockEncoder<E> {
    /// Returns an encoder of the elements of an array after a header, which may be empty.
    pub(crate) fn new(array: &NewArray, header: Vec<u8>) -> Self {
        BlockEncoder {
            codec: E::codec_of(array.dtype()),
            shape: array.shape().clone(),
            elements: 0,
            block: header,
            has_panicked: false,
        }
    }

    /// Returns the number of elements that were taken.
    pub(crate) fn elements(&self) -> u64 {
        self.elements
    }

    /// Returns the number of complete rows in a number of elements.
    pub(crate) fn rows_in(&self, elements: u64) -> u64 {
        self.shape.rows_in(elements)
    }

    /// Returns the number of whole elements that the sink has, after a header that it has.
    pub(crate) fn written(&self) -> u64 {
        let itemsize = E::itemsize_of(&self.codec).max(1);
        let in_block = self.block.len().div_ceil(itemsize) as u64;
        self.elements.saturating_sub(in_block)
    }

    /// Takes an element, unless it does not fit its dtype, or the block is full and cannot be written.
    #[inline]
    pub(crate) fn append<B: EncodeAs<E> + ?Sized>(
        &mut self,
        element: &B,
        sink: &mut impl Write,
    ) -> Result<()> {
        let codec = &self.codec;
        let itemsize = E::itemsize_of(codec);
        if self.block.len() + itemsize > BLOCK.max(itemsize) {
            self.write_out(sink)?;
        }
        if self.block.capacity() < self.block.len() + itemsize {
            self.grow(itemsize);
        }
        let encode = |place: &mut [u8]| element.encode_as(&self.codec, place);
        let encoded = push(&mut self.block, itemsize, encode);
        encoded.map_err(|error| self.refused(error))?;
        self.elements += 1;
        Ok(())
    }

    /// Allocates more memory for the block: a few elements, then all of it.
    #[cold]
    fn grow(&mut self, itemsize: usize) {
        let capacity = match self.block.capacity() {
            ..SMALL => SMALL,
            _ => BLOCK,
        };
        let more = capacity.max(itemsize) - self.block.len().min(capacity);
        self.block.reserve_exact(more.max(itemsize));
    }

    #[cold]
    fn refused(&self, error: EncodeError) -> Error {
        Error::from(error).at_element(self.elements, &self.shape)
    }

    /// Takes elements up to the first one that does not fit. Many elements that lie in memory as in the file
    /// are written without a copy.
    pub(crate) fn append_slice(&mut self, elements: &[E], sink: &mut impl Write) -> Result<()> {
        let Some(bytes) = Layout::bytes_of(elements) else {
            let mut elements = elements.iter();
            return elements.try_for_each(|element| self.append(element, sink));
        };
        if self.block.len() + bytes.len() > BLOCK {
            self.write_out(sink)?;
        }
        if bytes.len() <= BLOCK {
            self.block.extend_from_slice(bytes);
            self.elements += elements.len() as u64;
            return Ok(());
        }
        let (written, result) = self.write(bytes, sink);
        // An element that was written in part is taken.
        let itemsize = E::itemsize_of(&self.codec);
        let taken = written.div_ceil(itemsize.max(1));
        let rest = bytes.get(written..taken * itemsize);
        self.block.extend_from_slice(rest.unwrap_or_default());
        self.elements += taken as u64;
        result
    }

    /// Writes the bytes in the block.
    pub(crate) fn write_out(&mut self, sink: &mut impl Write) -> Result<()> {
        let mut block = std::mem::take(&mut self.block);
        let (written, result) = self.write(&block, sink);
        block.drain(..written);
        self.block = block;
        result
    }

    /// Returns an error if the sink panicked, as further bytes could be written at a wrong position.
    pub(crate) fn check_sink(&self) -> Result<()> {
        match self.has_panicked {
            true => Err(failed(io::Error::other("the writer panicked before"))),
            false => Ok(()),
        }
    }

    /// Writes bytes, and returns how many of them the sink took.
    fn write(&mut self, bytes: &[u8], sink: &mut impl Write) -> (usize, Result<()>) {
        if let Err(error) = self.check_sink() {
            return (0, Err(error));
        }
        self.has_panicked = true;
        let (mut written, mut result) = (0, Ok(()));
        while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
            match sink.write(rest) {
                Ok(0) => result = Err(io::ErrorKind::WriteZero.into()),
                // A wrong number is not believed.
                Ok(more) => written += more.min(rest.len()),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => result = Err(e),
            }
            if result.is_err() {
                break;
            }
        }
        self.has_panicked = false;
        (written, result.map_err(failed))
    }
}

pub(crate) fn failed(error: io::Error) -> Error {
    Error::io("write rows", error)
}
