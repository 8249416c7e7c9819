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
    sink::{ArchiveSink, Ending},
    target::ArchiveFile,
};
use crate::{
    error::{Cause, Error, ErrorContext, Result},
    header::Header,
    record::{Element, NpyRecord},
    write::{WholeArray, failed},
};

/// A writer of an archive, array by array.
///
/// An archive with a path is written under another name in the same folder, and gets its name at
/// [`finish`](Self::finish). Until then an old archive is still there. Dropping the writer without `finish` leaves
/// the old archive as it was, and discards the new one.
///
/// An array that cannot be written completely is not in the archive. The archive stays usable, unless its
/// file cannot be written at all. The bytes of an archive depend only on what is written, not on the time or
/// the machine.
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
/// let mut archive = Writer::open(&path)?;
/// archive.write("high", &[9.5_f32])?;
/// archive.finish()?;
///
/// assert_eq!(Reader::open(&path)?.names(), ["low", "high"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Writer<W: Write + Seek = File> {
    /// Comes first, as it must be dropped before the archive.
    ending: Ending,
    pub(super) zip: ZipWriter<ArchiveSink<W>>,
    compression: Compression,
    /// The names of the members in the archive.
    names: HashSet<Box<[u8]>>,
    target: Option<ArchiveFile>,
    /// A member could neither be ended nor removed.
    is_broken: bool,
    /// The array that records are written to.
    pub(super) open: Option<String>,
    /// The arrays whose writers were dropped before they were complete, and the errors.
    lacking: Vec<(String, Error)>,
}

impl Writer {
    /// Creates an archive. At [`finish`](Self::finish) it replaces an old file.
    ///
    /// # Errors
    ///
    /// If no file can be created in the folder, or the path does not lead to a regular file.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let mut target = ArchiveFile::create(path).map_err(|e| e.at_path(path))?;
        let file = target.file().map_err(|e| e.at_path(path))?;
        let mut archive = Writer::new(file);
        archive.ending.give_up();
        archive.target = Some(target);
        Ok(archive)
    }

    /// Adds to an archive, also to one that NumPy wrote.
    ///
    /// The archive is copied, and the copy replaces it at [`finish`](Self::finish). Until then the archive
    /// is complete. The copy needs space on the device, but no memory, and nothing is compressed again.
    ///
    /// # Errors
    ///
    /// If the file does not exist, is not an archive, or cannot be copied, or another writer adds to it
    /// ([`ErrorKind::Locked`](crate::ErrorKind::Locked)).
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Writer::open_copy(path).map_err(|e| e.at_path(path))
    }

    fn open_copy(path: &Path) -> Result<Self> {
        let mut target = ArchiveFile::append(path)?;
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
        let (sink, ending) = ArchiveSink::new(archive);
        let zip = ZipWriter::new_append(sink);
        Ok(Writer {
            ending,
            zip: zip.map_err(|e| damage("read the archive", e))?,
            compression: Compression::default(),
            names,
            target: None,
            is_broken: false,
            open: None,
            lacking: Vec::new(),
        })
    }
}

impl<W: Write + Seek> Writer<W> {
    /// Writes an archive at the position of a [`Write`] that can [`Seek`], without a buffer.
    ///
    /// Dropping the writer ends the archive too, but swallows errors. If an array could not be completed, the
    /// archive is not ended, so that no reader takes it for a complete one.
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
        let (sink, ending) = ArchiveSink::new(out);
        Writer {
            ending,
            zip: ZipWriter::new(sink),
            compression: Compression::default(),
            names: HashSet::new(),
            target: None,
            is_broken: false,
            open: None,
            lacking: Vec::new(),
        }
    }

    /// Sets the compression of the arrays that follow.
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Writes records, as [`write`](crate::write()) does to a file.
    ///
    /// # Errors
    ///
    /// If an array cannot have the name, another array has it, a record cannot be encoded, or the
    /// archive cannot be written.
    pub fn write<R: NpyRecord>(&mut self, name: &str, records: &[R]) -> Result<()> {
        self.write_whole(name, WholeArray::of_records(records))
    }

    /// Writes the array of a header, as [`write_with`](crate::write_with) does to a file.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write) and [`write_with`](crate::write_with).
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::io::Cursor;
    /// use npyrec::{Header, Order, npz::Writer};
    ///
    /// # let mut archive = Writer::new(Cursor::new(Vec::new()));
    /// let grid = Header::new("<f8".parse()?, Order::C, &[2, 3])?;
    /// archive.write_with("grid", &grid, &[1.0_f64, 2.0, 3.0, 4.0, 5.0, 6.0])?;
    /// archive.write_with("scalar", &Header::new("<f8".parse()?, Order::C, &[])?, &[1.0_f64])?;
    /// let error = archive.write_with("short", &grid, &[1.0_f64]).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "member `short`: the number of elements is 1, which does not match the shape (2, 3)"
    /// );
    /// # archive.finish()?;
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    pub fn write_with<E: Element>(
        &mut self,
        name: &str,
        header: &Header,
        elements: &[E],
    ) -> Result<()> {
        self.write_whole(name, WholeArray::with_header(header, elements))
    }

    /// Writes an array that is in memory.
    pub(super) fn write_whole<'a, E: Element>(
        &mut self,
        name: &str,
        array: Result<WholeArray<'a, E, impl Iterator<Item = &'a E> + Clone>>,
    ) -> Result<()> {
        let written = array.and_then(|array| {
            self.write_array_of(name, array.header(), |zip| array.write_elements(zip))
        });
        written.map_err(|e| self.context(name).add_to(e))
    }

    /// Writes an array. If that fails, the array is not in the archive.
    pub(super) fn write_array_of(
        &mut self,
        name: &str,
        header: &Header,
        write: impl FnOnce(&mut ZipWriter<ArchiveSink<W>>) -> Result<()>,
    ) -> Result<()> {
        self.close()?;
        self.check_name(name)?;
        let (member, bytes) = (member_name(name), header.to_bytes());
        let data = header.data_len().unwrap_or(u64::MAX);
        let len = data.saturating_add(bytes.len() as u64);
        let started = self
            .zip
            .start_file(member.as_str(), self.compression.options(len));
        if let Err(error) = started {
            // The member before it is not ended, or this one not taken back.
            if self.zip.is_writing_file() {
                self.break_off();
            }
            return Err(damage("write to the archive", error));
        }
        self.names.insert(member.as_bytes().into());
        let written = self.zip.write_all(&bytes).map_err(failed);
        let written = written.and_then(|()| write(&mut self.zip));
        match written {
            Ok(()) => self.has(name),
            Err(_) => self.abort(name),
        }
        written
    }

    /// Writes the end of the archive, and gives it its name if it has a path. The archive is on the device
    /// before an old file is removed.
    ///
    /// # Errors
    ///
    /// If the archive cannot be written or renamed, or a [`RecordWriter`](super::RecordWriter) was dropped before
    /// its array was complete. An old file is then still there.
    pub fn finish(self) -> Result<W> {
        let context = ErrorContext::of_file(self.target.as_ref().map(ArchiveFile::path));
        self.try_finish().map_err(|e| context.add_to(e))
    }

    fn try_finish(mut self) -> Result<W> {
        self.close()?;
        if !self.lacking.is_empty() {
            return Err(self.lacking.swap_remove(0).1);
        }
        const END: &str = "write the end of the archive";
        self.ending.end();
        let sink = self.zip.finish().map_err(|e| damage(END, e))?;
        let mut out = sink.into_inner().map_err(|e| Error::io(END, e))?;
        out.flush().map_err(|e| Error::io(END, e))?;
        let put = self.target.map_or(Ok(()), ArchiveFile::put);
        put.map_err(|e| Error::io("put the archive in its place", e))?;
        Ok(out)
    }

    pub(super) fn context(&self, name: &str) -> ErrorContext {
        ErrorContext::of_member(self.target.as_ref().map(ArchiveFile::path), name)
    }

    /// Checks that an array of this name can be found, and hides no other array.
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

    /// Creates a file without a name.
    pub(super) fn spool(&self) -> io::Result<File> {
        match &self.target {
            Some(target) => target.spool(),
            None => tempfile::tempfile(),
        }
    }

    /// Removes the member that was started last. If that fails, finishing the archive fails too.
    pub(super) fn abort(&mut self, name: &str) {
        self.open = None;
        self.names.remove(member_name(name).as_bytes());
        if self.zip.is_writing_file() {
            if self.zip.abort_file().is_err() {
                self.break_off();
            }
            // Bytes that are left after the archive do no harm.
            let _ = self.target.as_mut().map(ArchiveFile::cut);
        }
    }

    /// Notes that an array was not completed, and the error was not reported. The archive would look
    /// complete, so it is not ended unless another array of this name is written.
    pub(super) fn lacks(&mut self, name: &str, error: Error) {
        self.ending.give_up();
        self.lacking.push((name.to_owned(), error));
    }

    /// Notes that an array was completed.
    fn has(&mut self, name: &str) {
        self.lacking.retain(|(lacking, _)| lacking != name);
        if self.lacking.is_empty() && !self.is_broken {
            self.ending.end_on_drop(self.target.is_none());
        }
    }

    /// Stops writing, as bytes could end up in another member.
    fn break_off(&mut self) {
        self.is_broken = true;
        self.ending.give_up();
    }

    /// Removes an array whose record writer was forgotten, and checks that the archive can be continued.
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
            .field("path", &self.target.as_ref().map(ArchiveFile::path))
            .field("compression", &self.compression)
            .field("members", &self.names.len())
            .finish_non_exhaustive()
    }
}
