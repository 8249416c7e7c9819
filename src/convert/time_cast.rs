//! Casts of times to another unit.

use super::{
    items::{Items, ItemsMut, each},
    loss::Loss,
    number::{Number, NumberForm},
    time::{NAT, Scale, convert_ticks},
};
use crate::{dtype::TimeUnit, record::EncodeError};

/// A cast of a time to another unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeCast {
    /// True for a point in time, false for a span.
    is_point: bool,
    from: (NumberForm, TimeUnit),
    to: (NumberForm, TimeUnit),
    /// The factor or divisor, unless a calendar is needed.
    scale: Option<Scale>,
}

impl TimeCast {
    /// Returns the cast of a point in time, or of a span.
    pub(super) fn new(
        is_point: bool,
        from: (NumberForm, TimeUnit),
        to: (NumberForm, TimeUnit),
    ) -> Self {
        // A point in time of no unit is an error, unless it is NaT.
        let is_generic = is_point && from.1 == TimeUnit::Generic;
        TimeCast {
            is_point,
            from,
            to,
            scale: Scale::between(from.1, to.1).filter(|_| !is_generic),
        }
    }

    /// Casts times. Returns false if one of them does not fit.
    pub(super) fn run(self, from: Items<'_>, to: ItemsMut<'_>, loss: Loss) -> bool {
        match self.scale {
            Some(Scale::Multiply(factor)) => {
                let limit = i64::MAX / factor;
                self.each(from, to, |ticks| {
                    let is_in_range = (-limit <= ticks) & (ticks <= limit);
                    (ticks.wrapping_mul(factor), is_in_range)
                })
            }
            Some(Scale::Divide(divisor)) => self.each(from, to, |ticks| {
                let is_whole = ticks.rem_euclid(divisor) == 0;
                (
                    ticks.div_euclid(divisor),
                    is_whole | (loss == Loss::Allowed),
                )
            }),
            None => {
                let mut pairs = to.iter_mut().zip(from.iter());
                pairs.all(|(to, from)| self.apply(from, to, loss).is_ok())
            }
        }
    }

    /// Casts times by a function that returns the ticks, and false if the time does not fit. NaT stays NaT.
    fn each(self, from: Items<'_>, to: ItemsMut<'_>, convert: impl Fn(i64) -> (i64, bool)) -> bool {
        let (is_from_big, is_to_big) = (self.from.0.is_big_endian(), self.to.0.is_big_endian());
        let in_order = |ticks: i64, is_big| if is_big { ticks.swap_bytes() } else { ticks };
        let mut all_fit = true;
        each(from, to, |ticks| {
            let ticks = in_order(i64::from_le_bytes(ticks), is_from_big);
            let (converted, fits) = convert(ticks);
            all_fit &= fits | (ticks == NAT);
            let converted = if ticks == NAT { NAT } else { converted };
            in_order(converted, is_to_big).to_le_bytes()
        });
        all_fit
    }

    /// Casts a time. After an error the contents of `to` are not specified.
    pub(super) fn apply(self, from: &[u8], to: &mut [u8], loss: Loss) -> Result<(), EncodeError> {
        let Number::Int(ticks) = self.from.0.read(from) else {
            return Ok(()); // A time is an integer.
        };
        let ((_, unit), (form, to_unit)) = (self.from, self.to);
        if self.is_point && unit == TimeUnit::Generic && ticks != NAT.into() {
            return Err(EncodeError::new(
                ticks,
                "is a point in time of no unit, of which only NaT is one",
            ));
        }
        #[allow(clippy::cast_possible_truncation)] // Of eight bytes.
        match convert_ticks(ticks as i64, unit, to_unit) {
            Some((ticks, is_same)) if is_same || loss == Loss::Allowed => {
                form.write(Number::Int(ticks.into()), to);
                Ok(())
            }
            Some(_) => Err(EncodeError::new(
                ticks,
                format_args!("[{unit}] is no multiple of [{to_unit}]"),
            )),
            None => Err(EncodeError::new(
                ticks,
                format_args!("[{unit}] is out of range of [{to_unit}]"),
            )),
        }
    }
}
