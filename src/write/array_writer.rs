use std::io::Write;

use super::{block_encoder::BlockEncoder, new_array::NewArray};
use crate::{
    error::{Cause, Error, ErrorContext, Result},
    record::{Element, EncodeAs},
};

/// The destination of the elements of one array.
pub(crate) trait ArraySink {
    /// Returns the writer of the elements.
    fn writer(&mut self) -> &mut impl Write;

    /// Ends the array after a number of whole elements. `written` is an error if other elements could not be
    /// written, or the header promises another number.
    fn end(&mut self, elements: u64, written: Result<()>) -> Result<()>;

    /// Notes that the array was dropped, and could not be ended.
    fn dropped(&mut self, error: Error) {
        // A drop cannot return an error.
        drop(error);
    }
}

/// A writer of the elements of one array as they come.
///
/// Dropping it ends the array as well as [`finish`](Self::finish) does, but not after the sink panicked.
pub(crate) struct ArrayWriter<E: Element, S: ArraySink> {
    encoder: BlockEncoder<E>,
    /// `None` after `finish`.
    sink: Option<S>,
    /// The number of elements in the header, if it is written before them.
    promised: Option<u64>,
    context: ErrorContext,
}

impl<E: Element, S: ArraySink> ArrayWriter<E, S> {
    /// Returns a writer of all elements of an array. `header` is written with the first block.
    pub(crate) fn new(sink: S, array: &NewArray, header: Vec<u8>, context: ErrorContext) -> Self {
        ArrayWriter {
            promised: Some(array.shape().len()),
            encoder: BlockEncoder::new(array, header),
            sink: Some(sink),
            context,
        }
    }

    /// Returns a writer of any number of elements, whose sink writes the header.
    pub(crate) fn counting(sink: S, array: &NewArray, context: ErrorContext) -> Self {
        let mut writer = ArrayWriter::new(sink, array, Vec::new(), context);
        writer.promised = None;
        writer
    }

    /// Returns the number of complete rows that were appended.
    pub(crate) fn rows(&self) -> u64 {
        self.encoder.rows_in(self.elements())
    }

    /// Returns the number of rows in the header.
    pub(crate) fn promised_rows(&self) -> Option<u64> {
        self.promised.map(|all| self.encoder.rows_in(all))
    }

    fn elements(&self) -> u64 {
        self.encoder.elements()
    }

    #[inline]
    pub(crate) fn append<B: EncodeAs<E> + ?Sized>(&mut self, element: &B) -> Result<()> {
        let appended = match &mut self.sink {
            Some(sink)
                if self
                    .promised
                    .is_none_or(|all| self.encoder.elements() < all) =>
            {
                self.encoder.append(element, sink.writer())
            }
            _ => Err(self.wrong_number(1)),
        };
        appended.map_err(|error| self.in_context(error))
    }

    pub(crate) fn append_slice(&mut self, elements: &[E]) -> Result<()> {
        let more = elements.len() as u64;
        let room = self.promised.unwrap_or(u64::MAX) - self.encoder.elements();
        let appended = match &mut self.sink {
            Some(sink) if more <= room => self.encoder.append_slice(elements, sink.writer()),
            _ => Err(self.wrong_number(more)),
        };
        appended.map_err(|error| self.in_context(error))
    }

    /// Writes the bytes in the block.
    pub(crate) fn write_out(&mut self) -> Result<()> {
        let written = self
            .sink
            .as_mut()
            .map(|sink| self.encoder.write_out(sink.writer()));
        written
            .unwrap_or(Ok(()))
            .map_err(|error| self.in_context(error))
    }

    /// Ends the array, and returns the sink.
    pub(crate) fn finish(mut self) -> Result<S> {
        let ended = self.end().map_err(|error| self.in_context(error));
        let sink = self.sink.take().ok_or_else(|| self.wrong_number(0));
        ended.and(sink)
    }

    fn end(&mut self) -> Result<()> {
        let is_whole = self.promised.is_none_or(|all| all == self.elements());
        let missing = if is_whole {
            Ok(())
        } else {
            Err(self.wrong_number(0))
        };
        let Some(sink) = &mut self.sink else {
            return Ok(());
        };
        let written = self.encoder.write_out(sink.writer());
        self.encoder.check_sink()?;
        sink.end(self.encoder.written(), written.and(missing))
    }

    /// Returns the error that the header promises another number of elements.
    #[cold]
    fn wrong_number(&self, more: u64) -> Error {
        let elements = self.elements().saturating_add(more);
        let rows = match more {
            0 => self.rows(),
            // A row that was begun counts.
            _ => self.encoder.rows_in(elements - 1).saturating_add(1),
        };
        Error::new(Cause::RowsPromised {
            promised: self.promised_rows().unwrap_or_default(),
            rows,
        })
    }

    #[cold]
    fn in_context(&self, error: Error) -> Error {
        self.context.add_to(error)
    }
}

impl<E: Element, S: ArraySink> Drop for ArrayWriter<E, S> {
    fn drop(&mut self) {
        let ended = self.end().map_err(|error| self.in_context(error));
        if let (Err(error), Some(sink)) = (ended, &mut self.sink) {
            sink.dropped(error);
        }
    }
}
