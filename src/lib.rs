//! Append structs to `.npy` files that NumPy can open at any moment.
//!
//! [`#[derive(NpyRecord)]`](derive@NpyRecord) maps a struct to a structured dtype, and an
//! [`Appender`] adds records of it to a file, row by row. After each commit the file is, byte for
//! byte, what `np.save` would have written for the same array: `np.load` opens it while the program
//! runs, and after it was killed.
//!
//! # Quick start
//!
//! ```
//! use npyrec::{Appender, NpyRecord};
//!
//! #[derive(NpyRecord, Debug, PartialEq)]
//! struct Tick {
//!     #[npy(dtype = "M8[ns]")]
//!     time: i64,
//!     price: f64,
//!     depth: [f32; 5],
//!     #[npy(dtype = "S8")]
//!     symbol: String,
//! }
//!
//! # let dir = tempfile::tempdir()?;
//! # let path = dir.path().join("ticks.npy");
//! # let tick = Tick { time: 7, price: 1.5, depth: [0.0; 5], symbol: "EURUSD".to_owned() };
//! let mut ticks = Appender::<Tick>::open(&path)?; // continues the file, or creates it
//! ticks.append(&tick)?;                           // goes to a buffer
//! ticks.commit()?;                                // readers see every row up to here
//! ticks.close()?;                                 // reports the last error that a drop would swallow
//!
//! assert_eq!(npyrec::read::<Tick>(&path)?, [tick]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ```python
//! >>> np.load("ticks.npy", mmap_mode="r")["price"].mean()
//! ```
//!
//! # Where to start
//!
//! The [guide] has a tutorial, a cookbook, and pages on crashes and on other programs.
//!
//! | to | use |
//! | --- | --- |
//! | append records | [`Appender`], with [`AppendOptions`] |
//! | append to one file after another, which are one array | [`AppendOptions::open_dir`] |
//! | append rows to an array of any number of axes | [`ArrayAppender`] |
//! | log from many threads, or from async code | [`Appender::into_background`] |
//! | append values whose dtype is known when the program runs | [`Appender::create_with_dtype`] |
//! | write a whole file | [`write()`], [`write_array`] |
//! | write to a pipe, a socket or a compressor | [`stream::RecordWriter`], [`write_array_to`] |
//! | read a file | [one of the readers](#reading): [`read()`], [`Reader`], [`Mapped`], [`NpyFile`], [`Follow`] |
//! | read a directory of shards | [`Shards`], [`read()`], [`Follow`] |
//! | change values in place | [`MappedMut`], in a file of [`create_zeroed`] or of another program |
//! | write or read several arrays in one file or pipe | [`stream`] |
//! | write or read arrays by name in an archive, `.npz` | [`npz`] |
//! | examine or mend a damaged file | [`check`], [`recover`](recover()) |
//! | rewrite a file of an older record | [`migrate`](migrate()) |
//! | append to a file whose header has little room | [`make_appendable`] |
//! | know, pin or compare a schema | [`Header::for_record`], [`NpyRecord::dtype`] |
//! | describe the fields, with units | [`NpyRecord::fields`] |
//! | parse or write the format | [`Header`], [`DType`], [`literal`] |
//!
//! # Types
//!
//! [`NpyRecord`] lists the types that are records by themselves, and their dtypes: numbers, `bool`, complex
//! numbers, [`Bytes`], [`Str`], [`Void`], [`Datetime64`], [`Timedelta64`], and arrays and tuples of records.
//! [`StoreAs`] lists the types of fields with `#[npy(dtype = "…")]`.
//!
//! A derived struct has its fields one after another, as `np.dtype([…])` has them. A tuple struct has the fields
//! `f0`, `f1`, …; a tuple struct of one field has the dtype of that field. An enum of plain variants with
//! `#[repr(u8)]` (to `u64`, `i8` to `i64`) is that integer.
//!
//! ```
//! # use npyrec::NpyRecord;
//! #[derive(NpyRecord)]
//! struct Celsius(f32);
//!
//! #[derive(NpyRecord)]
//! struct Pair(u8, f64);
//!
//! #[derive(NpyRecord)]
//! #[repr(i16)]
//! enum Gear {
//!     Reverse = -1,
//!     Neutral = 0,
//!     First = 1,
//! }
//!
//! #[derive(NpyRecord)]
//! struct Window<T, const N: usize> {
//!     gear: Gear,
//!     samples: [T; N],
//! }
//!
//! assert_eq!(Celsius::dtype().to_string(), "<f4");
//! assert_eq!(Pair::dtype().to_string(), "[('f0', '|u1'), ('f1', '<f8')]");
//! assert_eq!(
//!     Window::<f32, 3>::dtype().to_string(),
//!     "[('gear', '<i2'), ('samples', '<f4', (3,))]"
//! );
//! ```
//!
//! A struct that has the same form in memory as in the file is copied whole; the macro finds this out from the
//! real offsets and sizes. On a little-endian machine it is a struct with `#[repr(C)]` and its fields sorted by
//! size, largest first, if no field is narrowed, swapped or skipped.
//!
//! # Attributes
//!
//! On a struct:
//!
//! ```
//! # use npyrec::NpyRecord;
//! #[derive(NpyRecord)]
//! #[npy(rename_all = "camelCase")] // or another of serde's rules: kebab-case, UPPERCASE, …
//! struct Quote {
//!     best_bid: f64,
//! }
//!
//! #[derive(NpyRecord)]
//! #[npy(align)] // padded as np.dtype([…], align=True) pads it; the padding is zeros
//! struct Aligned {
//!     flag: u8,
//!     value: f64,
//! }
//!
//! assert_eq!(Quote::dtype().to_string(), "[('bestBid', '<f8')]");
//! assert_eq!(
//!     Aligned::dtype().to_string(),
//!     "[('flag', '|u1'), ('', '|V7'), ('value', '<f8')]"
//! );
//! ```
//!
//! `#[npy(crate = "…")]` says under which path the macro finds this crate, where it is renamed or
//! re-exported.
//!
//! On a field:
//!
//! ```
//! # use std::time::SystemTime;
//! # use npyrec::NpyRecord;
//! #[derive(NpyRecord)]
//! struct Position {
//!     x: f32,
//!     y: f32,
//! }
//!
//! #[derive(NpyRecord)]
//! struct Event {
//!     #[npy(dtype = "M8[us]")] // stored as this dtype, in NumPy's spelling
//!     time: SystemTime,
//!     #[npy(dtype = ">f4")] // narrowed, in big-endian order
//!     energy: f64,
//!     #[npy(rename = "type")] // another name
//!     kind: u8,
//!     #[npy(title = "Charge, in e")] // a second name, for people
//!     charge: i8,
//!     #[npy(default)] // Default::default() when a file that is read lacks it
//!     channel: u16,
//!     #[npy(flatten)] // its fields, in place of it
//!     at: Position,
//!     #[npy(skip)] // not stored; Default::default() when read
//!     seen: bool,
//! }
//!
//! assert_eq!(
//!     Event::dtype().to_string(),
//!     "[('time', '<M8[us]'), ('energy', '>f4'), ('type', '|u1'), \
//!       (('Charge, in e', 'charge'), '|i1'), ('channel', '<u2'), ('x', '<f4'), ('y', '<f4')]"
//! );
//! ```
//!
//! A dtype that does not suit the field's type is a compile error on the field. A value that does not fit when it
//! is appended (a text that is too long, a number out of range) is an error that names field and value. The record
//! is not appended, and the log continues.
//!
//! # Reading
//!
//! Each reader yields records of an [`NpyRecord`] type, or [`Value`]s where the dtype is known only when the
//! program runs. A file of shape `(n, 3)` has `n` rows: read `[f64; 3]`, or single elements with
//! [`ReadOptions::flat`].
//!
//! | reader | yields | memory | speed | you promise |
//! | --- | --- | --- | --- | --- |
//! | [`read()`] | all rows, as a `Vec` | all rows | as `np.load`; half of it where fields are decoded | nothing |
//! | [`Reader`] | rows one by one, or [into a slice](Reader::read_into), from a file, a pipe, an archive | a block of 64 KiB | as `read`; in a file, [`skip`](Iterator::skip) takes no time | nothing |
//! | [`Mapped`] | any row by its index, all rows as a slice, one field as a [`Column`] | none | as a slice | that no program cuts or overwrites the file: opening it is `unsafe` |
//! | [`NpyFile`] | any row by its index, ranges, and [every nth row of a range](NpyFile::read_strided) | the rows that are read | a system call for each call | nothing |
//! | [`read_array`] | an array of `ndarray`, in the order of the file | the array | as `read` | nothing |
//! | [`Follow`] | each committed row once, while the file grows | the new rows | as `read` | nothing |
//!
//! All of them read what any program wrote: each version of the format, both byte orders, padding, and both
//! orders of axes. Fields are matched by name, in any order; fields that the record lacks are skipped.
//! [`ReadOptions::casting`] allows more: a [`Casting`] of NumPy's converts numbers, texts and times.
//!
//! ```
//! # use npyrec::{Casting, NpyRecord, ReadOptions};
//! # let dir = tempfile::tempdir()?;
//! # let path = dir.path().join("trades.npy");
//! #[derive(NpyRecord)]
//! struct Written {
//!     #[npy(dtype = ">i4")]
//!     size: i32,
//!     venue: u8,
//!     price: f32,
//! }
//!
//! #[derive(NpyRecord, Debug, PartialEq)]
//! struct Wanted {
//!     price: f64,
//!     size: i32,
//! }
//!
//! npyrec::write(&path, &[Written { size: 7, venue: 1, price: 1.5 }])?;
//! let trades = ReadOptions::new().casting(Casting::Safe).read::<Wanted>(&path)?;
//! assert_eq!(trades, [Wanted { price: 1.5, size: 7 }]);
//!
//! // Without a type:
//! let file = npyrec::NpyFile::open(&path)?;
//! assert_eq!(serde_json::to_string(&file.row(0)?)?, r#"{"size":7,"venue":1,"price":1.5}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Arrays, streams and archives
//!
//! An [`ArrayAppender`] grows an array along its first axis, or in Fortran order along its last. With the
//! feature `ndarray` it takes arrays of any memory layout, and files are read and mapped as arrays: of a
//! [mapped](Mapped::view) one `s![…]` cuts out any part, and nothing else is read.
//!
#![cfg_attr(feature = "ndarray", doc = "```")]
#![cfg_attr(not(feature = "ndarray"), doc = "```ignore")]
//! # let dir = tempfile::tempdir()?;
//! # let path = dir.path().join("frames.npy");
//! use ndarray::{Array3, s};
//! use npyrec::ArrayAppender;
//!
//! let mut frames = ArrayAppender::<f32>::create(&path, &[64, 128])?;
//! frames.append_array(&Array3::ones((10, 64, 128)))?; // ten at once
//! frames.append_rows(&[0.5; 64 * 128])?;              // or from a slice
//! frames.close()?;
//!
//! let frames = npyrec::read_array::<f32>(&path)?;
//! assert_eq!(frames.shape(), [11, 64, 128]);
//! assert_eq!(frames.slice(s![9.., 0, ..2]), ndarray::array![[1.0, 1.0], [0.5, 0.5]]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`stream`] reads and writes several arrays one after another, as `np.save` on one open file does, and
//! makes one array of them. [`npz`] reads and writes archives, into which records can be logged too.
//!
//! # Errors
//!
//! [`Error`] says which file, which row, which byte or field, what was found and what was expected;
//! [`Error::kind`] tells the cases apart. Appending to a file of another dtype shows each difference:
//!
//! ```
//! # use npyrec::{Appender, NpyRecord};
//! # let dir = tempfile::tempdir()?;
//! # let path = dir.path().join("ticks.npy");
//! #[derive(NpyRecord)]
//! struct Old { price: f32, size: u16 }
//!
//! #[derive(NpyRecord)]
//! struct New { price: f64, size: u16, side: u8 }
//!
//! npyrec::write::<Old>(&path, &[])?;
//! let error = Appender::<New>::open(&path).unwrap_err();
//! assert!(error.to_string().ends_with(
//!     "ticks.npy: the dtype of the file is not that of the record:\
//!      \n  side: not in the file, record has |u1\
//!      \n  price: file has <f4, record has <f8\
//!      \n  to rewrite the file as this record, use `npyrec::migrate`"
//! ));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is promised
//!
//! See also [what survives what](guide::survival).
//!
//! - The header never counts a row that is not in the file: rows are written first, and with
//!   [`Durability::Synced`] they are on the device first.
//! - Written rows survive the program, synced rows a power cut. Readers always see whole rows, and never fewer
//!   than before.
//! - The bytes equal the output of `np.save`, with the same room for the number of rows to grow. Files of NumPy
//!   are continued in place.
//! - A file has one [`Appender`] at a time, by a lock that does not affect readers.
//! - When a write fails, for example on a full disk, the rows before it stay readable and the appender usable.
//!   [`Error::is_repeat`] tells the first error from its repetitions, and [`Appender::try_close`] keeps the rows.
//! - No file makes this crate panic, or allocate more memory than in proportion to its length. For a compressed
//!   member of an archive, the limit is 256 MiB or 100 times its compressed length, or a [larger
//!   limit](npz::Reader::max_expanded_size).
//! - Data that does not fit into memory is an error if the system refuses the memory. A system that grants any
//!   memory (Linux with `vm.overcommit_memory=1`) may end the program when the memory is used. [`Reader`],
//!   [`Follow`] and ranges of [`NpyFile`] read in pieces.
//! - Values equal the values that NumPy reads. A text with a lone surrogate, which a `String` cannot have, is an
//!   error.
//! - Numbers are stored in little-endian order on every machine, unless a field says otherwise.
//!
//! # Features
//!
//! The first four are on by default.
//!
//! | feature | brings |
//! | --- | --- |
//! | `derive` | the derive macro |
//! | `half` | records of [`half::f16`] (`<f2`) and [`half::bf16`] (`<V2`) |
//! | `complex` | records of [`num_complex::Complex`] (`<c8`, `<c16`) |
//! | `mmap` | [`Mapped`], [`MappedMut`], [`Member::map`], [`Column`], [`Iter`], [`LayoutMismatch`], [`AppendOptions::mapped`] |
//! | `background` | [`Appender::into_background`], [`Logger`], [`LoggerGuard`], [`BackgroundOptions`], [`TryLogError`] |
//! | `ndarray` | [`read_array`], [`write_array`], [`ArrayAppender::append_array`] and their like; re-exports `ndarray` |
//! | `npz` | the module [`npz`] |
//! | `jiff` | [`StoreAs`] for the instants, civil dates and durations of the crate `jiff` |
//! | `chrono` | [`StoreAs`] for the instants, civil dates and durations of the crate `chrono` |

extern crate self as npyrec;

#[cfg(feature = "ndarray")]
mod array;
mod convert;
mod dtype;
mod error;
#[cfg(any(
    doc,
    all(
        doctest,
        feature = "background",
        feature = "complex",
        feature = "derive",
        feature = "half",
        feature = "mmap",
        feature = "ndarray",
        feature = "npz"
    )
))]
pub mod guide;
mod header;
pub mod literal;
mod migrate;
#[cfg(feature = "npz")]
pub mod npz;
mod read;
mod record;
mod repair;
mod shards;
mod storage;
pub mod stream;
pub mod value;
mod write;
mod zeroed;

#[cfg(feature = "half")]
pub use half;
#[cfg(feature = "ndarray")]
pub use ndarray;
#[cfg(feature = "derive")]
pub use npyrec_derive::NpyRecord;
#[cfg(feature = "complex")]
pub use num_complex;

#[cfg(feature = "mmap")]
pub use crate::read::{Column, Iter, LayoutMismatch, Mapped, MappedMut};
#[cfg(feature = "background")]
pub use crate::write::{BackgroundOptions, Logger, LoggerGuard, TryLogError};

#[cfg(feature = "ndarray")]
pub use crate::array::{read_array, read_array_dim, write_array, write_array_to};

pub use crate::{
    dtype::{
        ByteOrder, Casting, DType, DTypeError, DateUnit, Difference, Field, Kind, Scalar, Struct,
        Subarray, TimeUnit,
    },
    error::{Error, ErrorKind, Result},
    header::{Header, HeaderError, Order, Version},
    migrate::{Migration, migrate},
    read::{
        Follow, Member, MemberData, NpyFile, NpyRows, ReadOptions, Reader, Shard, ShardRows,
        Shards, read,
    },
    record::{
        Bytes, Datetime64, DecodeError, Element, EncodeAs, EncodeError, FieldInfo, NpyRecord,
        StoreAs, Str, Timedelta64, Void, unit,
    },
    repair::{Recovery, Report, check, make_appendable, recover},
    value::Value,
    write::{AppendOptions, Appender, ArrayAppender, CloseError, Durability, write, write_with},
    zeroed::create_zeroed,
};

/// The short name of [`LoggerGuard`].
#[cfg(feature = "background")]
#[doc(hidden)]
pub use crate::write::LoggerGuard as Guard;

#[doc(hidden)]
pub use crate::record::derived as __private;

// The compiler names these in its messages, by their shortest path.
#[doc(hidden)]
pub use crate::record::derived::{BigEndian, CastTo, Nan, Nat, OrMissing};

/// The programs of the README compile.
#[cfg(all(doctest, feature = "complex", feature = "derive", feature = "half"))]
#[doc = include_str!("../README.md")]
struct Readme;
