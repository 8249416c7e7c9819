use super::{MAX_ITEMSIZE, TimeUnit};

/// The order of the bytes of a number, as the first character of a type string says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// `<`, least significant byte first.
    Little,
    /// `>`, most significant byte first.
    Big,
    /// `|`, of a type that has no order: single bytes, byte strings, raw data.
    NotApplicable,
}

impl ByteOrder {
    /// NumPy's character: `<`, `>` or `|`.
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
    /// `f`; sixteen bytes are a C `long double`, not a number of any Rust type.
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
    /// NumPy's character.
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
    /// A scalar of `itemsize` bytes, or `None` if NumPy has none of that kind and size.
    ///
    /// The order is kept where it means something: in numbers of more than a byte, and in a void,
    /// where bfloat16 is told by it (`<V2`).
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

    /// [`Scalar::new`] of a kind and size known to exist; `<` where no order is given.
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

    /// What it is.
    pub const fn kind(self) -> Kind {
        self.kind
    }

    /// Its size in bytes.
    pub const fn itemsize(self) -> usize {
        self.itemsize
    }

    /// The order of its bytes.
    pub const fn byte_order(self) -> ByteOrder {
        self.order
    }

    /// The same type with its bytes in another order, if it has one.
    #[must_use]
    pub const fn with_byte_order(self, order: ByteOrder) -> Scalar {
        Scalar::of(self.kind, self.itemsize, order)
    }

    /// Whether it is the `bfloat16` of the Python package `ml_dtypes`, which `np.save` writes as `<V2`;
    /// a void that is not one is `|V2`.
    pub(crate) const fn is_bfloat16(self) -> bool {
        matches!(
            (self.kind, self.itemsize, self.order),
            (Kind::Void, 2, ByteOrder::Little)
        )
    }

    /// The boundary that C, and so `np.dtype(…, align=True)`, puts it at.
    pub(crate) const fn alignment(self) -> usize {
        match self.kind {
            Kind::Bool | Kind::Bytes | Kind::Void => 1,
            Kind::Int | Kind::Uint | Kind::Float => self.itemsize,
            Kind::Complex => self.itemsize / 2,
            Kind::Timedelta(_) | Kind::Datetime(_) | Kind::Object => 8,
            Kind::Str => 4,
        }
    }

    /// Whether both hold the same values in the same bytes: the order of a void means nothing there.
    pub(crate) fn is_equivalent(self, other: Scalar) -> bool {
        self == other
            || (self.kind == Kind::Void
                && self.itemsize == other.itemsize
                && other.kind == Kind::Void)
    }
}
