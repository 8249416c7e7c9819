//! Python literals as a serde data format: the language of an `.npy` header.
//!
//! The literals of [`ast.literal_eval`] that a header can hold are read: dictionaries, lists, tuples, strings,
//! integers (also Python 2's `10L`), `True`, `False` and `None`. All spellings of Python are read: `0x1f`,
//! `1_000`, `- 3`, `((3),)`, `r'raw'`, `'adjacent' "strings"`, `'''triple quotes'''`, with comments and line
//! breaks between them. The last of equal keys of a dictionary counts.
//!
//! Some literals of `ast.literal_eval` are refused: floats, complex numbers, bytes, sets, integers of more than
//! 64 bits, the escape `\N{…}`, and the code point of a surrogate.
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
//! Lists and tuples are distinguished if the Rust type does so, as [`Header`](crate::Header) and
//! [`DType`](crate::DType) do. For other types, an enum keeps the distinction: its variant is the kind of the
//! literal, `None`, `Bool`, `Int`, `Str`, `List`, `Tuple` or `Dict`.
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
mod limits;
mod node;
mod parse;
mod repr;
mod ser;
mod tuple;

pub use self::{
    de::{from_str, from_str_with_limits},
    error::Error,
    limits::Limits,
    ser::to_string,
};
pub(crate) use self::{
    node::{Int, Literal, Node},
    parse::parse,
    repr::{is_plain, write_repr},
    ser::write,
    tuple::Tuple,
};
