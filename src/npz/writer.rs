use std::{
    collections::HashSet,
    fmt,
    fs::File,
    io::{self, Read, Seek, Write},
    path::Path,
};

use zip::{ZipArchive, ZipWriter};

use super::{
    compression::Compression,
    damage::damage,
    name::{self, member_name},
    record_writer::RecordWriter,
    rows::{Rows, failed},
    sink::{Ending, Sink},
    target::Target,
};
use crate::{
    error::{Cause, Error, ErrorContext, Result},
    header::{Header, Order, Shape},
    record::NpyRecord,
    stream::array_header,
};

/// Writes an archive, array by array.
///
/// An archive can be read only when its end is written. One that has a path is therefore written under
/// another name in the same folder, and takes its own at [`finish`](Self::finish): until then, and if
/// that is never called, what was there before stays.
///
/// An array that cannot be written to its end is not in the archive, which stays usable, unless its
/// file cannot be written at all. The bytes of an archive depend on what is written alone, and not on
/// the time or the machine.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("levels.npz");
/// use npyrec::npz::{Compression, Reader, Writer};
///
/// let mut archive = Writer::create(&path)?.compression(Compression::Deflated);
/// archive.write("low", &[0.5_f32; 1000])?;
/// archive.finish()?;
///
/// let mut archive = Writer::append(&path)?;
/// archive.write("high", &[9.5_f32])?;
/// archive.finish()?;
///
/// assert_eq!(Reader::open(&path)?.names(), ["low", "high"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Writer<W: Write + Seek = File> {
    /// Dropped before the archive.
    ending: Ending,
    pub(super) zip: ZipWriter<Sink<W>>,
    compression: Compression,
    /// Of the members, as they are in the archive.
    names: HashSet<Box<[u8]>>,
    target: Option<Target>,
    /// It is not known what is in it.
    is_broken: bool,
    /// The array that records are written to.
    pub(super) open: Option<String>,
}

impl Writer {
    /// Makes a new archive, which takes the place of a file of that name, if there is one, at
    /// [`finish`](Self::finish).
    ///
    /// # Errors
    ///
    /// If no file can be created in that folder, or something that is no file has that name.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let mut target = Target::create(path).map_err(|e| e.at_path(path))?;
        let file = target.file().map_err(|e| e.at_path(path))?;
        let mut archive = Writer::new(file);
        archive.ending.give_up();
        archive.target = Some(target);
        Ok(archive)
    }

    /// Adds to an archive, one of NumPy's as well. This is done to a copy, which takes the place of the
    /// archive at [`finish`](Self::finish): whatever happens meanwhile, the archive is whole. That takes
    /// the time and the room of a copy, but no memory, and compresses nothing anew.
    ///
    /// # Errors
    ///
    /// If there is no such file, it is no archive, it cannot be copied, or another writer adds to it
    /// ([`ErrorKind::Locked`](crate::ErrorKind::Locked)).
    pub fn append(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Writer::open(path).map_err(|e| e.at_path(path))
    }

    fn open(path: &Path) -> Result<Self> {
        let mut target = Target::append(path)?;
        let names = {
            let archive = ZipArchive::new(io::BufReader::new(target.file()?));
            let archive = archive.map_err(|e| damage("read the archive", e))?;
            archive.file_names_raw().map(Box::from).collect()
        };
        let mut archive = Writer::adding_to(target.file()?, names)?;
        archive.ending.give_up();
        archive.target = Some(target);
        Ok(archive)
    }
}

impl<W: Read + Write + Seek> Writer<W> {
    /// Adds to an archive with members of these names.
    pub(super) fn adding_to(archive: W, names: HashSet<Box<[u8]>>) -> Result<Self> {
        let (sink, ending) = Sink::new(archive);
        let zip = ZipWriter::new_append(sink);
        Ok(Writer {
            ending,
            zip: zip.map_err(|e| damage("read the archive", e))?,
            compression: Compression::default(),
            names,
            target: None,
            is_broken: false,
            open: None,
        })
    }
}

impl<W: Write + Seek> Writer<W> {
    /// Writes an archive to whatever can be written and [`Seek`]ed, from its position on. It is not
    /// buffered here. Dropping the writer ends the archive too, but cannot say whether that failed.
    ///
    /// ```
    /// use std::io::Cursor;
    /// use npyrec::npz::{Reader, Writer};
    ///
    /// let mut archive = Writer::new(Cursor::new(Vec::new()));
    /// archive.write("squares", &[0_u8, 1, 4, 9])?;
    /// let bytes = archive.finish()?;
    /// assert_eq!(Reader::new(bytes)?.read::<u8>("squares")?, [0, 1, 4, 9]);
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    pub fn new(out: W) -> Self {
        let (sink, ending) = Sink::new(out);
        Writer {
            ending,
            zip: ZipWriter::new(sink),
            compression: Compression::default(),
            names: HashSet::new(),
            target: None,
            is_broken: false,
            open: None,
        }
    }

    /// How the arrays that follow are compressed.
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Writes records, one after another, as [`write`](crate::write()) does to a file of their own.
    ///
    /// # Errors
    ///
    /// If an array cannot have that name, or another one has it, a record cannot be encoded, or the
    /// archive cannot be written.
    pub fn write<R: NpyRecord>(&mut self, name: &str, records: &[R]) -> Result<()> {
        let written = self.try_write(name, records);
        written.map_err(|e| self.context(name).add_to(e))
    }

    fn try_write<R: NpyRecord>(&mut self, name: &str, records: &[R]) -> Result<()> {
        let header = array_header::<R>(&[records.len() as u64], Order::C)?;
        self.write_array_of(name, &header, |zip| {
            let shape = Shape::new(vec![records.len() as u64], Order::C);
            Rows::write(records, shape, zip)
        })
    }

    /// Writes an array; if that fails there is none.
    pub(super) fn write_array_of(
        &mut self,
        name: &str,
        header: &Header,
        write: impl FnOnce(&mut ZipWriter<Sink<W>>) -> Result<()>,
    ) -> Result<()> {
        let bytes = header.to_bytes();
        let data = header.data_len().unwrap_or(u64::MAX);
        let len = data.saturating_add(bytes.len() as u64);
        self.write_member(name, len, |zip| {
            zip.write_all(&bytes).map_err(failed)?;
            write(zip)
        })
    }

    /// Writes a member of about so many bytes; if that fails there is none.
    pub(super) fn write_member(
        &mut self,
        name: &str,
        len: u64,
        write: impl FnOnce(&mut ZipWriter<Sink<W>>) -> Result<()>,
    ) -> Result<()> {
        self.close()?;
        self.check_name(name)?;
        let member = member_name(name);
        let options = self.compression.options(len);
        let started = self.zip.start_file(member.as_str(), options);
        if let Err(error) = started {
            // The member before it is not ended, or this one not taken back.
            if self.zip.is_writing_file() {
                self.break_off();
            }
            return Err(damage("write to the archive", error));
        }
        self.names.insert(member.as_bytes().into());
        let written = write(&mut self.zip);
        if written.is_err() {
            self.abort(name);
        }
        written
    }

    /// Starts a log of records in the archive, of which nobody has to know how many there will be. They
    /// are written to an unnamed file beside the archive (in the system's temporary folder, if it has no
    /// path), and copied from there at [`finish`](RecordWriter::finish), as their number and their checksum
    /// stand before them in the archive. This takes no memory but a buffer, and until then as much room
    /// on the device as the records have in an `.npy` file, compressed or not.
    ///
    /// # Errors
    ///
    /// If an array cannot have that name, or another one has it, the dtype of `R` has no header, or there
    /// can be no temporary file.
    pub fn records<R: NpyRecord>(&mut self, name: &str) -> Result<RecordWriter<'_, R, W>> {
        let context = self.context(name);
        RecordWriter::spooled(self, name).map_err(|e| context.add_to(e))
    }

    /// Starts a log of so many records in the archive, which are written straight to it.
    ///
    /// ```
    /// # use std::io::Cursor;
    /// # use npyrec::npz::{Reader, Writer};
    /// # let mut archive = Writer::new(Cursor::new(Vec::new()));
    /// let mut squares = archive.records_exact::<u64>("squares", 3)?;
    /// squares.extend((0..3).map(|n| n * n))?;
    /// squares.finish()?;
    /// # let mut archive = Reader::new(archive.finish()?)?;
    /// # assert_eq!(archive.read::<u64>("squares")?, [0, 1, 4]);
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn records_exact<R: NpyRecord>(
        &mut self,
        name: &str,
        rows: u64,
    ) -> Result<RecordWriter<'_, R, W>> {
        let context = self.context(name);
        RecordWriter::exact(self, name, rows).map_err(|e| context.add_to(e))
    }

    /// Writes the end of the archive, and puts it in its place if it has a path. Where another file was
    /// there, the archive is on the device before that goes.
    ///
    /// # Errors
    ///
    /// If the archive cannot be written, or put in its place; what was there before is there still.
    pub fn finish(self) -> Result<W> {
        let context = ErrorContext::of_file(self.target.as_ref().map(Target::path));
        self.try_finish().map_err(|e| context.add_to(e))
    }

    fn try_finish(mut self) -> Result<W> {
        self.close()?;
        const END: &str = "write the end of the archive";
        self.ending.end();
        let sink = self.zip.finish().map_err(|e| damage(END, e))?;
        let mut out = sink.into_inner().map_err(|e| Error::io(END, e))?;
        out.flush().map_err(|e| Error::io(END, e))?;
        let put = self.target.map_or(Ok(()), Target::put);
        put.map_err(|e| Error::io("put the archive in its place", e))?;
        Ok(out)
    }

    pub(super) fn context(&self, name: &str) -> ErrorContext {
        ErrorContext::of_member(self.target.as_ref().map(Target::path), name)
    }

    /// Checks that there may be an array of a name: one that is found under it, and hides no other.
    pub(super) fn check_name(&self, name: &str) -> Result<()> {
        name::check(name)?;
        let member = member_name(name);
        let hidden = member_name(&member);
        let others = [name, &member, &hidden];
        match others
            .iter()
            .any(|name| self.names.contains(name.as_bytes()))
        {
            true => Err(Error::new(Cause::MemberExists)),
            false => Ok(()),
        }
    }

    /// A file without a name.
    pub(super) fn spool(&self) -> io::Result<File> {
        match &self.target {
            Some(target) => target.spool(),
            None => tempfile::tempfile(),
        }
    }

    /// Takes back the member that was started last. If that fails, so does finishing the archive.
    pub(super) fn abort(&mut self, name: &str) {
        self.open = None;
        self.names.remove(member_name(name).as_bytes());
        if self.zip.is_writing_file() {
            if self.zip.abort_file().is_err() {
                self.break_off();
            }
            // What would be left of it behind the archive harms nobody.
            let _ = self.target.as_mut().map(Target::cut);
        }
    }

    /// Nothing more is written: it could end up in another member.
    fn break_off(&mut self) {
        self.is_broken = true;
        self.ending.give_up();
    }

    /// Takes back an array whose [`RecordWriter`] was forgotten, and checks that the archive is whole.
    fn close(&mut self) -> Result<()> {
        if let Some(name) = self.open.take() {
            self.abort(&name);
        }
        let broken = || io::Error::other("a member could not be ended or taken back");
        match self.is_broken {
            true => Err(Error::io("write the archive", broken())),
            false => Ok(()),
        }
    }
}

impl<W: Write + Seek> fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("path", &self.target.as_ref().map(Target::path))
            .field("compression", &self.compression)
            .field("members", &self.names.len())
            .finish_non_exhaustive()
    }
}
