use std::{collections::HashMap, fmt};

use super::{
    casting::Casting,
    model::{DType, Field, Struct},
};

/// One difference between the dtype of a file and the dtype of a record.
///
/// The message names the field and both sides: `price: file has <f4, record has <f8`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    path: String,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    DType {
        file: DType,
        record: DType,
        /// The casting that converts one into the other.
        needed: Option<Casting>,
    },
    NotInFile(DType),
    /// Only the record has the field, whose default cannot be stored for this reason.
    WithoutDefault(String),
    NotInRecord(DType),
    Order {
        file: Vec<String>,
        record: Vec<String>,
    },
    Offset {
        file: usize,
        record: usize,
    },
    Itemsize {
        file: usize,
        record: usize,
    },
}

impl Difference {
    /// Returns the name of the field, with the fields around it: `position.x`. It is empty for the whole
    /// record.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the difference of a field with two dtypes. `needed` is the casting that converts one into the
    /// other.
    pub(crate) fn dtype(path: &str, file: &DType, record: &DType, needed: Option<Casting>) -> Self {
        let (file, record) = (file.clone(), record.clone());
        Difference {
            path: path.to_owned(),
            what: What::DType {
                file,
                record,
                needed,
            },
        }
    }

    /// Removes the casting, which is named once for all fields, or cannot be chosen.
    pub(crate) fn without_casting(mut self) -> Self {
        if let What::DType { needed, .. } = &mut self.what {
            *needed = None;
        }
        self
    }

    /// Returns the difference of a field that only the record has.
    pub(crate) fn not_in_file(path: String, record: &DType) -> Self {
        let what = What::NotInFile(record.clone());
        Difference { path, what }
    }

    /// Returns the difference of a field that only the record has, whose default cannot be stored.
    pub(crate) fn without_default(path: String, reason: String) -> Self {
        let what = What::WithoutDefault(reason);
        Difference { path, what }
    }

    /// Returns true if only the record has the field, and it has no default.
    pub(crate) fn is_not_in_file(&self) -> bool {
        matches!(self.what, What::NotInFile(_))
    }

    /// Returns the difference of a field that only the file has.
    pub(crate) fn not_in_record(path: String, file: &DType) -> Self {
        let what = What::NotInRecord(file.clone());
        Difference { path, what }
    }

    /// Returns all differences in the meaning of bytes. Titles and the byte order of a void do not count.
    pub(crate) fn between(file: &DType, record: &DType) -> Vec<Difference> {
        let mut found = Vec::new();
        if file != record {
            compare("", file, record, &mut found);
        }
        found
    }
}

impl DType {
    /// Returns true if both dtypes hold the same values in the same bytes. Titles do not count, nor does the
    /// byte order of a void.
    pub(crate) fn is_equivalent(&self, other: &DType) -> bool {
        Difference::between(self, other).is_empty()
    }
}

fn compare(path: &str, file: &DType, record: &DType, found: &mut Vec<Difference>) {
    match (file, record) {
        (DType::Struct(file), DType::Struct(record)) => compare_fields(path, file, record, found),
        (DType::Subarray(_), DType::Subarray(_))
            if file.base_and_shape().1 == record.base_and_shape().1 =>
        {
            compare(
                path,
                file.base_and_shape().0,
                record.base_and_shape().0,
                found,
            );
        }
        (DType::Scalar(file), DType::Scalar(record)) if file.is_equivalent(*record) => {}
        _ => found.push(Difference::dtype(path, file, record, None)),
    }
}

fn compare_fields(path: &str, file: &Struct, record: &Struct, found: &mut Vec<Difference>) {
    let before = found.len();
    let mut in_file: HashMap<&str, &Field> = file
        .fields()
        .iter()
        .map(|field| (field.name(), field))
        .collect();
    let mut common = Vec::new();
    for field in record.fields() {
        match in_file.remove(field.name()) {
            Some(other) => common.push((other, field)),
            None => found.push(Difference::not_in_file(
                join(path, field.name()),
                field.dtype(),
            )),
        }
    }
    for field in file.fields() {
        if in_file.contains_key(field.name()) {
            let path = join(path, field.name());
            found.push(Difference::not_in_record(path, field.dtype()));
        }
    }
    let same_names = found.len() == before;
    for (file, record) in &common {
        compare(
            &join(path, file.name()),
            file.dtype(),
            record.dtype(),
            found,
        );
    }
    if same_names && found.len() == before {
        compare_places(path, file, record, &common, found);
    }
}

/// Adds the differences of structs with the same fields: in their order, or in offsets and itemsize.
fn compare_places(
    path: &str,
    file: &Struct,
    record: &Struct,
    common: &[(&Field, &Field)],
    found: &mut Vec<Difference>,
) {
    let names = |of: &Struct| -> Vec<String> {
        of.fields()
            .iter()
            .map(|field| field.name().to_owned())
            .collect()
    };
    if names(file) != names(record) {
        found.push(Difference {
            path: path.to_owned(),
            what: What::Order {
                file: names(file),
                record: names(record),
            },
        });
        return;
    }
    for (file, record) in common {
        if file.offset() != record.offset() {
            found.push(Difference {
                path: join(path, file.name()),
                what: What::Offset {
                    file: file.offset(),
                    record: record.offset(),
                },
            });
        }
    }
    if file.itemsize() != record.itemsize() {
        found.push(Difference {
            path: path.to_owned(),
            what: What::Itemsize {
                file: file.itemsize(),
                record: record.itemsize(),
            },
        });
    }
}

/// Returns the path of a field in another field.
pub(crate) fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        _ => format!("{path}.{name}"),
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        match &self.what {
            What::DType {
                file,
                record,
                needed,
            } => {
                write!(f, "file has {file}, record has {record}")?;
                match needed {
                    Some(casting) => write!(f, " (`Casting::{casting:?}` converts it)"),
                    None => Ok(()),
                }
            }
            What::NotInFile(record) => write!(f, "not in the file, record has {record}"),
            What::WithoutDefault(reason) => {
                write!(
                    f,
                    "not in the file, and its default cannot be stored: {reason}"
                )
            }
            What::NotInRecord(file) => write!(f, "file has {file}, not in the record"),
            What::Order { file, record } => write!(
                f,
                "file has the order {}, record has {}",
                file.join(", "),
                record.join(", ")
            ),
            What::Offset { file, record } => {
                write!(f, "file has it at byte {file}, record at byte {record}")
            }
            What::Itemsize { file, record } => {
                write!(f, "file has {file} bytes, record has {record}")
            }
        }
    }
}
