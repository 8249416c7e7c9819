use super::settings::Settings;
use crate::{
    convert::{Plan, Sequence},
    dtype::DType,
    error::{Error, ErrorKind, Result},
    header::{Header, HeaderError, Order, Shape},
    record::{Misfit, rows},
};

/// What a file is to hold for something to be appended to it.
pub(super) struct Target {
    element: DType,
    of: Of,
}

/// What an element is.
enum Of {
    /// A row.
    Rows,
    /// One of the elements of a row. If there need not be a file, this is the header of a new one.
    Array {
        new: Option<Header>,
        /// The order in which an array is continued that is in both, unless it is that of its header.
        order: Option<Order>,
    },
}

/// How elements are put into a file.
pub(super) struct Fit {
    /// How an element becomes one of the file's, if it is none as it is.
    pub(super) plan: Option<Plan>,
    /// The size of an element in the file.
    pub(super) itemsize: usize,
    pub(super) row: Row,
}

/// How the elements of an array are its rows.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The axes of a row; none where an element is one.
    pub(super) shape: Vec<u64>,
    pub(super) order: Order,
    /// The number of elements of a row. A row without any is taken as one of no bytes.
    pub(super) len: u64,
    /// An array without rows.
    pub(super) array: Shape,
}

impl Target {
    /// Records that are rows.
    pub(super) fn rows(record: &DType) -> Result<Self> {
        record.check().map_err(HeaderError::from)?;
        Ok(Target {
            element: record.clone(),
            of: Of::Rows,
        })
    }

    /// Elements of the rows of an array, one that exists unless a shape of the rows is given.
    pub(super) fn array(
        element: DType,
        row_shape: Option<&[u64]>,
        order: Option<Order>,
    ) -> Result<Self> {
        element.check().map_err(HeaderError::from)?;
        let new_order = order.unwrap_or_default();
        let new = row_shape.map(|row_shape| new_array(&element, row_shape, new_order));
        let new = new.transpose()?;
        let order = order.or(new.as_ref().map(|_| new_order));
        let of = Of::Array { new, order };
        Ok(Target { element, of })
    }

    pub(super) fn element(&self) -> &DType {
        &self.element
    }

    /// The header of a file that is to be created, which counts no rows; `None` if there must be one.
    pub(super) fn new_header(&self) -> Result<Option<Header>> {
        let header = match &self.of {
            Of::Rows => Header::of_rows(&self.element, 0),
            Of::Array { new: Some(new), .. } => new.clone(),
            Of::Array { new: None, .. } => return Ok(None),
        };
        header.check()?;
        Ok(Some(header))
    }

    /// Returns the order in which the array of a header is continued. One that is in both orders grows along
    /// either axis.
    pub(super) fn order_of(&self, header: &Header) -> Order {
        let has_own_axes = !self.element.base_and_shape().1.is_empty();
        match &self.of {
            _ if !Shape::of(header).is_in_both_orders() => header.order(),
            Of::Rows => Order::C,
            Of::Array { .. } if has_own_axes || header.shape().len() < 2 => Order::C,
            Of::Array { order, .. } => order.unwrap_or(header.order()),
        }
    }

    /// How elements are put into the array of a header, in the order of the header.
    pub(super) fn fit(&self, header: &Header, settings: &Settings) -> Result<Fit> {
        let (file, row) = match &self.of {
            Of::Rows => (rows(header)?.1, Row::of_elements(&[], Order::C)),
            Of::Array { new, .. } => self.elements(header, new.as_ref())?,
        };
        let plan = Plan::writing(&self.element, &file, settings.casting);
        Ok(Fit {
            plan: plan.map_err(|differences| {
                match Plan::least_writing(&self.element, &file, settings.casting) {
                    Some(least) => Misfit::Convertible(differences, "AppendOptions", least),
                    None => Misfit::DType(differences),
                }
            })?,
            itemsize: match row.is_empty() {
                true => 0,
                false => file.itemsize(),
            },
            row,
        })
    }

    /// What an element of an array is, and how they make its rows.
    fn elements(&self, header: &Header, new: Option<&Header>) -> Result<(DType, Row)> {
        let file = Sequence::of(header, &self.element, false)?;
        let row = self.row(header, &file)?;
        if let Some(new) = new {
            let expected = self.row(new, &Sequence::of(new, &self.element, false)?)?;
            expected.check(&row, file.records.dims())?;
        }
        Ok((file.dtype, row))
    }

    /// The row of an array in the order of its header.
    fn row(&self, header: &Header, array: &Sequence) -> Result<Row> {
        let dims = array.records.dims();
        let has_own_axes = dims.len() < array.array.dims().len();
        let order = match dims.len() {
            0 | 1 => Order::C,
            _ => header.order(),
        };
        if order == Order::Fortran && has_own_axes {
            // The growth axis would be an axis of an element.
            return Err(Misfit::FortranOrder(header.shape().to_vec()).into());
        }
        let (_, row) = order.split(dims).ok_or(Misfit::NoRows)?;
        Ok(Row::of_elements(row, order))
    }
}

impl Row {
    fn of_elements(shape: &[u64], order: Order) -> Self {
        let array = Shape::new(order.join(0, shape), order);
        Row {
            shape: shape.to_vec(),
            order,
            len: array.row_len().max(1),
            array,
        }
    }

    /// How many rows so many elements are, a last one that lacks some not counted.
    #[inline]
    pub(super) fn count(&self, elements: u64) -> u64 {
        match self.len {
            1 => elements,
            len => elements / len,
        }
    }

    /// Whether it has no elements.
    pub(super) fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }

    /// Checks that another array, of rows of the shape `row`, has the same rows.
    fn check(&self, other: &Row, shape: &[u64]) -> Result<()> {
        if self.shape != other.shape {
            return Err(self.mismatch(shape));
        }
        if self.order != other.order && !self.shape.is_empty() {
            let (expected, found) = (self.order, other.order);
            return Err(Error::new(ErrorKind::Order { expected, found }));
        }
        Ok(())
    }

    /// The error that an array has another shape than some of these rows.
    pub(super) fn mismatch(&self, found: &[u64]) -> Error {
        Error::new(ErrorKind::Shape {
            expected: self.shape_with(None),
            found: found.to_vec(),
        })
    }

    /// The error, with the row of an element and the index within it.
    pub(super) fn at_element(&self, error: Error, element: u64) -> Error {
        error.at_index(self.array.index_of(element), &self.array)
    }

    /// The axes of an array of such rows; `None` for any number of them.
    pub(super) fn shape_with(&self, rows: Option<u64>) -> Vec<Option<u64>> {
        let inner: Vec<_> = self.shape.iter().copied().map(Some).collect();
        self.order.join(rows, &inner)
    }
}

/// The header of an array without rows. What an element has of axes are the last ones.
fn new_array(element: &DType, row_shape: &[u64], order: Order) -> Result<Header> {
    let (base, own) = element.base_and_shape();
    let own = own.iter().map(|&dim| dim as u64);
    let order = match row_shape {
        [] => Order::C,
        _ => order,
    };
    let shape: Vec<u64> = order.join(0, row_shape).into_iter().chain(own).collect();
    let header = Header::new(base.clone(), order, &shape)?;
    if order == Order::Fortran && shape.len() > row_shape.len() + 1 {
        return Err(Misfit::FortranOrder(shape).into());
    }
    let header_of_a_row = header.with_rows(1);
    header_of_a_row.check()?;
    Sequence::of(&header, element, false)?;
    Ok(header)
}
