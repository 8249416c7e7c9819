use std::{borrow::Borrow, marker::PhantomData, path::Path};

use super::{appender_methods::appender_methods, options::AppendOptions, rows::Rows};
use crate::{
    error::Result,
    record::{Layout, NpyRecord},
};

/// Appends records to an `.npy` file, which is valid at any instant.
///
/// Records go to a buffer, and from there to the end of the file. [`commit`](Appender::commit) makes
/// them visible: it writes the number of rows into the header, after the rows. Dropping an appender
/// commits too, but cannot say whether that failed; [`close`](Appender::close) can.
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
pub struct Appender<R: NpyRecord> {
    pub(super) rows: Rows,
    records: PhantomData<fn(R)>,
}

impl<R: NpyRecord> Appender<R> {
    /// Creates a file, or one without rows in the place of one that exists.
    ///
    /// # Errors
    ///
    /// If the file cannot be created, or the dtype of `R` has no header.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        Self::options().create(path)
    }

    /// Creates a file where there is none.
    ///
    /// # Errors
    ///
    /// If there is a file already, it cannot be created, or the dtype of `R` has no header.
    pub fn create_new(path: impl AsRef<Path>) -> Result<Self> {
        Self::options().create_new(path)
    }

    /// Continues a file, one of NumPy's as well, or creates one where there is none.
    ///
    /// Rows that a killed program wrote but did not commit are kept, as far as they are whole;
    /// [`AppendOptions::recover`] is for other wishes.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened or created ([`ErrorKind::Io`](crate::ErrorKind::Io)), or another appender
    /// has it open ([`Locked`](crate::ErrorKind::Locked)). If it is no `.npy` file
    /// ([`Header`](crate::ErrorKind::Header)) of rows ([`NoRows`](crate::ErrorKind::NoRows),
    /// [`FortranOrder`](crate::ErrorKind::FortranOrder)) of the dtype of `R`
    /// ([`DType`](crate::ErrorKind::DType), [`Objects`](crate::ErrorKind::Objects)), or its header has room
    /// for fewer than 10⁹ rows ([`NoGrowthRoom`](crate::ErrorKind::NoGrowthRoom); see
    /// [`AppendOptions::make_appendable`] and [`AppendOptions::accept_little_room`]), or another array follows
    /// ([`AnotherArray`](crate::ErrorKind::AnotherArray)). If rows are missing that the header counts
    /// ([`Truncated`](crate::ErrorKind::Truncated)), unless [`AppendOptions::recover`] says what to do then;
    /// with [`Recovery::Refuse`](crate::Recovery::Refuse) there, whenever header and data do not agree
    /// ([`NeedsRecovery`](crate::ErrorKind::NeedsRecovery)).
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::options().open(path)
    }

    /// How to open it, and when to write.
    pub fn options() -> AppendOptions<R> {
        AppendOptions::new()
    }

    pub(super) fn from_rows(rows: Rows) -> Self {
        Appender {
            rows,
            records: PhantomData,
        }
    }

    /// Appends one record.
    ///
    /// # Errors
    ///
    /// If a value has no place in its field's dtype ([`Encode`](crate::ErrorKind::Encode)), if the header has
    /// no room for another row ([`NoGrowthRoom`](crate::ErrorKind::NoGrowthRoom)), or if the buffer is full
    /// and cannot be written. The record is refused then: it is not among the [`rows`](Appender::rows), those
    /// before it are kept, and the next one may be taken. There is one exception: when a commit is due, the
    /// rows are written and only the header cannot be, the record is taken. It is among the
    /// [`rows`](Appender::rows) then, and the next commit writes the header.
    ///
    /// A disk that is full is an error of each call until there is room;
    /// [`Error::is_repeat`](crate::Error::is_repeat) tells the first one from the others. If the file was cut
    /// or another program appended to it, as for [`commit`](Appender::commit).
    #[inline]
    pub fn append(&mut self, record: &R) -> Result<()> {
        self.rows.append(R::ITEMSIZE, |place| record.encode(place))
    }

    /// Appends records. Where their memory is their form in the file, they are copied at once, and
    /// many of them written without passing through the buffer. A commit that is due among them comes after
    /// the last one, for records of any layout.
    ///
    /// # Errors
    ///
    /// As [`append`](Appender::append); the records before the one at fault are appended, and those after
    /// it are not. When writing fails, [`rows`](Appender::rows) says how many were.
    pub fn append_slice(&mut self, records: &[R]) -> Result<()> {
        match Layout::bytes_of(records).filter(|_| self.rows.takes_records()) {
            Some(bytes) => self.rows.append_bytes(bytes, records.len() as u64),
            None => self.rows.append_each(records),
        }
    }

    /// Appends the records of an iterator, owned or borrowed.
    ///
    /// # Errors
    ///
    /// As [`append`](Appender::append); the records before the one at fault are appended.
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

appender_methods!(impl[R: NpyRecord] Appender<R>, "Appender");
