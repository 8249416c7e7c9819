use std::io;

use crate::{
    convert::threads_or_cores,
    dtype::Casting,
    error::{Error, Result},
    header::Header,
};

/// Options of readers: the allowed conversions, the longest header, and rows or single elements.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("levels.npy");
/// use npyrec::{Casting, ReadOptions};
///
/// npyrec::write(&path, &[1.5_f64, 2.5])?;
/// let levels = ReadOptions::new().casting(Casting::SameKind).read::<f32>(&path)?;
/// assert_eq!(levels, [1.5_f32, 2.5]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ReadOptions {
    pub(crate) casting: Casting,
    pub(super) max_header_size: u32,
    pub(super) flat: bool,
    pub(super) in_c_order: bool,
    pub(crate) threads: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            casting: Casting::default(),
            max_header_size: Header::DEFAULT_MAX_SIZE,
            flat: false,
            in_c_order: false,
            threads: 1,
        }
    }
}

impl ReadOptions {
    /// Returns the default options: [`Casting::Equiv`], headers of up to [`Header::DEFAULT_MAX_SIZE`] bytes, and
    /// rows.
    pub fn new() -> Self {
        ReadOptions::default()
    }

    /// Sets the conversions that are allowed from the dtype of the file to the dtype of the records.
    ///
    /// Unless it is [`Casting::No`], fields are matched by name, in any order, and fields that the record lacks
    /// are skipped. With [`Casting::SameKind`], values that do not fit are converted as NumPy's `astype` does,
    /// without an error: integers keep their low bytes, texts their start, and times are rounded down. (An
    /// [`Appender`](crate::Appender) refuses them.) It has no effect on a [`Value`](crate::Value).
    #[must_use]
    pub fn casting(mut self, casting: Casting) -> Self {
        self.casting = casting;
        self
    }

    /// Sets the longest header to read, in bytes, as the `max_header_size` of `np.load`. A longer header is an
    /// error.
    #[must_use]
    pub fn max_header_size(mut self, bytes: u32) -> Self {
        self.max_header_size = bytes;
        self
    }

    /// Sets the number of threads that convert rows; 0 is the number of the processor's cores. By default, the
    /// calling thread does all the work.
    ///
    /// It is used where all rows are read at once ([`read`](Self::read) of a file, `read_array`, a member of an
    /// archive) and by [`migrate`](Self::migrate), if the dtype of the file is not the form of the rows in memory. The
    /// calling thread reads the file, or expands the member, and converts as well. It alone decodes the shards of a
    /// directory, and records with a field of another size in memory, such as a `String`, a `SystemTime` or an
    /// `Option`. The rows and the errors are the same with any number of threads.
    ///
    /// Each thread takes up to 512 KiB for blocks, 1 MiB in `migrate`, or more if a row is larger than 256 KiB.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("levels.npy");
    /// use npyrec::{Casting, ReadOptions};
    ///
    /// npyrec::write(&path, &[1.5_f32, 2.5])?;
    /// let levels = ReadOptions::new().casting(Casting::Safe).threads(2).read::<f64>(&path)?;
    /// assert_eq!(levels, [1.5, 2.5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads_or_cores(threads);
        self
    }

    /// Reads the elements of an array one by one, in the order of the file, instead of its rows.
    ///
    /// A row of an array of shape `(n, 3)` is three elements: rows are read as `[f64; 3]`, and elements as
    /// `f64`. [`Reader::shape`](crate::Reader::shape) gives the axes along which the elements lie.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("points.npy");
    /// npyrec::write(&path, &[[1.0_f64, 2.0], [3.0, 4.0]])?;
    /// assert_eq!(npyrec::read::<[f64; 2]>(&path)?, [[1.0, 2.0], [3.0, 4.0]]);
    /// let elements = npyrec::ReadOptions::new().flat(true).read::<f64>(&path)?;
    /// assert_eq!(elements, [1.0, 2.0, 3.0, 4.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [`follow`](Self::follow) and [`npy_file`](Self::npy_file), which count rows, refuse it.
    #[must_use]
    pub fn flat(mut self, flat: bool) -> Self {
        self.flat = flat;
        self
    }

    /// Reads an array in Fortran order into memory at once, and puts its elements into C order. This takes
    /// twice the size of its data, or three times if the source is not a file.
    ///
    /// Use it for [single elements](Self::flat) in C order, and for rows from a source that cannot seek. Rows
    /// of a file are read this way without it. A [`Mapped`](crate::Mapped) file is not copied, and stays in its
    /// order.
    #[must_use]
    pub fn in_c_order(mut self, in_c_order: bool) -> Self {
        self.in_c_order = in_c_order;
        self
    }

    /// Checks that rows are read, as the caller has no elements.
    pub(super) fn check_rows(&self) -> Result<()> {
        const REASON: &str =
            "`ReadOptions::flat` is for `Reader`, `Mapped` and `read`; read rows here";
        match self.flat {
            true => Err(Error::io(
                "read single elements",
                io::Error::new(io::ErrorKind::Unsupported, REASON),
            )),
            false => Ok(()),
        }
    }
}
