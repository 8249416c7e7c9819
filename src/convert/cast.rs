//! Casting one scalar to another.

use super::{
    items::{Items, ItemsMut},
    loops,
    loss::Loss,
    number::NumberForm,
    number_cast::NumberCast,
    part_loops::{PartLoops, Scratch},
    text_cast::{Text, pad, swap},
    time_cast::TimeCast,
};
use crate::{
    dtype::{ByteOrder, Casting, Kind, Scalar},
    record::EncodeError,
};

/// A conversion of a scalar to another type.
#[derive(Clone, Debug)]
pub(super) enum Cast {
    /// Reverses the bytes of each part.
    Swap(PartLoops),
    Number(NumberCast),
    Time(TimeCast),
    /// Writes a number as text.
    Text(NumberForm, Text),
    /// Truncates bytes, or pads them with zeros.
    Pad,
    /// Converts a text to another form.
    Str(Text, Text),
    /// Reverses the bytes of each part of this size, and pads them with zeros.
    Void(usize),
}

impl Cast {
    /// Returns the cast between two different scalars, if the casting allows it.
    pub(super) fn new(from: Scalar, to: Scalar, casting: Casting) -> Option<Self> {
        if !from.can_cast(to, casting) {
            return None;
        }
        if from.kind() == to.kind() && from.itemsize() == to.itemsize() {
            let parts = from.itemsize() / word(from).max(1);
            return Some(Cast::Swap(PartLoops::new(
                vec![loops::swap(word(from))],
                word(from),
                parts,
            )));
        }
        let from_kind = from.kind();
        let forms = (NumberForm::of(from), NumberForm::of(to));
        Some(match (from.kind(), to.kind(), forms) {
            (Kind::Bytes, Kind::Bytes, _) | (Kind::Void, Kind::Void, _) => Cast::Pad,
            (_, Kind::Void, (Some(from), Some(bfloat16))) if to.is_bfloat16() => {
                Cast::Number(NumberCast::new(from, bfloat16)?)
            }
            (_, Kind::Void, _) if from.byte_order() == ByteOrder::Big => Cast::Void(word(from)),
            (_, Kind::Void, _) => Cast::Pad,
            (Kind::Bytes | Kind::Str, _, _) => Cast::Str(Text::of(from)?, Text::of(to)?),
            // The value is rounded to an `f64`, which has other digits.
            (_, Kind::Bytes | Kind::Str, (Some(form), _)) if form.is_long_double() => return None,
            (_, Kind::Bytes | Kind::Str, (Some(form), _)) => Cast::Text(form, Text::of(to)?),
            (
                Kind::Datetime(unit) | Kind::Timedelta(unit),
                Kind::Datetime(to_unit) | Kind::Timedelta(to_unit),
                (Some(from), Some(to)),
            ) => {
                let is_point = matches!(from_kind, Kind::Datetime(_));
                Cast::Time(TimeCast::new(is_point, (from, unit), (to, to_unit)))
            }
            (_, _, (Some(from), Some(to))) => Cast::Number(NumberCast::new(from, to)?),
            _ => return None,
        })
    }

    /// Casts a value. After an error the contents of `to` are not specified.
    pub(super) fn apply(&self, from: &[u8], to: &mut [u8], loss: Loss) -> Result<(), EncodeError> {
        match self {
            Cast::Swap(parts) => {
                let (from_size, to_size) = (from.len(), to.len());
                let to = ItemsMut::new(to, to_size, to_size, 1);
                parts.run(
                    Items::new(from, from_size, from_size, 1),
                    to,
                    &mut Scratch::none(),
                );
                Ok(())
            }
            Cast::Number(number) => number.apply(from, to, loss),
            Cast::Time(time) => time.apply(from, to, loss),
            Cast::Text(form, text) => text.write(form.text(form.read(from)).chars(), to, loss),
            Cast::Pad => pad(from, to, loss),
            Cast::Str(form, text) => form.cast(from, *text, to, loss),
            Cast::Void(word) => {
                let (start, rest) = to.split_at_mut(from.len().min(to.len()));
                swap(*word, from, start);
                rest.fill(0);
                Ok(())
            }
        }
    }

    /// Casts values. Returns false if one of them does not fit, and [`apply`](Self::apply) fails with it.
    pub(super) fn run(
        &self,
        from: Items<'_>,
        to: ItemsMut<'_>,
        loss: Loss,
        scratch: &mut Scratch<'_>,
    ) -> bool {
        match self {
            Cast::Swap(parts) => {
                parts.run(from, to, scratch);
                true
            }
            Cast::Number(number) => number.run(from, to, loss, scratch),
            Cast::Time(time) => time.run(from, to, loss),
            _ => {
                let mut pairs = to.iter_mut().zip(from.iter());
                pairs.all(|(to, from)| self.apply(from, to, loss).is_ok())
            }
        }
    }
}

/// Returns the size of the parts of a scalar that have a byte order.
fn word(scalar: Scalar) -> usize {
    match scalar.kind() {
        Kind::Complex => scalar.itemsize() / 2,
        Kind::Str => 4,
        Kind::Bytes | Kind::Void => 1,
        _ => scalar.itemsize(),
    }
}
