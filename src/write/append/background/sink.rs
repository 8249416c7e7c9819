use super::panics::catch_panic;
use crate::{
    error::{Cause, Error, Result},
    record::Element,
    write::append::{Appender, ArrayAppender, rows::Rows},
};

/// An appender, as the thread uses it.
pub(super) trait LogTarget {
    /// The type that is logged.
    type Item;

    /// Appends items, up to one that fails. Returns the number of items that were appended.
    fn append(&mut self, items: &[Self::Item]) -> (usize, Result<()>);

    fn rows(&mut self) -> &mut Rows;

    /// Runs `append`, and makes a panic an error. Returns the number of rows that were appended.
    fn catch(&mut self, append: impl FnOnce(&mut Self) -> Result<()>) -> (usize, Result<()>) {
        let before = self.rows().rows();
        let caught = catch_panic("encode the record", || append(self));
        let rows = self.rows().rows();
        let result = caught.unwrap_or_else(|panic| {
            let rows = self.rows();
            Err(panic.at_row(rows.file_rows()).at_path(rows.path()))
        });
        // They come from a slice, whose length is a `usize`.
        let appended = usize::try_from(rows.saturating_sub(before));
        (appended.unwrap_or(usize::MAX), result)
    }
}

impl<E: Element> LogTarget for Appender<E> {
    type Item = E;

    fn append(&mut self, records: &[E]) -> (usize, Result<()>) {
        self.catch(|appender| appender.append_slice(records))
    }

    fn rows(&mut self) -> &mut Rows {
        &mut self.rows
    }
}

/// An appender of whole rows, of which an item may hold several.
pub(super) struct WholeRows<T: Element> {
    appender: ArrayAppender<T>,
    /// The number of elements of the current item that were appended before writing failed.
    appended: usize,
}

impl<T: Element> WholeRows<T> {
    pub(super) fn new(appender: ArrayAppender<T>) -> Self {
        WholeRows {
            appender,
            appended: 0,
        }
    }

    /// Appends the remaining rows of an item. Returns true if all rows are appended.
    fn append_item(&mut self, item: &[T]) -> (bool, Result<()>) {
        let left = item.get(self.appended..).unwrap_or_default();
        let (rows, result) = self.catch(|sink| sink.appender.append_rows(left));
        let row_len = usize::try_from(self.appender.rows.row_len()).unwrap_or(usize::MAX);
        self.appended += rows.saturating_mul(row_len);
        // The header may have failed after all rows were appended.
        let is_done = match &result {
            Ok(()) => true,
            Err(error) => !is_of_record(error) && rows > 0 && self.appended >= item.len(),
        };
        if is_done || result.as_ref().is_err_and(is_of_record) {
            self.appended = 0;
        }
        (is_done, result)
    }
}

impl<T: Element> LogTarget for WholeRows<T> {
    type Item = Vec<T>;

    fn append(&mut self, items: &[Vec<T>]) -> (usize, Result<()>) {
        for (nth, item) in items.iter().enumerate() {
            match self.append_item(item) {
                (_, Ok(())) => {}
                (is_done, Err(error)) => return (nth + usize::from(is_done), Err(error)),
            }
        }
        (items.len(), Ok(()))
    }

    fn rows(&mut self) -> &mut Rows {
        &mut self.appender.rows
    }
}

/// Returns true if the error is of one record, which is left out. The next one may succeed.
pub(super) fn is_of_record(error: &Error) -> bool {
    matches!(
        error.cause(),
        Cause::Encode(_) | Cause::Panicked(_) | Cause::PartialRow { .. }
    )
}

/// Returns true if the appender never writes a row again after this error.
pub(super) fn is_final(error: &Error) -> bool {
    !is_of_record(error) && !matches!(error.cause(), Cause::Io(_))
}

/// Returns the number of committed rows of the file that are lost by the error that ended the thread.
pub(super) fn lost_rows(error: &Error, committed: u64) -> u64 {
    match *error.cause() {
        Cause::CutShort { found, .. } => committed.saturating_sub(found),
        // They are in a file that is gone when the appender is.
        Cause::Removed => committed,
        _ => 0,
    }
}
