//! Decoding into the memory where a value stays, so that a large one is never on the stack.
#![allow(unsafe_code)]

use std::{
    alloc,
    marker::PhantomData,
    mem::{self, MaybeUninit},
    ptr,
};

use super::{error::DecodeError, layout::Layout, npy_record::NpyRecord};

/// The size in memory above which a value is decoded in place. Smaller ones are returned by value,
/// which the compiler keeps in registers.
const LARGE: usize = 4096;

/// Whether values of a type are decoded in place.
pub(crate) const fn is_large<T>() -> bool {
    size_of::<T>() > LARGE
}

/// Memory for a value that is not there yet. It need not be aligned.
#[derive(Debug)]
pub struct Slot<'a, T> {
    place: *mut T,
    memory: PhantomData<&'a mut MaybeUninit<T>>,
}

/// A value in its memory, which is dropped there unless it is [kept](Self::keep).
#[derive(Debug)]
pub struct Filled<'a, T> {
    place: *mut T,
    value: PhantomData<&'a mut T>,
}

impl<'a, T> Slot<'a, T> {
    pub(crate) fn new(memory: &'a mut MaybeUninit<T>) -> Self {
        Slot {
            place: memory.as_mut_ptr(),
            memory: PhantomData,
        }
    }

    /// Returns the slot at an address.
    ///
    /// # Safety
    ///
    /// The `size_of::<T>()` bytes at `place` can be written during `'a`, by nothing else, and hold no
    /// value that is still to be dropped.
    pub const unsafe fn at(place: *mut T) -> Self {
        Slot {
            place,
            memory: PhantomData,
        }
    }

    /// The address of the memory.
    pub const fn as_mut_ptr(&self) -> *mut T {
        self.place
    }

    /// Moves a value into the memory.
    #[inline]
    pub fn write(self, value: T) -> Filled<'a, T> {
        // SAFETY: by `new` and `at`, the memory belongs to this slot and holds no value.
        unsafe { self.place.write_unaligned(value) };
        // SAFETY: the value was just written.
        unsafe { self.assume_filled() }
    }

    /// Takes the value that was put in the memory, such as field by field.
    ///
    /// # Safety
    ///
    /// The memory holds a value, which nothing else drops.
    #[inline]
    pub const unsafe fn assume_filled(self) -> Filled<'a, T> {
        Filled {
            place: self.place,
            value: PhantomData,
        }
    }

    /// Copies a value from its form in a file if `layout` says that any bytes are a value. Otherwise
    /// returns the slot.
    #[inline]
    pub(super) fn copy_as(self, layout: &Layout<T>, bytes: &[u8]) -> Result<Filled<'a, T>, Self> {
        if !layout.is_plain() || bytes.len() != size_of::<T>() {
            return Err(self);
        }
        // SAFETY: both are `size_of::<T>()` bytes. They do not overlap, as the memory belongs to this slot
        // alone and `bytes` are borrowed. As the layout is plain, any initialized bytes are a `T`.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.place.cast(), bytes.len()) };
        // SAFETY: the value was just copied.
        Ok(unsafe { self.assume_filled() })
    }
}

impl<'a, T: NpyRecord> Slot<'a, T> {
    /// Copies a value from its form in a file.
    ///
    /// # Errors
    ///
    /// Returns the slot if not all bytes are a value.
    #[inline]
    pub fn copy(self, bytes: &[u8]) -> Result<Filled<'a, T>, Self> {
        self.copy_as(&T::LAYOUT, bytes)
    }
}

impl<'a, T, const N: usize> Slot<'a, [T; N]> {
    /// Fills the items one after another. If one cannot be made, those before it are dropped.
    #[inline]
    pub(super) fn fill_items(
        self,
        mut fill: impl for<'b> FnMut(usize, Slot<'b, T>) -> Result<Filled<'b, T>, DecodeError>,
    ) -> Result<Filled<'a, [T; N]>, DecodeError> {
        let mut items = Items {
            start: self.place.cast::<T>(),
            len: 0,
        };
        while items.len < N {
            let place = items.start.wrapping_add(items.len);
            // SAFETY: as `len` is less than `N`, it is the place of an item, within the memory of the array.
            // That belongs to this slot, and this item was not made yet.
            let item = unsafe { Slot::at(place) };
            fill(items.len, item)?.at(place)?.keep();
            items.len += 1;
        }
        mem::forget(items);
        // SAFETY: `at` found each of the `N` items in its place, and `items` does not drop them any more.
        Ok(unsafe { self.assume_filled() })
    }
}

/// The first items of an array, which are dropped unless the array is completed.
struct Items<T> {
    start: *mut T,
    len: usize,
}

impl<T> Drop for Items<T> {
    fn drop(&mut self) {
        for index in 0..self.len {
            // SAFETY: `at` found the first `len` items in their places. They were kept, so that nothing
            // else drops them.
            unsafe { drop_at(self.start.wrapping_add(index)) };
        }
    }
}

impl<T> Filled<'_, T> {
    /// Leaves the value where it is, for the owner of the memory to drop.
    #[inline]
    pub fn keep(self) {
        mem::forget(self);
    }

    /// Returns the value if it is in the given memory.
    ///
    /// # Errors
    ///
    /// If it is in other memory, where it is dropped. An implementation of [`NpyRecord::decode_into`] may
    /// return such a value, so whoever calls one must check this before it takes the memory for a value.
    #[inline]
    pub fn at(self, place: *mut T) -> Result<Self, DecodeError> {
        // A value of no bytes is a value at any address.
        if size_of::<T>() > 0 && self.place != place {
            return Err(elsewhere());
        }
        Ok(self)
    }
}

#[cold]
fn elsewhere() -> DecodeError {
    DecodeError::new("the record was decoded into other memory than its own")
}

impl<T> Drop for Filled<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: by `assume_filled`, the memory holds a value that nothing else drops.
        unsafe { drop_at(self.place) };
    }
}

/// Drops a value that need not be aligned.
///
/// # Safety
///
/// There is a value at `place`, which nothing else drops or uses.
#[inline]
unsafe fn drop_at<T>(place: *mut T) {
    if !mem::needs_drop::<T>() {
        return;
    }
    match place.is_aligned() {
        // SAFETY: the caller vouches for it.
        true => unsafe { place.drop_in_place() },
        // SAFETY: the caller vouches for it.
        false => unsafe { drop_unaligned(place) },
    }
}

/// # Safety
///
/// As for [`drop_at`].
#[cold]
unsafe fn drop_unaligned<T>(place: *mut T) {
    // SAFETY: the caller vouches for it.
    drop(unsafe { place.read_unaligned() });
}

/// Decodes a record onto `records`, which has memory for it.
#[inline]
pub(crate) fn push_decoded<T: NpyRecord>(
    records: &mut Vec<T>,
    bytes: &[u8],
) -> Result<(), DecodeError> {
    // Apart, as each function has room on the stack for all its values, used or not.
    if const { is_large::<T>() } {
        push_in_place(records, bytes)
    } else {
        push_value(records, bytes)
    }
}

#[inline]
fn push_value<T: NpyRecord>(records: &mut Vec<T>, bytes: &[u8]) -> Result<(), DecodeError> {
    records.push(T::decode(bytes)?);
    Ok(())
}

fn push_in_place<T: NpyRecord>(records: &mut Vec<T>, bytes: &[u8]) -> Result<(), DecodeError> {
    records.reserve(1);
    let len = records.len();
    if let [memory, ..] = records.spare_capacity_mut() {
        let place = memory.as_mut_ptr();
        T::decode_into(Slot::new(memory), bytes)?.at(place)?.keep();
        // SAFETY: `at` found a record in the memory after the first `len`, within the capacity, and it was
        // kept there.
        unsafe { records.set_len(len + 1) };
    }
    Ok(())
}

/// Makes a value in memory of its own on the heap.
pub(super) fn boxed<T>(
    fill: impl for<'a> FnOnce(Slot<'a, T>) -> Result<Filled<'a, T>, DecodeError>,
) -> Result<Box<T>, DecodeError> {
    let layout = alloc::Layout::new::<T>();
    let mut memory = match layout.size() {
        0 => Box::<T>::new_uninit(),
        size => {
            // SAFETY: the size is not zero.
            let start = unsafe { alloc::alloc(layout) };
            if start.is_null() {
                return Err(DecodeError::new(format_args!(
                    "there is no memory for the {size} bytes of a record"
                )));
            }
            // SAFETY: `start` was allocated by the global allocator with the layout of a `T`.
            unsafe { Box::from_raw(start.cast::<MaybeUninit<T>>()) }
        }
    };
    let place = memory.as_mut_ptr();
    fill(Slot::new(&mut memory))?.at(place)?.keep();
    // SAFETY: `at` found the value in this memory, and it was kept there.
    Ok(unsafe { memory.assume_init() })
}

/// Calls a function with an aligned copy of a value, which is on the heap if it is large.
///
/// # Safety
///
/// There is a value at `place`, which need not be aligned.
#[inline]
pub unsafe fn with_copy<T: Copy, O>(place: *const T, call: impl FnOnce(&T) -> O) -> O {
    // Apart, as each function has room on the stack for all its values, used or not.
    if const { is_large::<T>() } {
        // SAFETY: the caller vouches for it.
        unsafe { with_boxed_copy(place, call) }
    } else {
        // SAFETY: the caller vouches for it.
        unsafe { with_small_copy(place, call) }
    }
}

/// # Safety
///
/// As for [`with_copy`].
#[inline]
unsafe fn with_small_copy<T: Copy, O>(place: *const T, call: impl FnOnce(&T) -> O) -> O {
    // SAFETY: the caller vouches for it.
    call(&unsafe { place.read_unaligned() })
}

/// # Safety
///
/// As for [`with_copy`].
unsafe fn with_boxed_copy<T: Copy, O>(place: *const T, call: impl FnOnce(&T) -> O) -> O {
    let mut copy = Box::<T>::new_uninit();
    let target = copy.as_mut_ptr().cast::<u8>();
    // SAFETY: both are `size_of::<T>()` bytes, and `place` holds a value, as the caller vouches.
    unsafe { ptr::copy_nonoverlapping(place.cast::<u8>(), target, size_of::<T>()) };
    // SAFETY: the value was just copied, as a `Copy` type allows.
    let copy = unsafe { copy.assume_init() };
    call(&copy)
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        panic::{AssertUnwindSafe, catch_unwind},
        rc::Rc,
    };

    use super::*;
    use crate::{dtype::DType, record::EncodeError};

    /// A record that shows when it is dropped; 9 is no value, and 8 panics.
    #[derive(Debug)]
    struct Counted(#[allow(dead_code)] Rc<()>, u8);

    thread_local! {
        static ALIVE: Rc<()> = Rc::new(());
    }

    fn alive() -> usize {
        ALIVE.with(|alive| Rc::strong_count(alive) - 1)
    }

    impl NpyRecord for Counted {
        const ITEMSIZE: usize = 1;

        fn dtype() -> DType {
            u8::dtype()
        }

        fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
            self.1.encode(out)
        }

        fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
            match bytes {
                [9] => Err(DecodeError::new("nine")),
                [8] => panic!("eight"),
                _ => u8::decode(bytes).map(|n| Counted(ALIVE.with(Rc::clone), n)),
            }
        }
    }

    /// An array of 600 of them is large.
    const N: usize = 600;

    fn bytes_with(nth: usize, byte: u8) -> Vec<u8> {
        let mut bytes = vec![1; N];
        bytes[nth] = byte;
        bytes
    }

    fn decode_boxed<T: NpyRecord>(bytes: &[u8]) -> Result<Box<T>, DecodeError> {
        Box::<T>::decode(bytes)
    }

    #[test]
    fn a_large_array_is_decoded_in_its_own_memory() {
        let mut arrays = Vec::<[Counted; N]>::new();
        push_decoded(&mut arrays, &bytes_with(5, 7)).unwrap();
        let boxed = decode_boxed::<[Counted; N]>(&bytes_with(N - 1, 6)).unwrap();
        assert_eq!(alive(), 2 * N);
        assert_eq!((arrays[0][4].1, arrays[0][5].1, boxed[N - 1].1), (1, 7, 6));
        drop((arrays, boxed));
        assert_eq!(alive(), 0);
    }

    #[test]
    fn items_before_an_error_are_dropped_once() {
        let mut arrays = Vec::<[Counted; N]>::new();
        push_decoded(&mut arrays, &bytes_with(0, 1)).unwrap();
        let error = push_decoded(&mut arrays, &bytes_with(300, 9)).unwrap_err();
        assert_eq!(error.to_string(), "element [300]: nine");
        assert_eq!((arrays.len(), alive()), (1, N));
        assert!(decode_boxed::<[Counted; N]>(&bytes_with(N - 1, 9)).is_err());
        assert_eq!(alive(), N);
    }

    #[test]
    fn items_before_a_panic_are_dropped_once() {
        let mut arrays = Vec::<[Counted; N]>::new();
        let bytes = bytes_with(300, 8);
        let panicked = catch_unwind(AssertUnwindSafe(|| push_decoded(&mut arrays, &bytes)));
        assert!(panicked.is_err() && arrays.is_empty());
        assert_eq!(alive(), 0);
    }

    #[test]
    fn items_of_nested_arrays_and_tuples_are_dropped_once() {
        type Nested = (u16, [[Counted; N]; 2], Counted);
        let mut bytes = vec![1; Nested::ITEMSIZE];
        let record = decode_boxed::<Nested>(&bytes).unwrap();
        assert_eq!((record.0, alive()), (0x0101, 2 * N + 1));
        drop(record);
        for wrong in [3, N + 2, 2 * N + 1, 2 * N + 2] {
            bytes[wrong] = 9;
            assert!(decode_boxed::<Nested>(&bytes).is_err());
            bytes[wrong] = 1;
            assert_eq!(alive(), 0, "{wrong}");
        }
    }

    #[test]
    fn records_without_bytes_are_decoded() {
        assert!(decode_boxed::<[u64; 0]>(&[]).is_ok());
        let mut records = Vec::<[u64; 0]>::new();
        push_in_place(&mut records, &[]).unwrap();
        assert_eq!(records.len(), 1);
    }

    /// A record that is decoded into other memory than it should be, as unsafe code of a user may do.
    struct Elsewhere(#[allow(dead_code)] Rc<()>);

    thread_local! {
        static OTHER: Cell<MaybeUninit<Elsewhere>> = const { Cell::new(MaybeUninit::uninit()) };
    }

    impl NpyRecord for Elsewhere {
        const ITEMSIZE: usize = 1;

        fn dtype() -> DType {
            u8::dtype()
        }

        fn encode(&self, _: &mut [u8]) -> Result<(), EncodeError> {
            unreachable!("it is only read")
        }

        fn decode(_: &[u8]) -> Result<Self, DecodeError> {
            unreachable!("it is decoded in place")
        }

        fn decode_into<'a>(_: Slot<'a, Self>, _: &[u8]) -> Result<Filled<'a, Self>, DecodeError> {
            // SAFETY: the memory is there while the thread runs, and each value is dropped before the next.
            let other = unsafe { Slot::at(OTHER.with(Cell::as_ptr).cast::<Self>()) };
            Ok(other.write(Elsewhere(ALIVE.with(Rc::clone))))
        }
    }

    #[track_caller]
    fn is_refused<T: NpyRecord>() {
        let bytes = vec![1; T::ITEMSIZE];
        let error = decode_boxed::<T>(&bytes).err().unwrap();
        assert!(error.to_string().contains("other memory"), "{error}");
        let mut records = Vec::<T>::new();
        push_in_place(&mut records, &bytes).unwrap_err();
        assert_eq!((records.len(), alive()), (0, 0));
    }

    #[test]
    fn a_value_in_other_memory_is_dropped_and_refused() {
        is_refused::<Elsewhere>();
        is_refused::<[Elsewhere; 3]>();
        is_refused::<(Counted, Elsewhere)>();
        is_refused::<(Elsewhere, Counted)>();
    }

    #[cfg(feature = "derive")]
    #[test]
    fn a_derived_record_refuses_a_field_in_other_memory() {
        #[derive(npyrec::NpyRecord)]
        struct Newtype(#[allow(dead_code)] Elsewhere);

        #[derive(npyrec::NpyRecord)]
        #[allow(dead_code)]
        struct Fields {
            before: Counted,
            elsewhere: Elsewhere,
            after: Counted,
            #[npy(skip)]
            skipped: Option<Rc<()>>,
        }

        is_refused::<Newtype>();
        is_refused::<Fields>();
    }

    #[cfg(feature = "derive")]
    #[test]
    fn fields_before_an_error_or_a_panic_are_dropped_once() {
        thread_local! {
            static PANICS: Cell<bool> = const { Cell::new(false) };
        }

        /// A field that is not stored.
        struct Skipped(#[allow(dead_code)] Rc<()>);

        impl Default for Skipped {
            fn default() -> Self {
                assert!(!PANICS.get(), "as a type of a user may");
                Skipped(ALIVE.with(Rc::clone))
            }
        }

        #[derive(npyrec::NpyRecord)]
        #[allow(dead_code)]
        struct Fields {
            first: Counted,
            #[npy(skip)]
            skipped: Skipped,
            items: [Counted; N],
            last: Counted,
        }

        let mut bytes = vec![1; Fields::ITEMSIZE];
        let record = decode_boxed::<Fields>(&bytes).unwrap();
        assert_eq!((record.items[N - 1].1, alive()), (1, N + 3));
        for wrong in [0, 1, N, N + 1] {
            for byte in [8, 9] {
                bytes[wrong] = byte;
                let decoded = catch_unwind(|| decode_boxed::<Fields>(&bytes).is_err());
                assert_eq!(decoded.ok(), (byte == 9).then_some(true));
                assert_eq!(alive(), N + 3, "{wrong}, {byte}");
                bytes[wrong] = 1;
            }
        }
        PANICS.set(true);
        assert!(catch_unwind(|| decode_boxed::<Fields>(&bytes).is_ok()).is_err());
        assert_eq!(alive(), N + 3);
        drop(record);
        assert_eq!(alive(), 0);
    }

    #[test]
    fn a_slot_need_not_be_aligned() {
        let mut memory = [0_u64; 3];
        let place = memory.as_mut_ptr().cast::<u8>().wrapping_add(3);
        // SAFETY: the eight bytes are within `memory`.
        let slot = unsafe { Slot::at(place.cast::<Rc<()>>()) };
        drop(slot.write(ALIVE.with(Rc::clone)));
        assert_eq!(alive(), 0);
        if cfg!(target_endian = "big") {
            return; // Numbers of the file are not copied there.
        }
        // SAFETY: as above.
        let slot = unsafe { Slot::at(place.cast::<[u16; 4]>()) };
        slot.copy(&[1, 0, 2, 0, 3, 0, 4, 0]).unwrap().keep();
        // SAFETY: the array was just copied there.
        let array = unsafe { place.cast::<[u16; 4]>().read_unaligned() };
        assert_eq!(array, [1, 2, 3, 4].map(u16::to_le));
    }
}
