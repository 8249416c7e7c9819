//! The text of `dtype = "…"`: NumPy's spelling of a type, as the Rust type that is stored.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::Type;

use crate::{
    dtype_errors::{explain, needs_length, why_not},
    grammar::{self, ParsedUnit, TypeString},
    paths::Paths,
};

/// The dtype that a field is stored as.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Target {
    is_big_endian: bool,
    /// True if the text names an order.
    has_order: bool,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// A primitive type of Rust: `bool`, `i16`, `f64`.
    Primitive(&'static str),
    Half,
    BFloat16,
    /// The number of bits of both parts together.
    Complex(u64),
    Bytes(u64),
    Str(u64),
    Void(u64),
    Datetime(ParsedUnit),
    Timedelta(ParsedUnit),
}

impl Target {
    pub(crate) fn parse(text: &str) -> Result<Target, String> {
        let name = text.strip_prefix(['<', '>', '|', '=']).unwrap_or(text);
        let has_shape = name.starts_with(|c: char| c == '(' || c.is_ascii_digit());
        if text.contains('{') || text.starts_with('[') || grammar::is_list(text) && !has_shape {
            return Err(format!(
                "`{text}` has fields: make a struct of them, derive `NpyRecord` for it, and use it \
                 as the type of this field, without `dtype`"
            ));
        }
        if has_shape {
            return Err(format!(
                "`{text}` has a shape: use an array such as `[f32; 3]` as the type of the field, \
                 and give the dtype of an element here"
            ));
        }
        let parsed = grammar::parse(text).map_err(|refusal| explain(name, &refusal))?;
        let kind = Kind::of(&parsed, name)?;
        Ok(Target {
            is_big_endian: parsed.order == '>' && kind.has_order(),
            has_order: text.starts_with(['<', '>']),
            kind,
        })
    }

    /// Makes the dtype suit a field: in big-endian order if its text names no order, and a `U1` of a `char`.
    pub(crate) fn suit(&mut self, ty: &Type, is_big_endian: bool) {
        self.is_big_endian |= is_big_endian && !self.has_order && self.kind.has_order();
        let is_char = matches!(ty, Type::Path(path) if path.path.is_ident("char"));
        if is_char && self.kind == Kind::Str(1) {
            self.kind = Kind::Primitive("char");
        }
    }

    /// Returns the Rust type.
    pub(crate) fn to_tokens(&self, paths: &Paths) -> TokenStream {
        let (krate, private) = (&paths.krate, &paths.private);
        let stored = match &self.kind {
            Kind::Primitive(name) => paths.primitive(name),
            Kind::Half => quote!(#private::f16),
            Kind::BFloat16 => quote!(#private::bf16),
            Kind::Complex(bits) => {
                let name = format_ident!("Complex{}", bits / 2);
                quote!(#private::#name)
            }
            Kind::Bytes(size) => sized(&quote!(#krate::Bytes), *size),
            Kind::Str(size) => sized(&quote!(#krate::Str), *size),
            Kind::Void(size) => sized(&quote!(#krate::Void), *size),
            Kind::Datetime(unit) => {
                let unit = unit_type(*unit, krate);
                quote!(#krate::Datetime64<#unit>)
            }
            Kind::Timedelta(unit) => {
                let unit = unit_type(*unit, krate);
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
    /// Returns the kind of a parsed type string. `name` is its text without the byte order.
    fn of(parsed: &TypeString, name: &str) -> Result<Kind, String> {
        let size = parsed.itemsize;
        Ok(match (parsed.kind, size) {
            ('b', _) => Kind::Primitive("bool"),
            ('i', 1) => Kind::Primitive("i8"),
            ('i', 2) => Kind::Primitive("i16"),
            ('i', 4) => Kind::Primitive("i32"),
            ('i', 8) => Kind::Primitive("i64"),
            ('u', 1) => Kind::Primitive("u8"),
            ('u', 2) => Kind::Primitive("u16"),
            ('u', 4) => Kind::Primitive("u32"),
            ('u', 8) => Kind::Primitive("u64"),
            ('f', 2) => Kind::Half,
            ('f', 4) => Kind::Primitive("f32"),
            ('f', 8) => Kind::Primitive("f64"),
            ('c', 8 | 16) => Kind::Complex(8 * size),
            ('M', _) => Kind::Datetime(parsed.unit),
            ('m', _) => Kind::Timedelta(parsed.unit),
            ('V', 2) if parsed.order == '<' => Kind::BFloat16,
            ('S' | 'U' | 'V', 0) if !name.ends_with('0') => {
                return Err(needs_length(parsed.kind));
            }
            ('S', _) => Kind::Bytes(size),
            ('U', _) => Kind::Str(size / 4),
            ('V', _) => Kind::Void(size),
            _ => return Err(why_not(name)),
        })
    }

    /// Returns true if the type has a byte order.
    fn has_order(&self) -> bool {
        !matches!(
            self,
            Kind::Primitive("bool" | "i8" | "u8") | Kind::BFloat16 | Kind::Bytes(_) | Kind::Void(_)
        )
    }
}

/// Returns the type in `npyrec::unit`.
fn unit_type(unit: ParsedUnit, krate: &TokenStream) -> TokenStream {
    let name = match unit.code {
        "Y" => "Year",
        "M" => "Month",
        "W" => "Week",
        "D" => "Day",
        "h" => "Hour",
        "m" => "Minute",
        "s" => "Second",
        "ms" => "Millisecond",
        "us" => "Microsecond",
        "ns" => "Nanosecond",
        "ps" => "Picosecond",
        "fs" => "Femtosecond",
        "as" => "Attosecond",
        _ => "Generic",
    };
    let (count, name) = (Literal::u32_unsuffixed(unit.count), format_ident!("{name}"));
    match unit.count {
        1 => quote!(#krate::unit::#name),
        _ => quote!(#krate::unit::Multiple<#krate::unit::#name, #count>),
    }
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
        assert_eq!(kind("l"), Kind::Primitive("i64"));
        assert_eq!(kind("double"), Kind::Primitive("f64"));
        assert_eq!(kind("a8"), Kind::Bytes(8));
        assert_eq!(kind("bfloat16"), Kind::BFloat16);
        assert_eq!(kind("<V2"), Kind::BFloat16);
        assert_eq!(kind("V2"), Kind::Void(2));
        assert_eq!(kind("float8_e5m2"), Kind::Void(1));
        assert_eq!(
            kind("M8[s/2]"),
            Kind::Datetime(ParsedUnit {
                count: 500,
                code: "ms"
            })
        );
        assert_eq!(kind("m8"), Kind::Timedelta(ParsedUnit::GENERIC));
        let of = |count, code| ParsedUnit { count, code };
        assert_eq!(kind("M8[ns]"), Kind::Datetime(of(1, "ns")));
        assert_eq!(kind("timedelta64[25us]"), Kind::Timedelta(of(25, "us")));
    }

    /// Every type of the grammar has a Rust type. The exceptions are Python objects, `long double`s, and
    /// texts and voids without a length.
    #[test]
    fn a_type_string_is_taken_if_the_grammar_takes_it() {
        let letters = ('!'..='~').map(String::from);
        let sizes = [
            "", "0", "1", "2", "4", "5", "8", "16", "32", "04", "[ns]", "8[25us]",
        ];
        let words = "bool_ byte double float int_ longdouble half unicode void object bfloat16 \
                     int4 float8_e4m3fn <f1 complex32 str bytes_ datetime64 timedelta64[s] float_";
        let sized = letters.flat_map(|letter| sizes.map(|size| format!("{letter}{size}")));
        let mut taken = 0;
        for text in sized.chain(words.split(' ').map(str::to_owned)) {
            for text in [
                text.clone(),
                format!("<{text}"),
                format!(">{text}"),
                format!("|{text}"),
            ] {
                let parsed = grammar::parse(&text)
                    .ok()
                    .filter(|_| !grammar::is_list(&text));
                let expected = parsed.is_some_and(|parsed| match parsed.kind {
                    'O' => false,
                    'f' => parsed.itemsize < 16,
                    'c' => parsed.itemsize < 32,
                    'S' | 'U' | 'V' => parsed.itemsize > 0 || text.ends_with('0'),
                    _ => true,
                });
                let found = Target::parse(&text);
                assert_eq!(found.is_ok(), expected, "{text}: {found:?}");
                taken += usize::from(expected);
            }
        }
        assert!(taken > 200, "{taken}");
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
            ("M4", "`M8[ns]`"),
            ("M8[Y/7]", "cannot be divided by 7"),
            ("T", "such as `f4`"),
            ("<double", "such as `f4`"),
            ("longdouble", "half precision is `f2`"),
            ("str", "`U16`"),
            ("", "such as `f4`"),
            ("µ", "such as `f4`"),
        ];
        for (text, advice) in texts {
            assert!(error(text).contains(advice), "{text}: {}", error(text));
        }
    }
}
