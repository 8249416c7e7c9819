use super::{codec::Codec, model::Value};
use crate::{
    dtype::DType,
    record::{DecodeError, Element, EncodeAs, EncodeError, FieldAttributes, Layout, MAX_EMPTY},
};

impl EncodeAs<Value> for Value {
    fn encode_as(&self, codec: &Codec, out: &mut [u8]) -> Result<(), EncodeError> {
        codec.encode(self, out)
    }
}

impl Element for Value {
    type Codec = Codec;

    const MEMORY: Layout<Self> = Layout::encoded(1);

    fn fixed_dtype() -> Option<DType> {
        None
    }

    fn codec_of(dtype: &DType) -> Codec {
        Codec::new(dtype)
    }

    fn itemsize_of(codec: &Codec) -> usize {
        codec.itemsize()
    }

    fn decode_as(codec: &Codec, bytes: &[u8]) -> Result<Self, DecodeError> {
        codec.decode(bytes)
    }

    fn decode_boxed(codec: &Codec, bytes: &[u8]) -> Result<Box<Self>, DecodeError> {
        codec.decode(bytes).map(Box::new)
    }

    fn decode_onto(codec: &Codec, bytes: &[u8], values: &mut Vec<Self>) -> Result<(), DecodeError> {
        values.push(codec.decode(bytes)?);
        Ok(())
    }

    fn is_in_proportion(codec: &Codec, itemsize: usize, values: u64, at_once: bool) -> bool {
        let together = if at_once { values } else { values.min(1) };
        let together = usize::try_from(together);
        (itemsize > 0 || values <= MAX_EMPTY)
            && together.is_ok_and(|values| codec.vouches_for(values))
    }

    fn attributes_of() -> FieldAttributes {
        FieldAttributes::none()
    }
}
