use super::order::Order;

/// The lengths of the axes of an array, and the order of its elements.
///
/// The last axes may be axes of an element. An array of shape `(4, 3)` has twelve elements `<f8`, or four
/// elements `(3,)<f8`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The lengths of all axes, including the axes of an element.
    axes: Vec<u64>,
    /// The order in the file.
    order: Order,
    /// The number of axes of an element.
    element_axes: usize,
    /// The elements are counted in C order, even if the file is in Fortran order.
    in_c_order: bool,
    /// The number of elements in a row.
    row_len: u64,
}

impl Shape {
    /// Returns the shape of an array whose elements have no axes.
    pub(crate) fn new(axes: Vec<u64>, order: Order) -> Self {
        Shape {
            axes,
            order,
            element_axes: 0,
            in_c_order: false,
            row_len: 0,
        }
        .with_row_len()
    }

    /// Returns the shape of an array of rows.
    pub(crate) fn of_rows(rows: u64, row_axes: &[u64], order: Order) -> Self {
        let axes = match order {
            Order::C => [&[rows], row_axes].concat(),
            Order::Fortran => [row_axes, &[rows]].concat(),
        };
        Shape::new(axes, order)
    }

    /// Returns the shape in C order if the array is in both orders.
    pub(super) fn in_saved_order(self) -> Self {
        let order = self.saved_order();
        Shape { order, ..self }.with_row_len()
    }

    fn with_row_len(mut self) -> Self {
        self.row_len = product(self.row_dims());
        self
    }

    /// Returns the shape with the axes of a subarray after its own. They are axes of the array, not of its
    /// elements.
    pub(super) fn with_inner_axes(mut self, inner: &[usize]) -> Self {
        self.axes.extend(inner.iter().map(|&dim| dim as u64));
        self.with_row_len()
    }

    /// Returns the shape with elements that have a number of axes: the last axes of the array.
    pub(crate) fn with_element_axes(mut self, element_axes: usize) -> Self {
        self.element_axes = element_axes.min(self.axes.len());
        self.with_row_len()
    }

    /// Returns the shape with its elements counted in C order.
    pub(crate) fn counted_in_c_order(mut self) -> Self {
        self.in_c_order = true;
        self
    }

    /// Returns the shape with another number of rows. A single element has no rows to change.
    pub(crate) fn with_rows(&self, rows: u64) -> Self {
        let mut shape = self.clone();
        let growth = match self.order {
            Order::C => shape.axes.first_mut(),
            Order::Fortran => shape.axes.last_mut(),
        };
        if let Some(growth) = growth {
            *growth = rows;
        }
        shape
    }

    /// Returns the lengths of the axes along which the elements lie.
    pub(crate) fn dims(&self) -> &[u64] {
        self.split_elements().0
    }

    /// Returns the lengths of the axes of an element.
    pub(crate) fn element_axes(&self) -> &[u64] {
        self.split_elements().1
    }

    fn split_elements(&self) -> (&[u64], &[u64]) {
        let outer = self.axes.len().saturating_sub(self.element_axes);
        self.axes.split_at_checked(outer).unwrap_or_default()
    }

    /// Returns the lengths of all axes, including the axes of an element.
    pub(crate) fn axes(&self) -> &[u64] {
        &self.axes
    }

    /// Returns the order in which the elements are counted.
    pub(crate) fn order(&self) -> Order {
        match self.in_c_order {
            true => Order::C,
            false => self.order,
        }
    }

    /// Returns the number of elements, or `u64::MAX` if it does not fit.
    pub(crate) fn len(&self) -> u64 {
        product(self.dims())
    }

    /// Returns the length of the growth axis; `None` for a single element.
    pub(crate) fn rows(&self) -> Option<u64> {
        let (&rows, _) = self.order.split(&self.axes)?;
        (!self.dims().is_empty()).then_some(rows)
    }

    /// Returns the lengths of the axes along which the elements of a row lie.
    pub(crate) fn row_dims(&self) -> &[u64] {
        match self.element_axes {
            0 => self.order.split(&self.axes).map_or(&[], |(_, row)| row),
            // The growth axis of a Fortran array is the last axis of an element.
            _ if self.order == Order::Fortran => self.dims(),
            _ => self.dims().get(1..).unwrap_or_default(),
        }
    }

    /// Returns the number of elements in a row, or `u64::MAX` if it does not fit.
    pub(crate) fn row_len(&self) -> u64 {
        self.row_len
    }

    /// Returns the number of complete rows in a number of elements. A row without elements is counted like an
    /// element.
    #[inline]
    pub(crate) fn rows_in(&self, elements: u64) -> u64 {
        match self.row_len {
            0 | 1 => elements,
            len => elements / len,
        }
    }

    /// Returns true if both arrays have rows, and these have the same shape.
    pub(crate) fn has_rows_of(&self, other: &Shape) -> bool {
        self.dims().len() == other.dims().len()
            && self.row_dims() == other.row_dims()
            && self.rows().is_some()
    }

    /// Returns the lengths of the axes of any array with the same rows: `None` for the growth axis.
    pub(crate) fn dims_of_any_rows(&self) -> Vec<Option<u64>> {
        let mut dims: Vec<_> = self.dims().iter().copied().map(Some).collect();
        let growth = match self.order {
            Order::C => dims.first_mut(),
            Order::Fortran => dims.last_mut(),
        };
        if let Some(growth) = growth {
            *growth = None;
        }
        dims
    }

    /// Returns true if the elements lie in the same places in C and in Fortran order.
    pub(crate) fn is_in_both_orders(&self) -> bool {
        self.axes.contains(&0) || self.axes.iter().filter(|&&dim| dim != 1).count() < 2
    }

    /// Returns the order that `np.save` writes: C order for an array that is in both.
    pub(crate) fn saved_order(&self) -> Order {
        match self.is_in_both_orders() {
            true => Order::C,
            false => self.order,
        }
    }

    /// Returns the index of an element along each of [`dims`](Self::dims). Elements are counted from 0. The
    /// growth axis may be longer than the shape says.
    pub(crate) fn index_of(&self, element: u64) -> Vec<u64> {
        let mut rest = element;
        let mut split = |&dim: &u64| {
            let index = rest.checked_rem(dim).unwrap_or_default();
            rest = rest.checked_div(dim).unwrap_or_default();
            index
        };
        match self.order().split(self.dims()) {
            None => Vec::new(),
            Some((_, faster)) if self.order() == Order::C => {
                let mut index: Vec<u64> = faster.iter().rev().map(&mut split).collect();
                index.push(rest);
                index.reverse();
                index
            }
            Some((_, faster)) => {
                let mut index: Vec<u64> = faster.iter().map(&mut split).collect();
                index.push(rest);
                index
            }
        }
    }

    /// Splits an index into the row along the growth axis and the index within the row. The index may go on
    /// within an element. Missing axes at its end have the index 0 if their length is 1. Returns `None` if
    /// the row is unknown.
    pub(crate) fn split_index(&self, index: &[u64]) -> Option<(u64, Vec<u64>)> {
        if self.axes.is_empty() {
            return index.is_empty().then(|| (0, Vec::new()));
        }
        let missing = self.axes.get(index.len()..).unwrap_or_default();
        let index = match self.order {
            Order::Fortran if missing.iter().any(|&dim| dim != 1) => return None,
            Order::Fortran => [index, &vec![0; missing.len()]].concat(),
            Order::C => index.to_vec(),
        };
        let (&row, within) = self.order.split(&index)?;
        Some((row, within.to_vec()))
    }

    /// Returns the text that follows the number of rows in Python's tuple, without the bracket.
    pub(super) fn text_after_rows(&self) -> String {
        match (self.order, &*self.axes) {
            (_, [_]) => ",".to_owned(),
            (Order::C, [_, row @ ..]) => row.iter().map(|dim| format!(", {dim}")).collect(),
            _ => String::new(),
        }
    }

    /// Returns the product of the lengths and of a start value; `None` if it does not fit 64 bits.
    pub(super) fn checked_size(&self, start: u64) -> Option<u64> {
        match self.axes.contains(&0) {
            true => Some(0),
            false => {
                let mut axes = self.axes.iter();
                axes.try_fold(start, |size, &dim| size.checked_mul(dim))
            }
        }
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
        assert_eq!(c.split_index(&[1, 2]), Some((1, vec![2])));
        let fortran = Shape::new(vec![2, 3], Order::Fortran);
        let indices: Vec<_> = (0..6).map(|n| fortran.index_of(n)).collect();
        assert_eq!(indices, [[0, 0], [1, 0], [0, 1], [1, 1], [0, 2], [1, 2]]);
        assert_eq!(fortran.split_index(&[1, 2]), Some((2, vec![1])));
        assert_eq!(fortran.split_index(&[1]), None);
        // An array that grows.
        assert_eq!(c.with_rows(0).index_of(32), [10, 2]);
        assert_eq!(fortran.with_rows(0).index_of(21), [1, 10]);
        let single = Shape::new(Vec::new(), Order::C);
        assert_eq!((single.len(), single.rows()), (1, None));
        assert_eq!(
            single.split_index(&single.index_of(0)),
            Some((0, Vec::new()))
        );
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

    /// The three counts of one array: scalars, items along the first axis, and rows of another length.
    #[test]
    fn an_element_with_axes_has_the_place_of_its_first_scalar() {
        let c = Shape::new(vec![2, 3, 4], Order::C);
        let pairs = c.clone().with_element_axes(1);
        assert_eq!(
            (pairs.dims(), pairs.element_axes()),
            (&[2, 3][..], &[4][..])
        );
        assert_eq!(
            (pairs.len(), pairs.rows(), pairs.row_len()),
            (6, Some(2), 3)
        );
        assert_eq!(pairs.index_of(4), [1, 1]);
        assert_eq!(pairs.split_index(&pairs.index_of(4)), Some((1, vec![1])));
        let whole = c.with_element_axes(3);
        assert_eq!((whole.len(), whole.rows()), (1, None));

        let fortran = Shape::new(vec![2, 3, 4], Order::Fortran).with_element_axes(2);
        assert_eq!(fortran.split_index(&fortran.index_of(1)), None);
        let in_c_order = Shape::new(vec![2, 3], Order::Fortran).counted_in_c_order();
        assert_eq!(in_c_order.order(), Order::C);
        assert_eq!(in_c_order.rows(), Some(3));
        assert_eq!(
            in_c_order.split_index(&in_c_order.index_of(5)),
            Some((2, vec![1]))
        );
    }

    #[test]
    fn arrays_have_the_same_rows_if_only_the_growth_axis_differs() {
        let shape = |dims: &[u64], order| Shape::new(dims.to_vec(), order);
        for order in [Order::C, Order::Fortran] {
            let rows = Shape::of_rows(7, &[3, 4], order);
            assert_eq!(rows.row_dims(), [3, 4]);
            assert!(rows.has_rows_of(&rows.with_rows(0)));
            assert!(!rows.has_rows_of(&shape(&[7, 7, 7], order)));
            assert!(!rows.has_rows_of(&Shape::of_rows(7, &[3], order)));
            assert!(!shape(&[], order).has_rows_of(&shape(&[], order)));
        }
        let any = Shape::of_rows(7, &[3, 4], Order::Fortran).dims_of_any_rows();
        assert_eq!(any, [Some(3), Some(4), None]);
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
