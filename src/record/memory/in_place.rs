//! Memory that is read into, and whose bytes then become records in place.
#![allow(unsafe_code)]

use std::{alloc, io, mem::MaybeUninit, slice};

use super::fill::is_large;
use crate::record::{element::Element, error::DecodeError};

/// Memory for records that is filled with their bytes first.
#[derive(Debug)]
pub(crate) struct InPlace<T> {
    records: Vec<T>,
    /// The end of the initialized bytes, counted from the first record on. It may be before the end of the records,
    /// whose bytes are not used any more.
    initialized: usize,
}

/// The number of decoded records, so that they are kept if decoding the next record panics.
struct Decoded<'a, T> {
    records: &'a mut Vec<T>,
    len: usize,
}

impl<T> Drop for Decoded<'_, T> {
    fn drop(&mut self) {
        // SAFETY: the owner adds to `len` only records that were decoded, within the capacity.
        unsafe { self.records.set_len(self.len) };
    }
}

impl<T: Element> Decoded<'_, T> {
    /// Decodes the next records in the memory of their initialized bytes. This is never inlined: the caller would
    /// then reserve stack for a record, large or not.
    #[inline(never)]
    fn decode_each(&mut self, codec: &T::Codec, count: usize) -> Result<(), DecodeError> {
        let rest = self.records.spare_capacity_mut();
        rest.iter_mut().take(count).try_for_each(|place| {
            let start = place.as_ptr().cast();
            // SAFETY: these are `size_of::<T>()` bytes, which are initialized as the caller has checked, and nothing
            // changes them while `decode` reads them.
            let bytes = unsafe { slice::from_raw_parts(start, size_of::<T>()) };
            place.write(T::decode_as(codec, bytes)?);
            self.len += 1;
            Ok(())
        })
    }
}

/// Decodes elements one after another and adds them to `records`, up to the first that is not a `T`.
///
/// # Errors
///
/// Fails if the bytes of an element are not a `T`. The elements before it are added.
#[inline]
pub(crate) fn push_each<T: Element>(
    records: &mut Vec<T>,
    codec: &T::Codec,
    elements: &[u8],
    itemsize: usize,
) -> Result<(), DecodeError> {
    let mut elements = elements.chunks_exact(itemsize.max(1));
    if const { is_large::<T>() } {
        return elements.try_for_each(|element| T::decode_onto(codec, element, records));
    }
    records.reserve(elements.len());
    let mut decoded = Decoded {
        len: records.len(),
        records,
    };
    let places = decoded.records.spare_capacity_mut().iter_mut();
    places.zip(elements).try_for_each(|(place, element)| {
        place.write(T::decode_as(codec, element)?);
        decoded.len += 1;
        Ok(())
    })
}

impl<T: Element> InPlace<T> {
    /// Returns memory for `len` records, which is not touched.
    ///
    /// Returns `None` if the records have another size in the file or no bytes, or if there is not enough
    /// memory. A large record that is not a copy of its bytes needs other memory to be decoded from: it is
    /// `None`, too.
    pub(crate) fn new(codec: &T::Codec, len: usize) -> Option<Self> {
        match size_of::<T>() == T::itemsize_of(codec) {
            true => Self::of_any_size(len),
            false => None,
        }
    }

    /// Returns memory for `len` records, to which their fields are moved.
    ///
    /// Returns `None` as [`new`](Self::new) does, but for records of any size.
    pub(crate) fn of_any_size(len: usize) -> Option<Self> {
        /// The size from which on the allocator of glibc asks the system for new pages, which are zero.
        const NEW: usize = 32 << 20;
        let layout = alloc::Layout::array::<T>(len).ok()?;
        if layout.size() == 0 || const { is_large::<T>() } && !T::MEMORY.is_plain() {
            return None;
        }
        // Memory that was used before is zeroed later, a block at a time, or is read into as it is.
        let is_new = layout.size() >= NEW;
        let start = match is_new {
            // SAFETY: the size is not zero.
            true => unsafe { alloc::alloc_zeroed(layout) },
            // SAFETY: the size is not zero.
            false => unsafe { alloc::alloc(layout) },
        };
        if start.is_null() {
            return None;
        }
        // SAFETY: `start` was allocated by the global allocator with the layout of an array of `len`
        // records, and holds no record yet.
        let records = unsafe { Vec::from_raw_parts(start.cast(), 0, len) };
        let initialized = if is_new { layout.size() } else { 0 };
        Some(InPlace {
            records,
            initialized,
        })
    }

    /// Returns the number of decoded records.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// Returns the memory after the decoded records.
    pub(crate) fn memory(&mut self) -> &[MaybeUninit<T>] {
        self.records.spare_capacity_mut()
    }

    /// Returns the number of bytes after the decoded records.
    pub(crate) fn bytes_left(&mut self) -> usize {
        size_of_val(self.records.spare_capacity_mut())
    }

    /// Returns up to `len` bytes after the decoded records. They are zero, unless they were written before.
    pub(crate) fn bytes(&mut self, len: usize) -> &mut [u8] {
        let (decoded, initialized) = (size_of_val(&*self.records), self.initialized);
        let rest = self.records.spare_capacity_mut();
        let (start, len) = (rest.as_mut_ptr().cast::<u8>(), len.min(size_of_val(rest)));
        let end = decoded + len;
        let first = initialized.clamp(decoded, end);
        // SAFETY: `first` is from `decoded` to `end`, so these bytes are within the spare capacity.
        unsafe {
            start
                .wrapping_add(first - decoded)
                .write_bytes(0, end - first);
        };
        self.initialized = initialized.max(end);
        // SAFETY: these are `len` bytes of the spare capacity, borrowed for as long as the result. They are
        // initialized: those before `first` were, and those from there on are zero now. So are all bytes that can be
        // put there.
        unsafe { slice::from_raw_parts_mut(start, len) }
    }

    /// Reads bytes to the memory after the decoded records, from the byte `start` to the byte `end` of it. The
    /// function returns the part that it filled, from its start on. Returns the number of bytes that it filled.
    ///
    /// # Errors
    ///
    /// Returns the error of the function.
    pub(crate) fn fill(
        &mut self,
        start: usize,
        end: usize,
        fill: impl for<'a> FnOnce(&'a mut [MaybeUninit<u8>]) -> io::Result<&'a mut [u8]>,
    ) -> io::Result<usize> {
        let decoded = size_of_val(&*self.records);
        // The function may leave memory uninitialized that was initialized before.
        self.initialized = self.initialized.min(decoded + start);
        let is_continued = self.initialized == decoded + start;
        let rest = self.records.spare_capacity_mut();
        let (memory, len) = (
            rest.as_mut_ptr().cast::<MaybeUninit<u8>>(),
            size_of_val(rest),
        );
        // SAFETY: these are `len` bytes of the spare capacity, borrowed until the function has returned. A
        // `MaybeUninit` need not be initialized.
        let memory = unsafe { slice::from_raw_parts_mut(memory, len) };
        let memory = memory.get_mut(start..end).unwrap_or_default();
        let (first, len) = (memory.as_ptr().cast(), memory.len());
        let filled = fill(memory)?;
        // A mutable borrow of bytes at this address comes from the borrow of the memory, so they are initialized.
        if filled.as_ptr() != first || !is_continued {
            return Ok(0);
        }
        let filled = filled.len().min(len);
        self.initialized += filled;
        Ok(filled)
    }

    /// Decodes up to `count` further records, until the bytes of a record are not a `T`.
    ///
    /// Records whose form in the file is their memory are only checked, each field in all of them at once. They
    /// are decoded one by one only if one of them is not its bytes: a `bool` of another byte than 0 and 1.
    ///
    /// # Errors
    ///
    /// Fails if the bytes of a record are not a `T`. The records before it are kept.
    pub(crate) fn decode(&mut self, codec: &T::Codec, count: usize) -> Result<(), DecodeError> {
        let initialized = self.initialized.saturating_sub(size_of_val(&*self.records));
        let count = count.min(initialized.checked_div(size_of::<T>()).unwrap_or_default());
        if T::MEMORY.is_whole() && self.keep(count) {
            return Ok(());
        }
        let mut decoded = Decoded {
            len: self.len(),
            records: &mut self.records,
        };
        decoded.decode_each(codec, count)
    }

    /// Keeps `count` further records, whose fields are in memory, if all of them are values.
    pub(crate) fn keep(&mut self, count: usize) -> bool {
        let initialized = self.initialized.saturating_sub(size_of_val(&*self.records));
        if count.saturating_mul(size_of::<T>()) > initialized {
            return false;
        }
        let start = self.records.spare_capacity_mut().as_ptr().cast();
        // SAFETY: these are initialized bytes of `count` records within the spare capacity, and nothing changes
        // them while they are checked.
        let bytes = unsafe { slice::from_raw_parts(start, count * size_of::<T>()) };
        if !T::MEMORY.are_values(bytes) {
            return false;
        }
        let len = self.records.len() + count;
        // SAFETY: the bytes of `count` records within the capacity are values, as was just checked.
        unsafe { self.records.set_len(len) };
        true
    }

    /// Returns true if bytes are the memory of records, which are all values.
    pub(crate) fn are_records(bytes: &[u8]) -> bool {
        T::MEMORY.are_values(bytes)
    }

    /// Adds a record, if there is memory for it.
    pub(crate) fn push(&mut self, record: T) {
        if self.records.len() < self.records.capacity() {
            self.records.push(record);
        }
    }

    /// Returns all records, of a type of which any bytes are a value.
    pub(crate) fn into_whole(mut self) -> Vec<T>
    where
        T: bytemuck::Pod,
    {
        self.bytes(usize::MAX);
        let len = self.records.capacity();
        // SAFETY: all bytes within the capacity are initialized, and any of them are a `T`.
        unsafe { self.records.set_len(len) };
        self.records
    }

    /// Returns the decoded records.
    pub(crate) fn into_records(self) -> Vec<T> {
        self.records
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dtype::DType,
        record::{EncodeError, NpyRecord, encode_as::encode_as_itself},
    };

    /// A boxed byte other than zero.
    struct Owned(Box<u8>);

    impl NpyRecord for Owned {
        const ITEMSIZE: usize = size_of::<Owned>();

        fn dtype() -> DType {
            unreachable!("it is known")
        }

        fn encode(&self, _: &mut [u8]) -> Result<(), EncodeError> {
            unreachable!("it is only read")
        }

        fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
            match bytes {
                [0, ..] => Err(DecodeError::new("starts with zero")),
                [0xff, ..] => panic!("as a type of a user may"),
                _ => u8::decode(&bytes[..1]).map(|byte| Owned(Box::new(byte))),
            }
        }
    }

    encode_as_itself!(impl[] Owned);

    #[test]
    fn records_are_decoded_in_their_memory_until_bytes_are_not_a_record() {
        let size = Owned::ITEMSIZE;
        let mut records = InPlace::<Owned>::new(&(), 5).unwrap();
        records.bytes(3 * size).fill(7);
        assert!(records.decode(&(), 2).is_ok());
        assert_eq!((records.len(), records.bytes_left()), (2, 3 * size));
        // Memory that was not written is not decoded.
        assert!(records.decode(&(), 1).is_ok());
        assert!(records.decode(&(), 9).is_ok());
        assert_eq!(records.len(), 3);
        records.bytes(1);
        assert!(records.decode(&(), 9).is_ok());
        records.bytes(size);
        assert!(records.decode(&(), 9).is_err());
        assert_eq!(records.len(), 3);
        records.bytes(usize::MAX).fill(8);
        assert!(records.decode(&(), 9).is_ok());
        let records = records.into_records();
        let bytes = records.iter().map(|record| *record.0);
        assert_eq!(bytes.collect::<Vec<_>>(), [7, 7, 7, 8, 8]);
    }

    #[test]
    fn records_before_a_panic_are_kept() {
        let size = Owned::ITEMSIZE;
        let mut records = InPlace::<Owned>::new(&(), 3).unwrap();
        records.bytes(usize::MAX).fill(1);
        records.bytes(usize::MAX)[size..2 * size].fill(0xff);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = records.decode(&(), 3);
        }));
        assert!(panicked.is_err());
        assert_eq!((records.len(), records.bytes_left()), (1, 2 * size));
    }

    #[test]
    fn memory_is_read_into_as_it_is_and_zero_elsewhere() {
        fn two(memory: &mut [MaybeUninit<u8>]) -> io::Result<&mut [u8]> {
            memory[0].write(5);
            memory[1].write(6);
            // SAFETY: both were just written.
            Ok(unsafe { slice::from_raw_parts_mut(memory.as_mut_ptr().cast(), 2) })
        }

        for len in [8, (32 << 20) + 1] {
            let mut records = InPlace::<u8>::new(&(), len).unwrap();
            assert_eq!(records.fill(0, 5, two).unwrap(), 2);
            assert_eq!(records.fill(2, 5, two).unwrap(), 2);
            assert!(
                records
                    .fill(4, 5, |_| Err(io::ErrorKind::Other.into()))
                    .is_err()
            );
            // Bytes elsewhere, and bytes after a gap, do not count.
            assert_eq!(records.fill(4, 6, |_| Ok(&mut [])).unwrap(), 0);
            assert_eq!(records.fill(5, 7, two).unwrap(), 0);
            assert!(records.decode(&(), 3).is_ok());
            assert_eq!(records.bytes(2), [6, 0]);
            records.bytes(1)[0] = 7;
            assert_eq!(records.bytes(3), [7, 0, 0]);
            assert!(records.decode(&(), len).is_ok());
            let decoded = records.into_whole();
            assert_eq!(decoded[..6], [5, 6, 5, 7, 0, 0]);
            assert_eq!(decoded.len(), len);
        }
    }

    #[test]
    fn plain_records_are_their_bytes() {
        let mut records = InPlace::<(u8, bool)>::new(&(), 2).unwrap();
        records.bytes(4).copy_from_slice(&[1, 2, 3, 0]);
        assert!(records.decode(&(), 2).is_ok());
        assert_eq!(records.into_records(), [(1, true), (3, false)]);
        let mut records = InPlace::<u16>::new(&(), 2).unwrap();
        records.bytes(4).copy_from_slice(&[1, 0, 2, 1]);
        assert!(records.decode(&(), 1).is_ok());
        assert_eq!(records.into_records(), [1]);
        assert!(InPlace::<[u8; 0]>::new(&(), 3).is_none());
        assert!(InPlace::<u16>::new(&(), 0).is_none());
    }
}
