use std::io::{Seek, Write};

use super::{rows::Rows, writer::Writer};
use crate::{
    error::{Cause, Error, Result},
    header::{Order, Shape},
    record::NpyRecord,
    stream::array_header,
};

impl<W: Write + Seek> Writer<W> {
    /// Writes the elements of an array of any shape, which come in that order.
    ///
    /// ```
    /// # use std::io::Cursor;
    /// use npyrec::{Order, npz::Writer};
    ///
    /// # let mut archive = Writer::new(Cursor::new(Vec::new()));
    /// archive.write_shaped("grid", &[1.0_f64, 2.0, 3.0, 4.0, 5.0, 6.0], &[2, 3], Order::C)?;
    /// archive.write_shaped("scalar", &[1.0_f64], &[], Order::C)?;
    /// let error = archive.write_shaped("short", &[1.0_f64], &[2, 3], Order::C).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "member `short`: the number of elements is 1, which does not match the shape (2, 3)"
    /// );
    /// # archive.finish()?;
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write), if the shape is that of another number of elements, or the elements
    /// are arrays themselves and the order is Fortran's.
    pub fn write_shaped<T: NpyRecord>(
        &mut self,
        name: &str,
        elements: &[T],
        shape: &[u64],
        order: Order,
    ) -> Result<()> {
        let written = self.try_write_shaped(name, elements, shape, order);
        written.map_err(|e| self.context(name).add_to(e))
    }

    fn try_write_shaped<T: NpyRecord>(
        &mut self,
        name: &str,
        elements: &[T],
        shape: &[u64],
        order: Order,
    ) -> Result<()> {
        let found = elements.len() as u64;
        if Shape::new(shape.to_vec(), order).len() != found {
            let shape = shape.to_vec();
            return Err(Error::new(Cause::Elements {
                shape,
                elements: found,
            }));
        }
        let header = array_header::<T>(shape, order)?;
        let shape = Shape::new(shape.to_vec(), header.order());
        self.write_array_of(name, &header, |zip| Rows::write(elements, shape, zip))
    }
}
