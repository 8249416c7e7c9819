use std::io::{self, Read};

use super::huge_pages;
use crate::{
    convert::{Items, ItemsMut, copy},
    header::{Header, Order},
    record::InPlace,
    storage::allocation_refused,
};

/// Returns true if the elements of a row are not contiguous: in an array of several axes in Fortran order.
pub(super) fn is_scattered(header: &Header) -> bool {
    header.array_shape().order() == Order::Fortran
}

/// Reads the elements of an array in Fortran order and puts them into C order. If the source ends early, returns
/// the number of bytes it has. Memory is allocated at once if the source is known to have all bytes.
pub(super) fn read_in_c_order(
    source: &mut impl Read,
    header: &Header,
    are_there: bool,
) -> io::Result<Result<Vec<u8>, u64>> {
    let len = header.data_len().unwrap_or(u64::MAX);
    let mut elements = Vec::new();
    if are_there {
        let refused = |_| allocation_refused(len.into());
        let reserved = usize::try_from(len).map(|len| elements.try_reserve_exact(len));
        reserved
            .map_err(|_| allocation_refused(len.into()))?
            .map_err(refused)?;
    }
    huge_pages::advise(elements.spare_capacity_mut());
    source.take(len).read_to_end(&mut elements)?;
    let found = elements.len() as u64;
    if found < len {
        return Ok(Err(found));
    }
    let itemsize = header.base_dtype().itemsize();
    Ok(Ok(c_order(
        &elements,
        itemsize,
        header.array_shape().axes(),
    )?))
}

/// The number of elements of an axis that are copied before those of another axis, so that their bytes are still in
/// the cache.
const TILE: usize = 32;

/// Returns elements in C order, which are in Fortran order.
fn c_order(elements: &[u8], itemsize: usize, shape: &[u64]) -> io::Result<Vec<u8>> {
    // The data is in memory, so each axis fits.
    let dims = shape.iter().map(|&dim| usize::try_from(dim));
    let dims: Vec<usize> = dims.map(|dim| dim.unwrap_or(usize::MAX)).collect();
    let (&[rows, ref middle @ .., columns], true) = (&*dims, itemsize > 0) else {
        return Ok(elements.to_vec());
    };
    let memory = InPlace::<u8>::new(&(), elements.len()).map(InPlace::into_whole);
    let refused = || allocation_refused(elements.len() as u128);
    let mut rearranged = match elements {
        [] => Vec::new(),
        _ => memory.ok_or_else(refused)?,
    };
    huge_pages::advise(&mut rearranged);
    let between: usize = middle.iter().product();
    // The strides in bytes: in the source along the last axis, in the target along the first.
    let (column_stride, row_stride) = (rows * between * itemsize, between * columns * itemsize);
    for nth in 0..between {
        let from = elements.get(fortran_index(nth, middle) * rows * itemsize..);
        let to = rearranged.get_mut(nth * columns * itemsize..);
        let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
        for (row, column) in tiles(rows, columns) {
            let count = TILE.min(columns - column);
            for row in row..rows.min(row + TILE) {
                let from = from.get(row * itemsize + column * column_stride..);
                let to = to.get_mut(row * row_stride + column * itemsize..);
                copy(
                    Items::new(from.unwrap_or_default(), itemsize, column_stride, count),
                    ItemsMut::new(to.unwrap_or_default(), itemsize, itemsize, count),
                );
            }
        }
    }
    Ok(rearranged)
}

/// Returns the first row and column of each tile.
fn tiles(rows: usize, columns: usize) -> impl Iterator<Item = (usize, usize)> {
    let rows = (0..rows).step_by(TILE);
    rows.flat_map(move |row| (0..columns).step_by(TILE).map(move |column| (row, column)))
}

/// Returns the number of an element in Fortran order, from its number in C order.
fn fortran_index(nth: usize, dims: &[usize]) -> usize {
    let (mut rest, mut index) = (nth, 0);
    let mut strides = Vec::with_capacity(dims.len());
    let mut stride = 1;
    for dim in dims {
        strides.push(stride);
        stride *= dim;
    }
    for (dim, stride) in dims.iter().zip(strides).rev() {
        index += rest % dim * stride;
        rest /= dim;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::c_order;

    #[test]
    fn elements_come_in_c_order() {
        // np.arange(24, dtype="u1").reshape(2, 3, 4).tobytes(order="F")
        let fortran = [
            0, 12, 4, 16, 8, 20, 1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23,
        ];
        assert_eq!(
            c_order(&fortran, 1, &[2, 3, 4]).unwrap(),
            (0..24).collect::<Vec<u8>>()
        );
    }
}
