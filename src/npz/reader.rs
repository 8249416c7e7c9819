use std::{
    fmt,
    fs::File,
    io::{BufReader, Read, Seek},
    path::{Path, PathBuf},
};

use zip::ZipArchive;

use super::{
    damage::{damage, readable},
    limit::Limit,
    member::Member,
    name::{array_name, member_name},
};
use crate::{
    error::{Error, ErrorKind, Result},
    header::Header,
    read::{self, Place, ReadOptions, ValueReader},
    record::NpyRecord,
};

/// Reads an archive, array by array.
///
/// Opening it reads the names that it has. An array is then found by its name at once, and takes no more
/// memory than a [`Reader`](crate::Reader) of a file; whatever an archive may say, what is read is what
/// takes memory, and a compressed member expands to no more than a [limit](Self::max_expanded_size). That the bytes of a member are those that were put in is known at its end: damage is an
/// error there, in place of the last rows.
///
/// ```
/// # use std::io::Cursor;
/// # use npyrec::npz::Writer;
/// # let mut archive = Writer::new(Cursor::new(Vec::new()));
/// # archive.write("levels", &[1.5_f64, 2.5])?;
/// # let file = archive.finish()?;
/// use npyrec::npz::Reader;
///
/// let mut archive = Reader::new(file)?;
/// assert_eq!(archive.names(), ["levels"]);
/// let mut sum = 0.0;
/// for level in archive.by_name::<f64>("levels")? {
///     sum += level?;
/// }
/// assert_eq!(sum, 4.0);
///
/// let error = archive.read::<f64>("level").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "there is no member `level`; there is levels"
/// );
/// # Ok::<(), npyrec::Error>(())
/// ```
pub struct Reader<S = File> {
    archive: ZipArchive<BufReader<S>>,
    limit: Limit,
    path: Option<PathBuf>,
    /// What members are mapped from.
    #[cfg(feature = "mmap")]
    pub(super) file: Option<File>,
}

impl Reader {
    /// Opens an archive.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is no zip archive.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Reader::open_path(path).map_err(|e| e.at_path(path))
    }

    fn open_path(path: &Path) -> Result<Self> {
        let failed = |e| Error::io("open the file", e);
        let file = File::open(path).map_err(failed)?;
        Ok(Reader {
            #[cfg(feature = "mmap")]
            file: Some(file.try_clone().map_err(failed)?),
            path: Some(path.to_owned()),
            ..Reader::new(file)?
        })
    }
}

impl<S: Read + Seek> Reader<S> {
    /// Reads an archive from whatever can be read and [`Seek`]ed. It need not be buffered.
    ///
    /// # Errors
    ///
    /// If reading fails, or what is read is no zip archive.
    pub fn new(source: S) -> Result<Self> {
        let archive = ZipArchive::new(BufReader::new(source));
        Ok(Reader {
            archive: archive.map_err(|e| damage("read the archive", e))?,
            limit: Limit::InProportion,
            path: None,
            #[cfg(feature = "mmap")]
            file: None,
        })
    }

    /// Sets the most bytes that a compressed member may expand to, its header included. A member that is
    /// longer is an error, before its array is read if the archive tells its true size.
    ///
    /// By default it is 256 MiB, or 100 times the member's size in the archive if that is more, so that no
    /// small archive takes all memory. Arrays of constants may compress better: give a larger number to read
    /// them, or `u64::MAX` for any size. Members that are not compressed have no limit.
    ///
    /// ```
    /// # use std::io::Cursor;
    /// # use npyrec::npz::{Compression, Reader, Writer};
    /// # let mut archive = Writer::new(Cursor::new(Vec::new())).compression(Compression::Deflated);
    /// # archive.write("zeros", &[0_u8; 4000])?;
    /// # let file = archive.finish()?;
    /// let mut archive = Reader::new(file)?.max_expanded_size(1000);
    /// assert!(archive.read::<u8>("zeros").is_err());
    /// let mut archive = archive.max_expanded_size(u64::MAX);
    /// assert_eq!(archive.read::<u8>("zeros")?.len(), 4000);
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    #[must_use]
    pub fn max_expanded_size(mut self, bytes: u64) -> Self {
        self.limit = Limit::Bytes(bytes);
        self
    }

    /// The names of the arrays, in the order of the archive: those of its members without their `.npy`,
    /// as `np.load` has them, and as [`by_name`](Self::by_name) and the others take them. Of several
    /// members of one name there is the last.
    pub fn names(&self) -> Vec<String> {
        let members = self.archive.file_names().filter_map(|name| name.ok());
        members.map(|name| array_name(&name).to_owned()).collect()
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.archive.len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.archive.is_empty()
    }

    /// The header of an array.
    ///
    /// # Errors
    ///
    /// If there is no member of that name, it is no `.npy` file, or it cannot be read.
    pub fn header(&mut self, name: &str) -> Result<Header> {
        let place = self.place(name);
        let header = self
            .member(name)
            .and_then(|mut member| Ok(Header::read_from(&mut member)?));
        header.map_err(|e| place.of(e))
    }

    /// The records of an array, one by one.
    ///
    /// # Errors
    ///
    /// If there is no member of that name; if it is no `.npy` file whose dtype can be read as that of
    /// `R`; if it is encrypted, or compressed by a method that NumPy does not use; if it cannot be read.
    pub fn by_name<R: NpyRecord>(
        &mut self,
        name: &str,
    ) -> Result<read::Reader<R, impl Read + use<'_, R, S>>> {
        self.by_name_with(name, &ReadOptions::new())
    }

    /// The records of an array, one by one, with options.
    ///
    /// ```
    /// # use std::io::Cursor;
    /// # use npyrec::npz::{Reader, Writer};
    /// # let mut archive = Writer::new(Cursor::new(Vec::new()));
    /// # archive.write("levels", &[1.5_f64, 2.5])?;
    /// # let mut archive = Reader::new(archive.finish()?)?;
    /// use npyrec::{Casting, ReadOptions};
    ///
    /// let options = ReadOptions::<f32>::new().casting(Casting::SameKind);
    /// assert_eq!(archive.by_name_with("levels", &options)?.read_all()?, [1.5_f32, 2.5]);
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`by_name`](Self::by_name).
    pub fn by_name_with<R: NpyRecord>(
        &mut self,
        name: &str,
        options: &ReadOptions<R>,
    ) -> Result<read::Reader<R, impl Read + use<'_, R, S>>> {
        let place = self.place(name);
        let reader = self.array(name, options.header_limit());
        let reader = reader
            .and_then(|(member, header)| options.read_data(member, None, header, None, &place));
        reader.map_err(|e| place.of(e))
    }

    /// All records of an array, as [`read`](crate::read()) of a file.
    ///
    /// # Errors
    ///
    /// As [`by_name`](Self::by_name), and if the member ends before the rows that its header counts, its
    /// bytes are damaged, or a row is no value of `R`.
    pub fn read<R: NpyRecord>(&mut self, name: &str) -> Result<Vec<R>> {
        self.by_name(name)?.read_all()
    }

    /// The rows of an array whose dtype is known only when the program runs.
    ///
    /// ```
    /// # use std::io::Cursor;
    /// # use npyrec::npz::{Reader, Writer};
    /// # let mut archive = Writer::new(Cursor::new(Vec::new()));
    /// # archive.write("points", &[(1_u8, 1.5_f64)])?;
    /// # let mut archive = Reader::new(archive.finish()?)?;
    /// for point in archive.values("points")? {
    ///     assert_eq!(point?.to_string(), "(1, 1.5)");
    /// }
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`by_name`](Self::by_name), but for the record.
    pub fn values(&mut self, name: &str) -> Result<ValueReader<impl Read + use<'_, S>>> {
        let place = self.place(name);
        let values = self
            .array(name, Header::DEFAULT_LIMIT)
            .and_then(|(member, header)| ValueReader::of_data(member, header, place.clone()));
        values.map_err(|e| place.of(e))
    }

    /// A member at the start of its array, and the header that stands before that.
    fn array(
        &mut self,
        name: &str,
        header_limit: u32,
    ) -> Result<(Member<'_, BufReader<S>>, Header)> {
        let mut member = self.member(name)?;
        let header = Header::read_from_with_limit(&mut member, header_limit)?;
        let started = member.start(&header);
        started.map_err(|e| Error::io("read", e))?;
        Ok((member, header))
    }

    /// The bytes of a member.
    pub(super) fn member(&mut self, name: &str) -> Result<Member<'_, BufReader<S>>> {
        let index = self.find(name)?;
        let entry = self.archive.by_index_data(index);
        let entry = entry.map_err(|e| damage("read the archive", e))?;
        let (is_encrypted, method) = (entry.encrypted(), entry.compression());
        let entry = readable(self.archive.by_index(index), is_encrypted, method)?;
        Member::new(entry, self.limit)
    }

    /// The place of a member in the archive: `np.load` finds it by its full name as well, and rather.
    fn find(&self, name: &str) -> Result<usize> {
        let member = member_name(name);
        let archive = &self.archive;
        let found = (archive.index_for_name_raw(name.as_bytes()))
            .or_else(|| archive.index_for_name_raw(member.as_bytes()))
            // In a code page of old.
            .or_else(|| archive.index_for_name(name))
            .or_else(|| archive.index_for_name(&member));
        found.ok_or_else(|| {
            let (name, has) = (name.to_owned(), self.names());
            Error::new(ErrorKind::NoMember { name, has })
        })
    }

    pub(super) fn place(&self, name: &str) -> Place {
        Place {
            path: self.path.clone(),
            member: Some(name.into()),
            array: None,
        }
    }
}

impl<S: Read + Seek> fmt::Debug for Reader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("path", &self.path)
            .field("members", &self.archive.len())
            .finish_non_exhaustive()
    }
}
