use std::io::{self, Read};

use super::huge_pages;
use crate::{
    convert::{Items, ItemsMut, copy},
    header::{Header, Order},
    storage::allocation_refused,
};

/// Returns true if the elements of a row are not contiguous: in an array of several axes in Fortran order.
pub(super) fn is_scattered(header: &Header) -> bool {
    header.array_shape().order() == Order::Fortran
}

/// Reads the elements of an array in Fortran order. If the source ends early, returns the number of bytes it has.
/// Memory is allocated at once if the source is known to have all bytes.
pub(super) fn read_elements(
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
    Ok(Ok(elements))
}

/// The number of elements along an axis of a tile. The bytes of a tile fit the cache.
const TILE: usize = 32;

/// Elements in Fortran order, of an array of two or more axes.
pub(super) struct Scattered<'a> {
    elements: &'a [u8],
    itemsize: usize,
    rows: usize,
    /// The axes between the first and the last.
    middle: &'a [usize],
    columns: usize,
}

impl Scattered<'_> {
    /// Returns the bytes of a row.
    pub(super) fn row_len(&self) -> usize {
        self.middle.iter().product::<usize>() * self.columns * self.itemsize
    }

    /// Returns the first rows of bands, and the number of rows in each band.
    pub(super) fn bands(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let rows = self.rows;
        let bands = (0..rows).step_by(TILE);
        bands.map(move |row| (row, TILE.min(rows - row)))
    }

    /// Writes the rows of a band in C order.
    pub(super) fn write_band(&self, (row, count): (usize, usize), to: &mut [u8]) {
        let Scattered {
            itemsize,
            rows,
            middle,
            columns,
            ..
        } = *self;
        let between: usize = middle.iter().product();
        // The stride in bytes along the last axis.
        let column_stride = rows * between * itemsize;
        for nth in 0..between {
            let from = (fortran_index(nth, middle) * rows + row) * itemsize;
            let from = self.elements.get(from..).unwrap_or_default();
            let to = to.get_mut(nth * columns * itemsize..).unwrap_or_default();
            for column in (0..columns).step_by(TILE) {
                let in_tile = TILE.min(columns - column);
                for row in 0..count {
                    let from = from.get(row * itemsize + column * column_stride..);
                    let to = to.get_mut(row * self.row_len() + column * itemsize..);
                    copy(
                        Items::new(from.unwrap_or_default(), itemsize, column_stride, in_tile),
                        ItemsMut::new(to.unwrap_or_default(), itemsize, itemsize, in_tile),
                    );
                }
            }
        }
    }
}

/// Returns elements in C order, which are in Fortran order.
pub(super) fn c_order(elements: &[u8], itemsize: usize, shape: &[u64]) -> io::Result<Vec<u8>> {
    let dims = dims(shape);
    let Some(scattered) = scattered(elements, itemsize, &dims) else {
        return Ok(elements.to_vec());
    };
    let mut rearranged = Vec::new();
    let reserved = rearranged.try_reserve_exact(elements.len());
    reserved.map_err(|_| allocation_refused(elements.len() as u128))?;
    huge_pages::advise(rearranged.spare_capacity_mut());
    for band in scattered.bands() {
        // Zeroed a band at a time, while it is in the cache.
        let start = rearranged.len();
        rearranged.resize(start + band.1 * scattered.row_len(), 0);
        scattered.write_band(band, rearranged.get_mut(start..).unwrap_or_default());
    }
    Ok(rearranged)
}

/// Returns the lengths of axes of data in memory.
pub(super) fn dims(shape: &[u64]) -> Vec<usize> {
    // The data is in memory, so each axis fits.
    let dims = shape.iter().map(|&dim| usize::try_from(dim));
    dims.map(|dim| dim.unwrap_or(usize::MAX)).collect()
}

/// Returns elements in Fortran order, or `None` if they are in C order, too.
pub(super) fn scattered<'a>(
    elements: &'a [u8],
    itemsize: usize,
    dims: &'a [usize],
) -> Option<Scattered<'a>> {
    match dims {
        &[rows, ref middle @ .., columns] if itemsize > 0 => Some(Scattered {
            elements,
            itemsize,
            rows,
            middle,
            columns,
        }),
        _ => None,
    }
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
