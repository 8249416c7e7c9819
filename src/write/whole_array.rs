use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    slice::Iter,
};

use super::{
    block_encoder::{BlockEncoder, failed},
    new_array::NewArray,
};
use crate::{
    error::{Cause, Error, Result},
    header::Header,
    record::{Element, Layout, NpyRecord},
    storage::{Content, Options, write_whole},
};

/// An array in memory: its header, and its elements in their order in the file.
pub(crate) struct WholeArray<'a, E: Element, I> {
    array: NewArray,
    /// The elements, if they are contiguous.
    slice: Option<&'a [E]>,
    elements: I,
}

impl<'a, E: Element> WholeArray<'a, E, Iter<'a, E>> {
    /// Returns an array of one axis.
    pub(crate) fn of_records(records: &'a [E]) -> Result<Self>
    where
        E: NpyRecord,
    {
        let array = NewArray::of_records::<E>(records.len() as u64)?;
        Ok(WholeArray::new(array, Some(records), records.iter()))
    }

    /// Returns the array of a header, whose elements are contiguous.
    pub(crate) fn with_header(header: &Header, elements: &'a [E]) -> Result<Self> {
        let array = NewArray::with_header::<E>(header)?;
        let (shape, len) = (array.shape(), elements.len() as u64);
        if shape.len() != len {
            let (shape, elements) = (shape.dims().to_vec(), len);
            return Err(Error::new(Cause::Elements { shape, elements }));
        }
        Ok(WholeArray::new(array, Some(elements), elements.iter()))
    }
}

impl<'a, E: Element, I: Iterator<Item = &'a E> + Clone> WholeArray<'a, E, I> {
    /// Returns an array from its elements. The header counts them.
    pub(crate) fn new(array: NewArray, slice: Option<&'a [E]>, elements: I) -> Self {
        WholeArray {
            array,
            slice,
            elements,
        }
    }

    pub(crate) fn header(&self) -> &Header {
        self.array.header()
    }

    /// Writes the header and all elements.
    pub(crate) fn write(&self, sink: &mut impl Write) -> Result<()> {
        sink.write_all(&self.header().to_bytes()).map_err(failed)?;
        self.write_elements(sink)
    }

    pub(crate) fn write_elements(&self, sink: &mut impl Write) -> Result<()> {
        let mut encoder = BlockEncoder::<E>::new(&self.array, Vec::new());
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
        let header = self.header().to_bytes();
        let data = |mut file: &File| self.write_elements(&mut file);
        let check = |_: &File| self.check();
        let content = Content::new(&header, &data).checked(&check);
        write_whole(path, Options::USUAL, &content).map(drop)
    }
}
