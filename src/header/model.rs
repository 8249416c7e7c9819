use super::{
    error::{HeaderError, HeaderReason},
    order::Order,
    shape::Shape,
    version::Version,
};
use crate::{
    dtype::{DType, MAX_DIMENSIONS},
    literal::Node,
};

/// The header of an `.npy` file: the dtype, order and shape of its array.
///
/// `Display` is the text of the dictionary, as `np.save` writes it. The serde form is the same dictionary, so
/// that a schema can be kept as a snapshot. If a descr was read with a name of the Python package
/// `ml_dtypes`, such as `bfloat16`, both forms keep the name.
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
    /// The descr, if it names a type of `ml_dtypes`. The dtype does not keep the name.
    pub(super) named_descr: Option<Node<'static>>,
    /// The axes of the array, without the axes of a dtype that is a subarray.
    pub(super) shape: Shape,
}

impl Header {
    /// Returns the header of an array.
    ///
    /// # Errors
    ///
    /// If NumPy cannot read the header:
    ///
    /// - the dtype has two fields of one name, or more than 2^31 - 1 bytes
    /// - the dtype is an array that does not have exactly one element
    /// - the array has more than 64 dimensions
    /// - the array has more than 2^63 - 1 bytes, not counting axes of length 0
    pub fn new(dtype: DType, order: Order, shape: &[u64]) -> Result<Self, HeaderError> {
        let shape = Shape::new(shape.to_vec(), order);
        let header = Header::unchecked(dtype.of_an_array(), shape);
        header.check_for_numpy()?;
        Ok(header)
    }

    /// Returns the header of an array of elements, without checking its size: an array that is in both orders is
    /// in C order. The axes of an element that is an array are the last axes.
    pub(crate) fn of_elements(element: &DType, shape: Shape) -> Self {
        let (base, inner) = element.base_and_shape();
        let shape = shape.with_inner_axes(&inner);
        Header::unchecked(base.clone(), shape.in_saved_order())
    }

    fn unchecked(dtype: DType, shape: Shape) -> Self {
        let mut header = Header {
            version: Version::V1_0,
            dtype,
            named_descr: None,
            shape,
        };
        header.version = header.saved_version();
        header
    }

    /// Checks the dtype, the number of dimensions and the size, before anything is allocated.
    pub(crate) fn check(&self) -> Result<(), HeaderError> {
        self.dtype.check()?;
        let dimensions = self.shape.axes().len();
        if dimensions > MAX_DIMENSIONS {
            return Err(HeaderError::new(HeaderReason::TooManyDimensions(
                dimensions,
            )));
        }
        let fits = |size: u64| i64::try_from(size).is_ok();
        match self.data_len() {
            Some(len) if fits(len) && self.shape().iter().all(|&dim| fits(dim)) => Ok(()),
            _ => Err(HeaderError::new(HeaderReason::TooLarge)),
        }
    }

    /// Returns the version of the header that was read, or the version that `np.save` writes.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns the dtype of an element.
    pub fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// Returns the order of the elements.
    pub fn order(&self) -> Order {
        self.shape.order()
    }

    /// Returns the length of each axis. It is empty for a single element. Lengths are `u64`, because a file
    /// may be larger than the memory of a 32-bit machine.
    pub fn shape(&self) -> &[u64] {
        self.shape.axes()
    }

    /// Returns the length of the growth axis: the first axis in C order, the last in Fortran order. `None`
    /// for a single element, which cannot grow.
    pub fn rows(&self) -> Option<u64> {
        self.shape.rows()
    }

    /// Returns the dtype of a row `array[i]`: of an element or, if there are several axes, of an array of the
    /// elements along the other axes.
    ///
    /// ```
    /// use npyrec::{Header, Order};
    ///
    /// let header = Header::new("<f8".parse()?, Order::C, &[100, 2, 3])?;
    /// assert_eq!(header.row_dtype().to_string(), "('<f8', (2, 3))");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn row_dtype(&self) -> DType {
        let array = self.array_shape();
        let first = self.shape().len().min(1);
        let row_axes = array.axes().len().saturating_sub(first);
        self.element_dtype(&array.with_element_axes(row_axes))
    }

    /// Returns the number of bytes of the array; `None` if it does not fit 64 bits.
    pub fn data_len(&self) -> Option<u64> {
        self.shape.checked_size(self.dtype.itemsize() as u64)
    }

    /// Returns the shape of the array. The axes of a dtype that is a subarray are the last axes, as in NumPy. An
    /// array that is in both orders is in C order.
    pub(crate) fn array_shape(&self) -> Shape {
        let (_, inner) = self.dtype.base_and_shape();
        let shape = self.shape.clone().with_inner_axes(&inner);
        shape.in_saved_order()
    }

    /// Returns the dtype of the scalars or structs of the array, even if its elements are subarrays.
    pub(crate) fn base_dtype(&self) -> &DType {
        self.dtype.base_and_shape().0
    }

    /// Returns the dtype of the elements of a shape. The shape is made from
    /// [`array_shape`](Self::array_shape).
    pub(crate) fn element_dtype(&self, shape: &Shape) -> DType {
        self.base_dtype().along(shape.element_axes())
    }

    /// Returns the header with another number of rows. A single element has no rows to change. The version
    /// stays, because every version has room for any number of rows.
    pub(crate) fn with_rows(&self, rows: u64) -> Self {
        Header {
            shape: self.shape.with_rows(rows),
            ..self.clone()
        }
    }

    /// Returns the header that `np.save` writes: an array that is in both orders is in C order.
    pub(crate) fn as_saved(&self) -> Self {
        self.with_order(self.array_shape().order())
    }

    /// Returns the header with another order. The elements must have the same offsets in both orders.
    pub(crate) fn with_order(&self, order: Order) -> Self {
        Header {
            shape: Shape::new(self.shape().to_vec(), order),
            ..self.clone()
        }
    }

    /// Returns the number of rows in the header, and the number of these rows that are complete in the data.
    pub(crate) fn rows_in(&self, data: u64) -> (u64, u64) {
        let shape = self.array_shape();
        let itemsize = self.base_dtype().itemsize() as u64;
        let row_size = shape.row_len().saturating_mul(itemsize);
        let rows = shape.rows().unwrap_or(1);
        let found = data.checked_div(row_size).unwrap_or(rows);
        (rows, found.min(rows))
    }

    /// Returns the number of bytes of a row, or `u64::MAX` if it does not fit.
    pub(crate) fn row_size(&self) -> u64 {
        let itemsize = self.dtype.itemsize() as u64;
        self.shape.row_len().saturating_mul(itemsize)
    }
}
