use std::{fmt, str::FromStr};

use super::{
    check_len::{check_len, check_len_mut, wrong_bytes},
    encode_as::encode_as_itself,
    error::{DecodeError, EncodeError},
    memory::{Filled, Layout, Slot},
    npy_record::NpyRecord,
};
use crate::dtype::{ByteOrder, DType, Kind, Scalar};

/// A byte string of at most `N` bytes, `|SN`: padded with NULs in the file.
///
/// ```
/// use npyrec::Bytes;
///
/// const SYMBOL: Bytes<8> = Bytes::new(b"BTCUSD").unwrap();
/// assert_eq!(SYMBOL.as_bytes(), b"BTCUSD");
/// assert_eq!(SYMBOL.to_string(), "BTCUSD");
/// assert!(Bytes::<4>::new(b"BTCUSD").is_none());
///
/// let symbol: Bytes<8> = "BTCUSD".parse()?;
/// assert_eq!(symbol, SYMBOL);
/// # Ok::<(), npyrec::EncodeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Bytes<const N: usize>([u8; N]);

/// `N` raw bytes, `|VN`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Void<const N: usize>(pub [u8; N]);

impl<const N: usize> Bytes<N> {
    /// Returns the string, or `None` if it is longer than `N` bytes or ends in a NUL, which NumPy takes
    /// for padding.
    pub const fn new(bytes: &[u8]) -> Option<Self> {
        let mut padded = [0; N];
        let mut places = padded.as_mut_slice();
        let mut rest = bytes;
        while let [byte, others @ ..] = rest {
            let Some((place, other_places)) = places.split_first_mut() else {
                return None;
            };
            *place = *byte;
            places = other_places;
            rest = others;
        }
        match bytes {
            [.., 0] => None,
            _ => Some(Bytes(padded)),
        }
    }

    /// Returns the string without its padding.
    pub const fn as_bytes(&self) -> &[u8] {
        let mut bytes = self.0.as_slice();
        while let [start @ .., 0] = bytes {
            bytes = start;
        }
        bytes
    }
}

/// Returns the bytes without the NULs at their end.
pub(crate) fn without_padding(bytes: &[u8]) -> &[u8] {
    let last = bytes.iter().rposition(|&byte| byte != 0);
    let len = last.map_or(0, |last| last + 1);
    bytes.get(..len).unwrap_or_default()
}

/// Returns the error about a text that is longer than `limit`, or ends in a NUL.
#[cold]
pub(super) fn not_storable(
    text: impl fmt::Debug,
    ends_in_nul: bool,
    len: usize,
    unit: &str,
    limit: usize,
) -> EncodeError {
    let text = format!("{text:?}");
    if ends_in_nul {
        EncodeError::new(text, "ends in a NUL, which NumPy would take for padding")
    } else {
        EncodeError::new(
            text,
            format_args!("is {len} {unit} long, the dtype holds {limit}"),
        )
    }
}

impl<const N: usize> TryFrom<&[u8]> for Bytes<N> {
    type Error = EncodeError;

    /// Converts a string that [`new`](Self::new) takes.
    fn try_from(bytes: &[u8]) -> Result<Self, EncodeError> {
        Bytes::new(bytes).ok_or_else(|| {
            let shown = format!("b\"{}\"", bytes.escape_ascii());
            let ends_in_nul = bytes.ends_with(&[0]);
            not_storable(
                format_args!("{shown}"),
                ends_in_nul,
                bytes.len(),
                "bytes",
                N,
            )
        })
    }
}

impl<const N: usize> TryFrom<&str> for Bytes<N> {
    type Error = EncodeError;

    /// Converts a text to its bytes in UTF-8.
    fn try_from(text: &str) -> Result<Self, EncodeError> {
        Bytes::new(text.as_bytes())
            .ok_or_else(|| not_storable(text, text.ends_with('\0'), text.len(), "bytes", N))
    }
}

impl<const N: usize> FromStr for Bytes<N> {
    type Err = EncodeError;

    /// Converts a text to its bytes in UTF-8.
    fn from_str(text: &str) -> Result<Self, EncodeError> {
        text.try_into()
    }
}

impl<const N: usize> From<[u8; N]> for Bytes<N> {
    /// Takes the string with its padding: NULs at the end do not count.
    fn from(padded: [u8; N]) -> Self {
        Bytes(padded)
    }
}

impl<const N: usize> From<Bytes<N>> for [u8; N] {
    /// Returns the string with its padding.
    fn from(bytes: Bytes<N>) -> Self {
        bytes.0
    }
}

impl<const N: usize> From<[u8; N]> for Void<N> {
    fn from(bytes: [u8; N]) -> Self {
        Void(bytes)
    }
}

impl<const N: usize> From<Void<N>> for [u8; N] {
    fn from(void: Void<N>) -> Self {
        void.0
    }
}

impl<const N: usize> AsRef<[u8]> for Bytes<N> {
    /// Returns the string without its padding.
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl<const N: usize> AsRef<[u8]> for Void<N> {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl<const N: usize> Default for Bytes<N> {
    fn default() -> Self {
        Bytes([0; N])
    }
}

impl<const N: usize> Default for Void<N> {
    fn default() -> Self {
        Void([0; N])
    }
}

impl<const N: usize> fmt::Display for Bytes<N> {
    /// Writes the text, with U+FFFD for bytes that are not UTF-8.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&String::from_utf8_lossy(self.as_bytes()))
    }
}

impl<const N: usize> fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.as_bytes().escape_ascii())
    }
}

impl<const N: usize> fmt::Debug for Void<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Void(b\"{}\")", self.0.escape_ascii())
    }
}

macro_rules! byte_arrays {
    ($($name:ident: $kind:ident),+) => {$(
        encode_as_itself!(impl[const N: usize] $name<N>);

        impl<const N: usize> NpyRecord for $name<N> {
            const ITEMSIZE: usize = N;
            const LAYOUT: Layout<Self> = Layout::native();

            fn dtype() -> DType {
                Scalar::of(Kind::$kind, N, ByteOrder::NotApplicable).into()
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                check_len_mut(out, N)?.copy_from_slice(&self.0);
                Ok(())
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                let mut array = [0; N];
                array.copy_from_slice(check_len(bytes, N)?);
                Ok($name(array))
            }

            #[inline]
            fn decode_into<'a>(
                slot: Slot<'a, Self>,
                bytes: &[u8],
            ) -> Result<Filled<'a, Self>, DecodeError> {
                slot.copy(check_len(bytes, N)?)
                    .map_err(|_| wrong_bytes(bytes.len(), N))
            }
        }
    )+};
}

byte_arrays!(Bytes: Bytes, Void: Void);
