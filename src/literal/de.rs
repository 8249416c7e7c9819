use std::borrow::Cow;

use serde::{
    de::{
        Deserialize, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
        value::BorrowedStrDeserializer,
    },
    forward_to_deserialize_any,
};

use super::{
    error::{Error, Reason},
    kind,
    lex::{Int, Lexer},
};

/// What a text may be at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Levels of brackets; 128 by default.
    pub depth: usize,
    /// Length of the text in bytes; 1 MiB by default.
    pub length: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 128,
            length: 1 << 20,
        }
    }
}

/// Reads one literal, the whole of `text`.
///
/// # Errors
///
/// If `text` is not a literal, not one of the shape of `T`, or beyond [`Limits::default`].
pub fn from_str<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Error> {
    from_str_with_limits(text, Limits::default())
}

/// Reads one literal, the whole of `text`, within limits of the caller's.
///
/// # Errors
///
/// If `text` is not a literal, not one of the shape of `T`, or beyond `limits`.
pub fn from_str_with_limits<'de, T: Deserialize<'de>>(
    text: &'de str,
    limits: Limits,
) -> Result<T, Error> {
    if text.len() > limits.length {
        let (length, limit) = (text.len(), limits.length);
        return Err(Error::new(Reason::TooLong { length, limit }, limit));
    }
    let mut de = Deserializer {
        lexer: Lexer::new(text),
        depth_left: limits.depth,
        depth: limits.depth,
    };
    de.lexer.peek();
    let start = de.lexer.offset();
    let value = T::deserialize(&mut de).map_err(|e| e.or_at(start))?;
    de.lexer.end()?;
    Ok(value)
}

struct Deserializer<'de> {
    lexer: Lexer<'de>,
    depth_left: usize,
    depth: usize,
}

impl<'de> Deserializer<'de> {
    /// Reads what is between `open` and its closing bracket; the opening one is next.
    fn nested<T>(
        &mut self,
        brackets: Brackets,
        read: impl FnOnce(&mut Items<'_, 'de>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let start = self.lexer.offset();
        self.depth_left = self
            .depth_left
            .checked_sub(1)
            .ok_or_else(|| Error::new(Reason::TooDeep(self.depth), start))?;
        self.lexer.expect(brackets.open(), brackets.what())?;
        let mut items = Items {
            de: self,
            brackets,
            read: 0,
            after_comma: true,
        };
        let value = read(&mut items).map_err(|e| e.or_at(start))?;
        items.end()?;
        self.depth_left += 1;
        Ok(value)
    }

    fn sequence<V: Visitor<'de>>(
        &mut self,
        brackets: Brackets,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.lexer.peek();
        self.nested(brackets, |items| visitor.visit_seq(items))
    }

    fn string<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        match self.lexer.string()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    /// `True`, `False`, `None`, or a string with Python 2's prefix for Unicode.
    fn name<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let before = self.lexer.clone();
        match self.lexer.name() {
            "True" => visitor.visit_bool(true),
            "False" => visitor.visit_bool(false),
            "None" => visitor.visit_unit(),
            "u" | "U" => self.string(visitor),
            _ => {
                self.lexer = before;
                Err(self.lexer.expected("a literal"))
            }
        }
    }

    /// The kind of the next literal, as an enum's variant names it.
    fn kind(&mut self) -> &'static str {
        match self.lexer.peek() {
            Some('{') => kind::DICT,
            Some('[') => kind::LIST,
            Some('(') => kind::TUPLE,
            Some('\'' | '"' | 'u' | 'U') => kind::STR,
            Some('T' | 'F') => kind::BOOL,
            Some('N') => kind::NONE,
            _ => kind::INT,
        }
    }
}

impl<'de> serde::Deserializer<'de> for &mut Deserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.lexer.peek() {
            Some('{') => self.nested(Brackets::Dict, |items| visitor.visit_map(items)),
            Some('[') => self.sequence(Brackets::List, visitor),
            Some('(') => self.sequence(Brackets::Tuple, visitor),
            Some('\'' | '"') => self.string(visitor),
            Some('0'..='9' | '-' | '+') => match self.lexer.int()? {
                Int::Unsigned(value) => visitor.visit_u64(value),
                Int::Negative(value) => visitor.visit_i64(value),
            },
            _ => self.name(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.kind() == kind::NONE {
            self.name(visitor)
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.sequence(Brackets::List, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.sequence(Brackets::Tuple, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(Kind(self))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct map struct identifier ignored_any
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Brackets {
    Dict,
    List,
    Tuple,
}

impl Brackets {
    fn open(self) -> char {
        match self {
            Brackets::Dict => '{',
            Brackets::List => '[',
            Brackets::Tuple => '(',
        }
    }

    fn close(self) -> char {
        match self {
            Brackets::Dict => '}',
            Brackets::List => ']',
            Brackets::Tuple => ')',
        }
    }

    fn what(self) -> &'static str {
        match self {
            Brackets::Dict => "a dictionary",
            Brackets::List => "a list",
            Brackets::Tuple => "a tuple",
        }
    }

    fn comma_or_close(self) -> &'static str {
        match self {
            Brackets::Dict => "`,` or `}`",
            Brackets::List => "`,` or `]`",
            Brackets::Tuple => "`,` or `)`",
        }
    }
}

/// The items between two brackets; of a dictionary, keys and values in turn.
struct Items<'a, 'de> {
    de: &'a mut Deserializer<'de>,
    brackets: Brackets,
    read: usize,
    after_comma: bool,
}

impl<'de> Items<'_, 'de> {
    fn has_next(&mut self) -> Result<bool, Error> {
        let lexer = &mut self.de.lexer;
        if lexer.peek() == Some(self.brackets.close()) {
            return Ok(false);
        }
        if !self.after_comma {
            lexer.expect(',', self.brackets.comma_or_close())?;
            self.after_comma = true;
            return Ok(lexer.peek() != Some(self.brackets.close()));
        }
        Ok(true)
    }

    fn item<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        self.de.lexer.peek();
        let start = self.de.lexer.offset();
        seed.deserialize(&mut *self.de).map_err(|e| e.or_at(start))
    }

    fn end(mut self) -> Result<(), Error> {
        let (lexer, brackets) = (&mut self.de.lexer, self.brackets);
        if !self.after_comma && lexer.skip(',') {
            self.after_comma = true;
        }
        let start = lexer.offset();
        lexer.expect(brackets.close(), brackets.comma_or_close())?;
        if brackets == Brackets::Tuple && self.read == 1 && !self.after_comma {
            let rule = "a tuple of one item has a comma: `(3,)`; `(3)` is only 3 in brackets";
            return Err(Error::new(Reason::Rule(rule), start));
        }
        Ok(())
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'_, 'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        if !self.has_next()? {
            return Ok(None);
        }
        let value = self.item(seed)?;
        self.read += 1;
        self.after_comma = false;
        Ok(Some(value))
    }
}

impl<'de> MapAccess<'de> for &mut Items<'_, 'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        if !self.has_next()? {
            return Ok(None);
        }
        let key = self.item(seed)?;
        self.de.lexer.expect(':', "`:`")?;
        Ok(Some(key))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let value = self.item(seed)?;
        self.read += 1;
        self.after_comma = false;
        Ok(value)
    }
}

/// An enum whose variant is the kind of the next literal, and holds it.
struct Kind<'a, 'de>(&'a mut Deserializer<'de>);

impl<'de> EnumAccess<'de> for Kind<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        let kind = BorrowedStrDeserializer::<Error>::new(self.0.kind());
        Ok((seed.deserialize(kind)?, self))
    }
}

impl<'de> VariantAccess<'de> for Kind<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Deserialize::deserialize(self.0)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        if self.0.kind() == kind::TUPLE {
            return seed.deserialize(TupleAsSequence(self.0));
        }
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Error> {
        self.0.sequence(Brackets::Tuple, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        serde::Deserializer::deserialize_any(self.0, visitor)
    }
}

/// A tuple for a variant that holds a sequence, `Tuple(Vec<_>)`: the variant has said which it is.
struct TupleAsSequence<'a, 'de>(&'a mut Deserializer<'de>);

impl<'de> serde::Deserializer<'de> for TupleAsSequence<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0.sequence(Brackets::Tuple, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
