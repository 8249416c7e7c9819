use super::model::{Header, Order};

impl Order {
    /// Splits axes into the growth axis and the axes of a row; `None` for a single element.
    pub(crate) fn split<T>(self, axes: &[T]) -> Option<(&T, &[T])> {
        match self {
            Order::C => axes.split_first(),
            Order::Fortran => axes.split_last(),
        }
    }

    /// Joins a growth axis with the axes of a row.
    pub(crate) fn join<T: Clone>(self, growth: T, row: &[T]) -> Vec<T> {
        match self {
            Order::C => [&[growth], row].concat(),
            Order::Fortran => [row, &[growth]].concat(),
        }
    }
}

/// The lengths of the axes of an array, and the order of its elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    dims: Vec<u64>,
    order: Order,
}

impl Shape {
    pub(crate) fn new(dims: Vec<u64>, order: Order) -> Self {
        Shape { dims, order }
    }

    /// The shape of the array of a header. The axes of a dtype that is a subarray are the last ones, as in
    /// NumPy. An array that is in both orders is in C order.
    pub(crate) fn of(header: &Header) -> Self {
        let (_, inner) = header.dtype().base_and_shape();
        let inner = inner.iter().map(|&dim| dim as u64);
        let dims: Vec<u64> = header.shape().iter().copied().chain(inner).collect();
        let order = header.order();
        let shape = Shape { dims, order };
        match shape.is_in_both_orders() {
            true => Shape {
                order: Order::C,
                ..shape
            },
            false => shape,
        }
    }

    pub(crate) fn dims(&self) -> &[u64] {
        &self.dims
    }

    pub(crate) fn order(&self) -> Order {
        self.order
    }

    /// Returns the length of the growth axis; `None` for a single element.
    pub(crate) fn rows(&self) -> Option<u64> {
        let (&rows, _) = self.order.split(&self.dims)?;
        Some(rows)
    }

    /// Returns the axes of a row.
    pub(crate) fn row_dims(&self) -> &[u64] {
        self.order.split(&self.dims).map_or(&[], |(_, inner)| inner)
    }

    /// Returns the number of elements, or the largest number if it does not fit 64 bits.
    pub(crate) fn len(&self) -> u64 {
        product(&self.dims)
    }

    /// Returns the number of elements of a row, or the largest number if it does not fit 64 bits.
    pub(crate) fn row_len(&self) -> u64 {
        product(self.row_dims())
    }

    /// Returns the shape with another number of rows. A single element has no rows to change.
    pub(crate) fn with_rows(&self, rows: u64) -> Self {
        let dims = match self.dims.is_empty() {
            true => Vec::new(),
            false => self.order.join(rows, self.row_dims()),
        };
        Shape {
            dims,
            order: self.order,
        }
    }

    /// Returns true if the elements lie in the same places in C and in Fortran order.
    pub(crate) fn is_in_both_orders(&self) -> bool {
        self.dims.contains(&0) || self.dims.iter().filter(|&&dim| dim != 1).count() < 2
    }

    /// Returns the order that `np.save` writes: C order for an array that is in both.
    pub(crate) fn saved_order(&self) -> Order {
        match self.is_in_both_orders() {
            true => Order::C,
            false => self.order,
        }
    }

    /// Returns the index along each axis of an element, counted from 0 in the order of the array. The
    /// growth axis may be longer than the shape says.
    pub(crate) fn index_of(&self, element: u64) -> Vec<u64> {
        let mut rest = element;
        let mut index = |&dim: &u64| {
            let index = rest.checked_rem(dim).unwrap_or_default();
            rest = rest.checked_div(dim).unwrap_or_default();
            index
        };
        let row = self.row_dims();
        let in_row: Vec<u64> = match self.order {
            Order::C => {
                let mut reversed: Vec<u64> = row.iter().rev().map(&mut index).collect();
                reversed.reverse();
                reversed
            }
            Order::Fortran => row.iter().map(&mut index).collect(),
        };
        match self.dims.is_empty() {
            true => Vec::new(),
            false => self.order.join(rest, &in_row),
        }
    }

    /// Splits an index into the row along the growth axis and the index within the row. Axes that are
    /// missing at its end have an index of 0 if they have one element. `None` if the row is not known.
    pub(crate) fn row_of(&self, index: &[u64]) -> Option<(u64, Vec<u64>)> {
        if self.dims.is_empty() {
            return index.is_empty().then(|| (0, Vec::new()));
        }
        let missing = self.dims.get(index.len()..).unwrap_or_default();
        let index = match self.order {
            Order::Fortran if missing.iter().any(|&dim| dim != 1) => return None,
            Order::Fortran => [index, &vec![0; missing.len()]].concat(),
            Order::C => index.to_vec(),
        };
        let (&row, within) = self.order.split(&index)?;
        Some((row, within.to_vec()))
    }
}

fn product(dims: &[u64]) -> u64 {
    match dims.contains(&0) {
        true => 0,
        false => dims
            .iter()
            .fold(1_u64, |product, &dim| product.saturating_mul(dim)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `np.unravel_index(n, dims, order)` of all n.
    #[test]
    fn an_element_has_the_index_that_numpy_gives_it() {
        let c = Shape::new(vec![2, 3], Order::C);
        let indices: Vec<_> = (0..6).map(|n| c.index_of(n)).collect();
        assert_eq!(indices, [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
        assert_eq!(c.row_of(&[1, 2]), Some((1, vec![2])));
        let fortran = Shape::new(vec![2, 3], Order::Fortran);
        let indices: Vec<_> = (0..6).map(|n| fortran.index_of(n)).collect();
        assert_eq!(indices, [[0, 0], [1, 0], [0, 1], [1, 1], [0, 2], [1, 2]]);
        assert_eq!(fortran.row_of(&[1, 2]), Some((2, vec![1])));
        assert_eq!(fortran.row_of(&[1]), None);
        // An array that grows.
        assert_eq!(c.with_rows(0).index_of(32), [10, 2]);
        assert_eq!(fortran.with_rows(0).index_of(21), [1, 10]);
        let single = Shape::new(Vec::new(), Order::C);
        assert_eq!((single.len(), single.rows()), (1, None));
        assert_eq!(single.row_of(&single.index_of(0)), Some((0, Vec::new())));
    }

    #[test]
    fn rows_and_elements_are_counted_in_either_order() {
        for order in [Order::C, Order::Fortran] {
            let shape = Shape::new(vec![2, 3, 4], order);
            assert_eq!(shape.len(), 24);
            assert_eq!(shape.rows(), Some(if order == Order::C { 2 } else { 4 }));
            assert_eq!(shape.row_len() * shape.rows().unwrap(), 24);
            assert_eq!(shape.with_rows(7).rows(), Some(7));
            assert_eq!(shape.with_rows(7).row_dims(), shape.row_dims());
        }
        assert_eq!(Shape::new(vec![u64::MAX, 0, 9], Order::C).len(), 0);
        assert_eq!(Shape::new(vec![u64::MAX, 9], Order::C).len(), u64::MAX);
    }

    #[test]
    fn an_array_with_one_long_axis_or_no_elements_is_in_both_orders() {
        for dims in [
            &[][..],
            &[5],
            &[1, 5],
            &[5, 1],
            &[1, 5, 1],
            &[0, 3],
            &[2, 0, 3],
        ] {
            assert!(Shape::new(dims.to_vec(), Order::Fortran).is_in_both_orders());
        }
        assert!(!Shape::new(vec![2, 1, 3], Order::Fortran).is_in_both_orders());
    }
}
