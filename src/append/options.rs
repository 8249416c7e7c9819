use std::{fmt, marker::PhantomData, path::Path, time::Duration};

use super::{
    appender::Appender,
    array_appender::ArrayAppender,
    durability::Durability,
    rows::Rows,
    settings::{Mode, Settings},
    target::Target,
    value_appender::ValueAppender,
};
use crate::{
    dtype::{Casting, DType},
    error::{Error, Result},
    header::Order,
    record::{Misfit, NpyRecord, dtype_of},
    recover::Recovery,
    value::Value,
};

/// How an [`Appender`] is opened and when it writes; with an [`Order`], how an [`ArrayAppender`] is.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("positions.npy");
/// use npyrec::Appender;
///
/// let mut positions = Appender::<[f64; 3]>::options()
///     .commit_every(1_000)
///     .create(&path)?;
/// # positions.append(&[0.0; 3])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AppendOptions<R, O = ()> {
    settings: Settings,
    /// That of an array that is created, where there is a choice.
    order: O,
    records: PhantomData<fn(R)>,
}

impl<R, O: Copy> Clone for AppendOptions<R, O> {
    fn clone(&self) -> Self {
        AppendOptions { ..*self }
    }
}

impl<R, O: fmt::Debug> fmt::Debug for AppendOptions<R, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppendOptions")
            .field("settings", &self.settings)
            .field("order", &self.order)
            .finish()
    }
}

impl<R> Default for AppendOptions<R> {
    fn default() -> Self {
        AppendOptions::new()
    }
}

impl<R> AppendOptions<R> {
    /// The options of [`Appender::open`] and its like: a buffer of 64 KiB, commits when asked, and a
    /// lock.
    pub fn new() -> Self {
        AppendOptions::with_order(())
    }
}

impl<R, O> AppendOptions<R, O> {
    pub(super) fn with_order(order: O) -> Self {
        AppendOptions {
            settings: Settings::default(),
            order,
            records: PhantomData,
        }
    }

    /// The size of the buffer in bytes; one record at the least. Larger ones mean fewer system calls,
    /// and more rows that are lost when the program is killed without a commit.
    #[must_use]
    pub fn buffer_capacity(mut self, bytes: usize) -> Self {
        self.settings.buffer_capacity = bytes;
        self
    }

    /// Commits automatically as soon as `rows` rows are not committed; 0 for never. Rows of one
    /// [slice](Appender::append_slice) or array are committed together.
    #[must_use]
    pub fn commit_every(mut self, rows: u64) -> Self {
        self.settings.commit_every = if rows > 0 { rows } else { u64::MAX };
        self
    }

    /// Commits by itself when a record is appended and the last commit is so long ago. There is no
    /// thread: should no more records come, the last ones wait for [`commit`](Appender::commit). Looking
    /// at the clock costs each [`append`](Appender::append) some 40 ns.
    #[must_use]
    pub fn commit_interval(mut self, interval: Duration) -> Self {
        self.settings.commit_interval = Some(interval);
        self
    }

    /// What a committed row survives.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.settings.durability = durability;
        self
    }

    /// What [`open`](Self::open) does when header and data of the file do not agree.
    ///
    /// Unless it is set, the durability decides: rows that the header does not count are adopted with
    /// [`Durability::Cached`], as a killed program wrote them whole, and discarded with
    /// [`Durability::Synced`], as after a power cut they may be anything. A file that lacks rows its
    /// header counts is then an error.
    #[must_use]
    pub fn recover(mut self, recovery: Recovery) -> Self {
        self.settings.recovery = Some(recovery);
        self
    }

    /// Makes [`open`](Self::open) give room to a header with little or no growth room, as
    /// [`make_appendable`](crate::make_appendable) does. Nobody may read the file meanwhile. Otherwise
    /// a file with room for fewer than 10⁹ rows is an error
    /// ([`NoGrowthRoom`](crate::ErrorKind::NoGrowthRoom)), which says how many rows fit.
    #[must_use]
    pub fn make_appendable(mut self, make_appendable: bool) -> Self {
        self.settings.make_appendable = make_appendable;
        self
    }

    /// Makes [`open`](Self::open) accept a header with room for fewer than 10⁹ rows, as NumPy before 1.24 and
    /// other programs may write it. Appending fails after [`max_rows`](Appender::max_rows) rows. A header
    /// that is already full is still an error.
    #[must_use]
    pub fn accept_little_room(mut self, accept: bool) -> Self {
        self.settings.accept_little_room = accept;
        self
    }

    /// What [`open`](Self::open) may convert so that records become rows of a file of another dtype.
    ///
    /// Unless it is set, that is nothing: records are copied as they are. With [`Casting::Equiv`], a
    /// file of the same fields in another order, padded or in big-endian order is continued. A value
    /// that has no place in the file's dtype (an integer out of range, a text too long) is an error, and
    /// is not cut as NumPy would cut it; only what a float rounds off is lost.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("aligned.npy");
    /// use npyrec::{Appender, Casting, NpyRecord};
    ///
    /// #[derive(NpyRecord)]
    /// #[npy(align)]
    /// struct Aligned { flag: u8, #[npy(dtype = ">f8")] value: f64 }
    ///
    /// #[derive(NpyRecord)]
    /// struct Plain { value: f64, flag: u8 }
    ///
    /// npyrec::write::<Aligned>(&path, &[])?;
    /// let mut file = Appender::<Plain>::options().casting(Casting::Equiv).open(&path)?;
    /// file.append(&Plain { value: 1.5, flag: 2 })?;
    /// file.close()?;
    /// assert_eq!(npyrec::read::<Aligned>(&path)?[0].value, 1.5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn casting(mut self, casting: Casting) -> Self {
        self.settings.casting = casting;
        self
    }

    /// Whether to lock the file against other appenders, of this program and of others, for as long
    /// as it is open. Readers are not kept out. Without a lock, two appenders may destroy each other's
    /// rows; `false` is for file systems that have none. An appender that finds that another program
    /// appended to its file reports an error, and writes nothing more.
    #[must_use]
    pub fn lock(mut self, lock: bool) -> Self {
        self.settings.lock = lock;
        self
    }

    /// Whether rows, and their number, are stored through a map of the file instead of being written: a
    /// commit is then two stores to memory and takes a small part of the time of two system calls.
    ///
    /// While it is open, the file is longer than its rows, by room that is really preallocated, so that
    /// a full disk is an error here as well; closing the appender cuts it off. NumPy ignores what is
    /// behind the rows, and so do the readers here. A killed program leaves the room behind, marked as
    /// such at its end, to be cut off when the file is opened again or [recovered](crate::recover()); it
    /// loses the rows since the last commit, as nothing tells them from zeros. Many rows at once are
    /// written as ever.
    ///
    /// Near a full disk, or the largest length that a file may have, the file is extended by less. Where it
    /// cannot be extended, or memory cannot be mapped, rows are written as without a map, and a map is tried
    /// again later. It is an error only when that write fails.
    /// Other tools do not know the mark. NumPy ignores the room, but a tool that recovers rows by the length
    /// of the file takes it for rows of zeros, as `npy_append_array.recover` does: recover such a file with
    /// [`recover`](crate::recover()) first.
    ///
    /// While it is open nobody may cut the file shorter, as a program that turns logs over by copying
    /// and emptying them does: a store to what is no longer there ends the program with `SIGBUS`. (Without
    /// a map this is [an error](crate::ErrorKind::CutShort); with one it is noticed only when the file is
    /// extended, when many rows are written at once, and at the end.) A
    /// [`Follow`](crate::Follow) is not told of a store and looks every 500 ms.
    #[cfg(feature = "mmap")]
    #[must_use]
    pub fn mapped(mut self, mapped: bool) -> Self {
        self.settings.mapped = mapped;
        self
    }

    fn open_rows(&self, mode: Mode, path: &Path, target: Result<Target>) -> Result<Rows> {
        let rows = target.and_then(|target| Rows::open(path, mode, &target, self.settings));
        rows.map_err(|e| e.at_path(path))
    }
}

impl<R: NpyRecord> AppendOptions<R> {
    /// Creates a file, or one without rows in the place of one that exists. This happens at once, when
    /// the header is whole: when it fails, the old file is still there, and whoever reads or maps that
    /// one goes on doing so. (Where the folder takes no new file, or the path is that of a mount, the
    /// file itself is emptied, as `std::fs::File::create` does.)
    ///
    /// # Errors
    ///
    /// If the file cannot be created, another appender has it open, or the dtype of `R` has no header.
    pub fn create(&self, path: impl AsRef<Path>) -> Result<Appender<R>> {
        self.open_as(Mode::Create, path.as_ref())
    }

    /// Creates a file where there is none.
    ///
    /// # Errors
    ///
    /// If there is a file already, it cannot be created, or the dtype of `R` has no header.
    pub fn create_new(&self, path: impl AsRef<Path>) -> Result<Appender<R>> {
        self.open_as(Mode::CreateNew, path.as_ref())
    }

    /// Continues a file, or creates one where there is none.
    ///
    /// # Errors
    ///
    /// As [`Appender::open`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Appender<R>> {
        self.open_as(Mode::Open, path.as_ref())
    }

    fn open_as(&self, mode: Mode, path: &Path) -> Result<Appender<R>> {
        let dtype = dtype_of::<R>().map_err(Error::from);
        let target = dtype.and_then(|dtype| Target::rows(&dtype));
        self.open_rows(mode, path, target).map(Appender::from_rows)
    }
}

/// Options of an [`ArrayAppender`], which takes the shape of its rows when the file is created.
impl<T: NpyRecord> AppendOptions<T, Order> {
    /// The order of an array that is created, and so the axis along which it grows: the first in C
    /// order, which it is unless this is set, or the last in Fortran order.
    ///
    /// An array that is in both orders (with at most one axis longer than 1, or without elements) is
    /// continued in this order, whatever its header says. Unless an order is set, `open` continues it in the
    /// order of its header. `np.save` writes `False` for such an array; an array that grows in Fortran order
    /// is marked `True` at every number of rows.
    #[must_use]
    pub fn order(mut self, order: Order) -> Self {
        self.order = order;
        self.settings.order = Some(order);
        self
    }

    /// Creates an array without rows, also in the place of a file that exists.
    ///
    /// # Errors
    ///
    /// As [`ArrayAppender::create`].
    pub fn create(&self, path: impl AsRef<Path>, row_shape: &[u64]) -> Result<ArrayAppender<T>> {
        self.open_array(Mode::Create, path.as_ref(), Some(row_shape))
    }

    /// Creates an array where there is no file.
    ///
    /// # Errors
    ///
    /// As [`ArrayAppender::create_new`].
    pub fn create_new(
        &self,
        path: impl AsRef<Path>,
        row_shape: &[u64],
    ) -> Result<ArrayAppender<T>> {
        self.open_array(Mode::CreateNew, path.as_ref(), Some(row_shape))
    }

    /// Continues an array, whatever the shape and order of its rows.
    ///
    /// # Errors
    ///
    /// As [`ArrayAppender::open`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<ArrayAppender<T>> {
        self.open_array(Mode::Open, path.as_ref(), None)
    }

    /// Continues an array of rows of that shape, or creates one where there is no file.
    ///
    /// # Errors
    ///
    /// As [`ArrayAppender::open_or_create`].
    pub fn open_or_create(
        &self,
        path: impl AsRef<Path>,
        row_shape: &[u64],
    ) -> Result<ArrayAppender<T>> {
        self.open_array(Mode::Open, path.as_ref(), Some(row_shape))
    }

    fn open_array(
        &self,
        mode: Mode,
        path: &Path,
        row_shape: Option<&[u64]>,
    ) -> Result<ArrayAppender<T>> {
        let dtype = dtype_of::<T>().map_err(Error::from);
        let target = dtype.and_then(|dtype| Target::array(dtype, row_shape, self.settings.order));
        self.open_rows(mode, path, target)
            .map(ArrayAppender::from_rows)
    }
}

/// Options of a [`ValueAppender`], which takes its dtype when it is opened.
impl AppendOptions<Value> {
    /// Creates a file, or one without rows in the place of one that exists.
    ///
    /// # Errors
    ///
    /// As [`ValueAppender::create`].
    pub fn create_with_dtype(
        &self,
        path: impl AsRef<Path>,
        dtype: &DType,
    ) -> Result<ValueAppender> {
        self.open_values(Mode::Create, path.as_ref(), dtype)
    }

    /// Creates a file where there is none.
    ///
    /// # Errors
    ///
    /// As [`ValueAppender::create_new`].
    pub fn create_new_with_dtype(
        &self,
        path: impl AsRef<Path>,
        dtype: &DType,
    ) -> Result<ValueAppender> {
        self.open_values(Mode::CreateNew, path.as_ref(), dtype)
    }

    /// Continues a file, or creates one where there is none.
    ///
    /// # Errors
    ///
    /// As [`ValueAppender::open`].
    pub fn open_with_dtype(&self, path: impl AsRef<Path>, dtype: &DType) -> Result<ValueAppender> {
        self.open_values(Mode::Open, path.as_ref(), dtype)
    }

    fn open_values(&self, mode: Mode, path: &Path, dtype: &DType) -> Result<ValueAppender> {
        let target = match dtype.has_objects() {
            true => Err(Misfit::objects(dtype).into()),
            false => Target::rows(dtype),
        };
        let rows = self.open_rows(mode, path, target)?;
        Ok(ValueAppender::new(rows, dtype))
    }
}
