use std::fmt;

use crate::{
    dtype::{DType, Difference, Struct, join},
    record::FieldAttributes,
};

/// The report of [`migrate`](crate::migrate()): the rows of the file, and what changed in them.
///
/// Fields within others have the names of all of them: `position.x`. `Display` is a summary for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migration {
    rows: u64,
    is_rewritten: bool,
    added: Vec<String>,
    removed: Vec<String>,
    renamed: Vec<(String, String)>,
    cast: Vec<CastField>,
    is_reordered: bool,
}

/// A field whose values were converted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct CastField {
    path: String,
    from: DType,
    to: DType,
}

impl Migration {
    /// Returns the report of the changes between two dtypes. `attributes` belong to the new dtype.
    pub(super) fn between(from: &DType, to: &DType, attributes: &FieldAttributes) -> Self {
        let mut migration = Migration::default();
        migration.compare("", from, to, attributes);
        migration
    }

    /// Sets the number of rows.
    pub(super) fn of_rows(self, rows: u64, is_rewritten: bool) -> Self {
        Migration {
            rows,
            is_rewritten,
            ..self
        }
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

    /// Returns the old and the new name of each field that the file had under an
    /// [`alias`](derive@crate::NpyRecord#alias).
    pub fn renamed(&self) -> &[(String, String)] {
        &self.renamed
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

    fn compare(&mut self, path: &str, from: &DType, to: &DType, attributes: &FieldAttributes) {
        match (from, to) {
            (DType::Struct(from), DType::Struct(to)) => {
                self.compare_fields(path, from, to, attributes);
            }
            (DType::Subarray(_), DType::Subarray(_))
                if from.base_and_shape().1 == to.base_and_shape().1 =>
            {
                let (from, to) = (from.base_and_shape().0, to.base_and_shape().0);
                self.compare(path, from, to, attributes);
            }
            _ if Difference::between(from, to).is_empty() => {}
            _ => self.cast.push(CastField {
                path: path.to_owned(),
                from: from.clone(),
                to: to.clone(),
            }),
        }
    }

    /// Finds the fields of the file as a reader does: by name, then by alias.
    fn compare_fields(
        &mut self,
        path: &str,
        from: &Struct,
        to: &Struct,
        attributes: &FieldAttributes,
    ) {
        let mut left: Vec<_> = from.fields().iter().enumerate().collect();
        let mut take = |name: &str| {
            let index = left.iter().position(|(_, old)| old.name() == name)?;
            Some(left.remove(index))
        };
        let named = to.fields().iter().map(|field| take(field.name()));
        let named: Vec<_> = named.collect();
        let mut last = 0;
        for (field, named) in to.fields().iter().zip(named) {
            let new = join(path, field.name());
            let mut aliases = attributes.aliases(&new).iter();
            let found = named.or_else(|| aliases.find_map(|alias| take(alias)));
            let Some((nth, old)) = found else {
                self.added.push(new);
                continue;
            };
            self.is_reordered |= nth < last;
            last = nth;
            self.compare(&new, old.dtype(), field.dtype(), attributes);
            if old.name() != field.name() {
                self.renamed.push((join(path, old.name()), new));
            }
        }
        let removed = left.iter().map(|(_, old)| join(path, old.name()));
        self.removed.extend(removed);
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
        for (old, new) in &self.renamed {
            write!(f, "\n  {new}: was {old}")?;
        }
        for CastField { path, from, to } in &self.cast {
            let colon = if path.is_empty() { "" } else { ": " };
            write!(f, "\n  {path}{colon}converted from {from} to {to}")?;
        }
        match self.is_reordered {
            true => f.write_str("\n  fields in another order"),
            false => Ok(()),
        }
    }
}
