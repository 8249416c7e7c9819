#![allow(unsafe_code)] // In macros of `memory`.

use super::{
    check_len::{check_len, check_len_mut},
    encode_as::encode_as_itself,
    error::{DecodeError, EncodeError},
    field_attributes::FieldAttributes,
    field_dtype::FieldDType,
    memory::{Filled, Layout, Slot},
    npy_record::NpyRecord,
    struct_dtype::struct_dtype,
};
use crate::dtype::DType;

macro_rules! tuples {
    ($(($($index:tt $name:ident $item:ident),+))+) => {$(
        encode_as_itself!(impl[$($item: NpyRecord),+] ($($item,)+));

        #[diagnostic::do_not_recommend]
        impl<$($item: NpyRecord),+> NpyRecord for ($($item,)+) {
            const ITEMSIZE: usize = Self::LAYOUT.itemsize();
            // These are all items, each once, with the layouts of their types.
            const LAYOUT: Layout<Self> = __npyrec_tuple_layout! {
                is_aligned: false,
                has_skipped: false,
                fields: {
                    $($index: $item::ITEMSIZE, $item::LAYOUT.alignment(), &$item::LAYOUT,
                        FieldDType::new(stringify!($name), $item::dtype);)+
                },
            };

            fn dtype() -> DType {
                struct_dtype(&Self::LAYOUT)
            }

            fn attributes(attributes: &mut FieldAttributes) {
                let [$($name),+] = const { Self::LAYOUT.offsets() };
                $(attributes.in_field(stringify!($name), |attributes| {
                    $item::field_attributes(attributes, $name);
                });)+
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                let out = check_len_mut(out, Self::ITEMSIZE)?;
                let [$($name),+] = const { Self::LAYOUT.offsets() };
                $(self.$index.encode_field(out, $name, stringify!($name))?;)+
                Ok(())
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                let bytes = check_len(bytes, Self::ITEMSIZE)?;
                let [$($name),+] = const { Self::LAYOUT.offsets() };
                Ok(($($item::decode_field(bytes, $name, stringify!($name))?,)+))
            }

            #[inline]
            fn decode_into<'a>(
                slot: Slot<'a, Self>,
                bytes: &[u8],
            ) -> Result<Filled<'a, Self>, DecodeError> {
                let bytes = check_len(bytes, Self::ITEMSIZE)?;
                let slot = match slot.copy(bytes) {
                    Ok(filled) => return Ok(filled),
                    Err(slot) => slot,
                };
                let [$($name),+] = const { Self::LAYOUT.offsets() };
                // These are all items, each once.
                __npyrec_fill_tuple! {
                    slot, bytes,
                    fields: {
                        $($index: $name, $name, stringify!($name), $item::decode_field_into;)+
                    },
                    skipped: {},
                }
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
    (0 f0 A, 1 f1 B, 2 f2 C, 3 f3 D, 4 f4 E, 5 f5 F, 6 f6 G, 7 f7 H, 8 f8 I, 9 f9 J, 10 f10 K, 11 f11 L, 12 f12 M)
    (0 f0 A, 1 f1 B, 2 f2 C, 3 f3 D, 4 f4 E, 5 f5 F, 6 f6 G, 7 f7 H, 8 f8 I, 9 f9 J, 10 f10 K, 11 f11 L, 12 f12 M, 13 f13 N)
    (0 f0 A, 1 f1 B, 2 f2 C, 3 f3 D, 4 f4 E, 5 f5 F, 6 f6 G, 7 f7 H, 8 f8 I, 9 f9 J, 10 f10 K, 11 f11 L, 12 f12 M, 13 f13 N, 14 f14 O)
    (0 f0 A, 1 f1 B, 2 f2 C, 3 f3 D, 4 f4 E, 5 f5 F, 6 f6 G, 7 f7 H, 8 f8 I, 9 f9 J, 10 f10 K, 11 f11 L, 12 f12 M, 13 f13 N, 14 f14 O, 15 f15 P)
}
