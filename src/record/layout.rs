//! Which records are copied whole: all the unsafe code that reads memory as bytes, or bytes as memory.
#![allow(unsafe_code)]

use std::{alloc, marker::PhantomData, ptr, slice};

use super::{error::DecodeError, npy_record::NpyRecord, slot::is_large};
use crate::dtype::align_up;

/// What is known at compile time of a type's memory against its form in the file.
///
/// Two flags hold what the unsafe code below relies on. That they are true only when they may be is
/// the duty of the unsafe constructors, and of their callers.
#[derive(Debug)]
pub struct Layout<T> {
    /// The fields of a struct, in the order of the file.
    fields: &'static [FieldLayout],
    /// Whether it is laid out as C does it, with padding.
    is_aligned: bool,
    is_struct: bool,
    itemsize: usize,
    /// The boundary that `np.dtype(…, align=True)` puts it at.
    alignment: usize,
    /// The `size_of::<T>()` bytes of every value are initialized and are its form in the file.
    is_whole: bool,
    /// `is_whole`, and any bytes are a value.
    is_plain: bool,
    of: PhantomData<fn() -> T>,
}

/// The same of one field.
#[derive(Debug)]
pub struct FieldLayout {
    memory_offset: usize,
    itemsize: usize,
    alignment: usize,
    is_struct: bool,
    is_whole: bool,
    is_plain: bool,
}

impl FieldLayout {
    /// A field of type `T` that is stored in `itemsize` bytes.
    pub const fn of<T>(
        memory_offset: usize,
        itemsize: usize,
        alignment: usize,
        memory: &Layout<T>,
    ) -> Self {
        let is_whole = memory.is_whole && itemsize == size_of::<T>();
        FieldLayout {
            memory_offset,
            itemsize,
            alignment,
            is_struct: memory.is_struct,
            is_whole,
            is_plain: is_whole && memory.is_plain,
        }
    }
}

impl<T> Layout<T> {
    /// A type that is encoded, never copied.
    pub const fn encoded(alignment: usize) -> Self {
        Layout {
            fields: &[],
            is_aligned: false,
            is_struct: false,
            itemsize: 0,
            alignment,
            is_whole: false,
            is_plain: false,
            of: PhantomData,
        }
    }

    /// A type without padding whose multi-byte parts are in the order of the host.
    ///
    /// # Safety
    ///
    /// On a little-endian host, or if `T` is made of single bytes, the `size_of::<T>()` bytes of
    /// every `T` are initialized and are its form in the file. If `is_plain`, any initialized bytes
    /// of that number are a valid `T`.
    pub const unsafe fn native(alignment: usize, is_plain: bool) -> Self {
        let is_whole = cfg!(target_endian = "little") || align_of::<T>() == 1;
        Layout {
            is_whole,
            is_plain: is_whole && is_plain,
            ..Layout::encoded(alignment)
        }
    }

    /// The layout of a type that wraps a `U`, or some of them one after another.
    ///
    /// # Safety
    ///
    /// `T` is made of values of `U` alone, in memory as in the file, and any of them make a `T`.
    pub const unsafe fn array<U>(item: &Layout<U>) -> Self {
        Layout {
            is_whole: item.is_whole,
            is_plain: item.is_plain,
            ..Layout::encoded(item.alignment)
        }
    }

    /// A struct stored as the one field it has, `skipped` fields aside.
    ///
    /// # Safety
    ///
    /// As for [`of_struct`](Self::of_struct).
    pub const unsafe fn of_newtype(skipped: bool, field: &'static [FieldLayout; 1]) -> Self {
        let [inner] = field;
        // SAFETY: the caller vouches for it.
        let layout = unsafe { Layout::of_struct(false, skipped, field) };
        Layout {
            is_struct: inner.is_struct,
            alignment: inner.alignment,
            ..layout
        }
    }

    /// A struct or a tuple of the given stored fields, `skipped` fields aside. It is whole if the
    /// fields are, lie in memory where they lie in the file, and leave nothing between or behind them.
    ///
    /// # Safety
    ///
    /// `fields` are distinct fields of `T` at their offsets in memory, each described by the layout
    /// of its type. With `skipped` they may be fewer than the fields of `T`, otherwise they are all.
    pub const unsafe fn of_struct(
        is_aligned: bool,
        skipped: bool,
        fields: &'static [FieldLayout],
    ) -> Self {
        let mut layout = Layout {
            fields,
            is_aligned,
            is_struct: true,
            itemsize: 0,
            alignment: 1,
            is_whole: true,
            is_plain: !skipped,
            of: PhantomData,
        };
        let mut filled = 0;
        let mut end = 0;
        let mut rest = fields;
        while let [field, others @ ..] = rest {
            rest = others;
            let offset = layout.next_offset(end, field);
            if is_aligned && field.alignment > layout.alignment {
                layout.alignment = field.alignment;
            }
            layout.is_whole &= field.is_whole && field.memory_offset == offset;
            layout.is_plain &= field.is_plain;
            filled += field.itemsize;
            end = offset + field.itemsize;
        }
        layout.itemsize = align_up(end, layout.alignment);
        layout.is_whole &= filled == layout.itemsize && filled == size_of::<T>();
        layout.is_plain &= layout.is_whole;
        layout
    }

    const fn next_offset(&self, end: usize, field: &FieldLayout) -> usize {
        if self.is_aligned {
            align_up(end, field.alignment)
        } else {
            end
        }
    }

    /// The bytes of the record at which its fields, of which there are `N`, start in the file.
    pub const fn offsets<const N: usize>(&self) -> [usize; N] {
        let mut offsets = [0; N];
        let mut places = offsets.as_mut_slice();
        let mut end = 0;
        let mut rest = self.fields;
        while let ([place, other_places @ ..], [field, others @ ..]) = (places, rest) {
            *place = self.next_offset(end, field);
            end = *place + field.itemsize;
            places = other_places;
            rest = others;
        }
        offsets
    }

    /// The size of a struct in the file.
    pub const fn itemsize(&self) -> usize {
        self.itemsize
    }

    /// The boundary that `np.dtype(…, align=True)` puts it at.
    pub const fn alignment(&self) -> usize {
        self.alignment
    }

    /// The layout of a box of a `U`, which is encoded.
    pub const fn boxed<U>(inner: &Layout<U>) -> Self {
        Layout {
            is_struct: inner.is_struct,
            ..Layout::encoded(inner.alignment)
        }
    }

    /// Whether any bytes are a value, and its memory is its form in the file.
    pub(crate) const fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Whether it has fields, to be taken in by `#[npy(flatten)]`.
    pub const fn is_struct(&self) -> bool {
        self.is_struct
    }
}

impl<T: NpyRecord> Layout<T> {
    /// The form in the file of all of `records`, if it is their memory.
    #[inline]
    pub fn bytes_of(records: &[T]) -> Option<&[u8]> {
        if !T::LAYOUT.is_whole {
            return None;
        }
        // SAFETY: the slice is `size_of_val` bytes long, all of them initialized as the layout is
        // whole, and borrowed for as long as the result.
        Some(unsafe { slice::from_raw_parts(records.as_ptr().cast(), size_of_val(records)) })
    }

    /// [`bytes_of`](Self::bytes_of) one record that is about to be copied, if that is worth it: a
    /// small one has often just been put together, and a wide load of what narrow stores wrote waits
    /// for them, where its fields are still in registers.
    #[inline]
    pub fn bytes_to_copy(record: &T) -> Option<&[u8]> {
        const SMALL: usize = 64;
        match size_of::<T>() {
            ..=SMALL => None,
            _ => Layout::bytes_of(slice::from_ref(record)),
        }
    }

    /// The memory of `records`, to be filled with their form in a file, if any bytes are a record.
    pub(crate) fn bytes_of_mut(records: &mut [T]) -> Option<&mut [u8]> {
        if !T::LAYOUT.is_plain {
            return None;
        }
        let (start, len) = (records.as_mut_ptr().cast(), size_of_val(records));
        // SAFETY: as in `bytes_of`; whatever is written are records, as the layout is plain.
        Some(unsafe { slice::from_raw_parts_mut(start, len) })
    }

    /// The record whose form in the file is `bytes`, if any bytes of that number are a record.
    #[inline]
    pub fn from_bytes(bytes: &[u8]) -> Option<T> {
        if !T::LAYOUT.is_plain || bytes.len() != size_of::<T>() {
            return None;
        }
        // SAFETY: `bytes` are `size_of::<T>()` initialized bytes, and any such are a `T` as the
        // layout is plain; they need not be aligned.
        Some(unsafe { ptr::read_unaligned(bytes.as_ptr().cast()) })
    }

    /// The records whose form in a file is `bytes`, in place: if any bytes are a record, they are
    /// whole records, and they lie at a multiple of the alignment of `T`.
    #[cfg(feature = "mmap")]
    pub(crate) fn cast(bytes: &[u8]) -> Option<&[T]> {
        let start = bytes.as_ptr().cast::<T>();
        let len = bytes.len().checked_div(size_of::<T>())?;
        if !T::LAYOUT.is_plain || len * size_of::<T>() != bytes.len() || !start.is_aligned() {
            return None;
        }
        // SAFETY: `start` is aligned and points to `len` times `size_of::<T>()` initialized bytes,
        // borrowed for as long as the result; any such are records as the layout is plain.
        Some(unsafe { slice::from_raw_parts(start, len) })
    }

    /// [`cast`](Self::cast), to be changed: whatever is put there is initialized bytes.
    #[cfg(feature = "mmap")]
    pub(crate) fn cast_mut(bytes: &mut [u8]) -> Option<&mut [T]> {
        let len = Layout::<T>::cast(bytes)?.len();
        // SAFETY: by `cast`, `bytes` are aligned and `len` records, borrowed for as long as the result;
        // the layout is plain, so that any bytes are records, and all the bytes of any records are
        // initialized.
        Some(unsafe { slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), len) })
    }
}

/// Memory that is filled with rows, which become records where they are.
#[derive(Debug)]
pub(crate) struct InPlace<T> {
    /// All bytes of its memory behind the records are initialized.
    records: Vec<T>,
}

/// Counts records as they are made, so that none is forgotten if making another one panics.
struct Made<'a, T> {
    records: &'a mut Vec<T>,
    len: usize,
}

impl<T> Drop for Made<'_, T> {
    fn drop(&mut self) {
        // SAFETY: who has it adds to `len` only what is made, within the capacity.
        unsafe { self.records.set_len(self.len) };
    }
}

impl<T: NpyRecord> Made<'_, T> {
    /// Decodes the next records where their bytes are. Each is returned by value, so this is never
    /// inlined: the caller would then need room for one on its stack, large or not.
    #[inline(never)]
    fn decode_each(&mut self, count: usize) -> Result<(), DecodeError> {
        let rest = self.records.spare_capacity_mut();
        rest.iter_mut().take(count).try_for_each(|place| {
            let start = place.as_ptr().cast();
            // SAFETY: the place is of `size_of::<T>()` bytes, which are initialized, and which nothing
            // changes while `decode` looks at them.
            let bytes = unsafe { slice::from_raw_parts(start, size_of::<T>()) };
            place.write(T::decode(bytes)?);
            self.len += 1;
            Ok(())
        })
    }
}

impl<T: NpyRecord> InPlace<T> {
    /// Memory of zero bytes for so many records, if they have the same size there as in the file, and any
    /// at all. It is not touched if it is large. `None` if there is not so much memory, too.
    ///
    /// A large record that is no copy of its bytes is decoded from other memory, as it is not returned by
    /// value.
    pub(crate) fn new(len: usize) -> Option<Self> {
        let layout = alloc::Layout::array::<T>(len).ok()?;
        if size_of::<T>() != T::ITEMSIZE || layout.size() == 0 {
            return None;
        }
        if const { is_large::<T>() } && !T::LAYOUT.is_plain {
            return None;
        }
        // SAFETY: the size is not zero.
        let start = unsafe { alloc::alloc_zeroed(layout) };
        if start.is_null() {
            return None;
        }
        // SAFETY: `start` was allocated by the global allocator with the layout of an array of `len`
        // records, and holds none of them yet.
        let records = unsafe { Vec::from_raw_parts(start.cast(), 0, len) };
        Some(InPlace { records })
    }

    /// How many records are made.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// The bytes behind them.
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        let rest = self.records.spare_capacity_mut();
        let (start, len) = (rest.as_mut_ptr().cast(), size_of_val(rest));
        // SAFETY: these are `len` bytes, borrowed for as long as the result. They are initialized, and
        // so is whatever is put there.
        unsafe { slice::from_raw_parts_mut(start, len) }
    }

    /// Makes the next records, so many at the most, up to one whose bytes are no `T`.
    ///
    /// What is stored where it was just loaded from is left to the compiler to leave out: of a struct of
    /// numbers and `bool`s it changes the `bool`s alone.
    pub(crate) fn decode(&mut self, count: usize) -> Result<(), DecodeError> {
        let mut made = Made {
            len: self.len(),
            records: &mut self.records,
        };
        if T::LAYOUT.is_plain {
            // Any bytes are a record.
            made.len += count.min(made.records.spare_capacity_mut().len());
            return Ok(());
        }
        made.decode_each(count)
    }

    /// All records, of which any bytes are one.
    pub(crate) fn into_whole(mut self) -> Vec<T>
    where
        T: bytemuck::Pod,
    {
        let len = self.records.capacity();
        // SAFETY: all bytes within the capacity are initialized, and any of them are a `T`.
        unsafe { self.records.set_len(len) };
        self.records
    }

    pub(crate) fn into_records(self) -> Vec<T> {
        self.records
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dtype::DType, record::EncodeError};

    /// A byte in memory of its own, which is not zero.
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

    #[test]
    fn records_are_made_in_their_own_memory_up_to_one_that_is_none() {
        let size = Owned::ITEMSIZE;
        let mut records = InPlace::<Owned>::new(5).unwrap();
        records.bytes()[..3 * size].fill(7);
        assert!(records.decode(2).is_ok());
        assert_eq!((records.len(), records.bytes().len()), (2, 3 * size));
        assert!(records.decode(9).is_err());
        assert_eq!(records.len(), 3);
        records.bytes().fill(8);
        assert!(records.decode(9).is_ok());
        let records = records.into_records();
        let bytes = records.iter().map(|record| *record.0);
        assert_eq!(bytes.collect::<Vec<_>>(), [7, 7, 7, 8, 8]);
    }

    #[test]
    fn records_made_before_a_panic_are_kept() {
        let size = Owned::ITEMSIZE;
        let mut records = InPlace::<Owned>::new(3).unwrap();
        records.bytes().fill(1);
        records.bytes()[size..2 * size].fill(0xff);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = records.decode(3);
        }));
        assert!(panicked.is_err());
        assert_eq!((records.len(), records.bytes().len()), (1, 2 * size));
    }

    #[test]
    fn numbers_are_their_bytes() {
        let mut records = InPlace::<(u8, bool)>::new(2).unwrap();
        records.bytes().copy_from_slice(&[1, 2, 3, 0]);
        assert!(records.decode(2).is_ok());
        assert_eq!(records.into_records(), [(1, true), (3, false)]);
        let mut records = InPlace::<u16>::new(2).unwrap();
        records.bytes().copy_from_slice(&[1, 0, 2, 1]);
        assert!(records.decode(1).is_ok());
        assert_eq!(records.into_records(), [1]);
        assert!(InPlace::<[u8; 0]>::new(3).is_none());
        assert!(InPlace::<u16>::new(0).is_none());
    }
}
