use super::{
    model::{DType, Subarray},
    scalar::{ByteOrder, Kind, Scalar},
};

impl DType {
    /// Returns the dtype with all its little-endian parts in big-endian order.
    pub(crate) fn to_big_endian(&self) -> Self {
        match self {
            DType::Scalar(scalar) if scalar.word() > 1 => {
                scalar.with_byte_order(ByteOrder::Big).into()
            }
            DType::Scalar(_) => self.clone(),
            DType::Struct(record) => {
                let mut record = record.clone();
                for field in &mut record.fields {
                    field.dtype = field.dtype.to_big_endian();
                }
                DType::Struct(record)
            }
            DType::Subarray(Subarray { base, shape }) => {
                DType::merged_subarray(base.to_big_endian(), shape)
            }
        }
    }

    /// Reverses the bytes of the little-endian words in elements of this dtype.
    pub(crate) fn reverse_words(&self, elements: &mut [u8]) {
        match self {
            DType::Scalar(scalar) => {
                let words = elements.chunks_exact_mut(scalar.word());
                words.for_each(<[u8]>::reverse);
            }
            DType::Struct(record) => {
                for element in elements.chunks_exact_mut(record.itemsize.max(1)) {
                    for field in &record.fields {
                        let bytes = element.get_mut(field.offset..);
                        let bytes = bytes.and_then(|b| b.get_mut(..field.dtype.itemsize()));
                        field.dtype.reverse_words(bytes.unwrap_or_default());
                    }
                }
            }
            DType::Subarray(subarray) => subarray.base.reverse_words(elements),
        }
    }
}

impl Scalar {
    /// Returns the size of the words that are in little-endian order: 1 for a type without them.
    fn word(self) -> usize {
        match (self.kind(), self.byte_order()) {
            (Kind::Void, _) | (_, ByteOrder::Big | ByteOrder::NotApplicable) => 1,
            _ => self.alignment().max(1),
        }
    }
}
