use super::{
    error::DTypeError,
    model::{DType, Field},
    scalar::{ByteOrder, Kind},
};

impl DType {
    /// Returns the dtype that NumPy gives to concatenated arrays: the same values without padding, in
    /// little-endian order.
    pub(crate) fn canonical(&self) -> Result<Self, DTypeError> {
        match self {
            DType::Scalar(scalar) if scalar.kind() == Kind::Void => Ok(self.clone()),
            DType::Scalar(scalar) => Ok(scalar.with_byte_order(ByteOrder::Little).into()),
            DType::Struct(record) => {
                let canonical = |field: &Field| {
                    let own = Field::new(field.name(), field.dtype().canonical()?);
                    Ok(match field.title() {
                        Some(title) => own.with_title(title),
                        None => own,
                    })
                };
                let fields: Result<Vec<_>, DTypeError> =
                    record.fields().iter().map(canonical).collect();
                DType::packed(fields?)
            }
            DType::Subarray(subarray) => {
                DType::subarray(subarray.base().canonical()?, subarray.shape())
            }
        }
    }
}
