//! A parsed literal, and the byte at which each part starts.

use std::{borrow::Cow, collections::HashMap};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess, Visitor},
};

use super::{kind, tuple::Tuple};

/// A literal at a byte of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node<'de> {
    /// The byte of the text at which the literal starts; 0 without a text.
    pub(crate) at: usize,
    pub(crate) literal: Literal<'de>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Literal<'de> {
    None,
    Bool(bool),
    Int(Int),
    Str(Cow<'de, str>),
    List(Vec<Node<'de>>),
    Tuple(Vec<Node<'de>>),
    /// A list or a tuple, in a format such as JSON that has only one of the two.
    Sequence(Vec<Node<'de>>),
    Dict(Vec<(Node<'de>, Node<'de>)>),
}

/// An integer of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Int {
    Unsigned(u64),
    Negative(i64),
}

/// A key of a dictionary that can be compared.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Key<'a> {
    None,
    /// `True` equals 1 in Python.
    Int(Int),
    Str(&'a str),
    Tuple(Vec<Key<'a>>),
}

impl<'de> Node<'de> {
    /// Returns the literal as a key, or `None` for a list or dictionary, which Python cannot hash.
    pub(super) fn as_key(&self) -> Option<Key<'_>> {
        Some(match &self.literal {
            Literal::None => Key::None,
            Literal::Bool(value) => Key::Int(Int::Unsigned((*value).into())),
            Literal::Int(value) => Key::Int(*value),
            Literal::Str(text) => Key::Str(text),
            Literal::Tuple(items) => {
                Key::Tuple(items.iter().map(Node::as_key).collect::<Option<_>>()?)
            }
            Literal::List(_) | Literal::Sequence(_) | Literal::Dict(_) => return None,
        })
    }

    /// Returns the items of a list or a tuple.
    pub(crate) fn items(&self) -> Option<&[Node<'de>]> {
        match &self.literal {
            Literal::List(items) | Literal::Tuple(items) | Literal::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// Returns a copy that borrows nothing.
    pub(crate) fn into_owned(self) -> Node<'static> {
        let all = |items: Vec<Node<'de>>| items.into_iter().map(Node::into_owned).collect();
        let literal = match self.literal {
            Literal::None => Literal::None,
            Literal::Bool(value) => Literal::Bool(value),
            Literal::Int(value) => Literal::Int(value),
            Literal::Str(text) => Literal::Str(text.into_owned().into()),
            Literal::List(items) => Literal::List(all(items)),
            Literal::Tuple(items) => Literal::Tuple(all(items)),
            Literal::Sequence(items) => Literal::Sequence(all(items)),
            Literal::Dict(entries) => {
                let entries = entries.into_iter();
                Literal::Dict(
                    entries
                        .map(|(key, value)| (key.into_owned(), value.into_owned()))
                        .collect(),
                )
            }
        };
        Node {
            at: self.at,
            literal,
        }
    }

    /// Returns the kind of the literal, with an article.
    pub(crate) fn description(&self) -> &'static str {
        match &self.literal {
            Literal::None => "`None`",
            Literal::Bool(_) => "a boolean",
            Literal::Int(_) => "an integer",
            Literal::Str(_) => "a string",
            Literal::List(_) => "a list",
            Literal::Tuple(_) => "a tuple",
            Literal::Sequence(_) => "a sequence",
            Literal::Dict(_) => "a dictionary",
        }
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.literal {
            Literal::None => serializer.serialize_unit(),
            Literal::Bool(value) => serializer.serialize_bool(*value),
            Literal::Int(Int::Unsigned(value)) => serializer.serialize_u64(*value),
            Literal::Int(Int::Negative(value)) => serializer.serialize_i64(*value),
            Literal::Str(text) => serializer.serialize_str(text),
            Literal::List(items) | Literal::Sequence(items) => items.serialize(serializer),
            Literal::Tuple(items) => Tuple(items).serialize(serializer),
            Literal::Dict(entries) => serializer.collect_map(entries.iter().map(|(k, v)| (k, v))),
        }
    }
}

impl<'de> Deserialize<'de> for Node<'static> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(kind::NODE, NodeVisitor)
    }
}

/// A reader of literals from a format with one kind of sequence.
struct Untagged;

impl<'de> DeserializeSeed<'de> for Untagged {
    type Value = Node<'static>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node<'static>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string, an integer, a boolean, a sequence or a map")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        Untagged.deserialize(deserializer)
    }

    /// Visits a literal of Python, whose variant says whether a sequence is a list or a tuple.
    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Self::Value, A::Error> {
        let (kind, literal) = access.variant::<String>()?;
        match &*kind {
            kind::LIST => Ok(Literal::List(literal.newtype_variant()?).into()),
            kind::TUPLE => Ok(Literal::Tuple(literal.newtype_variant()?).into()),
            _ => literal.newtype_variant_seed(Untagged),
        }
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Literal::Bool(value).into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Literal::Int(Int::Unsigned(value)).into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        let int = u64::try_from(value).map_or(Int::Negative(value), Int::Unsigned);
        Ok(Literal::Int(int).into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Literal::Str(text.to_owned().into()).into())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Literal::None.into())
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Literal::None.into())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Literal::Sequence(items).into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some((key, value)) = access.next_entry::<Node<'_>, Node<'_>>()? {
            items.push((key, value));
        }
        let items = last_of_equal_keys(items);
        let items = items.map_err(|_| A::Error::custom("a key of a dictionary is not hashable"))?;
        Ok(Literal::Dict(items).into())
    }
}

impl From<Literal<'static>> for Node<'static> {
    fn from(literal: Literal<'static>) -> Self {
        Node { at: 0, literal }
    }
}

/// The maximum number of keys that are compared without hashing.
const FEW: usize = 8;

/// Does the same as [`last_of_equal_keys`], for few entries.
fn last_of_few<'de>(
    entries: Vec<(Node<'de>, Node<'de>)>,
) -> Result<Vec<(Node<'de>, Node<'de>)>, usize> {
    let mut kept: Vec<(Node<'de>, Node<'de>)> = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let hashed = key.as_key().ok_or(key.at)?;
        match kept
            .iter_mut()
            .find(|(other, _)| other.as_key().as_ref() == Some(&hashed))
        {
            Some((_, last)) => *last = value,
            None => {
                drop(hashed);
                kept.push((key, value));
            }
        }
    }
    Ok(kept)
}

/// Returns the entries of a dictionary as Python keeps them. Equal keys become one entry: the first key with
/// the last value.
///
/// # Errors
///
/// If a key is a list or dictionary. The error is the byte at which the key starts.
pub(super) fn last_of_equal_keys<'de>(
    entries: Vec<(Node<'de>, Node<'de>)>,
) -> Result<Vec<(Node<'de>, Node<'de>)>, usize> {
    if entries.len() <= FEW {
        return last_of_few(entries);
    }
    let mut kept = HashMap::with_capacity(entries.len());
    for (nth, (key, _)) in entries.iter().enumerate() {
        let hashed = key.as_key().ok_or(key.at)?;
        kept.entry(hashed).or_insert((nth, nth)).1 = nth;
    }
    let mut kept: Vec<(usize, usize)> = kept.into_values().collect();
    if kept.len() == entries.len() {
        return Ok(entries);
    }
    kept.sort_unstable();
    let mut entries: Vec<_> = entries
        .into_iter()
        .map(|(key, value)| (Some(key), Some(value)))
        .collect();
    let mut take = |(first, last): (usize, usize)| {
        let key = entries.get_mut(first)?.0.take()?;
        Some((key, entries.get_mut(last)?.1.take()?))
    };
    Ok(kept.into_iter().filter_map(&mut take).collect())
}
