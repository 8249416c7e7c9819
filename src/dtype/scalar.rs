use super::{MAX_ITEMSIZE, TimeUnit};

/// The order of the bytes of a number: the first character of a type string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// `<`, least significant byte first.
    Little,
    /// `>`, most significant byte first.
    Big,
    /// `|`, for types without an order: single bytes, byte strings, raw data.
    NotApplicable,
}

impl ByteOrder {
    /// Returns NumPy's character: `<`, `>` or `|`.
    pub const fn code(self) -> char {
        match self {
            ByteOrder::Little => '<',
            ByteOrder::Big => '>',
            ByteOrder::NotApplicable => '|',
        }
    }
}

/// The kind of a scalar, [NumPy's `dtype.kind`].
///
/// [NumPy's `dtype.kind`]: https://numpy.org/doc/stable/reference/generated/numpy.dtype.kind.html
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `b`
    Bool,
    /// `i`
    Int,
    /// `u`
    Uint,
    /// `f`; a number of 16 bytes is a C `long double`, for which Rust has no type.
    Float,
    /// `c`
    Complex,
    /// `m`
    Timedelta(TimeUnit),
    /// `M`
    Datetime(TimeUnit),
    /// `O`, a pickled Python object, which only Python can read.
    Object,
    /// `S`, bytes padded with NULs.
    Bytes,
    /// `U`, UTF-32 code points padded with NULs.
    Str,
    /// `V`, raw bytes.
    Void,
}

impl Kind {
    /// Returns NumPy's character.
    pub const fn code(self) -> char {
        match self {
            Kind::Bool => 'b',
            Kind::Int => 'i',
            Kind::Uint => 'u',
            Kind::Float => 'f',
            Kind::Complex => 'c',
            Kind::Timedelta(_) => 'm',
            Kind::Datetime(_) => 'M',
            Kind::Object => 'O',
            Kind::Bytes => 'S',
            Kind::Str => 'U',
            Kind::Void => 'V',
        }
    }
}

/// A type without fields or dimensions: its kind, its size in bytes and its byte order.
///
/// `Display` uses NumPy's type strings, such as `<f8`, `|S5` or `<M8[ns]`. `FromStr` takes these and the
/// other spellings of `np.dtype`, such as `d`, `float64` or `datetime64[ns]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scalar {
    kind: Kind,
    itemsize: usize,
    order: ByteOrder,
}

impl Scalar {
    /// Returns a scalar of `itemsize` bytes, or `None` if NumPy has no such type.
    ///
    /// The order is kept for numbers of more than one byte, and for a void: `<V2` is bfloat16. For other
    /// types, it has no meaning.
    pub const fn new(kind: Kind, itemsize: usize, order: ByteOrder) -> Option<Scalar> {
        let exists = match kind {
            Kind::Bool => itemsize == 1,
            Kind::Int | Kind::Uint => matches!(itemsize, 1 | 2 | 4 | 8),
            Kind::Float => matches!(itemsize, 2 | 4 | 8 | 16),
            Kind::Complex => matches!(itemsize, 8 | 16 | 32),
            Kind::Timedelta(unit) | Kind::Datetime(unit) => itemsize == 8 && unit.exists(),
            Kind::Object => itemsize == 8,
            Kind::Str => itemsize.is_multiple_of(4),
            Kind::Bytes | Kind::Void => true,
        };
        if !exists || itemsize > MAX_ITEMSIZE {
            return None;
        }
        Some(Scalar::of(kind, itemsize, order))
    }

    /// Returns a scalar of a kind and size that exist. The default order is `<`.
    pub(crate) const fn of(kind: Kind, itemsize: usize, order: ByteOrder) -> Scalar {
        let order = match (kind, order) {
            (Kind::Bool | Kind::Object | Kind::Bytes, _) => ByteOrder::NotApplicable,
            (Kind::Int | Kind::Uint, _) if itemsize == 1 => ByteOrder::NotApplicable,
            (Kind::Void, order) => order,
            (_, ByteOrder::NotApplicable) => ByteOrder::Little,
            (_, order) => order,
        };
        Scalar {
            kind,
            itemsize,
            order,
        }
    }

    /// Returns the kind.
    pub const fn kind(self) -> Kind {
        self.kind
    }

    /// Returns the size in bytes.
    pub const fn itemsize(self) -> usize {
        self.itemsize
    }

    /// Returns the order of the bytes.
    pub const fn byte_order(self) -> ByteOrder {
        self.order
    }

    /// Returns the type with its bytes in another order. A type without an order stays the same.
    pub(crate) const fn with_byte_order(self, order: ByteOrder) -> Scalar {
        Scalar::of(self.kind, self.itemsize, order)
    }

    /// Returns true for the `bfloat16` of the Python package `ml_dtypes`. `np.save` writes it as `<V2`, and
    /// another void of two bytes as `|V2`.
    pub(crate) const fn is_bfloat16(self) -> bool {
        matches!(
            (self.kind, self.itemsize, self.order),
            (Kind::Void, 2, ByteOrder::Little)
        )
    }

    /// Returns the alignment in C, which `np.dtype(…, align=True)` uses.
    pub(crate) const fn alignment(self) -> usize {
        match self.kind {
            Kind::Bool | Kind::Bytes | Kind::Void => 1,
            Kind::Int | Kind::Uint | Kind::Float => self.itemsize,
            Kind::Complex => self.itemsize / 2,
            Kind::Timedelta(_) | Kind::Datetime(_) | Kind::Object => 8,
            Kind::Str => 4,
        }
    }

    /// Returns true if both types hold the same values in the same bytes. The byte order of a void does not
    /// count.
    pub(crate) fn is_equivalent(self, other: Scalar) -> bool {
        self == other
            || (self.kind == Kind::Void
                && self.itemsize == other.itemsize
                && other.kind == Kind::Void)
    }
}
