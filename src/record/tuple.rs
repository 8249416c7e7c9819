#![allow(unsafe_code)] // Layouts are promised here, and used in `layout.rs`.

use std::mem::offset_of;

use super::{
    defaults::Defaults,
    error::{DecodeError, EncodeError},
    exactly::{exactly, exactly_mut},
    layout::{FieldLayout, Layout},
    npy_record::NpyRecord,
    slot::{Filled, Slot},
    struct_dtype::StructDType,
};
use crate::dtype::DType;

macro_rules! tuples {
    ($(($($index:tt $name:ident $item:ident),+))+) => {$(
        impl<$($item: NpyRecord),+> NpyRecord for ($($item,)+) {
            const ITEMSIZE: usize = Self::LAYOUT.itemsize();
            const LAYOUT: Layout<Self> = {
                // SAFETY: these are all the items, with the layouts of their types.
                unsafe {
                    Layout::of_struct(
                        false,
                        false,
                        &[$(FieldLayout::of(
                            offset_of!(Self, $index),
                            $item::ITEMSIZE,
                            $item::LAYOUT.alignment(),
                            &$item::LAYOUT,
                        )),+],
                    )
                }
            };

            fn dtype() -> DType {
                let [$($name),+] = const { Self::LAYOUT.offsets() };
                StructDType::new(&Self::LAYOUT, 0 $(+ { let _ = $index; 1 })+)
                    $(.field(stringify!($name), $name, $item::dtype()))+
                    .finish()
            }

            fn defaults(defaults: &mut Defaults) {
                let [$($name),+] = const { Self::LAYOUT.offsets() };
                $($item::field_defaults(defaults, $name);)+
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                let out = exactly_mut(out, Self::ITEMSIZE)?;
                let [$($name),+] = const { Self::LAYOUT.offsets() };
                $(self.$index.encode_field(out, $name, stringify!($name))?;)+
                Ok(())
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                let bytes = exactly(bytes, Self::ITEMSIZE)?;
                let [$($name),+] = const { Self::LAYOUT.offsets() };
                Ok(($($item::decode_field(bytes, $name, stringify!($name))?,)+))
            }

            #[inline]
            fn decode_into<'a>(
                slot: Slot<'a, Self>,
                bytes: &[u8],
            ) -> Result<Filled<'a, Self>, DecodeError> {
                let bytes = exactly(bytes, Self::ITEMSIZE)?;
                let slot = match slot.copy(bytes) {
                    Ok(filled) => return Ok(filled),
                    Err(slot) => slot,
                };
                let [$($name),+] = const { Self::LAYOUT.offsets() };
                let place = slot.as_mut_ptr();
                $(
                    // SAFETY: the memory of an item is within the memory of the slot.
                    let memory = unsafe { &raw mut (*place).$index };
                    // SAFETY: it belongs to the slot of the tuple, which holds no value, and no other item
                    // shares it.
                    let item = unsafe { Slot::at(memory) };
                    let item = $item::decode_field_into(item, bytes, $name, stringify!($name))?;
                    let $name = item.at(memory)?;
                )+
                $($name.keep();)+
                // SAFETY: `at` found each item in its memory, and none of them drops its value any more.
                Ok(unsafe { slot.assume_filled() })
            }
        }
    )+};
}

tuples! {
    (0 f0 A)
    (0 f0 A, 1 f1 B)
    (0 f0 A, 1 f1 B, 2 f2 C)
    (0 f0 A, 1 f1 B, 2 f2 C, 3 f3 D)
    (0 f0 A, 1 f1 B, 2 f2 C, 3 f3 D, 4 f4 E)
    (0 f0 A, 1 f1 B, 2 f2 C, 3 f3 D, 4 f4 E, 5 f5 F)
    (0 f0 A, 1 f1 B, 2 f2 C, 3 f3 D, 4 f4 E, 5 f5 F, 6 f6 G)
    (0 f0 A, 1 f1 B, 2 f2 C, 3 f3 D, 4 f4 E, 5 f5 F, 6 f6 G, 7 f7 H)
    (0 f0 A, 1 f1 B, 2 f2 C, 3 f3 D, 4 f4 E, 5 f5 F, 6 f6 G, 7 f7 H, 8 f8 I)
    (0 f0 A, 1 f1 B, 2 f2 C, 3 f3 D, 4 f4 E, 5 f5 F, 6 f6 G, 7 f7 H, 8 f8 I, 9 f9 J)
    (0 f0 A, 1 f1 B, 2 f2 C, 3 f3 D, 4 f4 E, 5 f5 F, 6 f6 G, 7 f7 H, 8 f8 I, 9 f9 J, 10 f10 K)
    (0 f0 A, 1 f1 B, 2 f2 C, 3 f3 D, 4 f4 E, 5 f5 F, 6 f6 G, 7 f7 H, 8 f8 I, 9 f9 J, 10 f10 K, 11 f11 L)
}
