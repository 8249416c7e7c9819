use std::net::{Ipv4Addr, Ipv6Addr};

use super::{
    bytes::Void,
    encode_as::encode_as_itself,
    error::{DecodeError, EncodeError},
    memory::Layout,
    npy_record::NpyRecord,
};
use crate::dtype::DType;

macro_rules! addresses {
    ($($address:ident: $len:literal;)+) => {$(
        encode_as_itself!(impl[] $address);

        /// Stored as its bytes in network order, the most significant one first.
        impl NpyRecord for $address {
            const ITEMSIZE: usize = $len;
            const LAYOUT: Layout<Self> = Layout::encoded(1);

            fn dtype() -> DType {
                Void::<$len>::dtype()
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                Void(self.octets()).encode(out)
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                Void::<$len>::decode(bytes).map(|octets| octets.0.into())
            }
        }
    )+};
}

addresses! {
    Ipv4Addr: 4;
    Ipv6Addr: 16;
}
