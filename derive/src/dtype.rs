//! The text of `dtype = "…"`: NumPy's spelling of a type, as the Rust type that is stored.

use std::fmt::Display;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use crate::paths::Paths;

/// The most bytes that NumPy gives an element.
const MAX_ITEMSIZE: u64 = i32::MAX.unsigned_abs() as u64;

/// What a field is stored as.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Target {
    is_big_endian: bool,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// A Rust primitive of that name: `bool`, `i16`, `f64`.
    Primitive(&'static str),
    Half,
    /// The number of bits of both parts.
    Complex(u64),
    Bytes(u64),
    Str(u64),
    Void(u64),
    Datetime(Unit),
    Timedelta(Unit),
}

#[derive(Clone, Debug, PartialEq)]
struct Unit {
    count: u32,
    /// The type in `npyrec::unit`.
    name: &'static str,
}

const UNITS: [(&str, &str); 14] = [
    ("Y", "Year"),
    ("M", "Month"),
    ("W", "Week"),
    ("D", "Day"),
    ("h", "Hour"),
    ("m", "Minute"),
    ("s", "Second"),
    ("ms", "Millisecond"),
    ("us", "Microsecond"),
    ("μs", "Microsecond"),
    ("ns", "Nanosecond"),
    ("ps", "Picosecond"),
    ("fs", "Femtosecond"),
    ("as", "Attosecond"),
];

const GENERIC: Unit = Unit {
    count: 1,
    name: "Generic",
};

impl Target {
    pub(crate) fn parse(text: &str) -> Result<Target, String> {
        if text.contains('{') || text.starts_with('[') || text.contains(',') && !text.contains('(')
        {
            return Err(format!(
                "`{text}` has fields: make a struct of them, derive `NpyRecord` for it, and use it \
                 as the type of this field, without `dtype`"
            ));
        }
        let (order, name) = match text.split_at_checked(1) {
            Some((order @ ("<" | ">" | "|" | "="), name)) => (order, name),
            _ => ("", text),
        };
        if name.starts_with(|c: char| c == '(' || c.is_ascii_digit()) {
            return Err(format!(
                "`{text}` has a shape: use an array such as `[f32; 3]` as the type of the field, \
                 and give the dtype of an element here"
            ));
        }
        let kind = Kind::parse(name)?;
        Ok(Target {
            is_big_endian: order == ">" && kind.has_order(),
            kind,
        })
    }

    /// The type that it is.
    pub(crate) fn to_tokens(&self, paths: &Paths) -> TokenStream {
        let (krate, private) = (&paths.krate, &paths.private);
        let stored = match &self.kind {
            Kind::Primitive(name) => paths.primitive(name),
            Kind::Half => quote!(#private::f16),
            Kind::Complex(bits) => {
                let name = format_ident!("Complex{}", bits / 2);
                quote!(#private::#name)
            }
            Kind::Bytes(size) => sized(&quote!(#krate::Bytes), *size),
            Kind::Str(size) => sized(&quote!(#krate::Str), *size),
            Kind::Void(size) => sized(&quote!(#krate::Void), *size),
            Kind::Datetime(unit) => {
                let unit = unit.to_tokens(krate);
                quote!(#krate::Datetime64<#unit>)
            }
            Kind::Timedelta(unit) => {
                let unit = unit.to_tokens(krate);
                quote!(#krate::Timedelta64<#unit>)
            }
        };
        match self.is_big_endian {
            true => quote!(#private::BigEndian<#stored>),
            false => stored,
        }
    }
}

fn sized(path: &TokenStream, size: u64) -> TokenStream {
    let size = Literal::u64_unsuffixed(size);
    quote!(#path<#size>)
}

impl Kind {
    fn parse(name: &str) -> Result<Kind, String> {
        if let Some(kind) = Kind::named(name) {
            return Ok(kind);
        }
        let (code, unit) = match name.split_once('[') {
            Some((code, unit)) => (code, Some(unit)),
            None => (name, None),
        };
        match (code, unit) {
            ("M8" | "datetime64", None) => return Ok(Kind::Datetime(GENERIC)),
            ("m8" | "timedelta64", None) => return Ok(Kind::Timedelta(GENERIC)),
            ("M8" | "datetime64", Some(unit)) => return Unit::parse(unit).map(Kind::Datetime),
            ("m8" | "timedelta64", Some(unit)) => return Unit::parse(unit).map(Kind::Timedelta),
            _ => {}
        }
        let (letter, of_size, limit) = match name.chars().next() {
            Some('S') => ("S", Kind::Bytes as fn(u64) -> Kind, MAX_ITEMSIZE),
            Some('U') => ("U", Kind::Str as _, MAX_ITEMSIZE / 4),
            Some('V') => ("V", Kind::Void as _, MAX_ITEMSIZE),
            _ => return Err(why_not(name)),
        };
        match name.strip_prefix(letter) {
            Some("") => Err(needs_length(letter)),
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => match digits.parse() {
                Ok(size) if size <= limit => Ok(of_size(size)),
                _ => Err(format!(
                    "`{name}` is larger than NumPy allows; the most is `{letter}{limit}`"
                )),
            },
            _ => Err(why_not(name)),
        }
    }

    /// What has one spelling, and the words and letters that `np.dtype` also knows it by.
    fn named(name: &str) -> Option<Kind> {
        Some(match name {
            "b1" | "?" | "bool" => Kind::Primitive("bool"),
            "i1" | "b" | "int8" => Kind::Primitive("i8"),
            "i2" | "h" | "int16" => Kind::Primitive("i16"),
            "i4" | "i" | "int32" => Kind::Primitive("i32"),
            "i8" | "q" | "int64" => Kind::Primitive("i64"),
            "u1" | "B" | "uint8" => Kind::Primitive("u8"),
            "u2" | "H" | "uint16" => Kind::Primitive("u16"),
            "u4" | "I" | "uint32" => Kind::Primitive("u32"),
            "u8" | "Q" | "uint64" => Kind::Primitive("u64"),
            "f2" | "e" | "float16" => Kind::Half,
            "f4" | "f" | "float32" => Kind::Primitive("f32"),
            "f8" | "d" | "float64" => Kind::Primitive("f64"),
            "c8" | "F" | "complex64" => Kind::Complex(64),
            "c16" | "D" | "complex128" => Kind::Complex(128),
            _ => return None,
        })
    }

    /// Whether the order of its bytes matters.
    fn has_order(&self) -> bool {
        !matches!(
            self,
            Kind::Primitive("bool" | "i8" | "u8") | Kind::Bytes(_) | Kind::Void(_)
        )
    }
}

impl Unit {
    /// A unit with the bracket that closes it: `25us]`.
    fn parse(text: &str) -> Result<Unit, String> {
        let unit = text
            .strip_suffix(']')
            .ok_or("a `]` is missing at the end")?;
        if unit == "generic" {
            return Ok(GENERIC);
        }
        let code = unit.trim_start_matches(|c: char| c.is_ascii_digit());
        let Some((_, name)) = UNITS.into_iter().find(|&(known, _)| known == code) else {
            return Err(format!(
                "`{code}` is not a unit of NumPy; it has Y, M, W, D, h, m, s, ms, us, ns, ps, fs \
                 and as, with a number before it if need be: `M8[25us]`"
            ));
        };
        let count = match unit.strip_suffix(code).unwrap_or_default() {
            "" => Ok(1),
            digits => digits.parse(),
        };
        match count {
            Ok(count) if (1..=i32::MAX.unsigned_abs()).contains(&count) => Ok(Unit { count, name }),
            _ => Err(format!(
                "the number before the unit in `[{unit}]` must be from 1 to {}",
                i32::MAX
            )),
        }
    }

    fn to_tokens(&self, krate: &TokenStream) -> TokenStream {
        let (count, name) = (
            Literal::u32_unsuffixed(self.count),
            format_ident!("{}", self.name),
        );
        match self.count {
            1 => quote!(#krate::unit::#name),
            _ => quote!(#krate::unit::Multiple<#krate::unit::#name, #count>),
        }
    }
}

fn needs_length(letter: &str) -> String {
    let what = match letter {
        "S" => "a text of up to 16 bytes",
        "U" => "a text of up to 16 characters",
        _ => "16 raw bytes",
    };
    format!("`{letter}` needs a length: `{letter}16` is {what}")
}

/// What to write instead of a text that is no dtype, or none that can be stored.
fn why_not(name: &str) -> String {
    let bits = |instead: &dyn Display| {
        format!("NumPy counts bytes, not bits: write `{instead}` instead of `{name}`")
    };
    match name {
        "" => "a dtype is missing; write one in NumPy's spelling, such as `f4`".to_owned(),
        "f16" | "f12" | "g" | "longdouble" | "float96" | "float128" => format!(
            "`{name}` is a `long double` of C, which no Rust type holds; half precision is `f2`, \
             the widest float `f8`"
        ),
        "c32" | "c24" | "G" | "clongdouble" | "complex192" | "complex256" => format!(
            "`{name}` is made of two `long double`s of C, which no Rust type holds; the widest \
             complex dtype is `c16`"
        ),
        "O" | "O4" | "O8" | "object" => format!(
            "`{name}` is a Python object, which only Python can store; a text is `S16` (bytes) or \
             `U16` (characters)"
        ),
        "i16" | "u16" | "i32" | "u32" | "i64" | "u64" | "f32" | "f64" | "c64" | "c128" => {
            let (kind, bits_given) = name.split_at(1);
            bits(&format_args!(
                "{kind}{}",
                bits_given.parse().unwrap_or(0_u32) / 8
            ))
        }
        "b8" => bits(&"b1"),
        "str" => needs_length("U"),
        "bytes" => needs_length("S"),
        "void" => needs_length("V"),
        _ if is_sized(name, 'i') || is_sized(name, 'u') => {
            let kind = if name.starts_with('i') { 'i' } else { 'u' };
            format!(
                "NumPy has no `{name}`; its integers are `{kind}1`, `{kind}2`, `{kind}4` and `{kind}8`"
            )
        }
        _ if is_sized(name, 'f') => {
            format!("NumPy has no `{name}`; its floats are `f2`, `f4` and `f8`")
        }
        _ if is_sized(name, 'c') => {
            format!("NumPy has no `{name}`; its complex numbers are `c8` and `c16`")
        }
        _ if is_sized(name, 'M') || is_sized(name, 'm') || name.starts_with(['M', 'm']) => {
            format!("`{name}` is not a dtype; a point in time is `M8[ns]`, a span of time `m8[ns]`")
        }
        _ => format!(
            "`{name}` is not a dtype; write one in NumPy's spelling, such as `f4`, `>i2`, `S16`, \
             `U8`, `V4` or `M8[ns]`"
        ),
    }
}

/// Whether it is that letter and a number.
fn is_sized(name: &str, kind: char) -> bool {
    let size = name.strip_prefix(kind);
    size.is_some_and(|size| size.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        Target::parse(text).unwrap().kind
    }

    fn error(text: &str) -> String {
        Target::parse(text).unwrap_err()
    }

    #[test]
    fn the_spellings_of_numpy_are_understood() {
        assert_eq!(kind("<f8"), Kind::Primitive("f64"));
        assert_eq!(kind("=u2"), Kind::Primitive("u16"));
        assert_eq!(kind("?"), Kind::Primitive("bool"));
        assert_eq!(kind("|S16"), Kind::Bytes(16));
        assert_eq!(kind("U8"), Kind::Str(8));
        assert_eq!(kind("float16"), Kind::Half);
        assert_eq!(kind("c16"), Kind::Complex(128));
        assert_eq!(kind("m8"), Kind::Timedelta(GENERIC));
        let of = |count, name| Unit { count, name };
        assert_eq!(kind("M8[ns]"), Kind::Datetime(of(1, "Nanosecond")));
        assert_eq!(
            kind("timedelta64[25us]"),
            Kind::Timedelta(of(25, "Microsecond"))
        );
    }

    #[test]
    fn the_order_of_single_bytes_does_not_matter() {
        let is_big = |text| Target::parse(text).unwrap().is_big_endian;
        assert!(
            [">f8", ">i2", ">c8", ">U4", ">M8[s]"]
                .into_iter()
                .all(is_big)
        );
        assert!(![">u1", ">b1", ">S4", ">V4", "<f8"].into_iter().any(is_big));
    }

    #[test]
    fn a_refusal_says_what_to_write() {
        let texts = [
            ("f16", "half precision is `f2`"),
            ("i32", "write `i4`"),
            ("i3", "`i1`, `i2`, `i4` and `i8`"),
            ("c32", "`c16`"),
            ("O", "`S16`"),
            ("S", "`S16`"),
            ("S2147483648", "`S2147483647`"),
            ("U536870912", "`U536870911`"),
            ("S99999999999999999999999", "larger than NumPy allows"),
            ("f4,i2", "derive `NpyRecord`"),
            ("[('a', '<f4')]", "derive `NpyRecord`"),
            ("3f4", "`[f32; 3]`"),
            ("(2, 3)f4", "`[f32; 3]`"),
            ("M8[ns", "`]`"),
            ("M8[0s]", "from 1 to"),
            ("M8[sec]", "`sec` is not a unit"),
            ("M", "`M8[ns]`"),
            ("", "such as `f4`"),
            ("µ", "such as `f4`"),
        ];
        for (text, advice) in texts {
            assert!(error(text).contains(advice), "{text}: {}", error(text));
        }
    }
}
