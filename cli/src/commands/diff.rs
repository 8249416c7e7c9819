use std::io::{self, BufWriter, Write};

use clap::Args;
use npyrec::{Order, Value};
use serde::Serialize;
use serde_json::json;

use super::show;
use crate::{
    failure::{Failure, Outcome, Result},
    input::{Column, Input, Picked, Rows},
    output::{cell::flatten, escape, json_value, json_value::JsonValue, plural, tuple},
};

/// Compare two arrays: dtype, shape and rows; exit code 1 if they differ
///
/// Columns are compared by name, and numbers by value, also if their types differ.
#[derive(Args, Debug)]
pub(crate) struct Diff {
    /// A path, `-` for a pipe, `x.npz:name` for an array in an archive, or a directory of shards
    #[arg(value_name = "A", value_parser = clap::value_parser!(Input))]
    a: Input,

    /// Another
    #[arg(value_name = "B", value_parser = clap::value_parser!(Input))]
    b: Input,

    /// Relative tolerance: numbers are equal if |a - b| <= atol + rtol * |b|
    #[arg(long, default_value_t = 0.0)]
    rtol: f64,

    /// Absolute tolerance
    #[arg(long, default_value_t = 0.0)]
    atol: f64,

    /// NaN equals NaN, and NaT equals NaT
    #[arg(long)]
    equal_nan: bool,

    /// The number of different rows to show
    #[arg(short = 'n', long, default_value_t = 10)]
    rows: usize,

    /// Compare only these columns
    #[arg(short, long, value_delimiter = ',')]
    columns: Vec<String>,
}

/// The differences between two arrays.
#[derive(Debug, Default, Serialize)]
struct Differences {
    dtype: Vec<DTypeDifference>,
    shape: Option<[Vec<u64>; 2]>,
    fortran_order: Option<[bool; 2]>,
    rows_compared: u64,
    rows_different: u64,
    first: Vec<CellDifference>,
}

/// A column that has another type, or is in one file only.
#[derive(Debug, Serialize)]
struct DTypeDifference {
    column: String,
    a: Option<String>,
    b: Option<String>,
}

#[derive(Debug, Serialize)]
struct CellDifference {
    row: u64,
    column: String,
    a: serde_json::Value,
    b: serde_json::Value,
    #[serde(skip)]
    shown: [String; 2],
}

/// The rows that are compared at once.
const AT_ONCE: u64 = 1024;

impl Diff {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        if matches!((&self.a, &self.b), (Input::Pipe, Input::Pipe)) {
            return Err(Failure::new("only one of the two can be a pipe"));
        }
        let columns = show::columns(&self.columns);
        let found = self
            .a
            .read(&columns, |a| self.b.read(&columns, |b| self.compare(a, b)))?;
        let mut out = BufWriter::new(io::stdout().lock());
        match json {
            true => {
                let mut answer = json!({"equal": found.is_empty()});
                if let (Some(answer), serde_json::Value::Object(found)) =
                    (answer.as_object_mut(), serde_json::to_value(&found)?)
                {
                    answer.extend(found);
                }
                writeln!(out, "{}", json_value::line(&answer)?)?;
            }
            false => found.print(&mut out)?,
        }
        out.flush()?;
        match found.is_empty() {
            true => Ok(Outcome::Fine),
            false => Ok(Outcome::Differs),
        }
    }

    fn compare(&self, a: &mut Rows<'_>, b: &mut Rows<'_>) -> Result<Differences> {
        let columns = [&*a, &*b].map(|rows| Column::of(&rows.layout().row, false));
        let [Some(columns_a), Some(columns_b)] = columns else {
            return Err(Failure::new("a row has too many columns").hint("choose some by `-c`"));
        };
        let mut found = Differences {
            dtype: dtype_differences(&columns_a, &columns_b),
            ..Differences::default()
        };
        let shapes = [&*a, &*b].map(|rows| rows.header().shape().to_vec());
        if shapes[0] != shapes[1] {
            found.shape = Some(shapes);
        }
        let orders = [&*a, &*b].map(|rows| rows.header().order() == Order::Fortran);
        if orders[0] != orders[1] {
            found.fortran_order = Some(orders);
        }
        // The places of each column that both files have.
        let both = columns_a.iter().enumerate().filter_map(|(nth, column)| {
            let other = columns_b
                .iter()
                .position(|other| other.name == column.name)?;
            Some((nth, other, column.name.clone()))
        });
        let both: Vec<(usize, usize, String)> = both.collect();
        let rows = match both.is_empty() {
            true => 0,
            false => a.layout().rows.min(b.layout().rows),
        };
        let mut first = 0;
        while first < rows {
            let picked = Picked {
                first,
                count: AT_ONCE.min(rows - first),
                step: 1,
            };
            let [chunk_a, chunk_b] = [gather(a, picked)?, gather(b, picked)?];
            for (row, (a, b)) in (first..).zip(chunk_a.iter().zip(&chunk_b)) {
                self.compare_rows(row, a, b, &both, &mut found);
            }
            first += picked.count;
        }
        found.rows_compared = rows;
        Ok(found)
    }

    fn compare_rows(
        &self,
        row: u64,
        a: &Value,
        b: &Value,
        both: &[(usize, usize, String)],
        found: &mut Differences,
    ) {
        let [cells_a, cells_b] = [a, b].map(|value| {
            let mut cells = Vec::new();
            flatten(value, false, &mut cells);
            cells
        });
        let is_shown = usize::try_from(found.rows_different).is_ok_and(|n| n < self.rows);
        let mut differs = false;
        for (nth, other, name) in both {
            let (Some(a), Some(b)) = (cells_a.get(*nth), cells_b.get(*other)) else {
                continue;
            };
            if self.is_equal(a, b) {
                continue;
            }
            differs = true;
            if is_shown {
                found.first.push(CellDifference {
                    row,
                    column: name.clone(),
                    a: serde_json::to_value(JsonValue(a)).unwrap_or_default(),
                    b: serde_json::to_value(JsonValue(b)).unwrap_or_default(),
                    shown: [a, b].map(|value| value.to_string().replace('\n', " ")),
                });
            }
        }
        found.rows_different += u64::from(differs);
    }

    fn is_equal(&self, a: &Value, b: &Value) -> bool {
        if let (Value::Array(a), Value::Array(b)) = (a, b) {
            let pairs = a.values().iter().zip(b.values());
            return a.shape() == b.shape() && pairs.into_iter().all(|(a, b)| self.is_equal(a, b));
        }
        if let (Value::Record(a), Value::Record(b)) = (a, b) {
            let mut pairs = a.iter().zip(b);
            return a.len() == b.len()
                && pairs.all(|((a_name, a), (b_name, b))| a_name == b_name && self.is_equal(a, b));
        }
        if let (Some(a), Some(b)) = (integer(a), integer(b))
            && (a == b || (self.rtol == 0.0 && self.atol == 0.0))
        {
            return a == b;
        }
        match (complex(a), complex(b)) {
            (Some(a), Some(b)) => self.is_close(a, b),
            _ if is_nat(a) && is_nat(b) => self.equal_nan,
            _ => !is_nat(a) && a == b,
        }
    }

    fn is_close(&self, (re, im): (f64, f64), (other_re, other_im): (f64, f64)) -> bool {
        let is_nan = |re: f64, im: f64| re.is_nan() || im.is_nan();
        if is_nan(re, im) || is_nan(other_re, other_im) {
            return self.equal_nan && is_nan(re, im) && is_nan(other_re, other_im);
        }
        if re == other_re && im == other_im {
            return true;
        }
        let distance = (re - other_re).hypot(im - other_im);
        // Infinity is close to itself alone.
        distance.is_finite() && distance <= self.atol + self.rtol * other_re.hypot(other_im)
    }
}

impl Differences {
    /// Returns true if the arrays are equal. Their order in the file does not count.
    fn is_empty(&self) -> bool {
        self.dtype.is_empty() && self.shape.is_none() && self.rows_different == 0
    }

    fn print(&self, out: &mut dyn Write) -> Result<()> {
        for difference in &self.dtype {
            let name = escape::text(&difference.column);
            match (&difference.a, &difference.b) {
                (Some(a), Some(b)) => writeln!(out, "{name}: {a}, then {b}")?,
                (Some(a), None) => writeln!(out, "{name}: {a}, then not there")?,
                (_, b) => writeln!(
                    out,
                    "{name}: not there, then {}",
                    b.as_deref().unwrap_or("")
                )?,
            }
        }
        if let Some([a, b]) = &self.shape {
            writeln!(out, "shape: {}, then {}", tuple(a), tuple(b))?;
        }
        if let Some([a, _]) = &self.fortran_order {
            let (a, b) = if *a {
                ("Fortran", "C")
            } else {
                ("C", "Fortran")
            };
            writeln!(out, "order: {a}, then {b}; the values do not depend on it")?;
        }
        for difference in &self.first {
            let [a, b] = &difference.shown;
            let name = escape::text(&difference.column);
            let (row, a, b) = (difference.row, escape::text(a), escape::text(b));
            writeln!(out, "row {row}: {name}: {a}, then {b}")?;
        }
        let compared = plural(self.rows_compared, "row");
        match self.rows_different {
            0 if self.is_empty() => writeln!(out, "{compared} are equal")?,
            0 if self.rows_compared == 0 => writeln!(out, "no rows were compared")?,
            0 => writeln!(out, "{compared} were compared and are equal")?,
            rows => writeln!(out, "{rows} of {compared} differ")?,
        }
        Ok(())
    }
}

fn dtype_differences(a: &[Column], b: &[Column]) -> Vec<DTypeDifference> {
    let find = |columns: &[Column], name: &str| {
        let found = columns.iter().find(|column| column.name == name);
        found.map(|column| column.dtype.to_string())
    };
    let of_a = a.iter().map(|column| &column.name);
    let of_b = b.iter().map(|column| &column.name);
    let names = of_a.chain(of_b.filter(|name| find(a, name).is_none()));
    names
        .map(|name| DTypeDifference {
            column: name.clone(),
            a: find(a, name),
            b: find(b, name),
        })
        .filter(|difference| difference.a != difference.b)
        .collect()
}

fn gather(rows: &mut Rows<'_>, picked: Picked) -> Result<Vec<Value>> {
    let mut values = Vec::new();
    rows.each(picked, |_, value| {
        values.push(value);
        Ok(())
    })?;
    Ok(values)
}

fn integer(value: &Value) -> Option<i128> {
    match value {
        Value::Int(value) => Some((*value).into()),
        Value::Uint(value) => Some((*value).into()),
        _ => None,
    }
}

fn complex(value: &Value) -> Option<(f64, f64)> {
    match value {
        Value::Complex64(re, im) => Some((f64::from(*re), f64::from(*im))),
        Value::Complex128(re, im) | Value::CLongDouble(re, im) => Some((*re, *im)),
        other => other.as_f64().map(|value| (value, 0.0)),
    }
}

fn is_nat(value: &Value) -> bool {
    matches!(
        value,
        Value::Datetime(i64::MIN, _) | Value::Timedelta(i64::MIN, _)
    )
}
