use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
};

use super::writer::Writer;
use crate::{
    dtype::DType,
    error::{Error, Result},
    header::{Header, Order},
    record::{Element, NpyRecord},
    value::Value,
    write::{ArraySink, ArrayWriter, NewArray, failed, record_writer_methods},
};

/// A writer of records into an archive, from [`Writer::records`] or [`Writer::records_with`].
///
/// [`finish`](Self::finish) completes the array. Dropping the writer does so too, but swallows errors. If the
/// array cannot be completed then, as records are missing that were promised, it is not in the archive, and
/// [`Writer::finish`] fails unless another array of this name was written.
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
pub struct RecordWriter<'a, E: Element, W: Write + Seek>(ArrayWriter<E, MemberSink<'a, W>>);

impl<W: Write + Seek> Writer<W> {
    /// Starts an array of any number of records.
    ///
    /// The records are written to an unnamed file beside the archive, or in the system's temporary folder if
    /// the archive has no path. [`finish`](RecordWriter::finish) copies them to the archive, where their
    /// number and their checksum come first. The file needs the space of an `.npy` file.
    ///
    /// # Errors
    ///
    /// If an array cannot have the name, another array has it, the dtype of `R` has no header, or no temporary
    /// file can be created.
    pub fn records<R: NpyRecord>(&mut self, name: &str) -> Result<RecordWriter<'_, R, W>> {
        RecordWriter::spooled(self, name, NewArray::of_records::<R>(0))
    }

    /// Starts an array of any number of [`Value`]s of a dtype, as [`records`](Self::records).
    ///
    /// # Errors
    ///
    /// As [`records`](Self::records), or if the dtype contains Python objects.
    pub fn records_with_dtype(
        &mut self,
        name: &str,
        dtype: &DType,
    ) -> Result<RecordWriter<'_, Value, W>> {
        RecordWriter::spooled(self, name, NewArray::of_shape(dtype, &[0], Order::C))
    }

    /// Starts the array of a header, which knows the number of elements. They are written to the archive at once,
    /// in the order of the header.
    ///
    /// # Errors
    ///
    /// As [`write_with`](Self::write_with).
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::io::Cursor;
    /// # use npyrec::npz::{Reader, Writer};
    /// use npyrec::Header;
    ///
    /// # let mut archive = Writer::new(Cursor::new(Vec::new()));
    /// let mut squares = archive.records_with::<u64>("squares", &Header::for_record::<u64>(3))?;
    /// squares.extend((0..3_u64).map(|n| n * n))?;
    /// squares.finish()?;
    /// # let mut archive = Reader::new(archive.finish()?)?;
    /// # assert_eq!(archive.read::<u64>("squares")?, [0, 1, 4]);
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    pub fn records_with<E: Element>(
        &mut self,
        name: &str,
        header: &Header,
    ) -> Result<RecordWriter<'_, E, W>> {
        RecordWriter::exact(self, name, NewArray::with_header::<E>(header))
    }
}

/// The member of an archive that records are written to.
struct MemberSink<'a, W: Write + Seek> {
    archive: &'a mut Writer<W>,
    name: String,
    /// The header without rows.
    header: Header,
    /// A file, from which the records are copied to the archive when their number is known. Without it they go
    /// to the archive at once.
    spool: Option<File>,
    /// Writing to the archive failed, perhaps in the middle of a record, and cannot be tried again.
    is_broken: bool,
}

impl<'a, E: Element, W: Write + Seek> RecordWriter<'a, E, W> {
    /// Starts a member whose number of records is not known.
    fn spooled(archive: &'a mut Writer<W>, name: &str, array: Result<NewArray>) -> Result<Self> {
        let context = archive.context(name);
        let started = array.and_then(|array| {
            archive.check_name(name)?;
            let spool = archive.spool();
            let spool = spool.map_err(|e| Error::io("create a temporary file", e))?;
            Ok((array, spool))
        });
        let (array, spool) = started.map_err(|e| context.add_to(e))?;
        let member = MemberSink::new(archive, name, array.header(), Some(spool));
        Ok(RecordWriter(ArrayWriter::counting(member, &array, context)))
    }

    /// Starts a member of a known number of records.
    fn exact(archive: &'a mut Writer<W>, name: &str, array: Result<NewArray>) -> Result<Self> {
        let context = archive.context(name);
        let started = array.and_then(|array| {
            archive.write_array_of(name, array.header(), |_| Ok(()))?;
            Ok(array)
        });
        let array = started.map_err(|e| context.add_to(e))?;
        archive.open = Some(name.to_owned());
        let member = MemberSink::new(archive, name, array.header(), None);
        let records = ArrayWriter::new(member, &array, Vec::new(), context);
        Ok(RecordWriter(records))
    }

    /// Completes the array.
    ///
    /// # Errors
    ///
    /// If writing fails now or failed before, or there are fewer records than were promised. The array is
    /// then not in the archive.
    pub fn finish(self) -> Result<()> {
        self.0.finish().map(drop)
    }
}

record_writer_methods!(impl['a, E: Element, W: Write + Seek] RecordWriter<'a, E, W>, "RecordWriter");

impl<'a, W: Write + Seek> MemberSink<'a, W> {
    fn new(archive: &'a mut Writer<W>, name: &str, header: &Header, spool: Option<File>) -> Self {
        MemberSink {
            archive,
            name: name.to_owned(),
            header: header.clone(),
            spool,
            is_broken: false,
        }
    }
}

impl<W: Write + Seek> ArraySink for MemberSink<'_, W> {
    fn writer(&mut self) -> &mut impl Write {
        self
    }

    fn end(&mut self, rows: u64, written: Result<()>) -> Result<()> {
        match (&mut self.spool, &written) {
            (None, Ok(())) => self.archive.open = None,
            (None, Err(_)) => self.archive.abort(&self.name),
            (Some(spool), Ok(())) => {
                let header = self.header.with_rows(rows);
                header.check_for_numpy()?;
                let copy = |zip: &mut _| copy(spool, &header, zip);
                self.archive.write_array_of(&self.name, &header, copy)?;
            }
            (Some(_), Err(_)) => {}
        }
        written
    }

    fn dropped(&mut self, error: Error) {
        self.archive.lacks(&self.name, error);
    }
}

impl<W: Write + Seek> Write for MemberSink<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(spool) = &mut self.spool {
            return spool.write(bytes);
        }
        if self.is_broken {
            return Err(io::Error::other(
                "writing failed before, so that the array cannot be completed",
            ));
        }
        let written = self.archive.zip.write(bytes);
        let failed = |e: &io::Error| e.kind() != io::ErrorKind::Interrupted;
        self.is_broken = written.as_ref().is_err_and(failed);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        // A compressor that is flushed compresses less.
        Ok(())
    }
}

/// Copies the records that a header counts.
fn copy(spool: &mut File, header: &Header, out: &mut impl Write) -> Result<()> {
    spool.seek(SeekFrom::Start(0)).map_err(failed)?;
    let len = header.data_len().unwrap_or(u64::MAX);
    match io::copy(&mut spool.take(len), out) {
        Ok(copied) if copied == len => Ok(()),
        Ok(_) => Err(failed(io::ErrorKind::UnexpectedEof.into())),
        Err(error) => Err(failed(error)),
    }
}
