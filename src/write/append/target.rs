use super::options::AppendOptions;
use crate::{
    convert::Plan,
    dtype::DType,
    error::{Cause, Error, Result},
    header::{Header, HeaderError, Order, Shape},
    record::{Mismatch, elements, rows},
    repair::Inspection,
};

/// Advice for an element that is appended to rows of several.
const ROWS: &str =
    "a row is an array: append arrays such as `[f64; 3]`, or elements by an `ArrayAppender`";

/// Advice for a file of an older record.
const MIGRATE: &str = "to rewrite the file as this record, use `npyrec::migrate`";

/// The dtype and row shape that an appender requires of a file.
pub(super) struct Target {
    element: DType,
    /// A row is an array of elements, and not one element.
    is_array: bool,
    /// The order in which an array that is in both orders is continued, unless in the order of its header.
    order: Option<Order>,
    /// The header of a new file, which counts no rows. Without it the file must exist.
    new: Option<Header>,
}

/// The elements of a file, as an appender writes them.
pub(super) struct FileElements {
    /// The conversion to an element of the file, if the dtypes differ.
    pub(super) plan: Option<Plan>,
    /// The size of an element in the file.
    pub(super) itemsize: usize,
    /// The shape of the array without rows.
    pub(super) shape: Shape,
}

impl Target {
    /// Returns the target for records that are rows.
    pub(super) fn rows(record: &DType) -> Result<Self> {
        check(record)?;
        let new = Header::of_rows(record, 0);
        new.check()?;
        Ok(Target {
            element: record.clone(),
            is_array: false,
            order: None,
            new: Some(new),
        })
    }

    /// Returns the target for elements of the rows of an array. The array must exist, unless the shape of its
    /// rows is given.
    pub(super) fn array(
        element: DType,
        row_shape: Option<&[u64]>,
        order: Option<Order>,
    ) -> Result<Self> {
        check(&element)?;
        let new_order = order.unwrap_or_default();
        let new = row_shape.map(|row_shape| new_array(&element, row_shape, new_order));
        let new = new.transpose()?;
        Ok(Target {
            element,
            is_array: true,
            order: order.or(new.as_ref().map(|_| new_order)),
            new,
        })
    }

    /// Returns the target for a new file with a header. It is not for appending.
    pub(super) fn started_with(header: &Header) -> Self {
        Target {
            element: header.base_dtype().clone(),
            is_array: true,
            order: None,
            new: Some(header.clone()),
        }
    }

    pub(super) fn element(&self) -> &DType {
        &self.element
    }

    /// Returns the header of a new file, which counts no rows, or `None` if the file must exist.
    pub(super) fn new_header(&self) -> Option<&Header> {
        self.new.as_ref()
    }

    /// Returns the order in which the array of a file is continued. An array that is in both orders grows along
    /// either axis.
    pub(super) fn order_of(&self, file: &Inspection) -> Order {
        let header = &file.header;
        let (order, axes) = (header.order(), header.shape().len());
        // Without a legible number of rows, only an array of one axis is known to be in both orders.
        let is_legible = file.counted.is_some() || axes < 2;
        if !is_legible || !header.array_shape().is_in_both_orders() {
            return order;
        }
        let has_own_axes = !self.element.base_and_shape().1.is_empty();
        let wanted = match self.is_array && axes > 1 && !has_own_axes {
            true => self.order.unwrap_or(order),
            false => Order::C,
        };
        // Data after rows of no bytes would belong to no row.
        let has_bytes = |order| header.with_order(order).row_size() > 0;
        match has_bytes(order) && !has_bytes(wanted) && file.rows() > 0 {
            true => order,
            false => wanted,
        }
    }

    /// Returns true if rows are expected, and the element fits an element of a row.
    fn is_element_of_row(&self, header: &Header, settings: &AppendOptions) -> bool {
        let base = header.base_dtype();
        !self.is_array
            && !header.array_shape().row_dims().is_empty()
            && Plan::writing(&self.element, base, settings.casting).is_ok()
    }

    /// Returns the elements of the array of a header, in the order of the header.
    ///
    /// # Errors
    ///
    /// If the dtype, the shape of a row or the order of the file are other than required.
    pub(super) fn file_elements(
        &self,
        header: &Header,
        settings: &AppendOptions,
    ) -> Result<FileElements> {
        let (file, shape) = match self.is_array {
            true => self.elements(header)?,
            false => (rows(header)?.1, Shape::new(vec![0], Order::C)),
        };
        let plan = Plan::writing(&self.element, &file, settings.casting);
        let plan = plan.map_err(|differences| {
            let mismatch = match Plan::least_writing(&self.element, &file, settings.casting) {
                Some(least) => Mismatch::Convertible(differences, "AppendOptions", least),
                None => Mismatch::DType(differences),
            };
            let error = Error::from(match (&self.element, &file) {
                (DType::Struct(_), DType::Struct(_)) if !self.is_array => {
                    mismatch.with_advice(MIGRATE)
                }
                _ => mismatch,
            });
            match self.is_element_of_row(header, settings) {
                true => error.with_end(ROWS),
                false => error,
            }
        });
        Ok(FileElements {
            plan: plan?,
            itemsize: match shape.row_len() {
                0 => 0,
                _ => file.itemsize(),
            },
            shape,
        })
    }

    /// Returns the dtype of an element in the file, and the shape of the array without rows.
    fn elements(&self, header: &Header) -> Result<(DType, Shape)> {
        let array = elements(header, &self.element, false)?;
        let dtype = header.element_dtype(&array);
        let found = without_rows(header, &array)?;
        if let Some(new) = &self.new {
            let expected = without_rows(new, &elements(new, &self.element, false)?)?;
            if found.row_dims() != expected.row_dims() {
                return Err(row_mismatch(&expected, array.dims()));
            }
            if expected.order() != found.order() && !expected.row_dims().is_empty() {
                let (expected, found) = (expected.order(), found.order());
                return Err(Error::new(Cause::Order { expected, found }));
            }
        }
        Ok((dtype, found))
    }
}

/// Returns the shape of an array without rows, in the order of its header.
fn without_rows(header: &Header, array: &Shape) -> Result<Shape> {
    let order = match array.dims().len() {
        0 => return Err(Mismatch::NoRows.into()),
        1 => Order::C,
        _ => header.order(),
    };
    if order == Order::Fortran && !array.element_axes().is_empty() {
        // The growth axis would be an axis of an element.
        return Err(Mismatch::FortranRecords.into());
    }
    Ok(Shape::new(array.dims().to_vec(), order).with_rows(0))
}

/// Returns the error that an array has rows of another shape than expected.
pub(super) fn row_mismatch(expected: &Shape, found: &[u64]) -> Error {
    Error::new(Cause::Shape {
        expected: expected.dims_of_any_rows(),
        found: found.to_vec(),
    })
}

/// Checks that elements of a dtype can be stored.
fn check(element: &DType) -> Result<()> {
    if element.has_objects() {
        return Err(Mismatch::objects(element).into());
    }
    Ok(element.check().map_err(HeaderError::from)?)
}

/// Returns the header of an array without rows. It keeps the order, even if an array without elements is in
/// both orders.
fn new_array(element: &DType, row_shape: &[u64], order: Order) -> Result<Header> {
    let order = match row_shape {
        [] => Order::C,
        _ => order,
    };
    let shape = Shape::of_rows(0, row_shape, order);
    let header = Header::of_elements(element, shape).with_order(order);
    header.check_for_numpy()?;
    if order == Order::Fortran && header.shape().len() > row_shape.len() + 1 {
        return Err(Mismatch::FortranRecords.into());
    }
    let header_of_a_row = header.with_rows(1);
    header_of_a_row.check()?;
    elements(&header, element, false)?;
    Ok(header)
}
