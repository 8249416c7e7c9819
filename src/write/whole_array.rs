use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    slice::Iter,
};

use super::{
    array_header::array_header,
    block_encoder::{BlockEncoder, failed},
};
use crate::{
    dtype::DType,
    error::{Cause, Error, Result},
    header::{Header, Order, Shape},
    record::{Element, Layout, NpyRecord, dtype_of},
    storage::{Content, Options, write_whole},
};

/// An array in memory: its header, and its elements in their order in the file.
pub(crate) struct WholeArray<'a, E: Element, I> {
    header: Header,
    shape: Shape,
    codec: E::Codec,
    /// The elements, if they are contiguous.
    slice: Option<&'a [E]>,
    elements: I,
}

impl<'a, E: Element> WholeArray<'a, E, Iter<'a, E>> {
    /// Returns an array of a shape, whose elements of a dtype are contiguous.
    pub(crate) fn of_slice(
        dtype: &DType,
        elements: &'a [E],
        shape: &[u64],
        order: Order,
    ) -> Result<Self> {
        if Shape::new(shape.to_vec(), order).len() != elements.len() as u64 {
            let (shape, elements) = (shape.to_vec(), elements.len() as u64);
            return Err(Error::new(Cause::Elements { shape, elements }));
        }
        WholeArray::new(dtype, Some(elements), elements.iter(), shape, order)
    }

    /// Returns an array of records of a shape.
    pub(crate) fn of_records(records: &'a [E], shape: &[u64], order: Order) -> Result<Self>
    where
        E: NpyRecord,
    {
        WholeArray::of_slice(&dtype_of::<E>()?, records, shape, order)
    }
}

impl<'a, E: Element, I: Iterator<Item = &'a E> + Clone> WholeArray<'a, E, I> {
    /// Returns an array of a shape. The number of elements must match the shape.
    pub(crate) fn new(
        dtype: &DType,
        slice: Option<&'a [E]>,
        elements: I,
        shape: &[u64],
        order: Order,
    ) -> Result<Self> {
        let header = array_header(dtype, shape, order)?;
        Ok(WholeArray {
            shape: Shape::new(shape.to_vec(), header.order()),
            header,
            codec: E::codec_of(dtype),
            slice,
            elements,
        })
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// Writes the header and all elements.
    pub(crate) fn write(&self, sink: &mut impl Write) -> Result<()> {
        sink.write_all(&self.header.to_bytes()).map_err(failed)?;
        self.write_elements(sink)
    }

    pub(crate) fn write_elements(&self, sink: &mut impl Write) -> Result<()> {
        let mut encoder =
            BlockEncoder::<E>::new(self.codec.clone(), self.shape.clone(), Vec::new());
        match self.slice {
            Some(slice) => encoder.append_slice(slice, sink)?,
            None => {
                let mut elements = self.elements.clone();
                elements.try_for_each(|element| encoder.append(element, sink))?;
            }
        }
        encoder.write_out(sink)
    }

    /// Checks that all elements can be encoded.
    pub(crate) fn check(&self) -> Result<()> {
        match Layout::<E>::bytes_of(&[]) {
            Some(_) => Ok(()),
            None => self.write_elements(&mut io::sink()),
        }
    }

    /// Writes a file whole.
    pub(crate) fn write_file(&self, path: &Path) -> Result<()> {
        let header = self.header.to_bytes();
        let data = |mut file: &File| self.write_elements(&mut file);
        let check = |_: &File| self.check();
        let content = Content::new(&header, &data).checked(&check);
        write_whole(path, Options::USUAL, &content).map(drop)
    }
}
