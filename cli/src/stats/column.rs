use npyrec::{Kind, Value};
use serde::Serialize;

use super::{distinct::Distinct, moments::Moments, quantiles::Quantiles, trend::Trend};
use crate::{
    input::Column,
    output::json_value::{JsonFloat, JsonValue},
};

/// The running statistics of a column.
#[derive(Debug)]
pub(crate) struct ColumnStats {
    name: String,
    dtype: String,
    kind: Option<Kind>,
    count: u64,
    missing: u64,
    least: Option<Value>,
    most: Option<Value>,
    moments: Moments,
    quantiles: Quantiles,
    distinct: Distinct,
    trend: Trend,
    /// The first time, from which the others are counted, so that no digit is lost.
    first: i64,
}

/// The statistics of a column.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    pub(crate) name: String,
    pub(crate) dtype: String,
    /// The values that are not missing; all entries of a subarray count.
    pub(crate) count: u64,
    /// The values that are NaN or NaT.
    pub(crate) missing: u64,
    #[serde(serialize_with = "json")]
    pub(crate) min: Option<Value>,
    #[serde(serialize_with = "json")]
    pub(crate) max: Option<Value>,
    #[serde(serialize_with = "json")]
    pub(crate) mean: Option<Value>,
    /// Of times, in their ticks.
    #[serde(serialize_with = "float")]
    pub(crate) std: Option<f64>,
    pub(crate) quantiles: Option<Shares>,
    /// False if they are of a t-digest.
    pub(crate) quantiles_are_exact: bool,
    /// None if there are more than ten thousand.
    pub(crate) distinct: Option<usize>,
    pub(crate) sparkline: String,
}

/// The values below which these parts of all values are.
#[derive(Debug, Serialize)]
pub(crate) struct Shares {
    #[serde(rename = "0.01", serialize_with = "value")]
    pub(crate) hundredth: Value,
    #[serde(rename = "0.25", serialize_with = "value")]
    pub(crate) quarter: Value,
    #[serde(rename = "0.5", serialize_with = "value")]
    pub(crate) median: Value,
    #[serde(rename = "0.75", serialize_with = "value")]
    pub(crate) three_quarters: Value,
    #[serde(rename = "0.99", serialize_with = "value")]
    pub(crate) all_but_a_hundredth: Value,
}

/// The most values of all columns in memory, for exact quantiles.
const IN_MEMORY: usize = 16 << 20;

/// The most values of one column in memory.
const OF_A_COLUMN: usize = 2 << 20;

impl ColumnStats {
    /// Returns the statistics of a column of a table of `rows` and `columns`.
    pub(crate) fn new(column: &Column, rows: u64, columns: usize) -> Self {
        ColumnStats {
            name: column.name.clone(),
            dtype: column.dtype.to_string(),
            kind: column.scalar().map(|scalar| scalar.kind()),
            count: 0,
            missing: 0,
            least: None,
            most: None,
            moments: Moments::default(),
            quantiles: Quantiles::new(OF_A_COLUMN.min(IN_MEMORY / columns.max(1))),
            distinct: Distinct::default(),
            trend: Trend::new(rows),
            first: 0,
        }
    }

    /// Adds the value of a row, or each entry of it.
    pub(crate) fn add(&mut self, row: u64, value: &Value) {
        match value {
            Value::Array(array) => array.values().iter().for_each(|entry| self.add(row, entry)),
            Value::Record(_) => self.count += 1,
            Value::Datetime(i64::MIN, _) | Value::Timedelta(i64::MIN, _) => self.missing += 1,
            Value::Datetime(ticks, _) | Value::Timedelta(ticks, _) => {
                if self.count == 0 {
                    self.first = *ticks;
                }
                self.distinct.add(ticks);
                self.add_number(row, from_first(*ticks, self.first), value);
            }
            Value::Bool(is_true) => {
                self.distinct.add(is_true);
                self.add_number(row, f64::from(u8::from(*is_true)), value);
            }
            Value::Str(text) => {
                self.distinct.add(text);
                self.add_text(value);
            }
            Value::Bytes(bytes) | Value::Void(bytes) => {
                self.distinct.add(bytes);
                self.add_text(value);
            }
            Value::Int(value) => self.distinct.add(value),
            Value::Uint(value) => self.distinct.add(value),
            _ => {}
        }
        match value {
            Value::Complex64(re, im) => self.add_complex(f64::from(*re), f64::from(*im)),
            Value::Complex128(re, im) | Value::CLongDouble(re, im) => self.add_complex(*re, *im),
            value => match value.as_f64() {
                Some(number) if number.is_nan() => self.missing += 1,
                Some(number) => {
                    if !matches!(value, Value::Int(_) | Value::Uint(_)) {
                        // Zero has two signs, which are one value.
                        self.distinct.add((number + 0.0).to_bits());
                    }
                    self.add_number(row, number, value);
                }
                None => {}
            },
        }
    }

    fn add_number(&mut self, row: u64, number: f64, value: &Value) {
        self.count += 1;
        self.moments.add(number);
        self.quantiles.add(number);
        self.trend.add(row, number);
        self.widen(value);
    }

    fn add_text(&mut self, value: &Value) {
        self.count += 1;
        self.widen(value);
    }

    fn add_complex(&mut self, re: f64, im: f64) {
        match re.is_nan() || im.is_nan() {
            true => self.missing += 1,
            false => {
                self.count += 1;
                self.distinct
                    .add([(re + 0.0).to_bits(), (im + 0.0).to_bits()]);
            }
        }
    }

    /// Widens the range of the values, so that it has one more.
    fn widen(&mut self, value: &Value) {
        if self
            .least
            .as_ref()
            .is_none_or(|least| is_less(value, least))
        {
            self.least = Some(value.clone());
        }
        if self.most.as_ref().is_none_or(|most| is_less(most, value)) {
            self.most = Some(value.clone());
        }
    }

    pub(crate) fn summary(self) -> Summary {
        let (kind, first) = (self.kind, self.first);
        // Times are counted from the first.
        let back = |number: f64| match kind {
            Some(Kind::Datetime(unit)) => Value::Datetime(after(first, number), unit),
            Some(Kind::Timedelta(unit)) => Value::Timedelta(after(first, number), unit),
            _ => Value::Float64(number),
        };
        let quantiles_are_exact = self.quantiles.is_exact();
        let parts = self.quantiles.of([0.01, 0.25, 0.5, 0.75, 0.99]);
        let parts = parts
            .filter(|_| kind != Some(Kind::Bool))
            .map(|parts| parts.map(back));
        Summary {
            name: self.name,
            dtype: self.dtype,
            count: self.count,
            missing: self.missing,
            mean: self.moments.mean().map(back),
            std: self.moments.std(),
            quantiles: parts.map(
                |[hundredth, quarter, median, three_quarters, last]| Shares {
                    hundredth,
                    quarter,
                    median,
                    three_quarters,
                    all_but_a_hundredth: last,
                },
            ),
            quantiles_are_exact,
            distinct: self.distinct.count(),
            sparkline: self.trend.sparkline(),
            min: self.least,
            max: self.most,
        }
    }
}

#[allow(clippy::cast_precision_loss)] // Ticks that are far from the first have fewer digits that count.
fn from_first(ticks: i64, first: i64) -> f64 {
    (i128::from(ticks) - i128::from(first)) as f64
}

#[allow(clippy::cast_possible_truncation)] // It is between two times.
fn after(first: i64, number: f64) -> i64 {
    let ticks = i128::from(first) + number.round() as i128;
    i64::try_from(ticks).unwrap_or(i64::MAX)
}

/// Compares two values of one type.
fn is_less(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Int(one), Value::Int(other)) => one < other,
        (Value::Uint(one), Value::Uint(other)) => one < other,
        (Value::Bool(one), Value::Bool(other)) => !one & other,
        (Value::Str(one), Value::Str(other)) => one < other,
        (Value::Bytes(one), Value::Bytes(other)) | (Value::Void(one), Value::Void(other)) => {
            one < other
        }
        (Value::Datetime(one, _), Value::Datetime(other, _)) => one < other,
        (Value::Timedelta(one, _), Value::Timedelta(other, _)) => one < other,
        (one, other) => one.as_f64() < other.as_f64(),
    }
}

fn json<S: serde::Serializer>(found: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
    found.as_ref().map(JsonValue).serialize(serializer)
}

fn value<S: serde::Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    JsonValue(value).serialize(serializer)
}

fn float<S: serde::Serializer>(found: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    found.map(JsonFloat::Double).serialize(serializer)
}
