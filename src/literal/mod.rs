//! Python literals as a serde data format: the language of an `.npy` header.
//!
//! It knows the literals of [`ast.literal_eval`] that a header can hold: dictionaries, lists, tuples,
//! strings, integers (also Python 2's `10L`), `True`, `False` and `None`, in any spelling of Python:
//! `0x1f`, `1_000`, `- 3`, `((3),)`, `r'raw'`, `'adjacent' "strings"`, `'''triple quotes'''`, with
//! comments and line breaks between them. Of equal keys of a dictionary the last one counts.
//!
//! Refused, though `ast.literal_eval` takes them, are floats, complex numbers, bytes, sets, integers of
//! more than 64 bits, the escape `\N{…}`, and the code point of a surrogate.
//!
//! | Python | serde, both ways |
//! | --- | --- |
//! | `{'a': 1}` | map, struct |
//! | `[1, 2]` | sequence |
//! | `(1, 2)` | tuple, tuple struct |
//! | `'text'` | string, char |
//! | `1` | any integer |
//! | `True`, `None` | bool; unit and `Option` |
//!
//! A list is never taken for a tuple, or a tuple for a list, where the Rust type says which it is, as do
//! [`Header`](crate::Header) and [`DType`](crate::DType). Where it does not, an enum tells: its variant is the kind of the literal, one of `None`, `Bool`,
//! `Int`, `Str`, `List`, `Tuple` and `Dict`.
//!
//! ```
//! let text = npyrec::literal::to_string(&("price", "<f4", (5,)))?;
//! assert_eq!(text, "('price', '<f4', (5,))");
//!
//! let (name, descr, shape): (String, String, (u64,)) = npyrec::literal::from_str(&text)?;
//! assert_eq!((&*name, &*descr, shape), ("price", "<f4", (5,)));
//! # Ok::<(), npyrec::literal::Error>(())
//! ```
//!
//! [`ast.literal_eval`]: https://docs.python.org/3/library/ast.html#ast.literal_eval

mod de;
mod error;
mod kind;
mod lex;
mod node;
mod parse;
mod repr;
mod ser;
mod tuple;

pub use self::{
    de::{Limits, from_str, from_str_with_limits},
    error::Error,
    ser::to_string,
};
pub(crate) use self::{
    node::{Int, Literal, Node},
    parse::parse,
    repr::write_repr,
    tuple::Tuple,
};
