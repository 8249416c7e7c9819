use super::{
    defaults::Defaults,
    error::{DecodeError, EncodeError},
    layout::Layout,
    npy_record::NpyRecord,
    slot::boxed,
};
use crate::dtype::DType;

/// Stored as what is in the box, and decoded on the heap: for records that are larger than a stack.
impl<T: NpyRecord> NpyRecord for Box<T> {
    const ITEMSIZE: usize = T::ITEMSIZE;
    const LAYOUT: Layout<Self> = Layout::boxed(&T::LAYOUT);

    fn dtype() -> DType {
        T::dtype()
    }

    fn defaults(defaults: &mut Defaults) {
        T::defaults(defaults);
    }

    fn field_defaults(defaults: &mut Defaults, offset: usize) {
        T::field_defaults(defaults, offset);
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        T::encode(self, out)
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        boxed(|slot| T::decode_into(slot, bytes))
    }
}
