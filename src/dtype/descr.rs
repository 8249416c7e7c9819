//! A dtype as its descr, the form of `np.dtype.descr` and of the header.
//!
//! A struct is a list of `(name, descr)` or `(name, descr, shape)`, where the name may be
//! `(title, name)`; what has dimensions is `(descr, shape)`; a gap is an entry `('', '|V7')`.

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, SeqAccess, Visitor},
    ser::{SerializeSeq, SerializeTuple},
};

use super::{
    error::{DTypeError, Reason},
    model::{DType, Field, Struct, Subarray},
    scalar::{ByteOrder, Kind, Scalar},
};
use crate::literal::Tuple;

impl Serialize for DType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            DType::Scalar(scalar) => scalar.serialize(serializer),
            DType::Struct(record) => record.serialize(serializer),
            DType::Subarray(subarray) => subarray.serialize(serializer),
        }
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Subarray {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(2)?;
        tuple.serialize_element(&self.base)?;
        tuple.serialize_element(&Tuple(&self.shape))?;
        tuple.end()
    }
}

impl Serialize for Struct {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut end = 0;
        for field in &self.fields {
            if field.offset > end {
                list.serialize_element(&Padding(field.offset - end))?;
            }
            list.serialize_element(field)?;
            end = field.offset.saturating_add(field.dtype.itemsize());
        }
        if self.itemsize > end {
            list.serialize_element(&Padding(self.itemsize - end))?;
        }
        list.end()
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (base, shape) = match &self.dtype {
            DType::Subarray(subarray) => (subarray.base(), subarray.shape()),
            other => (other, &[][..]),
        };
        let mut tuple = serializer.serialize_tuple(if shape.is_empty() { 2 } else { 3 })?;
        match &self.title {
            Some(title) => tuple.serialize_element(&(title, &self.name))?,
            None => tuple.serialize_element(&self.name)?,
        }
        tuple.serialize_element(base)?;
        if !shape.is_empty() {
            tuple.serialize_element(&Tuple(shape))?;
        }
        tuple.end()
    }
}

/// So many bytes that belong to no field.
struct Padding(usize);

impl Serialize for Padding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let void = Scalar::of(Kind::Void, self.0, ByteOrder::NotApplicable);
        ("", void).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let descr = Descr::deserialize(deserializer)?;
        descr.into_dtype().map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match DType::deserialize(deserializer)? {
            DType::Scalar(scalar) => Ok(scalar),
            other => Err(D::Error::custom(format_args!("`{other}` is not a scalar"))),
        }
    }
}

/// A descr before its parts are told apart.
enum Descr {
    Text(String),
    Number(u64),
    Sequence(Vec<Descr>),
}

impl<'de> Deserialize<'de> for Descr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DescrVisitor;

        impl<'de> Visitor<'de> for DescrVisitor {
            type Value = Descr;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a dtype: a type string, or a list of fields")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Descr, E> {
                Ok(Descr::Text(text.to_owned()))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Descr, E> {
                Ok(Descr::Number(number))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Descr, A::Error> {
                let mut sequence = Vec::new();
                while let Some(item) = items.next_element()? {
                    sequence.push(item);
                }
                Ok(Descr::Sequence(sequence))
            }
        }

        deserializer.deserialize_any(DescrVisitor)
    }
}

impl Descr {
    fn into_dtype(self) -> Result<DType, DTypeError> {
        match self {
            Descr::Text(text) => text.parse().map(DType::Scalar),
            Descr::Number(_) => Err(expected("a type string or a list of fields", "a number")),
            Descr::Sequence(items) => match <[Descr; 2]>::try_from(items) {
                Ok([base, shape]) if shape.is_shape() => shape.apply_to(base.into_dtype()?),
                Ok(fields) => from_fields(fields.into()),
                Err(fields) => from_fields(fields),
            },
        }
    }

    /// Whether it can only be the shape in `(descr, shape)`: a field begins with its name.
    fn is_shape(&self) -> bool {
        match self {
            Descr::Text(_) => false,
            Descr::Number(_) => true,
            Descr::Sequence(items) => items.iter().all(|item| matches!(item, Descr::Number(_))),
        }
    }

    fn apply_to(self, base: DType) -> Result<DType, DTypeError> {
        let dims = match self {
            Descr::Number(dim) => vec![Descr::Number(dim)],
            Descr::Sequence(dims) => dims,
            Descr::Text(_) => return Err(expected("a shape", "a text")),
        };
        let dims = dims.into_iter().map(|dim| match dim {
            Descr::Number(dim) => {
                usize::try_from(dim).map_err(|_| DTypeError::new(Reason::TooLarge))
            }
            _ => Err(expected("a shape of integers", "another literal in it")),
        });
        DType::subarray(base, &dims.collect::<Result<Vec<_>, _>>()?)
    }

    fn into_text(self) -> Result<String, DTypeError> {
        match self {
            Descr::Text(text) => Ok(text),
            Descr::Number(_) => Err(expected("a field's name", "a number")),
            Descr::Sequence(_) => Err(expected("a field's name", "a sequence")),
        }
    }

    /// The title, if there is one, and the name.
    fn into_names(self) -> Result<(Option<String>, String), DTypeError> {
        match self {
            Descr::Sequence(items) => match <[Descr; 2]>::try_from(items) {
                Ok([title, name]) => Ok((Some(title.into_text()?), name.into_text()?)),
                Err(_) => Err(expected("`(title, name)`", "a sequence of another length")),
            },
            name => Ok((None, name.into_text()?)),
        }
    }
}

fn expected(what: &'static str, found: &'static str) -> DTypeError {
    DTypeError::new(Reason::Expected(what, found))
}

/// A struct from its entries, each behind the other; the nameless voids are its padding.
fn from_fields(entries: Vec<Descr>) -> Result<DType, DTypeError> {
    let mut fields = Vec::with_capacity(entries.len());
    let mut end = 0_usize;
    for entry in entries {
        let Descr::Sequence(parts) = entry else {
            return Err(expected(
                "a field such as `('name', '<f8')`",
                "another literal",
            ));
        };
        let mut parts = parts.into_iter();
        let (Some(names), Some(descr), shape, None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(expected("a field of two or three parts", "more or fewer"));
        };
        let (title, name) = names.into_names()?;
        let dtype = match (descr.into_dtype(), shape) {
            (Ok(base), Some(shape)) => shape.apply_to(base),
            (dtype, _) => dtype,
        };
        let dtype = dtype.map_err(|e| e.in_field(&name))?;
        let offset = end;
        end = end.saturating_add(dtype.itemsize());
        if !(name.is_empty() && dtype.is_padding_if_nameless()) {
            fields.push(Field {
                name,
                title,
                dtype,
                offset,
            });
        }
    }
    let record = Struct::placed(fields, end, 1);
    record.check()?;
    Ok(DType::Struct(record))
}
