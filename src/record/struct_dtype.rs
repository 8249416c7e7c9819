use super::{field_dtype::FieldDType, memory::Layout};
use crate::dtype::{DType, Struct};

/// Returns the dtype of a struct of a layout.
pub fn struct_dtype<T>(layout: &Layout<T>) -> DType {
    place(
        &layout.fields_in_file(),
        layout.itemsize(),
        layout.alignment(),
    )
}

fn place(fields: &[(usize, FieldDType)], itemsize: usize, alignment: usize) -> DType {
    let mut placed = Vec::with_capacity(fields.len());
    for (offset, field) in fields {
        if !field.is_flattened() {
            placed.push(field.at(*offset));
            continue;
        }
        let inner = field.dtype();
        placed.extend(inner.fields().iter().cloned().map(|field| {
            let offset = offset + field.offset();
            field.at(offset)
        }));
    }
    DType::Struct(Struct::placed(placed, itemsize, alignment))
}
