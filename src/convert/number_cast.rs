//! Casts of numbers.

use super::{
    items::{Items, ItemsMut},
    loops::{between, make_complex, swap},
    loss::Loss,
    number::{Encoding, Number, NumberForm},
    part_loops::{PartLoops, Scratch},
};
use crate::record::EncodeError;

/// A cast of a number to another type, which NumPy allows.
#[derive(Clone, Debug)]
pub(super) struct NumberCast {
    from: NumberForm,
    to: NumberForm,
    loops: PartLoops,
    /// The check that no number is out of range, unless all are in range.
    check: Option<(PartLoops, Range)>,
}

/// The numbers that a type holds, compared as the widest type of their kind.
#[derive(Clone, Copy, Debug)]
enum Range {
    Int(i64, i64),
    Uint(u64),
    /// Finite numbers below a limit, infinities, and NaN.
    Float(f64),
}

impl NumberCast {
    /// Returns the cast, or `None` if such numbers are not cast.
    pub(super) fn new(from: NumberForm, to: NumberForm) -> Option<Self> {
        let (from_part, to_part) = (from.part_encoding(), to.part_encoding());
        let parts = from.parts().min(to.parts());
        let little = |form: NumberForm| form.is_big_endian().then(|| swap(form.word()));
        let as_encoding = |encoding| {
            let mut loops: Vec<_> = little(from).into_iter().collect();
            loops.extend(between(from_part, encoding)?);
            Some(loops)
        };
        let mut loops = as_encoding(to_part)?;
        loops.extend(little(to));
        if to.parts() > parts {
            make_complex(&mut loops, to.word());
        }
        let check = match Range::of_cast(from_part, to_part) {
            Some((range, wide)) => Some((
                PartLoops::new(as_encoding(wide)?, from.word(), parts),
                range,
            )),
            None => None,
        };
        Some(NumberCast {
            from,
            to,
            loops: PartLoops::new(loops, from.word(), parts),
            check,
        })
    }

    /// Casts a number. After an error the contents of `to` are not specified.
    pub(super) fn apply(&self, from: &[u8], to: &mut [u8], loss: Loss) -> Result<(), EncodeError> {
        let number: Number = self.from.read(from);
        match self.to.write(number, to) || loss == Loss::Allowed {
            true => Ok(()),
            false => Err(EncodeError::new(number, "is out of range")),
        }
    }

    /// Casts numbers. Returns false if one of them does not fit.
    pub(super) fn run(
        &self,
        from: Items<'_>,
        to: ItemsMut<'_>,
        loss: Loss,
        scratch: &mut Scratch<'_>,
    ) -> bool {
        self.loops.run(from, to, scratch);
        match &self.check {
            Some((wide, range)) if loss == Loss::Refused => {
                wide.all(from, scratch, |numbers| range.has_all(numbers))
            }
            _ => true,
        }
    }
}

impl Range {
    /// Returns the range of the numbers that fit, and the type as which they are compared, unless all numbers fit.
    fn of_cast(from: Encoding, to: Encoding) -> Option<(Self, Encoding)> {
        use Encoding::{BFloat16, Float16, Float32, Float64, Int64, LongDouble, Uint64};
        let limit = match to {
            Float16 => 65520.0,
            // Half way from the largest number to the next power of two.
            Float32 => f64::from_bits(0x47ef_ffff_f000_0000),
            BFloat16 => f64::from_bits(0x47ef_f000_0000_0000),
            _ => f64::INFINITY,
        };
        match (from, to) {
            (Float32 | Float64 | LongDouble, Float16 | BFloat16)
            | (Float64 | LongDouble, Float32)
            | (BFloat16, Float16) => Some((Range::Float(limit), Float64)),
            _ if !from.is_integer() => None,
            _ => {
                let (start, end) = from.bounds()?;
                let (least, most) = to.bounds()?;
                if least <= start && end <= most {
                    return None;
                }
                let (least, most) = (least.max(start), most.min(end));
                Some(match from.is_signed() {
                    true => (
                        Range::Int(i64::try_from(least).ok()?, i64::try_from(most).ok()?),
                        Int64,
                    ),
                    false => (Range::Uint(u64::try_from(most).ok()?), Uint64),
                })
            }
        }
    }

    /// Returns true if all numbers are in range.
    fn has_all(self, numbers: &[u8]) -> bool {
        let numbers = numbers.as_chunks().0.iter().copied();
        // Without a branch, so that the loops are vectorized.
        match self {
            Range::Int(least, most) => numbers.map(i64::from_le_bytes).fold(true, |all, number| {
                all & (least <= number) & (number <= most)
            }),
            Range::Uint(most) => numbers
                .map(u64::from_le_bytes)
                .fold(true, |all, number| all & (number <= most)),
            Range::Float(limit) => numbers.map(f64::from_le_bytes).fold(true, |all, number| {
                let magnitude = number.abs();
                all & !((limit <= magnitude) & (magnitude < f64::INFINITY))
            }),
        }
    }
}
