use std::{
    borrow::Borrow,
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    marker::PhantomData,
};

use super::{
    rows::{BLOCK, Rows, failed},
    writer::Writer,
};
use crate::{
    error::{Cause, Error, Result},
    header::{Header, Order},
    record::NpyRecord,
    stream::array_header,
};

/// Records that are logged into an archive, by [`Writer::records`] or [`Writer::records_exact`].
///
/// They are in the archive when it is [finished](Self::finish). When it is dropped before, there is no
/// such array, and the archive may go on with others.
///
/// ```
/// # use std::io::Cursor;
/// # use npyrec::npz::{Reader, Writer};
/// # let mut archive = Writer::new(Cursor::new(Vec::new()));
/// let mut lines = archive.records::<[u16; 2]>("lines")?;
/// for line in 0..3 {
///     lines.append(&[line, line * line])?;
/// }
/// lines.finish()?;
/// # let mut archive = Reader::new(archive.finish()?)?;
/// # assert_eq!(archive.read::<[u16; 2]>("lines")?, [[0, 0], [1, 1], [2, 4]]);
/// # Ok::<(), npyrec::Error>(())
/// ```
pub struct RecordWriter<'a, R: NpyRecord, W: Write + Seek> {
    archive: &'a mut Writer<W>,
    name: String,
    rows: Rows,
    to: To,
    is_finished: bool,
    /// Writing failed, perhaps in the middle of a row.
    is_broken: bool,
    records: PhantomData<fn(R)>,
}

/// Where the rows go.
enum To {
    Spool(File),
    /// To the archive, of which the header tells so many.
    Archive(u64),
}

impl<'a, R: NpyRecord, W: Write + Seek> RecordWriter<'a, R, W> {
    pub(super) fn spooled(archive: &'a mut Writer<W>, name: &str) -> Result<Self> {
        archive.check_name(name)?;
        header_of::<R>(0)?;
        let spool = archive.spool();
        let spool = spool.map_err(|e| Error::io("create a temporary file", e))?;
        Ok(Self::new(archive, name, To::Spool(spool)))
    }

    pub(super) fn exact(archive: &'a mut Writer<W>, name: &str, rows: u64) -> Result<Self> {
        archive.write_array_of(name, &header_of::<R>(rows)?, |_| Ok(()))?;
        archive.open = Some(name.to_owned());
        Ok(Self::new(archive, name, To::Archive(rows)))
    }

    fn new(archive: &'a mut Writer<W>, name: &str, to: To) -> Self {
        RecordWriter {
            archive,
            name: name.to_owned(),
            rows: Rows::default(),
            to,
            is_finished: false,
            is_broken: false,
            records: PhantomData,
        }
    }

    /// The number of records so far.
    pub fn rows(&self) -> u64 {
        self.rows.count()
    }

    /// Adds one record.
    ///
    /// # Errors
    ///
    /// If a value has no place in its field's dtype: the record is not added, and the next one may be. If
    /// there are more than were told, or writing fails; after that the array cannot be finished.
    pub fn append(&mut self, record: &R) -> Result<()> {
        self.write(1, |rows, out| rows.append(record, out))
    }

    /// Adds records.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append); the records before one that has no place are added.
    pub fn append_slice(&mut self, records: &[R]) -> Result<()> {
        self.write(records.len() as u64, |rows, out| {
            rows.append_slice(records, out)
        })
    }

    /// Adds the records of an iterator, owned or borrowed.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append); the records before the one at fault are added.
    pub fn extend<I>(&mut self, records: I) -> Result<()>
    where
        I: IntoIterator,
        I::Item: Borrow<R>,
    {
        records
            .into_iter()
            .try_for_each(|record| self.append(record.borrow()))
    }
}

impl<R: NpyRecord, W: Write + Seek> RecordWriter<'_, R, W> {
    /// Completes the array.
    ///
    /// # Errors
    ///
    /// If writing fails now or failed before, or there are not as many records as were told. The array is
    /// then not in the archive.
    pub fn finish(mut self) -> Result<()> {
        let finished = self.try_finish();
        finished.map_err(|e| self.in_context(e))
    }

    fn try_finish(&mut self) -> Result<()> {
        self.check_whole()?;
        let found = self.rows.count();
        match &mut self.to {
            To::Archive(expected) if *expected != found => {
                let expected = *expected;
                return Err(Error::new(Cause::RowsPromised {
                    promised: expected,
                    rows: found,
                }));
            }
            To::Archive(_) => {
                self.rows.write_out(&mut self.archive.zip)?;
                self.archive.open = None;
            }
            To::Spool(spool) => {
                self.rows.write_out(spool)?;
                let header = header_of::<R>(found)?;
                self.archive
                    .write_array_of(&self.name, &header, |zip| copy(spool, &header, zip))?;
            }
        }
        self.is_finished = true;
        Ok(())
    }

    /// Lets `write` write so many records.
    fn write(
        &mut self,
        more: u64,
        write: impl FnOnce(&mut Rows, &mut dyn Write) -> Result<()>,
    ) -> Result<()> {
        let written = self.try_write(more, write);
        written.map_err(|e| self.in_context(e))
    }

    fn try_write(
        &mut self,
        more: u64,
        write: impl FnOnce(&mut Rows, &mut dyn Write) -> Result<()>,
    ) -> Result<()> {
        self.check_whole()?;
        let out: &mut dyn Write = match &mut self.to {
            To::Spool(spool) => spool,
            To::Archive(expected) => {
                let (expected, found) = (*expected, self.rows.count().saturating_add(more));
                if found > expected {
                    return Err(Error::new(Cause::RowsPromised {
                        promised: expected,
                        rows: found,
                    }));
                }
                &mut self.archive.zip
            }
        };
        let written = write(&mut self.rows, out);
        let refused = |error: &Error| matches!(error.cause(), Cause::Encode(_));
        self.is_broken = written.as_ref().is_err_and(|error| !refused(error));
        written
    }

    /// Checks that no part of a row was written.
    fn check_whole(&self) -> Result<()> {
        match self.is_broken {
            true => Err(failed(io::Error::other(
                "writing failed before, so that the array cannot be completed",
            ))),
            false => Ok(()),
        }
    }

    #[cold]
    fn in_context(&self, error: Error) -> Error {
        self.archive.context(&self.name).add_to(error)
    }
}

fn header_of<R: NpyRecord>(rows: u64) -> Result<Header> {
    array_header::<R>(&[rows], Order::C)
}

/// Copies the rows of a header.
fn copy(spool: &mut File, header: &Header, out: &mut impl Write) -> Result<()> {
    spool.seek(SeekFrom::Start(0)).map_err(failed)?;
    let len = header.data_len().unwrap_or(u64::MAX);
    let mut rest = spool.take(len);
    let mut block = vec![0; BLOCK];
    loop {
        match rest.read(&mut block) {
            Ok(0) if rest.limit() == 0 => return Ok(()),
            Ok(0) => return Err(failed(io::ErrorKind::UnexpectedEof.into())),
            Ok(read) => {
                let bytes = block.get(..read).unwrap_or_default();
                out.write_all(bytes).map_err(failed)?;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(failed(e)),
        }
    }
}

impl<R: NpyRecord, W: Write + Seek> Drop for RecordWriter<'_, R, W> {
    fn drop(&mut self) {
        if !self.is_finished && matches!(self.to, To::Archive(_)) {
            self.archive.abort(&self.name);
        }
    }
}

impl<R: NpyRecord, W: Write + Seek> fmt::Debug for RecordWriter<'_, R, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordWriter")
            .field("name", &self.name)
            .field("rows", &self.rows())
            .finish_non_exhaustive()
    }
}
