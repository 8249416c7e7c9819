use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::field_attributes::{FieldAttributes, FieldTexts};
use crate::dtype::{DType, Field, join};

/// A field of a record as data: its name and dtype, and what its attributes say about it.
///
/// [`NpyRecord::fields`](crate::NpyRecord::fields) returns the fields of a record. With serde they become the
/// description of the columns that many formats keep beside the data.
///
/// ```
/// # #[cfg(feature = "derive")] {
/// use npyrec::NpyRecord;
///
/// #[derive(NpyRecord)]
/// struct Sample {
///     /// Pressure in the vessel.
///     #[npy(unit = "kPa")]
///     pressure: f64,
/// }
///
/// assert_eq!(
///     serde_json::to_string(&Sample::fields())?,
///     r#"[{"name":"pressure","dtype":"<f8","unit":"kPa","description":"Pressure in the vessel."}]"#
/// );
/// # }
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    field: Field,
    unit: String,
    description: String,
    variants: Vec<(String, i128)>,
    fields: Vec<FieldInfo>,
}

impl FieldInfo {
    /// Returns the fields of a record. For an array of records, returns the fields of an item.
    pub(super) fn of(record: &DType, attributes: &FieldAttributes) -> Vec<FieldInfo> {
        FieldInfo::within("", record, attributes)
    }

    fn within(path: &str, record: &DType, attributes: &FieldAttributes) -> Vec<FieldInfo> {
        let (record, _) = record.base_and_shape();
        let fields = record.fields().iter().map(|field| {
            let path = join(path, field.name());
            let texts = attributes.texts(&path);
            let text =
                |of: fn(&FieldTexts) -> &String| texts.map_or_else(String::new, |t| of(t).clone());
            FieldInfo {
                field: field.clone(),
                unit: text(|texts| &texts.unit),
                description: text(|texts| &texts.description),
                variants: texts.map_or_else(Vec::new, |texts| texts.variants.clone()),
                fields: FieldInfo::within(&path, field.dtype(), attributes),
            }
        });
        fields.collect()
    }

    /// Returns the name in the file.
    pub fn name(&self) -> &str {
        self.field.name()
    }

    /// Returns the title, NumPy's second name of a field.
    pub fn title(&self) -> Option<&str> {
        self.field.title()
    }

    /// Returns the dtype.
    pub fn dtype(&self) -> &DType {
        self.field.dtype()
    }

    /// Returns the text of `#[npy(unit = "…")]`, such as `kPa`.
    pub fn unit(&self) -> Option<&str> {
        Some(&*self.unit).filter(|unit| !unit.is_empty())
    }

    /// Returns the documentation of the field in the struct.
    pub fn description(&self) -> Option<&str> {
        Some(&*self.description).filter(|text| !text.is_empty())
    }

    /// Returns the names and numbers of the variants, for a field that is an enum, or an array of them. A variant
    /// with `#[npy(other)]` that holds a number is not among them.
    pub fn variants(&self) -> impl ExactSizeIterator<Item = (&str, i128)> {
        self.variants
            .iter()
            .map(|(name, number)| (&**name, *number))
    }

    /// Returns the fields of a field that is a record, or an array of records.
    pub fn fields(&self) -> &[FieldInfo] {
        &self.fields
    }
}

/// Serialized as a struct with `name`, `dtype` and, if the field has them, `title`, `unit`, `description`,
/// `variants` and `fields`.
impl Serialize for FieldInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts = [
            ("title", self.title()),
            ("unit", self.unit()),
            ("description", self.description()),
        ];
        let given = texts.iter().filter(|(_, text)| text.is_some()).count();
        let lists = [self.variants.is_empty(), self.fields.is_empty()];
        let len = 2 + given + lists.iter().filter(|is_empty| !**is_empty).count();
        let mut info = serializer.serialize_struct("FieldInfo", len)?;
        info.serialize_field("name", self.name())?;
        info.serialize_field("dtype", self.dtype())?;
        for (key, text) in texts {
            match text {
                Some(text) => info.serialize_field(key, text)?,
                None => info.skip_field(key)?,
            }
        }
        match &*self.variants {
            [] => info.skip_field("variants")?,
            variants => info.serialize_field("variants", variants)?,
        }
        match self.fields() {
            [] => info.skip_field("fields")?,
            fields => info.serialize_field("fields", fields)?,
        }
        info.end()
    }
}
