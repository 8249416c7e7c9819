//! Reading of a descr, as NumPy's `descr_to_dtype` and `np.dtype` do it.

use super::{
    descr_error::{DescrError, DescrResult},
    descr_parts::{is_shape, letters_of, name_type_and_shape, names_of},
    error::{DTypeError, DTypeReason},
    grammar::is_list,
    list_string,
    model::{DType, Field, Struct},
    named_descr::as_python,
    scalar::{ByteOrder, Kind, Scalar},
    second_part::{inherit, sized, unsized_scalar},
};
use crate::literal::{Int, Literal, Node};

/// The dtype of a descr.
#[derive(Debug)]
pub(crate) struct ReadDescr {
    pub(crate) dtype: DType,
    /// The descr, if it names a type of the Python package `ml_dtypes`. Without the package, NumPy refuses
    /// the descr. The dtype does not keep the name.
    pub(crate) named: Option<Node<'static>>,
}

/// Reads a descr.
///
/// # Errors
///
/// If NumPy does not read the descr, or a [`DType`] for it is missing.
pub(crate) fn read_descr(node: &Node<'_>) -> DescrResult<ReadDescr> {
    let mut reader = DescrReader::default();
    let dtype = reader.descr(node)?;
    let named = reader.needs_ml_dtypes.then(|| as_python(node));
    Ok(ReadDescr { dtype, named })
}

/// Reads a type string. It may have commas or a shape.
pub(super) fn read_type_string(text: &str) -> std::result::Result<DType, DTypeError> {
    let dtype = DescrReader::default().type_string(text, 0);
    dtype.map_err(|e| e.error)
}

#[derive(Default)]
struct DescrReader {
    needs_ml_dtypes: bool,
}

impl DescrReader {
    /// Reads a descr, as NumPy's `descr_to_dtype` does.
    fn descr(&mut self, node: &Node<'_>) -> DescrResult<DType> {
        match &node.literal {
            Literal::Str(text) => self.type_string(text, node.at),
            Literal::Tuple(items) => match &**items {
                [base, second, ..] => {
                    let base = self.descr(base)?;
                    self.with_second(base, second)
                }
                _ => Err(DescrError::expected("a base dtype and its shape", node)),
            },
            // In JSON, a tuple is an array too.
            Literal::Sequence(items) => match &**items {
                [base, second] if is_shape(second) => {
                    let base = self.descr(base)?;
                    self.with_second(base, second)
                }
                fields => self.fields(fields, node.at),
            },
            Literal::List(fields) => self.fields(fields, node.at),
            _ => Err(DescrError::expected(
                "a type string or a list of fields",
                node,
            )),
        }
    }

    fn type_string(&mut self, text: &str, at: usize) -> DescrResult<DType> {
        if is_list(text) {
            return self.list_string(text, at);
        }
        let (scalar, is_ml_dtypes) = Scalar::parse(text).map_err(|error| error.at(at))?;
        self.needs_ml_dtypes |= is_ml_dtypes;
        Ok(DType::Scalar(scalar))
    }

    /// Reads type strings with commas between them, or a type string with a shape before it.
    fn list_string(&mut self, text: &str, at: usize) -> DescrResult<DType> {
        let list = list_string::parse(text)
            .ok_or_else(|| DescrError::new(DTypeReason::UnknownType(text.to_owned()), at))?;
        let mut fields = Vec::with_capacity(list.items.len());
        for (nth, item) in list.items.iter().enumerate() {
            let mut dtype = self.type_string(&item.text, at)?;
            if let Some(shape) = &item.shape {
                dtype = self.with_shape(dtype, shape).map_err(|e| e.error.at(at))?;
            }
            if !list.is_struct {
                return Ok(dtype);
            }
            fields.push(Field::new(format!("f{nth}"), dtype));
        }
        DType::packed(fields).map_err(|error| error.at(at))
    }

    /// Reads `np.dtype((base, second))`. The second part can be the shape of a subarray, or a list of fields
    /// for the bytes of the base. For a text or void without a size, it is the size.
    fn with_second(&mut self, base: DType, second: &Node<'_>) -> DescrResult<DType> {
        match self.np_dtype(second) {
            Some(other) => inherit(base, other).map_err(|error| error.at(second.at)),
            None => self.with_shape(base, second),
        }
    }

    /// Reads a literal as `np.dtype` does. Returns `None` if it may be a shape instead. Only the forms of a
    /// header are read: type strings, pairs and lists of fields.
    fn np_dtype(&mut self, node: &Node<'_>) -> Option<DType> {
        let before = self.needs_ml_dtypes;
        let dtype = match &node.literal {
            Literal::Str(text) => self.type_string(text, node.at).ok(),
            Literal::None => Scalar::new(Kind::Float, 8, ByteOrder::Little).map(DType::Scalar),
            Literal::Tuple(items) => match &**items {
                [base, second] => {
                    let base = self.np_dtype(base);
                    base.and_then(|base| self.with_second(base, second).ok())
                }
                _ => None,
            },
            Literal::List(items) => self.np_fields(items),
            _ => None,
        };
        if dtype.is_none() {
            self.needs_ml_dtypes = before;
        }
        dtype
    }

    /// Reads the fields of `np.dtype([…])`. It has no padding entries, and fields without a name get a name.
    fn np_fields(&mut self, items: &[Node<'_>]) -> Option<DType> {
        let mut fields = Vec::with_capacity(items.len());
        for (nth, item) in items.iter().enumerate() {
            let Literal::Tuple(parts) = &item.literal else {
                return None;
            };
            let (names, base, shape) = name_type_and_shape(parts)?;
            let mut dtype = self.np_dtype(base)?;
            if let Some(shape) = shape {
                dtype = self.with_second(dtype, shape).ok()?;
            }
            let (title, name) = names_of(names).ok()?;
            let name = match (name.is_empty(), &title) {
                (true, None) => format!("f{nth}"),
                _ => name,
            };
            let field = Field::new(name, dtype);
            fields.push(match title {
                Some(title) => field.with_title(title),
                None => field,
            });
        }
        DType::packed(fields).ok()
    }

    /// Returns a subarray of the base. For a text or void without a size, the shape is its size.
    fn with_shape(&mut self, base: DType, shape: &Node<'_>) -> DescrResult<DType> {
        if let Some(scalar) = unsized_scalar(&base) {
            let Literal::Int(Int::Unsigned(size)) = shape.literal else {
                return Err(DescrError::new(DTypeReason::EmptyEntries, shape.at));
            };
            return sized(scalar, size).map_err(|error| error.at(shape.at));
        }
        let one;
        let dims = match (&shape.literal, shape.items()) {
            (Literal::Int(_), _) => {
                one = [shape.clone()];
                &one
            }
            (_, Some(dims)) => dims,
            _ => return Err(DescrError::expected("a shape", shape)),
        };
        let dims = dims.iter().map(|dim| match dim.literal {
            Literal::Int(Int::Unsigned(length)) => {
                usize::try_from(length).map_err(|_| DescrError::new(DTypeReason::TooLarge, dim.at))
            }
            Literal::Int(Int::Negative(_)) => Err(DescrError::new(
                DTypeReason::Expected("a shape of lengths", "a negative one"),
                dim.at,
            )),
            _ => Err(DescrError::expected(
                "a shape of integers, or a list `[…]` of fields",
                dim,
            )),
        });
        let dims = dims.collect::<DescrResult<Vec<_>>>()?;
        DType::subarray(base, &dims).map_err(|error| error.at(shape.at))
    }

    /// Reads the entries of a struct. A void without a name is padding.
    fn fields(&mut self, entries: &[Node<'_>], at: usize) -> DescrResult<DType> {
        let mut fields = Vec::with_capacity(entries.len());
        let mut end = 0_usize;
        for entry in entries {
            let letters;
            let parts = match (&entry.literal, entry.items()) {
                (_, Some(parts)) => parts,
                // In Python, the characters of a string are its parts.
                (Literal::Str(text), _) if (2..=3).contains(&text.chars().count()) => {
                    letters = letters_of(text, entry.at);
                    &letters
                }
                _ => {
                    return Err(DescrError::expected(
                        "a field such as `('name', '<f8')`",
                        entry,
                    ));
                }
            };
            let (names, base, shape) = name_type_and_shape(parts).ok_or_else(|| {
                let reason =
                    DTypeReason::Expected("a field of two or three parts", "more or fewer");
                DescrError::new(reason, entry.at)
            })?;
            let (title, name) = names_of(names)?;
            let mut dtype = self.descr(base);
            if let (Ok(base), Some(shape)) = (&dtype, shape) {
                dtype = self.with_second(base.clone(), shape);
            }
            let dtype = dtype.map_err(|e| e.in_field(&name))?;
            let field = Field {
                name,
                title,
                dtype,
                offset: end,
            };
            end = field.end();
            let is_nameless = field.name.is_empty() && field.title.is_none();
            if !(is_nameless && field.dtype.is_padding_if_nameless()) {
                fields.push(field);
            }
        }
        let record = Struct::placed(fields, end, 1);
        record.check().map_err(|error| error.at(at))?;
        Ok(DType::Struct(record))
    }
}
