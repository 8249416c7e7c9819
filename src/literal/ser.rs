use std::fmt::{Display, Write};

use serde::ser::{
    Error as _, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::{error::Error, kind, repr::write_repr};

/// Room for the text of most headers, in bytes.
const USUAL: usize = 256;

/// Writes a value as Python's `repr` writes it.
///
/// # Errors
///
/// If the value holds what has no literal here: a float, bytes, or an enum variant that is not the
/// name of a kind of literal.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    let mut serializer = Serializer {
        out: String::with_capacity(USUAL),
        sequence_is_tuple: false,
    };
    value.serialize(&mut serializer)?;
    Ok(serializer.out)
}

struct Serializer {
    out: String,
    /// The next sequence is what a variant `Tuple` holds.
    sequence_is_tuple: bool,
}

impl Serializer {
    fn push_int(&mut self, int: impl Display) -> Result<(), Error> {
        write!(self.out, "{int}").map_err(Error::custom)
    }

    fn open(&mut self, open: char, close: char) -> Items<'_> {
        self.out.push(open);
        Items {
            serializer: self,
            close,
            written: 0,
        }
    }
}

fn no_literal<T>(what: &str) -> Result<T, Error> {
    Err(Error::custom(format_args!("{what} has no literal here")))
}

impl<'a> serde::Serializer for &'a mut Serializer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Items<'a>;
    type SerializeStruct = Items<'a>;
    type SerializeStructVariant = Impossible<(), Error>;

    fn serialize_bool(self, v: bool) -> Result<(), Error> {
        self.out.push_str(if v { "True" } else { "False" });
        Ok(())
    }

    fn serialize_i8(self, v: i8) -> Result<(), Error> {
        self.push_int(v)
    }

    fn serialize_i16(self, v: i16) -> Result<(), Error> {
        self.push_int(v)
    }

    fn serialize_i32(self, v: i32) -> Result<(), Error> {
        self.push_int(v)
    }

    fn serialize_i64(self, v: i64) -> Result<(), Error> {
        self.push_int(v)
    }

    fn serialize_u8(self, v: u8) -> Result<(), Error> {
        self.push_int(v)
    }

    fn serialize_u16(self, v: u16) -> Result<(), Error> {
        self.push_int(v)
    }

    fn serialize_u32(self, v: u32) -> Result<(), Error> {
        self.push_int(v)
    }

    fn serialize_u64(self, v: u64) -> Result<(), Error> {
        self.push_int(v)
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
        write_repr(&mut self.out, v).map_err(Error::custom)
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
        self.out.push_str("None");
        Ok(())
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

    fn serialize_seq(self, _len: Option<usize>) -> Result<Items<'a>, Error> {
        if std::mem::take(&mut self.sequence_is_tuple) {
            return Ok(self.open('(', ')'));
        }
        Ok(self.open('[', ']'))
    }

    fn serialize_tuple(self, _len: usize) -> Result<Items<'a>, Error> {
        self.sequence_is_tuple = false;
        Ok(self.open('(', ')'))
    }

    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<Items<'a>, Error> {
        self.serialize_tuple(len)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Items<'a>, Error> {
        match variant {
            kind::TUPLE => self.serialize_tuple(len),
            _ => no_literal("a variant that is not a kind of literal"),
        }
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Items<'a>, Error> {
        self.sequence_is_tuple = false;
        Ok(self.open('{', '}'))
    }

    fn serialize_struct(self, _name: &'static str, len: usize) -> Result<Items<'a>, Error> {
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
struct Items<'a> {
    serializer: &'a mut Serializer,
    close: char,
    written: usize,
}

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if self.written > 0 {
            self.serializer.out.push_str(", ");
        }
        self.written += 1;
        value.serialize(&mut *self.serializer)
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.serializer.out.push_str(": ");
        value.serialize(&mut *self.serializer)
    }

    fn close(self) -> Result<(), Error> {
        if self.close == ')' && self.written == 1 {
            self.serializer.out.push(',');
        }
        self.serializer.out.push(self.close);
        Ok(())
    }
}

impl SerializeSeq for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeTuple for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeTupleStruct for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeTupleVariant for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeMap for Items<'_> {
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

impl SerializeStruct for Items<'_> {
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
