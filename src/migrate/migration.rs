use std::fmt;

use crate::dtype::{DType, Difference, Struct, join};

/// The report of [`migrate`](crate::migrate()): the rows of the file, and what changed in them.
///
/// Fields within others have the names of all of them: `position.x`. `Display` is a summary for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migration {
    rows: u64,
    is_rewritten: bool,
    added: Vec<String>,
    removed: Vec<String>,
    cast: Vec<Cast>,
    is_reordered: bool,
}

/// A field whose values were converted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cast {
    path: String,
    from: DType,
    to: DType,
}

impl Migration {
    /// Returns the report of rewriting `rows` rows.
    pub(super) fn new(from: &DType, to: &DType, rows: u64, is_rewritten: bool) -> Self {
        let mut migration = Migration {
            rows,
            is_rewritten,
            ..Migration::default()
        };
        migration.compare("", from, to);
        migration
    }

    /// Returns the number of rows in the file.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Returns true if the file was rewritten, and false if it had the dtype of the records already.
    pub fn is_rewritten(&self) -> bool {
        self.is_rewritten
    }

    /// Returns the names of the new fields. They have their defaults in all rows.
    pub fn added(&self) -> &[String] {
        &self.added
    }

    /// Returns the names of the fields that are no longer in the file.
    pub fn removed(&self) -> &[String] {
        &self.removed
    }

    /// Returns the name of each field whose values were converted, with its old and its new dtype. The name is
    /// empty if the rows have no fields.
    pub fn cast(&self) -> impl Iterator<Item = (&str, &DType, &DType)> {
        let cast = self.cast.iter();
        cast.map(|cast| (&*cast.path, &cast.from, &cast.to))
    }

    /// Returns true if fields that were in the file are in another order.
    pub fn is_reordered(&self) -> bool {
        self.is_reordered
    }

    fn compare(&mut self, path: &str, from: &DType, to: &DType) {
        match (from, to) {
            (DType::Struct(from), DType::Struct(to)) => self.compare_fields(path, from, to),
            (DType::Subarray(_), DType::Subarray(_))
                if from.base_and_shape().1 == to.base_and_shape().1 =>
            {
                self.compare(path, from.base_and_shape().0, to.base_and_shape().0);
            }
            _ if Difference::between(from, to).is_empty() => {}
            _ => self.cast.push(Cast {
                path: path.to_owned(),
                from: from.clone(),
                to: to.clone(),
            }),
        }
    }

    fn compare_fields(&mut self, path: &str, from: &Struct, to: &Struct) {
        let place = |of: &Struct, name: &str| of.fields().iter().position(|f| f.name() == name);
        let mut last = 0;
        for field in to.fields() {
            let path = join(path, field.name());
            let old =
                place(from, field.name()).and_then(|old| Some((old, from.fields().get(old)?)));
            let Some((old, other)) = old else {
                self.added.push(path);
                continue;
            };
            self.is_reordered |= old < last;
            last = old;
            self.compare(&path, other.dtype(), field.dtype());
        }
        let removed = from.fields().iter().map(|field| field.name());
        let removed = removed.filter(|name| place(to, name).is_none());
        self.removed.extend(removed.map(|name| join(path, name)));
    }
}

impl fmt::Display for Migration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_rewritten {
            true => write!(f, "{} rows rewritten", self.rows)?,
            false => write!(f, "{} rows, which have this dtype already", self.rows)?,
        }
        for name in &self.added {
            write!(f, "\n  {name}: added")?;
        }
        for name in &self.removed {
            write!(f, "\n  {name}: removed")?;
        }
        for Cast { path, from, to } in &self.cast {
            let colon = if path.is_empty() { "" } else { ": " };
            write!(f, "\n  {path}{colon}converted from {from} to {to}")?;
        }
        match self.is_reordered {
            true => f.write_str("\n  fields in another order"),
            false => Ok(()),
        }
    }
}
