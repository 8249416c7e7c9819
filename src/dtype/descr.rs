//! The descr of a dtype: the form in the header and in `np.dtype.descr`.
//!
//! A struct is a list of `(name, descr)` or `(name, descr, shape)`. A name with a title is `(title, name)`. A
//! subarray is `(descr, shape)`. Padding is an entry `('', '|V7')`.

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::Error,
    ser::{SerializeSeq, SerializeTuple},
};

use super::{
    model::{DType, Field, Struct, Subarray},
    read_descr::read_descr,
    scalar::{ByteOrder, Kind, Scalar},
};
use crate::literal::{Node, Tuple};

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
            end = field.end();
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

/// A number of padding bytes.
struct Padding(usize);

impl Serialize for Padding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let void = Scalar::of(Kind::Void, self.0, ByteOrder::NotApplicable);
        ("", void).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Node::deserialize(deserializer)?;
        let read = read_descr(&node).map_err(|e| D::Error::custom(e.error))?;
        Ok(read.dtype)
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
