use std::{
    fmt,
    fs::File,
    io::{BufReader, Read, Seek},
    path::{Path, PathBuf},
};

use zip::ZipArchive;

use super::{
    contents::Contents,
    damage::{damage, readable},
    limit::Limit,
    name::{array_name, member_name},
};
use crate::{
    error::{Cause, Error, ErrorContext, Result},
    header::Header,
    read::{Member, MemberData},
    record::Element,
};

/// A reader of an archive, array by array.
///
/// Opening it reads the names of the arrays. An array takes no more memory than a [`Reader`](crate::Reader) of a
/// file. A compressed member expands to no more than a [limit](Self::max_expanded_size). The checksum of a member
/// is known at its end: damage is an error there, in the place of the last rows.
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
/// for level in archive.by_name("levels")?.rows::<f64>()? {
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
    max_header_size: u32,
    path: Option<PathBuf>,
    /// The archive, to map members.
    #[cfg(feature = "mmap")]
    file: Option<File>,
}

impl Reader {
    /// Opens an archive.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is not a zip archive.
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
    /// Reads an archive from any source that can [`Seek`]. It need not be buffered.
    ///
    /// # Errors
    ///
    /// If reading fails, or the source is not a zip archive.
    pub fn new(source: S) -> Result<Self> {
        let archive = ZipArchive::new(BufReader::new(source));
        Ok(Reader {
            archive: archive.map_err(|e| damage("read the archive", e))?,
            limit: Limit::InProportion,
            max_header_size: Header::DEFAULT_MAX_SIZE,
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

    /// Sets the longest header to read, in bytes, as the `max_header_size` of `np.load`. A longer header is an
    /// error.
    #[must_use]
    pub fn max_header_size(mut self, bytes: u32) -> Self {
        self.max_header_size = bytes;
        self
    }

    /// Returns the names of the arrays in the order of the archive, as `np.load` has them: the names of the members
    /// without `.npy`. If several members have one name, only the last is listed.
    pub fn names(&self) -> Vec<String> {
        let members = self.archive.file_names().filter_map(|name| name.ok());
        members.map(|name| array_name(&name).to_owned()).collect()
    }

    /// Returns an array by its name, without or with its `.npy`.
    ///
    /// # Errors
    ///
    /// If the archive has no such member, it is not an `.npy` file, it is encrypted or compressed by a method that
    /// NumPy does not use, or it cannot be read.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::io::Cursor;
    /// # use npyrec::npz::{Reader, Writer};
    /// # let mut archive = Writer::new(Cursor::new(Vec::new()));
    /// # archive.write("levels", &[1.5_f64, 2.5])?;
    /// # let mut archive = Reader::new(archive.finish()?)?;
    /// use npyrec::{Casting, ReadOptions};
    ///
    /// let levels = archive.by_name("levels")?;
    /// assert_eq!(levels.header().shape(), [2]);
    /// let options = ReadOptions::new().casting(Casting::SameKind);
    /// assert_eq!(levels.with(options).read::<f32>()?, [1.5, 2.5]);
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    pub fn by_name(&mut self, name: &str) -> Result<Member<impl MemberData + use<'_, S>>> {
        let context = self.context(name);
        let limit = self.max_header_size;
        let opened = self.contents(name).and_then(|mut contents| {
            let header = Header::read_from_with_max_size(&mut contents, limit)?;
            let started = contents.start(&header);
            started.map_err(|e| Error::io("read", e))?;
            Ok((contents, header))
        });
        match opened {
            Ok((contents, header)) => Ok(Member::new(contents, header, context)),
            Err(error) => Err(context.add_to(error)),
        }
    }

    /// Reads all rows of an array, as [`read`](crate::read()) of a file.
    ///
    /// # Errors
    ///
    /// As [`by_name`](Self::by_name), or if the member ends before the rows that its header counts, its bytes are
    /// damaged, or its rows cannot be read as `E`.
    pub fn read<E: Element>(&mut self, name: &str) -> Result<Vec<E>> {
        let () = E::READABLE;
        self.by_name(name)?.read()
    }

    /// Returns the contents of a member.
    fn contents(&mut self, name: &str) -> Result<Contents<'_, BufReader<S>>> {
        let index = self.find(name)?;
        let entry = self.archive.by_index_data(index);
        let entry = entry.map_err(|e| damage("read the archive", e))?;
        let (is_encrypted, method) = (entry.encrypted(), entry.compression());
        let entry = readable(self.archive.by_index(index), is_encrypted, method)?;
        Contents::new(
            entry,
            self.limit,
            #[cfg(feature = "mmap")]
            self.file.as_ref(),
        )
    }

    /// Returns the index of a member in the archive. A full name takes precedence, as for `np.load`.
    fn find(&self, name: &str) -> Result<usize> {
        let member = member_name(name);
        let archive = &self.archive;
        let found = (archive.index_for_name_raw(name.as_bytes()))
            .or_else(|| archive.index_for_name_raw(member.as_bytes()))
            // A name in an old code page.
            .or_else(|| archive.index_for_name(name))
            .or_else(|| archive.index_for_name(&member));
        found.ok_or_else(|| {
            let (name, has) = (name.to_owned(), self.names());
            Error::new(Cause::NoMember { name, has })
        })
    }

    fn context(&self, name: &str) -> ErrorContext {
        ErrorContext::of_member(self.path.as_deref(), name)
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
