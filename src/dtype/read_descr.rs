//! From a parsed descr to a dtype, as NumPy's `descr_to_dtype` and `np.dtype` do it.

use super::{
    error::{DTypeError, Reason},
    grammar::is_list,
    list_string,
    model::{DType, Field, Struct},
    named_descr::as_python,
    scalar::{ByteOrder, Kind, Scalar},
};
use crate::literal::{Int, Literal, Node};

/// The dtype of a descr.
#[derive(Debug)]
pub(crate) struct ReadDescr {
    pub(crate) dtype: DType,
    /// The descr, if it names a type of the Python package `ml_dtypes`. NumPy alone refuses the descr, and
    /// the dtype lacks the name.
    pub(crate) named: Option<Node<'static>>,
}

/// An error at a byte of the literal.
#[derive(Debug)]
pub(crate) struct DescrError {
    pub(crate) error: DTypeError,
    pub(crate) at: usize,
}

type Result<T> = std::result::Result<T, DescrError>;

impl DescrError {
    fn new(reason: Reason, at: usize) -> Self {
        DTypeError::new(reason).at(at)
    }

    fn expected(what: &'static str, node: &Node<'_>) -> Self {
        DescrError::new(Reason::Expected(what, node.description()), node.at)
    }

    fn in_field(self, name: &str) -> Self {
        DescrError {
            error: self.error.in_field(name),
            at: self.at,
        }
    }
}

impl DTypeError {
    fn at(self, at: usize) -> DescrError {
        DescrError { error: self, at }
    }
}

/// Reads a descr.
///
/// # Errors
///
/// If NumPy does not read it, or reads a type that has no [`DType`].
pub(crate) fn read_descr(node: &Node<'_>) -> Result<ReadDescr> {
    let mut reader = Reader::default();
    let dtype = reader.descr(node)?;
    let named = reader.needs_ml_dtypes.then(|| as_python(node));
    Ok(ReadDescr { dtype, named })
}

/// Reads a type string, which may have commas or a shape.
pub(super) fn read_type_string(text: &str) -> std::result::Result<DType, DTypeError> {
    let dtype = Reader::default().type_string(text, 0);
    dtype.map_err(|e| e.error)
}

#[derive(Default)]
struct Reader {
    needs_ml_dtypes: bool,
}

impl Reader {
    /// `descr_to_dtype` of NumPy.
    fn descr(&mut self, node: &Node<'_>) -> Result<DType> {
        match &node.literal {
            Literal::Str(text) => self.type_string(text, node.at),
            Literal::Tuple(items) => match &**items {
                [base, second, ..] => {
                    let base = self.descr(base)?;
                    self.with_second(base, second)
                }
                _ => Err(DescrError::expected("a base dtype and its shape", node)),
            },
            // In JSON a tuple is an array as well.
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

    fn type_string(&mut self, text: &str, at: usize) -> Result<DType> {
        if is_list(text) {
            return self.list_string(text, at);
        }
        let (scalar, is_ml_dtypes) = Scalar::parse(text).map_err(|error| error.at(at))?;
        self.needs_ml_dtypes |= is_ml_dtypes;
        Ok(DType::Scalar(scalar))
    }

    /// Type strings with commas between them, or one with a shape before it.
    fn list_string(&mut self, text: &str, at: usize) -> Result<DType> {
        let list = list_string::parse(text)
            .ok_or_else(|| DescrError::new(Reason::UnknownType(text.to_owned()), at))?;
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

    /// `np.dtype((base, second))`: a subarray if the second is a shape; a struct, if it is a list of
    /// fields for the bytes of the base; the size of a text or void that has none.
    fn with_second(&mut self, base: DType, second: &Node<'_>) -> Result<DType> {
        match self.np_dtype(second) {
            Some(other) => inherit(base, other).map_err(|error| error.at(second.at)),
            None => self.with_shape(base, second),
        }
    }

    /// `np.dtype` of a literal that may be a shape instead. Only what a header may hold is read:
    /// type strings, pairs and lists of fields.
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

    /// The fields of `np.dtype([…])`, which has no padding entries and names nameless fields.
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

    /// An array of the base; of a text or void without a size, one with the size.
    fn with_shape(&mut self, base: DType, shape: &Node<'_>) -> Result<DType> {
        if let Some(scalar) = unsized_scalar(&base) {
            let Literal::Int(Int::Unsigned(size)) = shape.literal else {
                return Err(DescrError::new(Reason::EmptyEntries, shape.at));
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
                usize::try_from(length).map_err(|_| DescrError::new(Reason::TooLarge, dim.at))
            }
            Literal::Int(Int::Negative(_)) => Err(DescrError::new(
                Reason::Expected("a shape of lengths", "a negative one"),
                dim.at,
            )),
            _ => Err(DescrError::expected(
                "a shape of integers, or a list `[…]` of fields",
                dim,
            )),
        });
        let dims = dims.collect::<Result<Vec<_>>>()?;
        DType::subarray(base, &dims).map_err(|error| error.at(shape.at))
    }

    /// A struct from its entries, one after another; the nameless voids are its padding.
    fn fields(&mut self, entries: &[Node<'_>], at: usize) -> Result<DType> {
        let mut fields = Vec::with_capacity(entries.len());
        let mut end = 0_usize;
        for entry in entries {
            let letters;
            let parts = match (&entry.literal, entry.items()) {
                (_, Some(parts)) => parts,
                // Python takes the characters of a string for the parts.
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
                let reason = Reason::Expected("a field of two or three parts", "more or fewer");
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

/// Returns true for what can only be the shape in `(descr, shape)`: a field begins with its name.
pub(super) fn is_shape(node: &Node<'_>) -> bool {
    let is_int = |node: &Node<'_>| matches!(node.literal, Literal::Int(_));
    is_int(node) || node.items().is_some_and(|items| items.iter().all(is_int))
}

/// The parts of a field, of which the shape may be missing.
fn name_type_and_shape<'n, 'de>(
    parts: &'n [Node<'de>],
) -> Option<(&'n Node<'de>, &'n Node<'de>, Option<&'n Node<'de>>)> {
    match parts {
        [names, base] => Some((names, base, None)),
        [names, base, shape] => Some((names, base, Some(shape))),
        _ => None,
    }
}

fn letters_of(text: &str, at: usize) -> Vec<Node<'static>> {
    let letter = |c: char| Node {
        at,
        literal: Literal::Str(c.to_string().into()),
    };
    text.chars().map(letter).collect()
}

/// The title, if there is one, and the name.
fn names_of(node: &Node<'_>) -> Result<(Option<String>, String)> {
    match &node.literal {
        Literal::Str(name) => Ok((None, name.clone().into_owned())),
        Literal::Tuple(items) | Literal::Sequence(items) => match &**items {
            [title, name] => {
                let title = match &title.literal {
                    Literal::None => None,
                    _ => Some(text_of(title, "a field's title")?),
                };
                Ok((title, text_of(name, "a field's name")?))
            }
            _ => {
                let reason = Reason::Expected("`(title, name)`", "a tuple of another length");
                Err(DescrError::new(reason, node.at))
            }
        },
        _ => Err(DescrError::expected("a field's name", node)),
    }
}

fn text_of(node: &Node<'_>, what: &'static str) -> Result<String> {
    match &node.literal {
        Literal::Str(text) => Ok(text.clone().into_owned()),
        _ => Err(DescrError::expected(what, node)),
    }
}

/// The scalar, if it is a text or void without a size.
fn unsized_scalar(dtype: &DType) -> Option<Scalar> {
    match dtype {
        DType::Scalar(scalar) if scalar.itemsize() == 0 => Some(*scalar),
        _ => None,
    }
}

/// A text or void of a number of bytes or characters.
fn sized(scalar: Scalar, size: u64) -> std::result::Result<DType, DTypeError> {
    let width = if scalar.kind() == Kind::Str { 4 } else { 1 };
    let itemsize = usize::try_from(size)
        .ok()
        .and_then(|size| size.checked_mul(width));
    let sized = itemsize.and_then(|size| Scalar::new(scalar.kind(), size, scalar.byte_order()));
    sized
        .map(DType::Scalar)
        .ok_or_else(|| DTypeError::new(Reason::TooLarge))
}

/// Returns the base with the fields, or the size, of another dtype of the same itemsize.
fn inherit(base: DType, other: DType) -> std::result::Result<DType, DTypeError> {
    let size = other.itemsize();
    let base = match unsized_scalar(&base) {
        Some(scalar) => {
            let sized = Scalar::new(scalar.kind(), size, scalar.byte_order());
            DType::Scalar(sized.ok_or_else(|| DTypeError::new(Reason::EmptyEntries))?)
        }
        None if base.itemsize() != size || base.has_objects() || other.has_objects() => {
            let what = "a dtype of the size of the one before it, without Python objects";
            return Err(DTypeError::new(Reason::Expected(what, "another dtype")));
        }
        None => base,
    };
    Ok(match (base, other) {
        (DType::Scalar(_) | DType::Struct(_), other @ DType::Struct(_)) => other,
        (base, _) => base,
    })
}
