//! The headers that `np.load` reads.

use super::{
    error::{HeaderError, HeaderReason},
    model::Header,
    order::Order,
    version::Version,
};
use crate::dtype::DType;

impl Header {
    /// The default of the `max_header_size` of `np.load`: the maximum length of a header's text, in
    /// characters.
    pub(crate) const MAX_HEADER_SIZE: usize = 10_000;

    /// Checks that `np.load` reads an array of this dtype and shape, if its data is complete.
    ///
    /// # Errors
    ///
    /// If the dtype is a subarray that does not have exactly one element, or the array is too large. An array
    /// may be too large even if one of its axes is 0.
    pub(crate) fn check_for_numpy(&self) -> Result<(), HeaderError> {
        self.check()?;
        let (entry, inner) = self.dtype.base_and_shape();
        if inner.iter().any(|&dim| dim != 1) {
            return Err(HeaderError::new(HeaderReason::Subarray));
        }
        match self.can_reshape(entry) {
            true => Ok(()),
            false => Err(HeaderError::new(HeaderReason::TooLarge)),
        }
    }

    /// Returns true if `np.load` reads the file without a map and without pickles, and with its default
    /// limit. `bytes` is the file up to its data, and `data_len` the number of bytes after it.
    pub(crate) fn numpy_loads(bytes: &[u8], data_len: u64) -> bool {
        let &[_, _, _, _, _, _, major, minor, ..] = bytes else {
            return false;
        };
        let Some(version) = Version::from_bytes([major, minor]) else {
            return false;
        };
        let text = bytes.get(version.text_start()..).unwrap_or_default();
        let chars = match version.is_latin1() {
            true => text.len(),
            // A continuation byte of a character is 0b10xx_xxxx.
            false => text.iter().filter(|&&byte| byte & 0xc0 != 0x80).count(),
        };
        if chars > Header::MAX_HEADER_SIZE {
            return false;
        }
        let read = Header::parse_text(version, text.to_vec(), 0);
        read.is_ok_and(|read| read.named_descr.is_none() && read.is_loaded_from(data_len))
    }

    /// Returns true if NumPy loads the array from a number of bytes.
    fn is_loaded_from(&self, data_len: u64) -> bool {
        if self.dtype.has_objects() {
            return false;
        }
        let (entry, inner) = self.dtype.base_and_shape();
        let count = self.shape.checked_size(1);
        let per_element = inner
            .iter()
            .try_fold(1, |n: u64, &dim| n.checked_mul(u64::try_from(dim).ok()?));
        let (Some(count), Some(per_element)) = (count, per_element) else {
            return false;
        };
        // NumPy reads the elements in the file, and then counts the entries of their subarrays.
        let itemsize = self.dtype.itemsize() as u64;
        let there = data_len.checked_div(itemsize).unwrap_or(count).min(count);
        there.checked_mul(per_element) == Some(count) && self.can_reshape(entry)
    }

    /// Returns true if NumPy accepts this shape for elements of the dtype `entry`. NumPy skips axes of length
    /// 0 for the size in bytes. It does not skip them for the number of elements, which it multiplies in the
    /// order of the data.
    fn can_reshape(&self, entry: &DType) -> bool {
        let nonzero = self.shape().iter().filter(|&&dim| dim != 0);
        let fits = is_small(entry.itemsize() as u64, nonzero);
        let is_counted = match self.order() {
            Order::C => is_small(1, self.shape().iter()),
            Order::Fortran => is_small(1, self.shape().iter().rev()),
        };
        fits && is_counted
    }
}

/// Returns true if no partial product is larger than 2^63 - 1.
fn is_small<'a>(start: u64, mut dims: impl Iterator<Item = &'a u64>) -> bool {
    let product = dims.try_fold(start, |product, &dim| {
        let product = product.checked_mul(dim)?;
        i64::try_from(product).is_ok().then_some(product)
    });
    product.is_some()
}
