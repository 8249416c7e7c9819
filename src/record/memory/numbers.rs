//! The numbers of enums: which of them are a variant's.

/// Consecutive numbers of variants: from `first` on, `more` further ones, in the arithmetic of the enum's integer.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    first: u64,
    more: u64,
}

/// The numbers of `N` variants, with consecutive ones together.
#[derive(Debug)]
pub struct VariantNumbers<const N: usize> {
    ranges: [Numbers; N],
    len: usize,
}

impl<const N: usize> VariantNumbers<N> {
    /// Joins the numbers of variants, in the order of the variants.
    pub const fn new(numbers: [u64; N]) -> Self {
        let mut ranges = [Numbers { first: 0, more: 0 }; N];
        let (mut len, mut places, mut rest) = (0, ranges.as_mut_slice(), numbers.as_slice());
        while let ([first, others @ ..], [place, next @ ..]) = (rest, places) {
            *place = Numbers {
                first: *first,
                more: 0,
            };
            rest = others;
            while let [number, others @ ..] = rest
                && number.wrapping_sub(*first) == place.more + 1
            {
                place.more += 1;
                rest = others;
            }
            places = next;
            len += 1;
        }
        VariantNumbers { ranges, len }
    }

    /// Returns the ranges of numbers.
    pub const fn as_slice(&'static self) -> &'static [Numbers] {
        match self.ranges.split_at_checked(self.len) {
            Some((ranges, _)) => ranges,
            None => &[],
        }
    }
}

/// Items that are checked together, so that the loops over them are vectorized.
const BLOCK: usize = 64;

macro_rules! are_in {
    ($($function:ident: $integer:ident;)+) => {$(
        #[inline]
        #[allow(clippy::cast_possible_truncation)] // The numbers were of that type.
        fn $function(numbers: &[Numbers], bytes: &[u8], stride: usize) -> bool {
            const SIZE: usize = size_of::<$integer>();
            let is_in = |bytes: &[u8; SIZE], range: &Numbers| {
                let number = $integer::from_ne_bytes(*bytes);
                number.wrapping_sub(range.first as $integer) <= range.more as $integer
            };
            if stride != SIZE {
                return bytes.chunks(stride.max(1)).all(|item| {
                    let item = item.first_chunk();
                    item.is_some_and(|item| numbers.iter().any(|range| is_in(item, range)))
                });
            }
            let (items, rest) = bytes.as_chunks();
            if let [range] = numbers {
                // The largest distance from the first number, which needs no comparison of each.
                let distances = items.iter().map(|item| {
                    $integer::from_ne_bytes(*item).wrapping_sub(range.first as $integer)
                });
                return rest.is_empty() && distances.fold(0, $integer::max) <= range.more as $integer;
            }
            rest.is_empty()
                && items.chunks(BLOCK).all(|items| {
                    let mut are_in = [false; BLOCK];
                    for range in numbers {
                        for (is_known, item) in are_in.iter_mut().zip(items) {
                            *is_known |= is_in(item, range);
                        }
                    }
                    are_in.iter().take(items.len()).fold(true, |all, is_in| all & is_in)
                })
        }
    )+};
}

are_in! {
    are_in_u8: u8;
    are_in_u16: u16;
    are_in_u32: u32;
    are_in_u64: u64;
}

/// Checks integers of `size` bytes, in the byte order of the host, at distances of `stride`.
#[inline]
pub(super) fn are_in(numbers: &[Numbers], size: usize, bytes: &[u8], stride: usize) -> bool {
    match size {
        1 => are_in_u8(numbers, bytes, stride),
        2 => are_in_u16(numbers, bytes, stride),
        4 => are_in_u32(numbers, bytes, stride),
        8 => are_in_u64(numbers, bytes, stride),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{VariantNumbers, are_in};

    #[test]
    fn each_number_of_a_variant_is_found_and_no_other() {
        static ONE: VariantNumbers<3> = VariantNumbers::new([(-1_i64).cast_unsigned(), 0, 1]);
        for number in i8::MIN..=i8::MAX {
            let (is_known, mut items) = (matches!(number, -1..=1), [1_i16; 100]);
            items[70] = number.into();
            let bytes = items.map(i16::to_ne_bytes);
            assert_eq!(are_in(ONE.as_slice(), 2, bytes.as_flattened(), 2), is_known);
        }
        static NUMBERS: VariantNumbers<6> = VariantNumbers::new([
            (-2_i64).cast_unsigned(),
            (-1_i64).cast_unsigned(),
            0,
            1,
            b'B' as u64,
            (-128_i64).cast_unsigned(),
        ]);
        let numbers = NUMBERS.as_slice();
        assert_eq!(numbers.len(), 3);
        for number in i8::MIN..=i8::MAX {
            let is_known = matches!(number, -2..=1 | 66 | i8::MIN);
            let bytes = |byte: i8| byte.to_ne_bytes()[0];
            assert_eq!(
                are_in(numbers, 1, &[bytes(number)], 1),
                is_known,
                "{number}"
            );
            for nth in [0, 63, 64, 99] {
                let mut items = [bytes(1); 100];
                items[nth] = bytes(number);
                assert_eq!(are_in(numbers, 1, &items, 1), is_known, "{number}");
                let wide = items.map(|byte| i32::from(byte.cast_signed()).to_ne_bytes());
                let wide = wide.as_flattened();
                assert_eq!(are_in(numbers, 4, wide, 4), is_known, "{number}");
                // Each second item.
                let is_skipped = nth % 2 == 1;
                assert_eq!(
                    are_in(numbers, 4, wide, 8),
                    is_known || is_skipped,
                    "{number}"
                );
            }
        }
    }
}
