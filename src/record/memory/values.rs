//! Checks that the bytes of a block are values, each field in all rows at once; and the words of values in the
//! file, whose bytes are reversed for the other byte order.

use super::numbers::{Numbers, are_in};
use crate::{
    dtype::{DType, align_up},
    record::field_dtype::FieldDType,
};

/// A function that returns true only if each item in `bytes` is a value: the first is at the start, and the
/// others follow at distances of `stride`.
pub(super) type AreValues = fn(bytes: &[u8], stride: usize) -> bool;

/// The bytes in memory that are a value of a type.
///
/// The unsafe code of this folder relies on it.
#[derive(Clone, Copy, Debug)]
pub struct Values {
    rule: Rule,
    /// The size of an item, and the number of items: more than one for an array.
    size: usize,
    count: usize,
}

/// The bytes that are an item.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    /// Any bytes.
    Any,
    /// Not known here.
    Unknown,
    /// The bytes that a function takes for a value.
    Checked(AreValues),
    /// The numbers of an enum's variants.
    Numbers(&'static [Numbers]),
    /// Bytes whose fields are values. These are all fields.
    Fields {
        fields: &'static [FieldLayout],
        /// True if the fields in the file are padded as in C.
        is_aligned: bool,
    },
}

/// The layout of a field of a struct.
#[derive(Debug)]
pub struct FieldLayout {
    pub(super) dtype: FieldDType,
    /// The fields within a field that is a struct.
    pub(super) fields: &'static [FieldLayout],
    pub(super) memory_offset: usize,
    pub(super) itemsize: usize,
    pub(super) alignment: usize,
    pub(super) is_struct: bool,
    pub(super) is_whole: bool,
    pub(super) values: Values,
    /// True if a value borrows a part that is stored.
    pub(super) is_borrowed: bool,
    pub(super) words: Words,
}

/// The little-endian words that values of a type have in the file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Words {
    /// Words of this size, one after another. Bytes that have no order, or another one, are words of one byte.
    Of(usize),
    /// The words of structs, one after another.
    Structs {
        fields: &'static [FieldLayout],
        is_aligned: bool,
        itemsize: usize,
    },
    /// The words of a dtype.
    Dtype(fn() -> DType),
}

impl Words {
    /// Reverses the bytes of each word.
    #[inline(always)] // The loop of a constant size is a few instructions.
    pub(super) fn reverse(self, values: &mut [u8]) {
        match self {
            Words::Of(0 | 1) => {}
            Words::Of(size) => values.chunks_exact_mut(size).for_each(<[u8]>::reverse),
            Words::Structs {
                fields,
                is_aligned,
                itemsize,
            } => {
                for value in values.chunks_exact_mut(itemsize.max(1)) {
                    reverse_fields(value, fields, is_aligned);
                }
            }
            Words::Dtype(dtype) => dtype().reverse_words(values),
        }
    }
}

#[inline(never)]
fn reverse_fields(value: &mut [u8], fields: &[FieldLayout], is_aligned: bool) {
    let mut end = 0;
    for field in fields {
        let offset = match is_aligned {
            true => align_up(end, field.alignment),
            false => end,
        };
        end = offset + field.itemsize;
        let bytes = value.get_mut(offset..end);
        field.words.reverse(bytes.unwrap_or_default());
    }
}

impl FieldLayout {
    /// Returns true only if the field is a value in all structs, which are at distances of `stride`.
    fn are_values(&self, structs: &[u8], stride: usize) -> bool {
        let fields = structs.get(self.memory_offset..);
        self.values.are_any() || fields.is_some_and(|fields| self.values.are_at(fields, stride))
    }
}

impl Values {
    /// Any bytes are a value.
    pub(super) const ANY: Self = Values::of(Rule::Any, 0, 1);

    /// The bytes that are a value are not known.
    pub(super) const UNKNOWN: Self = Values::of(Rule::Unknown, 0, 1);

    const fn of(rule: Rule, size: usize, count: usize) -> Self {
        Values { rule, size, count }
    }

    /// Describes `count` items of `size` bytes, which a function checks.
    pub(super) const fn checked(are_values: AreValues, size: usize, count: usize) -> Self {
        Values::of(Rule::Checked(are_values), size, count)
    }

    /// Describes an enum of `size` bytes by the numbers of its variants.
    pub(super) const fn numbers(numbers: &'static [Numbers], size: usize) -> Self {
        Values::of(Rule::Numbers(numbers), size, 1)
    }

    /// Describes a struct of `size` bytes by all its fields.
    pub(super) const fn of_fields(
        fields: &'static [FieldLayout],
        is_aligned: bool,
        size: usize,
    ) -> Self {
        Values::of(Rule::Fields { fields, is_aligned }, size, 1)
    }

    /// Describes an array of `len` values.
    pub(super) const fn repeated(self, len: usize) -> Self {
        Values::of(self.rule, self.size, self.count * len)
    }

    pub(super) const fn rule(&self) -> Rule {
        self.rule
    }

    /// Returns the size of an item in memory.
    pub(super) const fn size(&self) -> usize {
        self.size
    }

    /// Returns the number of items: more than one for an array.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Returns true if any bytes are a value.
    pub(super) const fn are_any(&self) -> bool {
        matches!(self.rule, Rule::Any)
    }

    /// Returns true if a value has no fields, so that checking a single value takes little time.
    pub(super) const fn are_simple(&self) -> bool {
        matches!(self.rule, Rule::Checked(_) | Rule::Numbers(_))
    }

    /// Returns true only if there is a value at the start of `bytes`, and at each further distance of `stride`.
    #[inline]
    pub(super) fn are_at(&self, bytes: &[u8], stride: usize) -> bool {
        let len = self.count * self.size;
        if self.are_any() {
            true
        } else if len == 0 || stride < len {
            false
        } else if stride == len {
            self.items_are_at(bytes, self.size)
        } else if self.count < bytes.len() / stride {
            (0..self.count).all(|nth| {
                let bytes = bytes.get(nth * self.size..);
                bytes.is_some_and(|bytes| self.items_are_at(bytes, stride))
            })
        } else {
            bytes.chunks(stride).all(|row| {
                let items = row.get(..len);
                items.is_some_and(|items| self.items_are_at(items, self.size))
            })
        }
    }

    /// Returns true only if items are at distances of `stride`.
    #[inline]
    fn items_are_at(&self, bytes: &[u8], stride: usize) -> bool {
        match self.rule {
            Rule::Any => true,
            Rule::Unknown => false,
            Rule::Checked(are_values) => are_values(bytes, stride),
            Rule::Numbers(numbers) => are_in(numbers, self.size, bytes, stride),
            Rule::Fields { fields, .. } => {
                fields.iter().all(|field| field.are_values(bytes, stride))
            }
        }
    }
}

/// Checks truth values: one byte, 0 or 1.
pub(super) fn are_bools(bytes: &[u8], stride: usize) -> bool {
    // Without a branch, so that the loops are vectorized.
    let all = match stride {
        1 => bytes.iter().fold(0, |all, byte| all | byte),
        _ => bytes
            .iter()
            .step_by(stride.max(1))
            .fold(0, |all, byte| all | byte),
    };
    all <= 1
}

/// Checks integers of `SIZE` bytes that are not zero.
pub(super) fn are_not_zero<const SIZE: usize>(bytes: &[u8], stride: usize) -> bool {
    bytes
        .chunks(stride.max(1))
        .all(|item| item.first_chunk().is_some_and(|item| *item != [0; SIZE]))
}

/// The first code point that is not a character. All before it are.
const SURROGATES: u32 = 0xd800;

/// Returns true for a code point other than a surrogate, as `char::from_u32` does, but without a branch.
fn is_char(code: [u8; 4]) -> bool {
    const COUNT: u32 = 0x800;
    let code = u32::from_ne_bytes(code);
    (code ^ SURROGATES).wrapping_sub(COUNT) < 0x11_0000 - COUNT
}

/// Returns the texts of `N` characters at distances of `stride`. The last one may be cut.
fn texts<const N: usize>(bytes: &[u8], stride: usize) -> impl Iterator<Item = &[[u8; 4]]> {
    let texts = bytes.chunks(stride.max(1));
    texts.map(|text| text.get(..4 * N).unwrap_or_default().as_chunks().0)
}

/// Checks texts of `N` characters in the byte order of the host.
pub(super) fn are_texts<const N: usize>(bytes: &[u8], stride: usize) -> bool {
    /// A number of characters that has room on any stack.
    const SHORT: usize = 256;
    let are_plain = N <= SHORT && are_before_surrogates::<N>(bytes, stride);
    are_plain
        || texts::<N>(bytes, stride).all(|text| text.len() == N && text.iter().all(|c| is_char(*c)))
}

/// Returns true only if texts of `N` characters have none from the surrogates on.
fn are_before_surrogates<const N: usize>(bytes: &[u8], stride: usize) -> bool {
    // All bits of the characters at each place, so that there is one comparison.
    let mut all = [0; N];
    let mut are_whole = true;
    for text in texts::<N>(bytes, stride) {
        are_whole &= text.len() == N;
        for (all, code) in all.iter_mut().zip(text) {
            *all |= u32::from_ne_bytes(*code);
        }
    }
    are_whole && all.iter().all(|&all| all < SURROGATES)
}

/// Checks characters in the byte order of the host: code points other than surrogates.
pub(super) fn are_chars(bytes: &[u8], stride: usize) -> bool {
    match stride {
        4 => {
            let (codes, rest) = bytes.as_chunks();
            codes.iter().fold(true, |all, code| all & is_char(*code)) && rest.is_empty()
        }
        _ => bytes
            .chunks(stride.max(1))
            .all(|item| item.first_chunk().is_some_and(|code| is_char(*code))),
    }
}
