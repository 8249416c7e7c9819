use crate::{
    dtype::{DType, Difference},
    error::Result,
    header::{Header, HeaderError, Order, Shape},
    record::{Element, Mismatch, NpyRecord, dtype_of, elements, fixed_dtype},
};

/// An array to be written: its header, and the elements that the header counts.
pub(crate) struct NewArray {
    header: Header,
    /// The dtype of an element, with its axes if it is an array.
    dtype: DType,
    /// The axes along which the elements are counted.
    shape: Shape,
}

impl NewArray {
    /// Returns the array of a header with elements of type `E`: records of the last axes, or the values of the
    /// header's dtype.
    ///
    /// # Errors
    ///
    /// If NumPy cannot read the header, or elements of type `E` do not make up its array.
    pub(crate) fn with_header<E: Element>(header: &Header) -> Result<Self> {
        let record = fixed_dtype::<E>()?;
        let dtype = record.unwrap_or_else(|| header.base_dtype().clone());
        NewArray::new(header, dtype)
    }

    /// Returns the array of a number of records.
    pub(crate) fn of_records<R: NpyRecord>(rows: u64) -> Result<Self> {
        NewArray::of_shape(&dtype_of::<R>()?, &[rows], Order::C)
    }

    /// Returns the array of elements of a dtype. The axes of an element that is an array follow the axes of
    /// `shape`.
    pub(crate) fn of_shape(dtype: &DType, shape: &[u64], order: Order) -> Result<Self> {
        dtype.check().map_err(HeaderError::from)?;
        let shape = Shape::new(shape.to_vec(), order);
        NewArray::new(&Header::of_elements(dtype, shape), dtype.clone())
    }

    fn new(header: &Header, dtype: DType) -> Result<Self> {
        if header.dtype().has_objects() {
            return Err(Mismatch::objects(header.dtype()).into());
        }
        header.check_for_numpy()?;
        let header = header.as_saved();
        let shape = elements(&header, &dtype, false)?;
        let differences = Difference::between(&header.element_dtype(&shape), &dtype);
        match differences.is_empty() {
            true => Ok(NewArray {
                header,
                dtype,
                shape,
            }),
            false => Err(Mismatch::DType(differences).into()),
        }
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    pub(crate) fn dtype(&self) -> &DType {
        &self.dtype
    }

    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }
}
