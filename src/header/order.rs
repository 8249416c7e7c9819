/// The order of an array's elements in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// The last index varies fastest. An array grows along its first axis.
    #[default]
    C,
    /// The first index varies fastest. An array grows along its last axis.
    Fortran,
}

impl Order {
    /// Splits axes into the growth axis and the axes of a row; `None` without axes.
    pub(super) fn split<T>(self, axes: &[T]) -> Option<(&T, &[T])> {
        match self {
            Order::C => axes.split_first(),
            Order::Fortran => axes.split_last(),
        }
    }
}
