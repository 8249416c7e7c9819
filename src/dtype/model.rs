use std::{
    fmt,
    hash::{Hash, Hasher},
};

use super::{
    MAX_DIMENSIONS, MAX_ITEMSIZE,
    error::{DTypeError, DTypeReason},
    scalar::{Kind, Scalar},
};
use crate::literal;

/// A NumPy dtype: the type of each byte of an element.
///
/// `Display` and `FromStr` use NumPy's spelling: a type string for a scalar, the [descr] for a dtype with
/// fields or dimensions. The serde form is the same descr. In JSON, as in Zarr, tuples are arrays.
///
/// `FromStr` reads the texts of `np.dtype`, such as `double`, `i4,f4` or `(2, 3)f8`, and the descrs of
/// headers. Spellings that depend on the machine have their meaning on Linux on x86-64: `l`, `int` and `intp`
/// are `<i8`, `longdouble` is `<f16`. The types of the Python package `ml_dtypes` are read by name.
/// `bfloat16` is `<V2`, as `np.save` writes it. The other types are raw bytes, such as `<V1`.
///
/// A few texts of NumPy are refused:
///
/// - `T`, strings of any length, which cannot be saved
/// - a unit without a duration, such as `M8[0s]`
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
    /// A number, text or time: a type without fields or dimensions.
    Scalar(Scalar),
    /// Named fields, one after another.
    Struct(Struct),
    /// An array in each element.
    Subarray(Subarray),
}

/// Named fields at their offsets, and the itemsize.
///
/// Two structs are equal if their fields and itemsizes are equal. As in NumPy, the alignment of a struct does
/// not count.
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

/// An array in C order in each element. Its dimensions are `usize`, because an element fits in memory. Shapes
/// of files are `u64`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subarray {
    pub(super) base: Box<DType>,
    pub(super) shape: Vec<usize>,
}

impl DType {
    /// Returns a struct without padding, as `np.dtype([…])` lays it out.
    ///
    /// # Errors
    ///
    /// If a name or title appears twice, or the struct is larger than NumPy allows.
    pub fn packed(fields: impl IntoIterator<Item = Field>) -> Result<Self, DTypeError> {
        Struct::packed(fields.into_iter().collect()).map(DType::Struct)
    }

    /// Returns a struct with the padding of C, as `np.dtype([…], align=True)` lays it out.
    ///
    /// # Errors
    ///
    /// If a name or title appears twice, or the struct is larger than NumPy allows.
    pub fn aligned(fields: impl IntoIterator<Item = Field>) -> Result<Self, DTypeError> {
        Struct::aligned(fields.into_iter().collect()).map(DType::Struct)
    }

    /// Returns a struct with fields at given offsets, as `np.dtype({'names': …, 'formats': …, 'offsets': …,
    /// 'itemsize': …})` lays it out. The other bytes are padding.
    ///
    /// # Errors
    ///
    /// As [`packed`](DType::packed). Also if the fields overlap, are not in the order of their offsets, or do
    /// not fit `itemsize`. NumPy has no descr for such a dtype.
    pub fn placed(
        fields: impl IntoIterator<Item = (usize, Field)>,
        itemsize: usize,
    ) -> Result<Self, DTypeError> {
        let fields = fields.into_iter().map(|(offset, field)| field.at(offset));
        let record = Struct::placed(fields.collect(), itemsize, 1);
        record.check()?;
        Ok(DType::Struct(record))
    }

    /// Returns a subarray of `base`. Without dimensions, this is `base`.
    ///
    /// # Errors
    ///
    /// If there are more dimensions or bytes than NumPy allows. Also if `base` is a zero-sized text or array,
    /// for which NumPy has no subarray.
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

    /// Returns a subarray of `base`. If `base` is a subarray, its dimensions become further dimensions. The
    /// caller checks the result.
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

    /// Returns the dtype that `np.load` gives to an array. A subarray with one entry becomes the dtype of the
    /// entry.
    pub(crate) fn of_an_array(self) -> Self {
        match self {
            DType::Subarray(subarray) if subarray.shape.iter().all(|&dim| dim == 1) => {
                subarray.base.of_an_array()
            }
            other => other,
        }
    }

    /// Returns a subarray with the axes of a file. The caller checks the result.
    pub(crate) fn along(&self, axes: &[u64]) -> Self {
        let dims = axes
            .iter()
            .map(|&dim| usize::try_from(dim).unwrap_or(usize::MAX));
        DType::merged_subarray(self.clone(), &dims.collect::<Vec<_>>())
    }

    /// Returns the size of an element in bytes.
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

    /// Returns the fields of a [`Struct`]. Other dtypes have no fields.
    pub fn fields(&self) -> &[Field] {
        match self {
            DType::Struct(record) => &record.fields,
            _ => &[],
        }
    }

    /// Returns the dtype of the entries of a subarray, and all its dimensions, including the dimensions of
    /// inner subarrays. Another dtype is returned without dimensions.
    pub fn base_and_shape(&self) -> (&DType, Vec<usize>) {
        let (mut base, mut shape) = (self, Vec::new());
        while let DType::Subarray(subarray) = base {
            shape.extend(&subarray.shape);
            base = &subarray.base;
        }
        (base, shape)
    }

    /// Returns true if NumPy reads a field without a name as padding.
    pub(super) fn is_padding_if_nameless(&self) -> bool {
        match self {
            DType::Scalar(scalar) => scalar.kind() == Kind::Void,
            DType::Subarray(_) => true,
            DType::Struct(_) => false,
        }
    }

    /// Checks that NumPy has this dtype.
    pub(crate) fn check(&self) -> Result<(), DTypeError> {
        match self {
            DType::Scalar(scalar) if scalar.itemsize() <= MAX_ITEMSIZE => Ok(()),
            DType::Scalar(_) => Err(DTypeError::new(DTypeReason::TooLarge)),
            DType::Struct(record) => record.check(),
            DType::Subarray(subarray) => subarray.check(),
        }
    }
}

impl Struct {
    /// Returns the fields in the order of their offsets.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Returns the size in bytes, including padding.
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
    /// Returns a field without an offset. The struct sets the offset.
    pub fn new(name: impl Into<String>, dtype: DType) -> Self {
        Field {
            name: name.into(),
            title: None,
            dtype,
            offset: 0,
        }
    }

    /// Returns the field with a title, NumPy's second name for a field.
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

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the title, if there is one.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// Returns the dtype of the field.
    pub fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// Returns the offset in the element, in bytes.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl Subarray {
    /// Returns the dtype of an entry of the array.
    pub fn base(&self) -> &DType {
        &self.base
    }

    /// Returns the dimensions, in C order.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Returns the number of entries.
    fn len(&self) -> usize {
        self.shape
            .iter()
            .fold(1, |len, &dim| len.saturating_mul(dim))
    }

    fn check(&self) -> Result<(), DTypeError> {
        self.base.check()?;
        if self.base.itemsize() == 0 && !matches!(*self.base, DType::Struct(_)) {
            return Err(DTypeError::new(DTypeReason::EmptyEntries));
        }
        if self.shape.len() > MAX_DIMENSIONS {
            return Err(DTypeError::new(DTypeReason::TooManyDimensions));
        }
        let size = self.len().saturating_mul(self.base.itemsize());
        if size.max(self.len()) > MAX_ITEMSIZE || self.shape.iter().any(|&dim| dim > MAX_ITEMSIZE) {
            return Err(DTypeError::new(DTypeReason::TooLarge));
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
