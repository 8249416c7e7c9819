use std::{
    fmt,
    hash::{Hash, Hasher},
};

use super::{
    MAX_DIMENSIONS, MAX_ITEMSIZE,
    difference::{Difference, join},
    error::{DTypeError, Reason},
    scalar::{Kind, Scalar},
};
use crate::literal;

/// A NumPy dtype: what one element of an array is, byte by byte.
///
/// `Display` and `FromStr` use NumPy's spelling: a type string for a scalar, the [descr] for what
/// has fields or dimensions. Its serde form is the same descr; in JSON, as in Zarr, tuples are arrays.
///
/// `FromStr` takes the texts that `np.dtype` takes, such as `double`, `i4,f4` or `(2, 3)f8`, and the
/// descrs that a header may hold. A spelling that depends on the machine means what it means on Linux on
/// x86-64: `l`, `int` and `intp` are `<i8`, `longdouble` is `<f16`. The types of the Python package
/// `ml_dtypes` are taken by name: `bfloat16` is `<V2`, as `np.save` writes it, and the others are raw
/// bytes, such as `<V1`.
///
/// NumPy takes a few texts that are refused here:
///
/// - `T`, strings of any length, which no file holds
/// - a unit of no duration, such as `M8[0s]`
/// - a title that is not a text
/// - a dictionary as the second part of a descr, as in `('<i4', {'names': …})`
/// - the escape `\N{…}`, and a surrogate, in a name
/// - more than 128 levels of brackets (a header may have 200, as in Python)
///
/// ```
/// use npyrec::DType;
///
/// let dtype: DType = "[('time', '<M8[ns]'), ('depth', '<f4', (5,))]".parse()?;
/// assert_eq!(dtype.itemsize(), 28);
/// assert_eq!(
///     serde_json::to_string(&dtype)?,
///     r#"[["time","<M8[ns]"],["depth","<f4",[5]]]"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [descr]: https://numpy.org/doc/stable/reference/generated/numpy.dtype.descr.html
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DType {
    /// A number, a text, a time: no fields, no dimensions.
    Scalar(Scalar),
    /// Named fields, one after another.
    Struct(Struct),
    /// An array in every element.
    Subarray(Subarray),
}

/// Named fields at their offsets, and the size of the whole.
///
/// Two are equal if these are: as in NumPy, the alignment by which they were laid out does not count.
#[derive(Clone, Debug)]
pub struct Struct {
    pub(super) fields: Vec<Field>,
    pub(super) itemsize: usize,
    pub(super) alignment: usize,
}

/// One field of a [`Struct`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    pub(super) name: String,
    pub(super) title: Option<String>,
    pub(super) dtype: DType,
    pub(super) offset: usize,
}

/// An array of `base` in C order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subarray {
    pub(super) base: Box<DType>,
    pub(super) shape: Vec<usize>,
}

impl DType {
    /// Fields one after another without padding, as `np.dtype([…])` lays them out.
    ///
    /// # Errors
    ///
    /// If a name or title appears twice, or the whole is larger than NumPy allows.
    pub fn packed(fields: impl IntoIterator<Item = Field>) -> Result<Self, DTypeError> {
        Struct::packed(fields.into_iter().collect()).map(DType::Struct)
    }

    /// Fields padded as C pads them, as `np.dtype([…], align=True)` lays them out.
    ///
    /// # Errors
    ///
    /// If a name or title appears twice, or the whole is larger than NumPy allows.
    pub fn aligned(fields: impl IntoIterator<Item = Field>) -> Result<Self, DTypeError> {
        Struct::aligned(fields.into_iter().collect()).map(DType::Struct)
    }

    /// Fields at offsets of the caller's, with gaps between them as padding, as
    /// `np.dtype({'names': …, 'formats': …, 'offsets': …, 'itemsize': …})` places them.
    ///
    /// # Errors
    ///
    /// As [`packed`](DType::packed); or if the fields overlap, are not in the order of their offsets,
    /// or do not fit `itemsize`. NumPy has no descr for such a dtype.
    pub fn placed(
        fields: impl IntoIterator<Item = (usize, Field)>,
        itemsize: usize,
    ) -> Result<Self, DTypeError> {
        let fields = fields.into_iter().map(|(offset, field)| field.at(offset));
        let record = Struct::placed(fields.collect(), itemsize, 1);
        record.check()?;
        Ok(DType::Struct(record))
    }

    /// An array of `base` in every element; `base` itself if there are no dimensions.
    ///
    /// # Errors
    ///
    /// If the dimensions or the size are more than NumPy allows, or `base` is a text or an array of
    /// no bytes, of which NumPy makes no subarray.
    pub fn subarray(base: DType, shape: &[usize]) -> Result<Self, DTypeError> {
        if shape.is_empty() {
            return Ok(base);
        }
        let subarray = Subarray {
            base: Box::new(base),
            shape: shape.to_vec(),
        };
        subarray.check()?;
        Ok(DType::Subarray(subarray))
    }

    /// An array of `base`, one of arrays as one of more dimensions, for the caller to check.
    pub(crate) fn merged_subarray(base: DType, outer: &[usize]) -> Self {
        let (entries, inner) = base.base_and_shape();
        let shape = [outer, &inner].concat();
        match &*shape {
            [] => base,
            _ => DType::Subarray(Subarray {
                base: Box::new(entries.clone()),
                shape,
            }),
        }
    }

    /// The dtype that `np.load` gives an array: of a subarray of one element, the dtype of its entry.
    pub(crate) fn of_an_array(self) -> Self {
        match self {
            DType::Subarray(subarray) if subarray.shape.iter().all(|&dim| dim == 1) => {
                subarray.base.of_an_array()
            }
            other => other,
        }
    }

    /// An array of it along axes of a file, for the caller to check.
    pub(crate) fn along(&self, axes: &[u64]) -> Self {
        let dims = axes
            .iter()
            .map(|&dim| usize::try_from(dim).unwrap_or(usize::MAX));
        DType::merged_subarray(self.clone(), &dims.collect::<Vec<_>>())
    }

    /// The size of an element in bytes.
    pub fn itemsize(&self) -> usize {
        match self {
            DType::Scalar(scalar) => scalar.itemsize(),
            DType::Struct(record) => record.itemsize,
            DType::Subarray(subarray) => subarray.len().saturating_mul(subarray.base.itemsize()),
        }
    }

    pub(super) fn alignment(&self) -> usize {
        match self {
            DType::Scalar(scalar) => scalar.alignment(),
            DType::Struct(record) => record.alignment,
            DType::Subarray(subarray) => subarray.base.alignment(),
        }
    }

    /// The fields; none unless it is a [`Struct`].
    pub fn fields(&self) -> &[Field] {
        match self {
            DType::Struct(record) => &record.fields,
            _ => &[],
        }
    }

    /// The field of a name, and the byte at which it starts; `a.b` is the field `b` of the field `a`,
    /// unless a field has that name itself.
    #[cfg(feature = "mmap")]
    pub(crate) fn find(&self, name: &str) -> Option<(usize, &DType)> {
        let own = self.fields().iter().find(|field| field.name == name);
        if let Some(field) = own {
            return Some((field.offset, &field.dtype));
        }
        self.fields().iter().find_map(|field| {
            let rest = name.strip_prefix(field.name())?.strip_prefix('.')?;
            let (offset, dtype) = field.dtype.find(rest)?;
            Some((field.offset + offset, dtype))
        })
    }

    /// What the entries of a subarray are, and all its dimensions, those of subarrays in it
    /// included; of anything else itself and none.
    pub fn base_and_shape(&self) -> (&DType, Vec<usize>) {
        let (mut base, mut shape) = (self, Vec::new());
        while let DType::Subarray(subarray) = base {
            shape.extend(&subarray.shape);
            base = &subarray.base;
        }
        (base, shape)
    }

    /// Whether a pickled Python object is anywhere in it.
    pub fn has_objects(&self) -> bool {
        match self {
            DType::Scalar(scalar) => scalar.kind() == Kind::Object,
            DType::Struct(record) => record.fields.iter().any(|field| field.dtype.has_objects()),
            DType::Subarray(subarray) => subarray.base.has_objects(),
        }
    }

    /// Returns the first field that holds pickled Python objects, with the fields around it: `quote.name`;
    /// empty if the dtype itself is one of objects.
    pub(crate) fn objects_field(&self) -> Option<String> {
        match self {
            DType::Scalar(scalar) => (scalar.kind() == Kind::Object).then(String::new),
            DType::Struct(record) => record.fields.iter().find_map(|field| {
                let inner = field.dtype.objects_field()?;
                Some(match &*inner {
                    "" => field.name.clone(),
                    _ => join(&field.name, &inner),
                })
            }),
            DType::Subarray(subarray) => subarray.base.objects_field(),
        }
    }

    /// Whether both hold the same values in the same bytes: titles do not count, nor does the order
    /// of a void.
    pub(crate) fn is_equivalent(&self, other: &DType) -> bool {
        Difference::between(self, other).is_empty()
    }

    /// Whether NumPy takes a field of it that has no name for padding, when it reads a descr.
    pub(super) fn is_padding_if_nameless(&self) -> bool {
        match self {
            DType::Scalar(scalar) => scalar.kind() == Kind::Void,
            DType::Subarray(_) => true,
            DType::Struct(_) => false,
        }
    }

    /// Checks what NumPy demands of a dtype that a program put together.
    pub(crate) fn check(&self) -> Result<(), DTypeError> {
        match self {
            DType::Scalar(scalar) if scalar.itemsize() <= MAX_ITEMSIZE => Ok(()),
            DType::Scalar(_) => Err(DTypeError::new(Reason::TooLarge)),
            DType::Struct(record) => record.check(),
            DType::Subarray(subarray) => subarray.check(),
        }
    }
}

impl Struct {
    /// The fields in the order of their offsets.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The size in bytes, padding included.
    pub fn itemsize(&self) -> usize {
        self.itemsize
    }
}

impl PartialEq for Struct {
    fn eq(&self, other: &Self) -> bool {
        self.fields == other.fields && self.itemsize == other.itemsize
    }
}

impl Eq for Struct {}

impl Hash for Struct {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fields.hash(state);
        self.itemsize.hash(state);
    }
}

impl Field {
    /// A field, not yet placed: the struct that takes it says at which byte it starts.
    pub fn new(name: impl Into<String>, dtype: DType) -> Self {
        Field {
            name: name.into(),
            title: None,
            dtype,
            offset: 0,
        }
    }

    /// The same field with a title, NumPy's second name for it.
    #[must_use]
    pub fn with_title(self, title: impl Into<String>) -> Self {
        Field {
            title: Some(title.into()),
            ..self
        }
    }

    pub(crate) fn at(self, offset: usize) -> Self {
        Field { offset, ..self }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its title, if it has one.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// What it holds.
    pub fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// The byte of the element at which it starts.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl Subarray {
    /// What one entry of the array is.
    pub fn base(&self) -> &DType {
        &self.base
    }

    /// The dimensions, in C order.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of entries.
    fn len(&self) -> usize {
        self.shape
            .iter()
            .fold(1, |len, &dim| len.saturating_mul(dim))
    }

    fn check(&self) -> Result<(), DTypeError> {
        self.base.check()?;
        if self.base.itemsize() == 0 && !matches!(*self.base, DType::Struct(_)) {
            return Err(DTypeError::new(Reason::EmptyEntries));
        }
        if self.shape.len() > MAX_DIMENSIONS {
            return Err(DTypeError::new(Reason::TooManyDimensions));
        }
        let size = self.len().saturating_mul(self.base.itemsize());
        if size.max(self.len()) > MAX_ITEMSIZE || self.shape.iter().any(|&dim| dim > MAX_ITEMSIZE) {
            return Err(DTypeError::new(Reason::TooLarge));
        }
        Ok(())
    }
}

impl From<Scalar> for DType {
    fn from(scalar: Scalar) -> Self {
        DType::Scalar(scalar)
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DType::Scalar(scalar) => scalar.fmt(f),
            other => f.write_str(&literal::to_string(other).map_err(|_| fmt::Error)?),
        }
    }
}
