use std::time::Duration;

use super::durability::Durability;
use crate::{dtype::Casting, header::Order, repair::Recovery};

/// The largest buffer, in bytes.
const MAX_BUFFER: usize = 1 << 30;

/// Options of an [`Appender`](crate::Appender) or an [`ArrayAppender`](crate::ArrayAppender), for opening and
/// writing a file.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("positions.npy");
/// use npyrec::AppendOptions;
///
/// let mut positions = AppendOptions::new()
///     .commit_every(1_000)
///     .create::<[f64; 3]>(&path)?;
/// # positions.append(&[0.0; 3])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AppendOptions {
    /// In bytes.
    pub(super) buffer_capacity: usize,
    /// In rows.
    pub(super) commit_every: u64,
    pub(super) commit_interval: Option<Duration>,
    pub(super) durability: Durability,
    /// The recovery that was set, or `None` if the durability implies it.
    pub(super) recovery: Option<Recovery>,
    pub(super) make_appendable: bool,
    /// Accepts a header with room for few rows.
    pub(super) accept_little_room: bool,
    /// The conversions allowed between records and the rows of a file that exists.
    pub(super) casting: Casting,
    /// The order of an array that is created, or is in both orders.
    pub(super) order: Option<Order>,
    pub(super) lock: bool,
    /// Stores rows and their number through a map of the file.
    pub(super) mapped: bool,
    /// In rows.
    pub(super) rows_per_shard: u64,
    /// In bytes, the header included.
    pub(super) bytes_per_shard: u64,
    pub(super) shard_every: Option<Duration>,
}

impl Default for AppendOptions {
    fn default() -> Self {
        AppendOptions {
            buffer_capacity: 64 * 1024,
            commit_every: u64::MAX,
            commit_interval: None,
            durability: Durability::Cached,
            recovery: None,
            make_appendable: false,
            accept_little_room: false,
            casting: Casting::No,
            order: None,
            lock: true,
            mapped: false,
            rows_per_shard: u64::MAX,
            bytes_per_shard: u64::MAX,
            shard_every: None,
        }
    }
}

impl AppendOptions {
    /// Returns the default options: a buffer of 64 KiB, commits when asked, and a lock.
    pub fn new() -> Self {
        AppendOptions::default()
    }

    /// Sets the size of the buffer in bytes: at least one record, at most 1 GiB. A larger buffer means fewer system
    /// calls, and more rows that are lost when the program is killed without a commit.
    #[must_use]
    pub fn buffer_capacity(mut self, bytes: usize) -> Self {
        self.buffer_capacity = bytes.min(MAX_BUFFER);
        self
    }

    /// Commits automatically as soon as `rows` rows are uncommitted; 0 for never. Rows of one
    /// [slice](crate::Appender::append_slice) or array are committed together.
    #[must_use]
    pub fn commit_every(mut self, rows: u64) -> Self {
        self.commit_every = if rows > 0 { rows } else { u64::MAX };
        self
    }

    /// Commits automatically when a record is appended and the clock shows that `interval` has passed since the last
    /// commit.
    ///
    /// No thread does this: if no more records come, the last records wait for
    /// [`commit`](crate::Appender::commit). Each [`append`](crate::Appender::append) reads the clock, unless records
    /// follow each other within 2 µs: then one in eight does. The first seven records after such a burst may thus be
    /// committed by the eighth, however late it comes. With an interval under a millisecond, each reads the clock.
    #[must_use]
    pub fn commit_interval(mut self, interval: Duration) -> Self {
        self.commit_interval = Some(interval);
        self
    }

    /// Sets the events that committed rows survive.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets the treatment by [`open`](Self::open) of a file whose header and data disagree.
    ///
    /// By default the durability decides. Rows that the header does not count are adopted with
    /// [`Durability::Cached`], as a killed program wrote them completely. They are discarded with
    /// [`Durability::Synced`], as after a power cut they may be anything. A file that lacks rows its header
    /// counts is an error.
    #[must_use]
    pub fn recover(mut self, recovery: Recovery) -> Self {
        self.recovery = Some(recovery);
        self
    }

    /// Makes [`open`](Self::open) add growth room to a header that has little or no room, as
    /// [`make_appendable`](crate::make_appendable) does. Nobody may read the file meanwhile. Otherwise a file
    /// with room for fewer than 10⁹ rows is an error ([`NoGrowthRoom`](crate::ErrorKind::NoGrowthRoom)), which
    /// gives the number of rows that fit.
    #[must_use]
    pub fn make_appendable(mut self, make_appendable: bool) -> Self {
        self.make_appendable = make_appendable;
        self
    }

    /// Makes [`open`](Self::open) accept a header with room for fewer than 10⁹ rows, as NumPy before 1.24 and
    /// other programs may write it. Appending fails after [`max_rows`](crate::Appender::max_rows) rows. A header
    /// that is already full is still an error.
    #[must_use]
    pub fn accept_little_room(mut self, accept: bool) -> Self {
        self.accept_little_room = accept;
        self
    }

    /// Sets the conversions that are allowed to append records to a file of another dtype.
    ///
    /// By default no conversion is allowed. With [`Casting::Equiv`], the file may have the same fields in another
    /// order, padded or in big-endian order. A value that does not fit the file's dtype (an integer out of range,
    /// a text that is too long) is an error; NumPy would cut it. Only floats are rounded.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("aligned.npy");
    /// use npyrec::{AppendOptions, Casting, NpyRecord};
    ///
    /// #[derive(NpyRecord)]
    /// #[npy(align)]
    /// struct Aligned { flag: u8, #[npy(dtype = ">f8")] value: f64 }
    ///
    /// #[derive(NpyRecord)]
    /// struct Plain { value: f64, flag: u8 }
    ///
    /// npyrec::write::<Aligned>(&path, &[])?;
    /// let mut file = AppendOptions::new().casting(Casting::Equiv).open::<Plain>(&path)?;
    /// file.append(&Plain { value: 1.5, flag: 2 })?;
    /// file.close()?;
    /// assert_eq!(npyrec::read::<Aligned>(&path)?[0].value, 1.5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn casting(mut self, casting: Casting) -> Self {
        self.casting = casting;
        self
    }

    /// Locks the file against other appenders, of this program and of others, as long as it is open. This is the
    /// default. Readers are not affected.
    ///
    /// `false` is for file systems without locks. Two appenders may then destroy each other's rows. An appender
    /// that finds that another program appended to its file reports an error, and writes nothing more.
    ///
    /// On Windows, a lock keeps out every program that would write the file, also an appender without a lock.
    #[must_use]
    pub fn lock(mut self, lock: bool) -> Self {
        self.lock = lock;
        self
    }

    /// Stores rows, and their number, through a map of the file instead of writing them. A commit is then two
    /// stores to memory, which take a small part of the time of two system calls.
    ///
    /// While it is open, the file is longer than its rows. The additional space is preallocated, so that a full
    /// disk is an error; closing the appender cuts it off. NumPy ignores the bytes after the rows, and so do the
    /// readers of this crate. Many rows at once are written without the map.
    ///
    /// A killed program leaves the preallocated space, with a mark at its end. It is cut off when the file is
    /// opened again or [recovered](crate::recover()). The rows since the last commit are lost, as they cannot be
    /// told from zeros. Other tools do not know the mark: a tool that recovers rows by the length of the file, as
    /// `npy_append_array.recover` does, takes the space for rows of zeros. Use [`recover`](crate::recover())
    /// first.
    ///
    /// Near a full disk, or the largest length of a file, the file is extended by less. Where it cannot be
    /// extended, or memory cannot be mapped, rows are written without the map, and a map is tried again later. It
    /// is an error only if that write fails.
    ///
    /// While it is open nobody may cut the file shorter, as log rotation by `copytruncate` does: a store after the
    /// end of the file ends the program with `SIGBUS`. (Without a map a cut is [an
    /// error](crate::ErrorKind::CutShort). With a map it is noticed only when the file is extended, when many rows
    /// are written at once, and at the end.) A [`Follow`](crate::Follow) is not woken by a store, and looks every
    /// 500 ms.
    #[cfg(feature = "mmap")]
    #[must_use]
    pub fn mapped(mut self, mapped: bool) -> Self {
        self.mapped = mapped;
        self
    }

    /// Sets the most rows of a shard, in a [directory](Self::open_dir); 0 for any number. The record after them
    /// starts the next shard.
    #[must_use]
    pub fn rows_per_shard(mut self, rows: u64) -> Self {
        self.rows_per_shard = if rows > 0 { rows } else { u64::MAX };
        self
    }

    /// Sets the most bytes of a shard, in a [directory](Self::open_dir), its header included; 0 for any number.
    /// A row is never split, and a shard has at least one row.
    #[must_use]
    pub fn bytes_per_shard(mut self, bytes: u64) -> Self {
        self.bytes_per_shard = if bytes > 0 { bytes } else { u64::MAX };
        self
    }

    /// Starts the next shard of a [directory](Self::open_dir) on the clock: at each multiple of `interval` since
    /// 1970, in UTC. An interval of an hour starts one at each full hour. Zero is for never.
    ///
    /// No thread does this: the first record after that time, or the first commit, starts the shard. After a
    /// restart, the time of the last change of the last shard counts. Each
    /// [`append`](crate::Appender::append) reads the clock, which takes about 40 ns.
    #[must_use]
    pub fn shard_every(mut self, interval: Duration) -> Self {
        self.shard_every = Some(interval).filter(|interval| !interval.is_zero());
        self
    }

    /// Sets the order of an array that is created, and so the axis along which it grows: the first axis in C
    /// order, which is the default, or the last axis in Fortran order.
    ///
    /// An array that is in both orders (with at most one axis longer than 1, or without elements) is continued in
    /// this order, even if its header has the other order. By default it is continued in the order of its
    /// header. `np.save` writes `False` for such an array; an array that grows in Fortran order is marked `True`
    /// at every number of rows.
    #[must_use]
    pub fn order(mut self, order: Order) -> Self {
        self.order = Some(order);
        self
    }
}
