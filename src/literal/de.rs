use std::borrow::Cow;

use serde::{
    de::{
        Deserialize, DeserializeSeed, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess,
        Visitor, value::BorrowedStrDeserializer,
    },
    forward_to_deserialize_any,
};

use super::{
    error::{Error, SyntaxReason},
    kind,
    limits::Limits,
    node::{Int, Literal, Node},
    parse::parse,
};

/// Reads the whole text as one literal.
///
/// # Errors
///
/// If `text` is not a literal, does not match the type `T`, or exceeds [`Limits::default`].
pub fn from_str<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Error> {
    from_str_with_limits(text, Limits::default())
}

/// Reads the whole text as one literal, with other limits.
///
/// # Errors
///
/// If `text` is not a literal, does not match the type `T`, or exceeds `limits`.
pub fn from_str_with_limits<'de, T: Deserialize<'de>>(
    text: &'de str,
    limits: Limits,
) -> Result<T, Error> {
    let node = parse(text, limits, true)?;
    let at = node.at;
    T::deserialize(Deserializer { text, node }).map_err(|e| e.or_at(at))
}

/// A parsed literal, and the text that it comes from.
struct Deserializer<'de> {
    text: &'de str,
    node: Node<'de>,
}

impl<'de> Deserializer<'de> {
    fn of(&self, node: Node<'de>) -> Self {
        Deserializer {
            text: self.text,
            node,
        }
    }

    /// Returns the error that the literal is of another kind than expected.
    fn expected(&self, what: &'static str) -> Error {
        let rest = self.text.get(self.node.at..).unwrap_or_default();
        Error::new(
            SyntaxReason::Expected(what, rest.chars().next()),
            self.node.at,
        )
    }

    fn list<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        match std::mem::replace(&mut self.node.literal, Literal::None) {
            Literal::List(items) => self.sequence(items, "`]`", visitor),
            _ => Err(self.expected("a list")),
        }
    }

    fn tuple<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        match std::mem::replace(&mut self.node.literal, Literal::None) {
            Literal::Tuple(items) => self.sequence(items, "`)`", visitor),
            _ if self
                .text
                .get(self.node.at..)
                .unwrap_or_default()
                .starts_with('(') =>
            {
                let rule = "a tuple of one item has a comma: `(3,)`; `(3)` is only 3 in brackets";
                Err(Error::new(SyntaxReason::Rule(rule), self.node.at))
            }
            _ => Err(self.expected("a tuple")),
        }
    }

    /// Visits the items. The visitor must take all of them. `end` is the closing bracket.
    fn sequence<V: Visitor<'de>>(
        &self,
        items: Vec<Node<'de>>,
        end: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut items = ItemReader {
            de: self,
            items: items.into_iter(),
        };
        let value = visitor.visit_seq(&mut items);
        let value = value.map_err(|e| e.or_at(self.node.at))?;
        match items.items.next() {
            None => Ok(value),
            Some(node) => Err(self.of(node).expected(end)),
        }
    }

    fn dictionary<V: Visitor<'de>>(
        &self,
        entries: Vec<(Node<'de>, Node<'de>)>,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut entries = Entries {
            de: self,
            entries: entries.into_iter(),
            value: None,
        };
        let value = visitor.visit_map(&mut entries);
        let value = value.map_err(|e| e.or_at(self.node.at))?;
        match entries.entries.next() {
            None => Ok(value),
            Some((key, _)) => Err(self.of(key).expected("`}`")),
        }
    }

    /// Returns the kind of the literal: the name of an enum variant.
    fn kind(&self) -> &'static str {
        match &self.node.literal {
            Literal::None => kind::NONE,
            Literal::Bool(_) => kind::BOOL,
            Literal::Int(_) => kind::INT,
            Literal::Str(_) => kind::STR,
            Literal::List(_) => kind::LIST,
            Literal::Tuple(_) | Literal::Sequence(_) => kind::TUPLE,
            Literal::Dict(_) => kind::DICT,
        }
    }
}

impl<'de> serde::Deserializer<'de> for Deserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        match std::mem::replace(&mut self.node.literal, Literal::None) {
            Literal::None => visitor.visit_unit(),
            Literal::Bool(value) => visitor.visit_bool(value),
            Literal::Int(Int::Unsigned(value)) => visitor.visit_u64(value),
            Literal::Int(Int::Negative(value)) => visitor.visit_i64(value),
            Literal::Str(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Literal::Str(Cow::Owned(text)) => visitor.visit_string(text),
            Literal::List(items) => self.sequence(items, "`]`", visitor),
            Literal::Tuple(items) | Literal::Sequence(items) => {
                self.sequence(items, "`)`", visitor)
            }
            Literal::Dict(entries) => self.dictionary(entries, visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node.literal {
            Literal::None => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match name {
            kind::NODE => visitor.visit_enum(LiteralEnum(self)),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.list(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.tuple(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.tuple(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(LiteralEnum(self))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct map struct identifier ignored_any
    }
}

/// The remaining items of a list or a tuple.
struct ItemReader<'a, 'de> {
    de: &'a Deserializer<'de>,
    items: std::vec::IntoIter<Node<'de>>,
}

impl<'de> SeqAccess<'de> for &mut ItemReader<'_, 'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        let Some(node) = self.items.next() else {
            return Ok(None);
        };
        let at = node.at;
        let value = seed.deserialize(self.de.of(node));
        value.map(Some).map_err(|e| e.or_at(at))
    }
}

/// The remaining entries of a dictionary.
struct Entries<'a, 'de> {
    de: &'a Deserializer<'de>,
    entries: std::vec::IntoIter<(Node<'de>, Node<'de>)>,
    /// The value of the last key that was read.
    value: Option<Node<'de>>,
}

impl<'de> MapAccess<'de> for &mut Entries<'_, 'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        let Some((key, value)) = self.entries.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        let at = key.at;
        let key = seed.deserialize(self.de.of(key));
        key.map(Some).map_err(|e| e.or_at(at))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let Some(value) = self.value.take() else {
            return Err(Error::custom("the value was requested before its key"));
        };
        let at = value.at;
        let value = seed.deserialize(self.de.of(value));
        value.map_err(|e| e.or_at(at))
    }
}

/// An enum whose variant names the kind of the literal and holds the literal.
struct LiteralEnum<'de>(Deserializer<'de>);

impl<'de> EnumAccess<'de> for LiteralEnum<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        let kind = BorrowedStrDeserializer::<Error>::new(self.0.kind());
        Ok((seed.deserialize(kind)?, self))
    }
}

impl<'de> VariantAccess<'de> for LiteralEnum<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Deserialize::deserialize(self.0)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        match self.0.kind() {
            kind::TUPLE => seed.deserialize(TupleAsSequence(self.0)),
            _ => seed.deserialize(self.0),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Error> {
        self.0.tuple(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        serde::Deserializer::deserialize_any(self.0, visitor)
    }
}

/// A tuple that is read as a sequence, for a variant such as `Tuple(Vec<_>)`. The variant already names the
/// kind.
struct TupleAsSequence<'de>(Deserializer<'de>);

impl<'de> serde::Deserializer<'de> for TupleAsSequence<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0.tuple(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
