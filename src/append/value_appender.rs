use std::{borrow::Borrow, path::Path};

use super::{appender_methods::appender_methods, options::AppendOptions, rows::Rows};
use crate::{
    dtype::DType,
    error::Result,
    value::{Codec, Value},
};

/// Appends [`Value`]s to a file of a dtype that is known only when the program runs.
///
/// In all else it is an [`Appender`](crate::Appender). A boolean
/// takes booleans and an integer takes integers in its range, but no float, not even 3.0. A float takes
/// integers and floats and rounds them, and a complex number takes any number; one beyond the largest
/// finite number is refused. A time is stored if it is a whole number of the dtype's unit. A record has the
/// fields of the dtype, in any order, and no other.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("points.npy");
/// use npyrec::{DType, Value, ValueAppender, value::Record};
///
/// let dtype: DType = "[('id', '<u2'), ('name', '<U8')]".parse()?;
/// let mut points = ValueAppender::create(&path, &dtype)?;
/// let fields = [("id", Value::from(7_u64)), ("name", Value::from("origin"))];
/// points.append(&Record::from_iter(fields).into())?;
/// points.close()?;
///
/// let file = npyrec::NpyFile::open(&path)?;
/// assert_eq!(file.row(0)?.to_string(), "(7, 'origin')");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ValueAppender {
    pub(super) rows: Rows,
    codec: Codec,
}

impl ValueAppender {
    /// Creates a file of rows of a dtype, or one without rows in the place of one that exists.
    ///
    /// # Errors
    ///
    /// If the file cannot be created, or the dtype has no header or is one of objects.
    pub fn create(path: impl AsRef<Path>, dtype: &DType) -> Result<Self> {
        Self::options().create_with_dtype(path, dtype)
    }

    /// Creates a file where there is none.
    ///
    /// # Errors
    ///
    /// If there is a file already, it cannot be created, or the dtype has no header or is one of
    /// objects.
    pub fn create_new(path: impl AsRef<Path>, dtype: &DType) -> Result<Self> {
        Self::options().create_new_with_dtype(path, dtype)
    }

    /// Continues a file of rows of a dtype, or creates one where there is none. With
    /// [`AppendOptions::casting`], the file may have another dtype.
    ///
    /// # Errors
    ///
    /// As [`Appender::open`](crate::Appender::open).
    pub fn open(path: impl AsRef<Path>, dtype: &DType) -> Result<Self> {
        Self::options().open_with_dtype(path, dtype)
    }

    /// How to open it, and when to write.
    pub fn options() -> AppendOptions<Value> {
        AppendOptions::new()
    }

    pub(super) fn new(rows: Rows, dtype: &DType) -> Self {
        let codec = Codec::new(dtype);
        ValueAppender { rows, codec }
    }

    /// Appends one value.
    ///
    /// # Errors
    ///
    /// As [`Appender::append`](crate::Appender::append).
    pub fn append(&mut self, value: &Value) -> Result<()> {
        let codec = &self.codec;
        self.rows
            .append(codec.itemsize(), |place| codec.encode(value, place))
    }

    /// Appends the values of an iterator, owned or borrowed.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append); the values before the one at fault are appended.
    pub fn extend<I>(&mut self, values: I) -> Result<()>
    where
        I: IntoIterator,
        I::Item: Borrow<Value>,
    {
        values
            .into_iter()
            .try_for_each(|value| self.append(value.borrow()))
    }
}

appender_methods!(impl[] ValueAppender, "ValueAppender");
