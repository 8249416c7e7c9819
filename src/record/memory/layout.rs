//! The memory of a type compared with its form in the file.
#![allow(unsafe_code)]

use std::marker::PhantomData;

use bytemuck::Pod;

use super::values::{FieldLayout, Values, Words};
use crate::{
    dtype::{DType, align_up},
    record::field_dtype::FieldDType,
};

/// The facts about the memory of a `T` that are known at compile time.
///
/// The unsafe code of this folder relies on `is_whole` and `values`. Only the unsafe constructors set
/// them, and their callers prove them. The safe constructors take them from other layouts, with a proof.
#[derive(Debug)]
pub struct Layout<T> {
    /// The fields of a struct, in the order of the file.
    pub(super) fields: &'static [FieldLayout],
    /// True if the fields in the file are padded as in C.
    is_aligned: bool,
    /// True if the type has fields.
    is_struct: bool,
    /// The size of a struct in the file.
    itemsize: usize,
    /// The alignment that `np.dtype(…, align=True)` gives the type.
    alignment: usize,
    /// True if the `size_of::<T>()` bytes of every value are initialized and are its form in the file.
    is_whole: bool,
    /// The bytes in memory that are a value.
    values: Values,
    /// True if a value borrows a part that is stored, so that it cannot be read.
    is_borrowed: bool,
    /// The words in the file.
    words: Words,
    value: PhantomData<fn() -> T>,
}

impl FieldLayout {
    /// Describes a field of type `T` that takes `itemsize` bytes in the file.
    pub const fn of<T>(
        memory_offset: usize,
        itemsize: usize,
        alignment: usize,
        memory: &Layout<T>,
        dtype: FieldDType,
    ) -> Self {
        let is_whole = memory.is_whole && itemsize == size_of::<T>();
        FieldLayout {
            dtype,
            fields: memory.fields,
            memory_offset,
            itemsize,
            alignment,
            is_struct: memory.is_struct,
            is_whole,
            values: memory.values,
            is_borrowed: memory.is_borrowed,
            words: memory.words,
        }
    }
}

impl<T> Layout<T> {
    /// Describes a number of `alignment` bytes, or several, that are always encoded, never copied.
    pub const fn encoded(alignment: usize) -> Self {
        Layout {
            fields: &[],
            is_aligned: false,
            is_struct: false,
            itemsize: 0,
            alignment,
            is_whole: false,
            values: Values::UNKNOWN,
            is_borrowed: false,
            words: Words::Of(alignment),
            value: PhantomData,
        }
    }

    /// Describes a type that borrows what it stores as a `U`, such as a `&str`.
    pub(in crate::record) const fn borrowed<U>(stored: &Layout<U>) -> Self {
        Layout {
            is_borrowed: true,
            ..Layout::converted(stored)
        }
    }

    /// Describes a type of which only the dtype is known. It is always encoded.
    pub(in crate::record) const fn of_dtype(dtype: fn() -> DType) -> Self {
        Layout {
            words: Words::Dtype(dtype),
            ..Layout::encoded(1)
        }
    }

    /// Describes a struct that stores no field and is never copied.
    pub const fn without_fields() -> Self {
        Layout {
            is_struct: true,
            ..Layout::encoded(1)
        }
    }

    /// Describes a type without padding whose numbers are in the byte order of the host.
    ///
    /// # Safety
    ///
    /// On a little-endian host, or if `T` is made of single bytes, the `size_of::<T>()` bytes of every
    /// `T` are initialized and are its form in the file. Initialized bytes of that number are a valid `T` if
    /// they are among `values`.
    pub const unsafe fn in_host_order(alignment: usize, values: Values) -> Self {
        let is_whole = cfg!(target_endian = "little") || align_of::<T>() == 1;
        Layout {
            is_whole,
            values,
            ..Layout::encoded(alignment)
        }
    }

    /// Describes a struct or a tuple by its stored fields.
    ///
    /// The struct is whole if its fields are whole, have the same offsets in memory and in the file, and
    /// leave no padding.
    ///
    /// # Safety
    ///
    /// `fields` are distinct fields of `T` at their offsets in memory, each described by the layout of
    /// its type. Without `has_skipped` they are all fields of `T`.
    pub const unsafe fn of_struct(
        is_aligned: bool,
        has_skipped: bool,
        fields: &'static [FieldLayout],
    ) -> Self {
        let mut layout = Layout {
            fields,
            is_aligned,
            is_struct: true,
            itemsize: 0,
            alignment: 1,
            is_whole: true,
            values: Values::UNKNOWN,
            is_borrowed: false,
            words: Words::Of(1),
            value: PhantomData,
        };
        let mut filled = 0;
        let mut end = 0;
        let mut are_any = true;
        let mut rest = fields;
        while let [field, others @ ..] = rest {
            rest = others;
            let offset = layout.next_offset(end, field);
            if is_aligned && field.alignment > layout.alignment {
                layout.alignment = field.alignment;
            }
            layout.is_whole &= field.is_whole && field.memory_offset == offset;
            are_any &= field.values.are_any();
            layout.is_borrowed |= field.is_borrowed;
            filled += field.itemsize;
            end = offset + field.itemsize;
        }
        layout.itemsize = align_up(end, layout.alignment);
        layout.is_whole &= filled == layout.itemsize && filled == size_of::<T>();
        // A skipped field has no bytes in a whole struct, but may be a type without any value.
        if !has_skipped {
            layout.values = match are_any && layout.is_whole {
                true => Values::ANY,
                false => Values::of_fields(fields, is_aligned, size_of::<T>()),
            };
        }
        layout.words = Words::Structs {
            fields,
            is_aligned,
            itemsize: layout.itemsize,
        };
        layout
    }

    /// Turns the layout of a struct with one stored field into that field's layout in the file.
    #[must_use]
    pub const fn into_newtype(self) -> Self {
        match self.fields {
            [field] => Layout {
                fields: field.fields,
                is_struct: field.is_struct,
                alignment: field.alignment,
                words: field.words,
                ..self
            },
            _ => self,
        }
    }

    /// Describes a type whose values are converted to a `U` and encoded as that, never copied.
    pub const fn converted<U>(stored: &Layout<U>) -> Self {
        Layout {
            fields: stored.fields,
            is_struct: stored.is_struct,
            is_borrowed: stored.is_borrowed,
            words: stored.words,
            ..Layout::encoded(stored.alignment)
        }
    }

    /// Describes a type whose values are encoded as a `U` in big-endian order, never copied.
    pub const fn in_big_endian<U>(stored: &Layout<U>) -> Self {
        Layout {
            words: Words::Of(1),
            ..Layout::converted(stored)
        }
    }

    /// Describes a type that is one value of another type, in memory and in the file.
    ///
    /// # Safety
    ///
    /// `T` is `#[repr(transparent)]` over `U`, and any `U` makes a `T`.
    pub(super) const unsafe fn transparent<U>(inner: &Layout<U>) -> Self {
        Layout {
            is_whole: inner.is_whole,
            values: inner.values,
            ..Layout::converted(inner)
        }
    }

    /// Describes a plain type whose form in the file is the form of the `U` with the same bytes.
    pub(in crate::record) const fn of_cast<U: Pod>(stored: &Layout<U>) -> Self
    where
        T: Pod,
    {
        // All bytes of a `T` are initialized and are a `U`, as both are `Pod` and have one size. If the
        // form of a `U` is its memory, the form of a `T` is its memory, too. Any bytes are a `T`.
        let is_whole = stored.is_whole && size_of::<T>() == size_of::<U>();
        Layout {
            is_whole,
            values: if stored.values.are_any() {
                Values::ANY
            } else {
                Values::UNKNOWN
            },
            ..Layout::converted(stored)
        }
    }

    /// Returns the offset in the file of a field after one that ends at `end`.
    pub(super) const fn next_offset(&self, end: usize, field: &FieldLayout) -> usize {
        if self.is_aligned {
            align_up(end, field.alignment)
        } else {
            end
        }
    }

    /// Returns the stored fields, each after its offset in the bytes of a record.
    pub(in crate::record) fn fields_in_file(&self) -> Vec<(usize, FieldDType)> {
        let mut offsets = vec![0; self.fields.len()];
        self.set_offsets(&mut offsets);
        let dtypes = self.fields.iter().map(|field| field.dtype);
        offsets.into_iter().zip(dtypes).collect()
    }

    /// Returns the offset of each of the `N` stored fields in the bytes of a record.
    pub const fn offsets<const N: usize>(&self) -> [usize; N] {
        let mut offsets = [0; N];
        self.set_offsets(&mut offsets);
        offsets
    }

    const fn set_offsets(&self, offsets: &mut [usize]) {
        let mut places = offsets;
        let mut end = 0;
        let mut rest = self.fields;
        while let ([place, other_places @ ..], [field, others @ ..]) = (places, rest) {
            *place = self.next_offset(end, field);
            end = *place + field.itemsize;
            places = other_places;
            rest = others;
        }
    }

    /// Returns the size of a struct in the file.
    pub const fn itemsize(&self) -> usize {
        self.itemsize
    }

    /// Returns the alignment that `np.dtype(…, align=True)` gives the type.
    pub const fn alignment(&self) -> usize {
        self.alignment
    }

    /// Reverses the bytes of each word in values that are in little-endian order in the file.
    #[inline(always)] // As the function that it calls.
    pub(in crate::record) fn reverse_words(&self, values: &mut [u8]) {
        self.words.reverse(values);
    }

    /// Returns the layout of a type whose bytes have no order.
    pub(super) const fn without_words(self) -> Self {
        Layout {
            words: Words::Of(1),
            ..self
        }
    }

    /// Returns true if the memory of a value is its form in the file.
    pub(crate) const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Returns the bytes in memory that are a value.
    pub(super) const fn values(&self) -> Values {
        self.values
    }

    /// Returns true if the layout is whole and any bytes are a value.
    pub(crate) const fn is_plain(&self) -> bool {
        self.is_whole && self.values.are_any()
    }

    /// Returns true only if the bytes are values. Each field is checked in all of them at once.
    pub(super) fn are_values(&self, bytes: &[u8]) -> bool {
        self.values.are_any() || self.values.are_at(bytes, size_of::<T>())
    }

    /// Returns true if the layout is whole and `bytes` are one value, of a type that is checked in little time.
    #[inline]
    pub(super) fn is_value(&self, bytes: &[u8]) -> bool {
        bytes.len() == size_of::<T>()
            && (self.is_plain()
                || self.is_whole
                    && self.values.are_simple()
                    && self.values.are_at(bytes, bytes.len()))
    }

    /// Returns true if a value borrows a part that is stored, so that it cannot be read.
    pub(in crate::record) const fn is_borrowed(&self) -> bool {
        self.is_borrowed
    }

    /// Returns true if the type has fields, as `#[npy(flatten)]` requires.
    pub const fn is_struct(&self) -> bool {
        self.is_struct
    }
}

impl<T, const N: usize> Layout<[T; N]> {
    /// Describes an array by the layout of its items.
    pub(in crate::record) const fn of_items(item: &Layout<T>) -> Self {
        // An array is its items one after another, in memory and in the file. So it is whole if they
        // are.
        Layout {
            is_whole: item.is_whole,
            values: item.values.repeated(N),
            is_borrowed: item.is_borrowed,
            words: item.words,
            ..Layout::encoded(item.alignment)
        }
    }
}

/// Returns the layout of the struct `Self`, whose fields are all given: stored or skipped.
///
/// A field that is missing, given twice or of another type is a compile error.
#[doc(hidden)]
#[macro_export]
macro_rules! __npyrec_struct_layout {
    (
        is_aligned: $is_aligned:expr,
        fields: { $($member:tt: $type:ty, $itemsize:expr, $alignment:expr, $layout:expr, $dtype:expr;)* },
        skipped: { $($skipped:tt;)* },
    ) => {{
        // Never called. It compiles only if the fields are as the safety comment below says.
        let _ = |value: &Self| {
            let Self { $($member: _,)* $($skipped: _,)* } = value;
            $({ let _: *const $type = &raw const value.$member; })*
        };
        $crate::__npyrec_tuple_layout! {
            is_aligned: $is_aligned,
            has_skipped: !<[&::core::primitive::str]>::is_empty(&[$(::core::stringify!($skipped)),*]),
            fields: { $($member: $itemsize, $alignment, $layout, $dtype;)* },
        }
    }};
}

/// Returns the layout of `Self` from fields that the caller has checked.
#[doc(hidden)]
#[macro_export]
macro_rules! __npyrec_tuple_layout {
    (
        is_aligned: $is_aligned:expr,
        has_skipped: $has_skipped:expr,
        fields: { $($member:tt: $itemsize:expr, $alignment:expr, $layout:expr, $dtype:expr;)* },
    ) => {{
        // SAFETY: the caller names each field of `Self` once, with the layout of its type. A struct is
        // checked by `__npyrec_struct_layout!`: its pattern has no `..`, so that it names each field
        // once, and the pointers have the types of the fields. A tuple is checked in `tuple.rs`.
        unsafe {
            $crate::__private::Layout::of_struct(
                $is_aligned,
                $has_skipped,
                &[$($crate::__private::FieldLayout::of(
                    ::core::mem::offset_of!(Self, $member),
                    $itemsize,
                    $alignment,
                    $layout,
                    $dtype,
                )),*],
            )
        }
    }};
}

/// Returns the layout of the enum `Self`, which has plain variants and is `#[repr($integer)]`.
#[doc(hidden)]
#[macro_export]
macro_rules! __npyrec_enum_layout {
    ($integer:ty: $($variant:ident),*) => {
        // With `#[repr(align(…))]` the enum is larger than its integer.
        if ::core::mem::size_of::<Self>() == ::core::mem::size_of::<$integer>() {
            // SAFETY: the memory of an enum of plain variants with a primitive representation is its
            // number as that integer. The derive has read the representation from the attributes. The
            // sizes are equal, so there is no padding. Each number is a variant, cast here.
            unsafe {
                $crate::__private::Layout::in_host_order(
                    ::core::mem::size_of::<$integer>(),
                    $crate::__private::Values::of_variants(
                        const {
                            &$crate::__private::VariantNumbers::new(
                                [$(Self::$variant as $integer as ::core::primitive::u64),*],
                            )
                        }
                        .as_slice(),
                        ::core::mem::size_of::<$integer>(),
                    ),
                )
            }
        } else {
            $crate::__private::Layout::encoded(::core::mem::size_of::<$integer>())
        }
    };
}
