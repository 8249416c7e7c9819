use super::memory::Layout;
use crate::dtype::{DType, Field, Struct};

/// The dtype of a field of a struct, and its name.
#[derive(Debug)]
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

    fn at(&self, offset: usize) -> Field {
        let field = Field::new(self.name, (self.dtype)());
        let field = match self.title {
            Some(title) => field.with_title(title),
            None => field,
        };
        field.at(offset)
    }
}

/// Returns the dtype of a struct, from the dtypes of all its fields.
pub fn struct_dtype<T>(layout: &Layout<T>, fields: &[FieldDType]) -> DType {
    place(
        fields,
        &layout.file_offsets(),
        layout.itemsize(),
        layout.alignment(),
    )
}

fn place(fields: &[FieldDType], offsets: &[usize], itemsize: usize, alignment: usize) -> DType {
    let mut placed = Vec::with_capacity(fields.len());
    for (field, &offset) in fields.iter().zip(offsets) {
        if !field.is_flattened {
            placed.push(field.at(offset));
            continue;
        }
        let inner = (field.dtype)();
        placed.extend(inner.fields().iter().cloned().map(|field| {
            let offset = offset + field.offset();
            field.at(offset)
        }));
    }
    DType::Struct(Struct::placed(placed, itemsize, alignment))
}
