use npyrec::{Kind, TimeUnit, Value};

use crate::output::six_digits;

/// The meaning of the numbers along an axis.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) name: String,
    /// The unit of times, and the first of them, from which the others are counted.
    time: Option<(Kind, TimeUnit)>,
    first: Option<i64>,
}

impl Axis {
    pub(crate) fn new(name: &str, kind: Option<Kind>) -> Self {
        let time = match kind {
            Some(kind @ (Kind::Datetime(unit) | Kind::Timedelta(unit))) => Some((kind, unit)),
            _ => None,
        };
        Axis {
            name: name.to_owned(),
            time,
            first: None,
        }
    }

    /// Returns the name with the unit of spans of time.
    pub(crate) fn title(&self) -> String {
        match self.time {
            Some((Kind::Timedelta(_), unit)) => format!("{} [{unit}]", self.name),
            _ => self.name.clone(),
        }
    }

    /// Returns the number of a value, if it is one.
    #[allow(clippy::cast_precision_loss)] // A picture has fewer digits.
    pub(crate) fn number(&mut self, value: &Value) -> Option<f64> {
        let number = match value {
            Value::Datetime(i64::MIN, _) | Value::Timedelta(i64::MIN, _) => return None,
            Value::Datetime(ticks, _) => {
                let first = *self.first.get_or_insert(*ticks);
                (i128::from(*ticks) - i128::from(first)) as f64
            }
            Value::Timedelta(ticks, _) => *ticks as f64,
            Value::Bool(value) => f64::from(u8::from(*value)),
            value => value.as_f64()?,
        };
        number.is_finite().then_some(number)
    }

    /// Returns the text at a place of the axis, which spans a width.
    #[allow(clippy::cast_possible_truncation)] // It is between two times.
    pub(crate) fn label(&self, number: f64, span: f64) -> String {
        if let Some((Kind::Datetime(_), unit)) = self.time {
            let ticks = i128::from(self.first.unwrap_or_default()) + number.round() as i128;
            let time = Value::Datetime(i64::try_from(ticks).unwrap_or(i64::MAX), unit);
            let text = time.to_string();
            // Parts of a second only where they differ.
            let second = match unit {
                TimeUnit::Ticks { unit, .. } => ticks_of_second(unit),
                TimeUnit::Generic => 1.0,
            };
            return match text.split_once('.') {
                Some((whole, _)) if span > 10.0 * second => whole.to_owned(),
                _ => text,
            };
        }
        match span {
            span if span.is_finite() && number.abs() < span * 1e-9 => "0".to_owned(),
            _ => six_digits(number),
        }
    }
}

fn ticks_of_second(unit: npyrec::DateUnit) -> f64 {
    use npyrec::DateUnit::{
        Attosecond, Femtosecond, Microsecond, Millisecond, Nanosecond, Picosecond,
    };
    match unit {
        Millisecond => 1e3,
        Microsecond => 1e6,
        Nanosecond => 1e9,
        Picosecond => 1e12,
        Femtosecond => 1e15,
        Attosecond => 1e18,
        _ => 1.0,
    }
}
