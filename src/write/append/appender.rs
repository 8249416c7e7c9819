use std::path::Path;

use super::{
    appender_methods::appender_methods, mode::Mode, options::AppendOptions, rows::Rows,
    target::Target,
};
use crate::{
    dtype::DType,
    error::{Error, Result},
    record::{Element, EncodeAs, Layout, NpyRecord, dtype_of},
    value::Value,
};

/// An appender of records to an `.npy` file, which is valid at any instant.
///
/// Records go to a buffer, and from there to the end of the file. [`commit`](Appender::commit) makes them
/// visible: it writes the number of rows into the header, after the rows. Dropping an appender commits too, but
/// cannot report an error; [`close`](Appender::close) can.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("sensor.npy");
/// use npyrec::{Appender, NpyRecord};
///
/// #[derive(NpyRecord)]
/// struct Sample {
///     time: f64,
///     celsius: f32,
/// }
///
/// let mut samples = Appender::<Sample>::open(&path)?;
/// samples.append(&Sample { time: 0.5, celsius: 21.0 })?;
/// samples.commit()?;
/// assert_eq!((samples.rows(), samples.committed_rows()), (1, 1));
/// samples.close()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Records whose dtype is known only when the program runs are [`Value`]s. A boolean takes booleans, and an
/// integer takes integers in its range, but no float, not even 3.0. A float takes integers and floats and
/// rounds them, and a complex number takes any number; a number beyond the largest finite one is refused. A
/// time is stored if it is a whole number of the dtype's unit. A record has the fields of the dtype, in any
/// order, and no other.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("points.npy");
/// use npyrec::{Appender, DType, Value, value::Record};
///
/// let dtype: DType = "[('id', '<u2'), ('name', '<U8')]".parse()?;
/// let mut points = Appender::create_with_dtype(&path, &dtype)?;
/// let fields = [("id", Value::from(7_u64)), ("name", Value::from("origin"))];
/// points.append(&Value::from(Record::from_iter(fields)))?;
/// points.close()?;
///
/// let file = npyrec::NpyFile::open(&path)?;
/// assert_eq!(file.row(0)?.to_string(), "(7, 'origin')");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Appender<E: Element> {
    pub(super) rows: Rows,
    codec: E::Codec,
}

impl<R: NpyRecord> Appender<R> {
    /// Creates a file, or an empty one in the place of an old file.
    ///
    /// # Errors
    ///
    /// If the file cannot be created, another appender has it open, or the dtype of `R` has no header.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        AppendOptions::new().create(path)
    }

    /// Creates a file, which must not exist.
    ///
    /// # Errors
    ///
    /// If there is a file already, it cannot be created, or the dtype of `R` has no header.
    pub fn create_new(path: impl AsRef<Path>) -> Result<Self> {
        AppendOptions::new().create_new(path)
    }

    /// Continues a file, also a file of NumPy, or creates it if it does not exist.
    ///
    /// Complete rows that a killed program wrote but did not commit are kept. Use [`AppendOptions::recover`] to
    /// change that.
    ///
    /// # Errors
    ///
    /// The [kind](crate::Error::kind) of the error is:
    ///
    /// - [`Io`](crate::ErrorKind::Io) if the file cannot be opened or created.
    /// - [`Locked`](crate::ErrorKind::Locked) if another appender has it open.
    /// - [`Header`](crate::ErrorKind::Header) if it is not an `.npy` file, or another array follows.
    /// - [`Shape`](crate::ErrorKind::Shape) if it is a single element, or an array of several axes in Fortran order.
    /// - [`DType`](crate::ErrorKind::DType) if the dtype of its rows is not the dtype of `R`.
    /// - [`NoGrowthRoom`](crate::ErrorKind::NoGrowthRoom) if its header has room for fewer than 10⁹ rows. See
    ///   [`AppendOptions::make_appendable`] and [`AppendOptions::accept_little_room`].
    /// - [`Truncated`](crate::ErrorKind::Truncated) if rows are missing that the header counts, unless
    ///   [`AppendOptions::recover`] is set.
    /// - [`NeedsRecovery`](crate::ErrorKind::NeedsRecovery) if header and data do not agree, and
    ///   [`Recovery::Refuse`](crate::Recovery::Refuse) is set.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        AppendOptions::new().open(path)
    }
}

impl Appender<Value> {
    /// Creates a file of rows of a dtype, or an empty one in the place of an old file.
    ///
    /// # Errors
    ///
    /// If the file cannot be created, another appender has it open, or the dtype has no header or contains
    /// Python objects.
    pub fn create_with_dtype(path: impl AsRef<Path>, dtype: &DType) -> Result<Self> {
        AppendOptions::new().create_with_dtype(path, dtype)
    }

    /// Continues a file of rows of a dtype, or creates it if it does not exist. With
    /// [`AppendOptions::casting`], the file may have another dtype.
    ///
    /// # Errors
    ///
    /// As [`Appender::open`].
    pub fn open_with_dtype(path: impl AsRef<Path>, dtype: &DType) -> Result<Self> {
        AppendOptions::new().open_with_dtype(path, dtype)
    }
}

impl AppendOptions {
    /// Creates a file, or an empty one in the place of an old file.
    ///
    /// The new file takes the place at once, when its header is whole. If this fails, the old file is still
    /// there. Programs that read or map the old file go on doing so. (Where the folder takes no new file, or
    /// the path is a mount, the file itself is emptied, as `std::fs::File::create` does.)
    ///
    /// # Errors
    ///
    /// As [`Appender::create`].
    pub fn create<R: NpyRecord>(&self, path: impl AsRef<Path>) -> Result<Appender<R>> {
        self.open_records(Mode::Create, path.as_ref())
    }

    /// Creates a file, which must not exist.
    ///
    /// # Errors
    ///
    /// As [`Appender::create_new`].
    pub fn create_new<R: NpyRecord>(&self, path: impl AsRef<Path>) -> Result<Appender<R>> {
        self.open_records(Mode::CreateNew, path.as_ref())
    }

    /// Continues a file, or creates it if it does not exist.
    ///
    /// # Errors
    ///
    /// As [`Appender::open`].
    pub fn open<R: NpyRecord>(&self, path: impl AsRef<Path>) -> Result<Appender<R>> {
        self.open_records(Mode::Open, path.as_ref())
    }

    fn open_records<R: NpyRecord>(&self, mode: Mode, path: &Path) -> Result<Appender<R>> {
        let dtype = dtype_of::<R>().map_err(|mismatch| Error::from(mismatch).at_path(path))?;
        self.open_elements(mode, path, &dtype)
    }

    /// Creates a file of [`Value`]s of a dtype, as [`Appender::create_with_dtype`].
    ///
    /// # Errors
    ///
    /// As [`Appender::create_with_dtype`].
    pub fn create_with_dtype(
        &self,
        path: impl AsRef<Path>,
        dtype: &DType,
    ) -> Result<Appender<Value>> {
        self.open_elements(Mode::Create, path.as_ref(), dtype)
    }

    /// Creates a file of [`Value`]s of a dtype. The file must not exist.
    ///
    /// # Errors
    ///
    /// As [`Appender::create_with_dtype`], or if there is a file already.
    pub fn create_new_with_dtype(
        &self,
        path: impl AsRef<Path>,
        dtype: &DType,
    ) -> Result<Appender<Value>> {
        self.open_elements(Mode::CreateNew, path.as_ref(), dtype)
    }

    /// Continues a file with [`Value`]s of a dtype, or creates it if it does not exist.
    ///
    /// # Errors
    ///
    /// As [`Appender::open_with_dtype`].
    pub fn open_with_dtype(
        &self,
        path: impl AsRef<Path>,
        dtype: &DType,
    ) -> Result<Appender<Value>> {
        self.open_elements(Mode::Open, path.as_ref(), dtype)
    }

    /// Continues a directory of shards, or creates it with the folders around it.
    ///
    /// The directory is one array in the files `0.npy`, `1.npy`, …, each of which is what `np.save` writes. Only
    /// the last one is appended to, and the next one is started as [`rows_per_shard`](Self::rows_per_shard),
    /// [`bytes_per_shard`](Self::bytes_per_shard), [`shard_every`](Self::shard_every) or
    /// [`Appender::rotate`] says. The file `info` lists the sealed shards, so that
    /// `dask.array.from_npy_stack` reads them. [`Appender::close`] lists the last one as well; opening the
    /// directory takes it off the list again, on the device, before anything is appended.
    ///
    /// [`Appender::rows`] and its like count the rows of all shards, and [`Appender::path`] is the path of the
    /// last one. If that shard was damaged by a kill or a power cut, it is treated as
    /// [`open`](Self::open) treats a file.
    ///
    /// With [`Durability::Synced`](crate::Durability::Synced), opening waits until all shards of earlier runs are on
    /// the device, and then the list of them.
    ///
    /// A directory that is renamed while it is open keeps all its rows: [`Appender::is_current`] then returns false. On
    /// Linux the appender goes on in the renamed directory. On other systems it starts no further shard, and
    /// returns an error of [`io::ErrorKind::NotFound`](std::io::ErrorKind::NotFound).
    ///
    /// # Errors
    ///
    /// As [`Appender::open`], for the last shard, which is [locked](Self::lock) for the directory. Also if another
    /// shard is missing, has another dtype, or its header and data do not agree, and if the list counts more rows
    /// than a shard has, unless [`recover`](Self::recover) is set. The error names the shard. All shards are in C
    /// order, as Dask joins them along their first axis; a last shard in [`Order::Fortran`](crate::Order::Fortran)
    /// is an error.
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let dir = dir.path().join("ticks");
    /// use npyrec::AppendOptions;
    ///
    /// let mut ticks = AppendOptions::new().rows_per_shard(1_000).open_dir::<u64>(&dir)?;
    /// ticks.extend(0..2_500_u64)?;
    /// assert_eq!((ticks.rows(), ticks.shards()), (2_500, 3));
    /// ticks.close()?;
    /// assert_eq!(npyrec::read::<u64>(dir.join("2.npy"))?.len(), 500);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// ```python
    /// >>> dask.array.from_npy_stack("ticks").max().compute()
    /// ```
    pub fn open_dir<R: NpyRecord>(&self, dir: impl AsRef<Path>) -> Result<Appender<R>> {
        let dir = dir.as_ref();
        let dtype = dtype_of::<R>().map_err(|mismatch| Error::from(mismatch).at_path(dir))?;
        self.open_dir_of(dir, &dtype)
    }

    /// Continues a directory of shards with [`Value`]s of a dtype, or creates it, as
    /// [`open_dir`](Self::open_dir).
    ///
    /// # Errors
    ///
    /// As [`open_dir`](Self::open_dir).
    pub fn open_dir_with_dtype(
        &self,
        dir: impl AsRef<Path>,
        dtype: &DType,
    ) -> Result<Appender<Value>> {
        self.open_dir_of(dir.as_ref(), dtype)
    }

    fn open_dir_of<E: Element>(&self, dir: &Path, dtype: &DType) -> Result<Appender<E>> {
        let rows = Rows::open_dir(dir, Target::rows(dtype), *self)?;
        Ok(Appender::from_rows(rows, E::codec_of(dtype)))
    }

    fn open_elements<E: Element>(
        &self,
        mode: Mode,
        path: &Path,
        dtype: &DType,
    ) -> Result<Appender<E>> {
        let rows = Rows::open(path, mode, Target::rows(dtype), *self)?;
        Ok(Appender::from_rows(rows, E::codec_of(dtype)))
    }
}

impl<E: Element> Appender<E> {
    pub(super) fn from_rows(rows: Rows, codec: E::Codec) -> Self {
        Appender { rows, codec }
    }

    /// Appends one record.
    ///
    /// # Errors
    ///
    /// If a value does not fit the dtype of its field ([`Encode`](crate::ErrorKind::Encode)), if the header has
    /// no room for another row ([`NoGrowthRoom`](crate::ErrorKind::NoGrowthRoom)), or if the buffer is full and
    /// cannot be written. The record is then refused: [`rows`](Appender::rows) does not count it, the records
    /// before it are kept, and the next record may be accepted. There is one exception. If a commit is due, the
    /// rows are written and only the header cannot be written, the record is accepted and counted, and the next
    /// commit writes the header.
    ///
    /// A full disk is an error of each call until there is room;
    /// [`Error::is_repeat`](crate::Error::is_repeat) tells the first error from its repetitions. Also if the file
    /// was cut or another program appended to it, as for [`commit`](Appender::commit).
    #[inline]
    pub fn append<B: EncodeAs<E> + ?Sized>(&mut self, record: &B) -> Result<()> {
        let codec = &self.codec;
        self.rows.append(E::itemsize_of(codec), |place| {
            record.encode_as(codec, place)
        })
    }

    /// Appends records. If they have the same form in memory as in the file, they are copied at once, and many
    /// of them are written without the buffer. A commit that is due among them follows the last record.
    ///
    /// # Errors
    ///
    /// As [`append`](Appender::append); the records before the record at fault are appended, and the records
    /// after it are not. If writing fails, [`rows`](Appender::rows) tells how many were appended.
    pub fn append_slice(&mut self, records: &[E]) -> Result<()> {
        match Layout::bytes_of(records).filter(|_| self.rows.takes_records()) {
            Some(bytes) => self.rows.append_bytes(bytes, records.len() as u64),
            None => self.rows.append_each(&self.codec, records),
        }
    }

    /// Appends the records of an iterator, owned or borrowed.
    ///
    /// # Errors
    ///
    /// As [`append`](Appender::append); the records before the record at fault are appended.
    pub fn extend<I>(&mut self, records: I) -> Result<()>
    where
        I: IntoIterator,
        I::Item: EncodeAs<E>,
    {
        records
            .into_iter()
            .try_for_each(|record| self.append(&record))
    }
}

appender_methods!(impl[E: Element] Appender<E>, "Appender");
