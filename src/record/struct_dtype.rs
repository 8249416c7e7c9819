use super::memory::Layout;
use crate::dtype::{DType, Field, Struct};

/// A builder of a struct dtype, field by field at known offsets.
#[derive(Debug)]
pub struct StructDType {
    fields: Vec<Field>,
    itemsize: usize,
    alignment: usize,
}

impl StructDType {
    /// Creates a builder for a struct of a layout, with capacity for `fields` fields.
    pub fn new<T>(layout: &Layout<T>, fields: usize) -> Self {
        StructDType {
            fields: Vec::with_capacity(fields),
            itemsize: layout.itemsize(),
            alignment: layout.alignment(),
        }
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, name: &str, offset: usize, dtype: DType) -> Self {
        self.fields.push(Field::new(name, dtype).at(offset));
        self
    }

    /// Adds a field with a title.
    #[must_use]
    pub fn titled(mut self, title: &str, name: &str, offset: usize, dtype: DType) -> Self {
        let field = Field::new(name, dtype).with_title(title);
        self.fields.push(field.at(offset));
        self
    }

    /// Adds the fields of a struct in place of the struct.
    #[must_use]
    pub fn flatten(mut self, offset: usize, dtype: DType) -> Self {
        let inner = dtype.fields().iter().cloned();
        self.fields.extend(inner.map(|field| {
            let offset = offset + field.offset();
            field.at(offset)
        }));
        self
    }

    /// Returns the dtype.
    pub fn finish(self) -> DType {
        DType::Struct(Struct::placed(self.fields, self.itemsize, self.alignment))
    }
}
