use std::fmt::{self, Display, Write};

use serde::ser::{
    Error as _, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::{error::Error, kind, repr::write_repr};

/// The length of the longest text of most headers, in bytes.
const USUAL: usize = 256;

/// Writes a value as Python's `repr` writes it.
///
/// # Errors
///
/// If a part of the value has no literal: a float, bytes, or an enum variant that does not name a kind of
/// literal.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    let mut text = String::with_capacity(USUAL);
    serialize(value, &mut text)?;
    Ok(text)
}

/// Writes a value as Python's `repr` writes it, to a formatter or another writer.
pub(crate) fn write<T: Serialize + ?Sized>(value: &T, out: &mut dyn Write) -> fmt::Result {
    serialize(value, out).map_err(|_| fmt::Error)
}

fn serialize<T: Serialize + ?Sized>(value: &T, out: &mut dyn Write) -> Result<(), Error> {
    value.serialize(&mut Serializer {
        out,
        sequence_is_tuple: false,
    })
}

struct Serializer<'w> {
    out: &'w mut dyn Write,
    /// The next sequence belongs to a variant `Tuple`.
    sequence_is_tuple: bool,
}

impl<'w> Serializer<'w> {
    fn write(&mut self, text: impl Display) -> Result<(), Error> {
        write!(self.out, "{text}").map_err(Error::custom)
    }

    fn open(&mut self, open: char, close: char) -> Result<ItemWriter<'_, 'w>, Error> {
        self.write(open)?;
        Ok(ItemWriter {
            serializer: self,
            close,
            written: 0,
        })
    }
}

fn no_literal<T>(what: &str) -> Result<T, Error> {
    Err(Error::custom(format_args!("{what} has no literal here")))
}

impl<'a, 'w> serde::Serializer for &'a mut Serializer<'w> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = ItemWriter<'a, 'w>;
    type SerializeTuple = ItemWriter<'a, 'w>;
    type SerializeTupleStruct = ItemWriter<'a, 'w>;
    type SerializeTupleVariant = ItemWriter<'a, 'w>;
    type SerializeMap = ItemWriter<'a, 'w>;
    type SerializeStruct = ItemWriter<'a, 'w>;
    type SerializeStructVariant = Impossible<(), Error>;

    fn serialize_bool(self, v: bool) -> Result<(), Error> {
        self.write(if v { "True" } else { "False" })
    }

    fn serialize_i8(self, v: i8) -> Result<(), Error> {
        self.write(v)
    }

    fn serialize_i16(self, v: i16) -> Result<(), Error> {
        self.write(v)
    }

    fn serialize_i32(self, v: i32) -> Result<(), Error> {
        self.write(v)
    }

    fn serialize_i64(self, v: i64) -> Result<(), Error> {
        self.write(v)
    }

    fn serialize_u8(self, v: u8) -> Result<(), Error> {
        self.write(v)
    }

    fn serialize_u16(self, v: u16) -> Result<(), Error> {
        self.write(v)
    }

    fn serialize_u32(self, v: u32) -> Result<(), Error> {
        self.write(v)
    }

    fn serialize_u64(self, v: u64) -> Result<(), Error> {
        self.write(v)
    }

    fn serialize_f32(self, _: f32) -> Result<(), Error> {
        no_literal("a float")
    }

    fn serialize_f64(self, _: f64) -> Result<(), Error> {
        no_literal("a float")
    }

    fn serialize_char(self, v: char) -> Result<(), Error> {
        self.serialize_str(v.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, v: &str) -> Result<(), Error> {
        write_repr(self.out, v).map_err(Error::custom)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        no_literal("a byte string")
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.write("None")
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        match variant {
            kind::NONE => self.serialize_unit(),
            _ => no_literal("a variant that is not a kind of literal"),
        }
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.sequence_is_tuple = variant == kind::TUPLE;
        match variant {
            kind::BOOL | kind::INT | kind::STR | kind::LIST | kind::TUPLE | kind::DICT => {
                value.serialize(&mut *self)?;
                self.sequence_is_tuple = false;
                Ok(())
            }
            _ => no_literal("a variant that is not a kind of literal"),
        }
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<ItemWriter<'a, 'w>, Error> {
        if std::mem::take(&mut self.sequence_is_tuple) {
            return self.open('(', ')');
        }
        self.open('[', ']')
    }

    fn serialize_tuple(self, _len: usize) -> Result<ItemWriter<'a, 'w>, Error> {
        self.sequence_is_tuple = false;
        self.open('(', ')')
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        len: usize,
    ) -> Result<ItemWriter<'a, 'w>, Error> {
        self.serialize_tuple(len)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<ItemWriter<'a, 'w>, Error> {
        match variant {
            kind::TUPLE => self.serialize_tuple(len),
            _ => no_literal("a variant that is not a kind of literal"),
        }
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<ItemWriter<'a, 'w>, Error> {
        self.sequence_is_tuple = false;
        self.open('{', '}')
    }

    fn serialize_struct(
        self,
        _name: &'static str,
        len: usize,
    ) -> Result<ItemWriter<'a, 'w>, Error> {
        self.serialize_map(Some(len))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        no_literal("a variant with named fields")
    }
}

/// The items between two brackets.
struct ItemWriter<'a, 'w> {
    serializer: &'a mut Serializer<'w>,
    close: char,
    written: usize,
}

impl ItemWriter<'_, '_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if self.written > 0 {
            self.serializer.write(", ")?;
        }
        self.written += 1;
        value.serialize(&mut *self.serializer)
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.serializer.write(": ")?;
        value.serialize(&mut *self.serializer)
    }

    fn close(self) -> Result<(), Error> {
        if self.close == ')' && self.written == 1 {
            self.serializer.write(',')?;
        }
        self.serializer.write(self.close)
    }
}

impl SerializeSeq for ItemWriter<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeTuple for ItemWriter<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeTupleStruct for ItemWriter<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeTupleVariant for ItemWriter<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeMap for ItemWriter<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.item(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.value(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeStruct for ItemWriter<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.item(key)?;
        self.value(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}
