use std::io::{self, Read};

use crate::{
    header::{Header, Order},
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

/// Returns elements in C order, which are in Fortran order.
fn c_order(elements: &[u8], itemsize: usize, shape: &[u64]) -> io::Result<Vec<u8>> {
    if itemsize == 0 {
        return Ok(Vec::new());
    }
    // The data is in memory, so each axis fits.
    let dims = shape
        .iter()
        .map(|&dim| usize::try_from(dim).unwrap_or(usize::MAX));
    let mut axes = Vec::with_capacity(shape.len());
    let mut stride = itemsize;
    for dim in dims {
        axes.push(Axis {
            dim,
            stride,
            index: 0,
        });
        stride = stride.saturating_mul(dim);
    }
    let mut rearranged = Vec::new();
    let reserved = rearranged.try_reserve_exact(elements.len());
    reserved.map_err(|_| allocation_refused(elements.len() as u128))?;
    let mut offset = 0;
    while rearranged.len() < elements.len() {
        let element = elements.get(offset..).and_then(|rest| rest.get(..itemsize));
        let Some(element) = element else { break };
        rearranged.extend_from_slice(element);
        // The last index varies fastest.
        for axis in axes.iter_mut().rev() {
            axis.index += 1;
            offset += axis.stride;
            if axis.index < axis.dim {
                break;
            }
            offset -= axis.stride * axis.dim;
            axis.index = 0;
        }
    }
    Ok(rearranged)
}

struct Axis {
    dim: usize,
    /// In bytes.
    stride: usize,
    index: usize,
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
