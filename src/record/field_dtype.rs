use crate::dtype::{DType, Field};

/// The dtype of a field of a struct, and its name.
#[derive(Clone, Copy, Debug)]
pub struct FieldDType {
    /// Empty for a field whose fields are in its place.
    name: &'static str,
    title: Option<&'static str>,
    is_flattened: bool,
    dtype: fn() -> DType,
}

impl FieldDType {
    /// Describes a field.
    pub const fn new(name: &'static str, dtype: fn() -> DType) -> Self {
        FieldDType {
            name,
            title: None,
            is_flattened: false,
            dtype,
        }
    }

    /// Describes a field with a title.
    pub const fn titled(title: &'static str, name: &'static str, dtype: fn() -> DType) -> Self {
        FieldDType {
            title: Some(title),
            ..FieldDType::new(name, dtype)
        }
    }

    /// Describes a struct whose fields are in its place.
    pub const fn flattened(dtype: fn() -> DType) -> Self {
        FieldDType {
            is_flattened: true,
            ..FieldDType::new("", dtype)
        }
    }

    /// Returns the name, empty for a flattened field.
    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the title, or an empty text.
    pub(super) const fn title(&self) -> &'static str {
        match self.title {
            Some(title) => title,
            None => "",
        }
    }

    /// Returns true if the fields of the field are in its place.
    pub(super) const fn is_flattened(&self) -> bool {
        self.is_flattened
    }

    /// Returns the dtype.
    pub(super) fn dtype(&self) -> DType {
        (self.dtype)()
    }

    /// Returns the field of a dtype, at an offset.
    pub(super) fn at(&self, offset: usize) -> Field {
        let field = Field::new(self.name, self.dtype());
        let field = match self.title {
            Some(title) => field.with_title(title),
            None => field,
        };
        field.at(offset)
    }
}
