use super::{
    error::{HeaderError, Reason},
    shape::Shape,
    text,
    version::Version,
};
use crate::{
    dtype::{DType, MAX_DIMENSIONS},
    literal::Node,
};

/// The order of an array's elements in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// The last index varies fastest; an array grows along its first axis.
    #[default]
    C,
    /// The first index varies fastest; an array grows along its last axis.
    Fortran,
}

/// What an `.npy` file says of its array: dtype, order and shape.
///
/// `Display` is the text of the dictionary, as `np.save` writes it. The serde form is the same
/// dictionary, which is what a snapshot of a schema shows. A descr that was read with a type of the Python package
/// `ml_dtypes` by name, such as `bfloat16`, keeps the name in both.
///
/// ```
/// use npyrec::Header;
///
/// let header = Header::for_record::<(u32, f64)>(3);
/// assert_eq!(
///     header.to_string(),
///     "{'descr': [('f0', '<u4'), ('f1', '<f8')], 'fortran_order': False, 'shape': (3,), }"
/// );
/// let bytes = header.to_bytes();
/// assert_eq!(bytes.len() % 64, 0);
/// assert_eq!(Header::read_from(&mut &bytes[..])?, header);
/// # Ok::<(), npyrec::HeaderError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub(super) version: Version,
    pub(super) dtype: DType,
    /// The descr, if it names a type of `ml_dtypes`, which the dtype does not.
    pub(super) named_descr: Option<Node<'static>>,
    pub(super) order: Order,
    pub(super) shape: Vec<u64>,
}

impl Header {
    /// The header of an array.
    ///
    /// # Errors
    ///
    /// If NumPy could not read it: a dtype with a name twice or of more than 2^31 - 1 bytes, a dtype
    /// that is an array of more or fewer than one element, more than 64 dimensions, an array of more
    /// than 2^63 - 1 bytes, not counting the axes that are 0.
    pub fn new(dtype: DType, order: Order, shape: &[u64]) -> Result<Self, HeaderError> {
        let header = Header::unchecked(dtype.of_an_array(), order, shape);
        header.check_for_numpy()?;
        Ok(header)
    }

    pub(crate) fn unchecked(dtype: DType, order: Order, shape: &[u64]) -> Self {
        let mut header = Header {
            version: Version::V1_0,
            dtype,
            named_descr: None,
            order,
            shape: shape.to_vec(),
        };
        header.version = text::version_of(&header);
        header
    }

    /// Checks what NumPy demands, and the sizes before anything is allocated for them.
    pub(crate) fn check(&self) -> Result<(), HeaderError> {
        self.dtype.check()?;
        let dimensions = self.shape.len();
        if dimensions > MAX_DIMENSIONS {
            return Err(HeaderError::new(Reason::TooManyDimensions(dimensions)));
        }
        let fits = |size: u64| i64::try_from(size).is_ok();
        match self.data_len() {
            Some(len) if fits(len) && self.shape.iter().all(|&dim| fits(dim)) => Ok(()),
            _ => Err(HeaderError::new(Reason::TooLarge)),
        }
    }

    /// The version it was read from, or which `np.save` would write.
    pub fn version(&self) -> Version {
        self.version
    }

    /// What an element is.
    pub fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// The order of the elements.
    pub fn order(&self) -> Order {
        self.order
    }

    /// The length of each axis; empty for a single element.
    pub fn shape(&self) -> &[u64] {
        &self.shape
    }

    /// The length of the growth axis: the first in C order, the last in Fortran order. `None` for a
    /// single element, which cannot grow.
    pub fn rows(&self) -> Option<u64> {
        let (&rows, _) = self.order.split(&self.shape)?;
        Some(rows)
    }

    /// The number of bytes of the array; `None` if it does not fit 64 bits.
    pub fn data_len(&self) -> Option<u64> {
        if self.shape.contains(&0) {
            return Some(0);
        }
        let itemsize = u64::try_from(self.dtype.itemsize()).ok()?;
        self.shape
            .iter()
            .try_fold(itemsize, |len, &dim| len.checked_mul(dim))
    }

    /// The same with so many rows; a single element has none.
    pub(crate) fn with_rows(&self, rows: u64) -> Self {
        let shape = Shape::new(self.shape.clone(), self.order).with_rows(rows);
        let mut header = Header {
            shape: shape.dims().to_vec(),
            ..self.clone()
        };
        header.version = text::version_of(&header);
        header
    }

    /// Returns the header with its array in another order, in which its elements lie in the same places.
    pub(crate) fn with_order(&self, order: Order) -> Self {
        Header {
            order,
            ..self.clone()
        }
    }

    /// Returns the rows that the header counts, and how many of them are whole in a number of bytes of data.
    pub(crate) fn rows_in(&self, data: u64) -> (u64, u64) {
        let shape = Shape::of(self);
        let (base, _) = self.dtype.base_and_shape();
        let row_size = shape.row_len().saturating_mul(base.itemsize() as u64);
        let rows = shape.rows().unwrap_or(1);
        let found = data.checked_div(row_size).unwrap_or(rows);
        (rows, found.min(rows))
    }

    /// The number of bytes of a row; the largest number if it does not fit 64 bits.
    pub(crate) fn row_size(&self) -> u64 {
        let itemsize = self.dtype.itemsize() as u64;
        let inner = self.order.split(&self.shape).map(|(_, inner)| inner);
        (inner.unwrap_or_default().iter()).fold(itemsize, |size, &dim| size.saturating_mul(dim))
    }
}
