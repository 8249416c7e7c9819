//! Decoding in place: each value is dropped once.
#![allow(unsafe_code)]

use std::{
    cell::Cell,
    mem::MaybeUninit,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};

use super::{fill::push_in_place, push_decoded};
use crate::{
    dtype::DType,
    record::{
        error::{DecodeError, EncodeError},
        memory::{Filled, Slot},
        npy_record::NpyRecord,
    },
};

/// A record that counts its values; 9 is not a value, and 8 panics.
#[derive(Debug)]
struct Counted(#[allow(dead_code)] Rc<()>, u8);

thread_local! {
    static ALIVE: Rc<()> = Rc::new(());
}

fn alive() -> usize {
    ALIVE.with(|alive| Rc::strong_count(alive) - 1)
}

crate::record::encode_as::encode_as_itself!(impl[] Counted);

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
    super::boxed(|slot| T::decode_into(slot, bytes))
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

crate::record::encode_as::encode_as_itself!(impl[] Elsewhere);

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
