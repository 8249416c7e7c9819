use super::settings::Settings;
use crate::{
    convert::{Plan, Sequence},
    dtype::DType,
    error::{Error, ErrorKind, Result},
    header::{Header, HeaderError, Order},
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
    Array { new: Option<Header> },
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
    pub(super) fn array(element: DType, row_shape: Option<&[u64]>, order: Order) -> Result<Self> {
        element.check().map_err(HeaderError::from)?;
        let new = row_shape.map(|row_shape| new_array(&element, row_shape, order));
        let new = new.transpose()?;
        let of = Of::Array { new };
        Ok(Target { element, of })
    }

    pub(super) fn element(&self) -> &DType {
        &self.element
    }

    /// The header of a file that is to be created, which counts no rows; `None` if there must be one.
    pub(super) fn new_header(&self) -> Result<Option<Header>> {
        let header = match &self.of {
            Of::Rows => Header::of_rows(&self.element, 0),
            Of::Array { new: Some(new) } => new.clone(),
            Of::Array { new: None } => return Ok(None),
        };
        header.check()?;
        Ok(Some(header))
    }

    /// How elements are put into the array of a header.
    pub(super) fn fit(&self, header: &Header, settings: &Settings) -> Result<Fit> {
        let (file, row) = match &self.of {
            Of::Rows => (rows(header)?.1, Row::of_elements(Vec::new(), Order::C)),
            Of::Array { new } => self.elements(header, new.as_ref())?,
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
        let row = Row::of_sequence(&file)?;
        if let Some(new) = new {
            let expected = Row::of_sequence(&Sequence::of(new, &self.element, false)?)?;
            expected.check(&row, &file.shape)?;
        }
        Ok((file.dtype, row))
    }
}

impl Row {
    fn of_elements(shape: Vec<u64>, order: Order) -> Self {
        let len = shape
            .iter()
            .fold(1_u64, |len, &dim| len.saturating_mul(dim));
        Row {
            shape,
            order,
            len: len.max(1),
        }
    }

    fn of_sequence(array: &Sequence) -> Result<Self> {
        let inner = match array.order {
            Order::C => array.shape.split_first(),
            Order::Fortran => array.shape.split_last(),
        };
        let (_, inner) = inner.ok_or(Misfit::NoRows)?;
        Ok(Row::of_elements(inner.to_vec(), array.order))
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

    /// Where an element is in a row, which has its elements in the order of the file.
    pub(super) fn index(&self, element: u64) -> Vec<usize> {
        let mut rest = element;
        let mut place = |&dim: &u64| {
            let index = rest.checked_rem(dim).unwrap_or_default();
            rest = rest.checked_div(dim).unwrap_or_default();
            usize::try_from(index).unwrap_or(usize::MAX)
        };
        match self.order {
            Order::C => {
                let mut index: Vec<usize> = self.shape.iter().rev().map(place).collect();
                index.reverse();
                index
            }
            Order::Fortran => self.shape.iter().map(&mut place).collect(),
        }
    }

    /// The axes of an array of such rows; `None` for any number of them.
    pub(super) fn shape_with(&self, rows: Option<u64>) -> Vec<Option<u64>> {
        let inner = self.shape.iter().copied().map(Some);
        match self.order {
            Order::C => [rows].into_iter().chain(inner).collect(),
            Order::Fortran => inner.chain([rows]).collect(),
        }
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
    let row_shape = row_shape.iter().copied();
    let shape: Vec<u64> = match order {
        Order::C => [0].into_iter().chain(row_shape).chain(own).collect(),
        Order::Fortran => row_shape.chain([0]).chain(own).collect(),
    };
    let header = Header::new(base.clone(), order, &shape)?;
    let header_of_a_row = header.with_rows(1);
    header_of_a_row.check()?;
    Sequence::of(&header, element, false)?;
    Ok(header)
}
