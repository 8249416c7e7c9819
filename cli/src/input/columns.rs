//! The columns of a table of rows.

use npyrec::{DType, Kind, Scalar};

/// A column of a table: a scalar of each row, or a subarray of them.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// The path: `time`, `at.x`, `depth[2]`; `value` where a row is one scalar.
    pub(crate) name: String,
    pub(crate) dtype: DType,
}

/// The most columns into which the entries of subarrays are expanded.
pub(crate) const MOST: usize = 4096;

/// The name of the column of rows that are scalars.
pub(crate) const VALUE: &str = "value";

impl Column {
    /// Returns the columns of rows of a dtype. The entries of subarrays are a column each if `expand`s. `None` if
    /// these are too many.
    pub(crate) fn of(row: &DType, expand: bool) -> Option<Vec<Column>> {
        let mut columns = Vec::new();
        add(String::new(), row, expand, &mut columns)?;
        Some(columns)
    }

    /// Returns the scalar type of the entries, if they are not records.
    pub(crate) fn scalar(&self) -> Option<Scalar> {
        match self.dtype.base_and_shape().0 {
            DType::Scalar(scalar) => Some(*scalar),
            _ => None,
        }
    }

    /// Returns true if the column is aligned to the right, as numbers are.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self.dtype, DType::Scalar(scalar) if is_number(scalar))
    }
}

/// Returns true for numbers, truth values and times.
pub(crate) fn is_number(scalar: Scalar) -> bool {
    !matches!(scalar.kind(), Kind::Bytes | Kind::Str | Kind::Void)
}

fn add(name: String, dtype: &DType, expand: bool, columns: &mut Vec<Column>) -> Option<()> {
    match dtype {
        DType::Struct(record) => {
            for field in record.fields() {
                let name = match &*name {
                    "" => field.name().to_owned(),
                    outer => format!("{outer}.{}", field.name()),
                };
                add(name, field.dtype(), expand, columns)?;
            }
        }
        DType::Subarray(_) if expand => {
            let (base, shape) = dtype.base_and_shape();
            let entries = shape
                .iter()
                .try_fold(1, |n: usize, &dim| n.checked_mul(dim));
            let entries = entries.filter(|n| columns.len().saturating_add(*n) <= MOST)?;
            for entry in 0..entries {
                add(
                    format!("{name}{}", index(entry, &shape)),
                    base,
                    expand,
                    columns,
                )?;
            }
        }
        _ if columns.len() >= MOST => return None,
        _ => columns.push(Column {
            name: if name.is_empty() {
                VALUE.to_owned()
            } else {
                name
            },
            dtype: dtype.clone(),
        }),
    }
    Some(())
}

/// Returns the index of an entry, counted in C order: `[1,0]`.
pub(crate) fn index(mut entry: usize, shape: &[usize]) -> String {
    let mut parts = Vec::new();
    for dim in shape.iter().rev() {
        parts.push((entry % (*dim).max(1)).to_string());
        entry /= (*dim).max(1);
    }
    parts.reverse();
    format!("[{}]", parts.join(","))
}
