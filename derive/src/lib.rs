//! `#[derive(NpyRecord)]` for the crate `npyrec`. Its documentation is written for that crate, which
//! exports it.

mod argument;
mod ast;
mod attr;
mod bound;
mod case;
mod checks;
mod default;
mod dtype;
mod dtype_errors;
mod errors;
mod expand;
mod expand_converted;
mod expand_enum;
mod expand_struct;
mod form;
mod fresh_lifetimes;
mod grammar;
mod items;
mod literal;
mod paths;
mod small;
mod stored_field;
mod valid;
mod valid_enum;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Implements [`NpyRecord`](https://docs.rs/npyrec/latest/npyrec/trait.NpyRecord.html) for a struct or an enum.
///
/// | item | dtype |
/// | --- | --- |
/// | a struct with named fields | a structured dtype with these fields, one after another |
/// | a tuple struct | a structured dtype with the fields `f0`, `f1`, … |
/// | a tuple struct with one stored field | the dtype of that field |
/// | any type with [`into`](#into-with-from-or-try_from) | the dtype of the type that it is converted to |
/// | an enum of plain variants with `#[repr(u8)]` to `#[repr(u64)]` or `#[repr(i8)]` to `#[repr(i64)]` | that integer |
///
/// Each stored field has a type that is a record itself, such as a number, or a [`dtype`](#dtype) that its
/// type can be stored as. Types of other crates are stored by [`with`](#with) or [`cast`](#cast).
///
/// ```
/// use npyrec::NpyRecord;
///
/// #[derive(NpyRecord)]
/// #[repr(u8)]
/// enum Side {
///     Buy,
///     Sell,
/// }
///
/// #[derive(NpyRecord)]
/// struct Price(f64);
///
/// #[derive(NpyRecord)]
/// struct Trade {
///     id: u32,
///     side: Side,
///     price: Price,
///     sizes: [f32; 3],
/// }
///
/// assert_eq!(
///     Trade::dtype().to_string(),
///     "[('id', '<u4'), ('side', '|u1'), ('price', '<f8'), ('sizes', '<f4', (3,))]"
/// );
/// ```
///
/// Errors in attributes are compile errors on the attribute, and all of them are reported at once. A name that
/// two fields share, and a record that is larger than NumPy allows, are compile errors on the field.
///
/// # Generic structs
///
/// The bounds are inferred from the stored fields: a field of type `T` requires `T: NpyRecord`.
///
/// ```
/// # use npyrec::NpyRecord;
/// #[derive(NpyRecord)]
/// struct Window<T, const N: usize> {
///     start: u64,
///     samples: [T; N],
/// }
///
/// assert_eq!(
///     Window::<f32, 4>::dtype().to_string(),
///     "[('start', '<u8'), ('samples', '<f4', (4,))]"
/// );
/// ```
///
/// # Records that borrow
///
/// A field can be a `&str` with a [`dtype`](#dtype). The record is encoded when it is appended, without an
/// allocation, so its texts need to live only until then. The appender may have any lifetime in its type, such as
/// `Appender<Line<'static>>` in a struct.
///
/// ```
/// # use npyrec::{Appender, NpyRecord};
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("access.npy");
/// #[derive(NpyRecord)]
/// struct Line<'a> {
///     #[npy(dtype = "U8")]
///     host: &'a str,
///     status: u16,
/// }
///
/// let mut log = Appender::<Line>::create(&path)?;
/// for request in ["near 200", "far 404"].map(str::to_owned) {
///     if let Some((host, status)) = request.split_once(' ') {
///         log.append(&Line { host, status: status.parse()? })?;
///     }
/// }
/// log.close()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Such a record cannot be read: a function that reads it does not compile. The compiler reports it when it builds the
/// function, so `cargo build` and `cargo test` show the error, and `cargo check` does not. The file is read as a struct with a
/// `String`, or with [`Bytes`](https://docs.rs/npyrec/latest/npyrec/struct.Bytes.html) or
/// [`Str`](https://docs.rs/npyrec/latest/npyrec/struct.Str.html), which allocate nothing either and can cross
/// threads.
///
/// # Attributes of structs
///
/// Attributes are written as `#[npy(…)]`, several of them separated by commas.
///
/// ### `align`
///
/// Pads the fields as `np.dtype(…, align=True)` does, which is the layout of a C struct. The padding is
/// zeros.
///
/// ```
/// # use npyrec::NpyRecord;
/// #[derive(NpyRecord)]
/// #[npy(align)]
/// struct Sample {
///     flag: u8,
///     value: f64,
/// }
///
/// assert_eq!(Sample::ITEMSIZE, 16);
/// assert_eq!(Sample::dtype().to_string(), "[('flag', '|u1'), ('', '|V7'), ('value', '<f8')]");
/// ```
///
/// ### `big_endian`
///
/// Stores the struct or enum in big-endian order: all its numbers, times and texts in UTF-32. A
/// [`dtype`](#dtype) that starts with `<` keeps its order. On a field, this stores the field in big-endian order,
/// such as a nested struct.
///
/// ```
/// # use npyrec::NpyRecord;
/// #[derive(NpyRecord)]
/// #[npy(big_endian)]
/// struct Packet {
///     id: u16,
///     #[npy(dtype = "M8[ns]")]
///     time: i64,
/// }
///
/// #[derive(NpyRecord)]
/// struct Received {
///     at: f64,
///     #[npy(big_endian)]
///     ports: [u16; 2],
///     packet: Packet,
/// }
///
/// assert_eq!(
///     Received::dtype().to_string(),
///     "[('at', '<f8'), ('ports', '>u2', (2,)), ('packet', [('id', '>u2'), ('time', '>M8[ns]')])]"
/// );
/// ```
///
/// ### `rename_all`
///
/// Renames all fields of a struct, or all [variants](#rename-and-alias) of an enum, by one of serde's rules: `lowercase`, `UPPERCASE`, `PascalCase`, `camelCase`,
/// `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case` or `SCREAMING-KEBAB-CASE`. A field with a
/// [`rename`](#rename) keeps that name.
///
/// ```
/// # use npyrec::NpyRecord;
/// #[derive(NpyRecord)]
/// #[npy(rename_all = "camelCase")]
/// struct Quote {
///     best_bid: f64,
///     best_ask: f64,
/// }
///
/// assert_eq!(Quote::dtype().to_string(), "[('bestBid', '<f8'), ('bestAsk', '<f8')]");
/// ```
///
/// ### `default`
///
/// Takes the fields that a file lacks from `Default::default()` of the whole struct. With `default = "path"`, a
/// function without arguments makes it. [Skipped](#skip) fields have its values, too. A [`default`](#default-1)
/// of a field comes first.
///
/// ### `transparent`
///
/// Stores the struct as its only stored field, as a tuple struct with one field always is.
///
/// ```
/// # use npyrec::NpyRecord;
/// #[derive(NpyRecord)]
/// #[npy(transparent)]
/// struct Celsius {
///     degrees: f32,
/// }
///
/// assert_eq!(Celsius::dtype().to_string(), "<f4");
/// ```
///
/// ### `bound`
///
/// Replaces the inferred bounds of a generic struct, as in `bound = "U: Unit"`.
///
/// ### `into`, with `from` or `try_from`
///
/// Stores the value as another record, as these attributes of serde do. `into` clones the value and converts it
/// by `Into`. `from` converts a record that is read by `From`, `try_from` by `TryFrom`, whose error is then an
/// error of reading. The type may be any struct or enum, also an enum whose variants hold values.
///
/// ```
/// # use npyrec::NpyRecord;
/// #[derive(NpyRecord, Clone, Debug, PartialEq)]
/// #[npy(into = "[f64; 2]", from = "[f64; 2]")]
/// enum Level {
///     Absent,
///     Between(f64, f64),
/// }
///
/// impl From<Level> for [f64; 2] {
///     fn from(level: Level) -> Self {
///         match level {
///             Level::Absent => [f64::NAN; 2],
///             Level::Between(low, high) => [low, high],
///         }
///     }
/// }
///
/// impl From<[f64; 2]> for Level {
///     fn from([low, high]: [f64; 2]) -> Self {
///         match low.is_nan() {
///             true => Level::Absent,
///             false => Level::Between(low, high),
///         }
///     }
/// }
///
/// assert_eq!(Level::dtype().to_string(), "('<f8', (2,))");
/// ```
///
/// ### `crate`
///
/// Gives the path of the crate `npyrec`, where it is renamed or re-exported.
///
/// ```
/// mod formats {
///     pub use npyrec as npy;
/// }
///
/// #[derive(formats::npy::NpyRecord)]
/// #[npy(crate = "formats::npy")]
/// struct Sample {
///     value: f32,
/// }
/// # use npyrec::NpyRecord;
/// # assert_eq!(Sample::dtype().to_string(), "[('value', '<f4')]");
/// ```
///
/// # Attributes of variants
///
/// ### `rename` and `alias`
///
/// Gives the variant another name, which a [`dtype`](#dtype) of texts stores. An `alias` is another name that is read
/// as the variant. [`rename_all`](#rename_all) on the enum renames all its variants by serde's rules.
///
/// ```
/// # use npyrec::NpyRecord;
/// #[derive(NpyRecord)]
/// #[npy(rename_all = "UPPERCASE")]
/// #[repr(u8)]
/// enum Side {
///     Buy,
///     #[npy(rename = "ASK", alias = "SELL")]
///     Sell,
/// }
///
/// #[derive(NpyRecord)]
/// struct Order(#[npy(dtype = "S4")] Side);
///
/// let mut stored = [0; 4];
/// Order(Side::Sell).encode(&mut stored)?;
/// assert_eq!(&stored, b"ASK\0");
/// assert!(matches!(Order::decode(b"SELL"), Ok(Order(Side::Sell))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// ### `other`
///
/// Takes all numbers that no other variant has, which are an error without this attribute. A variant with the
/// integer of the enum holds the number, and stores it again. The number of another variant in it is read as
/// that variant. A plain variant, as in serde, stores its own number.
///
/// ```
/// # use npyrec::NpyRecord;
/// #[derive(NpyRecord, Debug, PartialEq)]
/// #[repr(u8)]
/// enum Side {
///     Buy,
///     Sell,
///     #[npy(other)]
///     Other(u8),
/// }
///
/// assert_eq!(Side::decode(&[7])?, Side::Other(7));
/// # Ok::<(), npyrec::DecodeError>(())
/// ```
///
/// # Attributes of fields
///
/// The text of an attribute may be a `concat!` or `stringify!` of literals, for use in macros. It cannot be a
/// constant, of which a macro sees only the name. A macro of yours takes the text as a `literal` and passes it on:
///
/// ```
/// # use npyrec::NpyRecord;
/// macro_rules! tick {
///     ($name:ident, $len:literal) => {
///         #[derive(NpyRecord)]
///         struct $name {
///             #[npy(dtype = concat!("S", $len))]
///             symbol: String,
///         }
///     };
/// }
///
/// tick!(Tick, 8);
/// assert_eq!(Tick::dtype().to_string(), "[('symbol', '|S8')]");
/// ```
///
/// ### `dtype`
///
/// Stores the field as this dtype, in NumPy's spelling without the field's shape: `f4`, `>i2`, `S16`,
/// `U8`, `V4`, `M8[ns]`. [`StoreAs`](https://docs.rs/npyrec/latest/npyrec/trait.StoreAs.html) lists the
/// types that each dtype can store. A value that the dtype cannot hold, such as a text that is too long,
/// is an error when it is encoded. An enum is stored as any integer that has its values, or as the names of its
/// variants in `S` or `U`.
///
/// ```
/// # use std::time::{Duration, SystemTime};
/// # use npyrec::NpyRecord;
/// #[derive(NpyRecord)]
/// struct Event {
///     #[npy(dtype = "M8[us]")]
///     time: SystemTime,
///     #[npy(dtype = "m8[ms]")]
///     length: Duration,
///     #[npy(dtype = ">f4")] // big-endian
///     energy: f64,
///     #[npy(dtype = "S8")] // at most 8 bytes of UTF-8
///     detector: String,
///     #[npy(dtype = "u2")]
///     counts: [u32; 3],
/// }
///
/// assert_eq!(
///     Event::dtype().to_string(),
///     "[('time', '<M8[us]'), ('length', '<m8[ms]'), ('energy', '>f4'), ('detector', '|S8'), \
///       ('counts', '<u2', (3,))]"
/// );
///
/// let event = Event {
///     time: SystemTime::UNIX_EPOCH,
///     length: Duration::from_millis(5),
///     energy: 1.5,
///     detector: "calorimeter".to_owned(),
///     counts: [1, 2, 3],
/// };
/// let error = event.encode(&mut [0; Event::ITEMSIZE]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "field `detector`: \"calorimeter\" is 11 bytes long, the dtype holds 8"
/// );
/// ```
///
/// ### `with`
///
/// Stores the field by the functions of a module, for a type of another crate. The module has three items:
///
/// - `type Stored`, the record that is stored
/// - `fn store(&T) -> Result<Stored, EncodeError>`
/// - `fn load(Stored) -> Result<T, DecodeError>`
///
/// An array `[T; N]` is stored item by item. A field with [`flatten`](#flatten) has the fields of `Stored`.
/// The functions may be generic. The bounds that they need are written on the struct.
///
/// ```
/// use std::ops::Range;
///
/// use npyrec::NpyRecord;
///
/// /// A range as its start and end.
/// mod as_bounds {
///     use npyrec::{DecodeError, EncodeError};
///
///     pub type Stored = [u32; 2];
///
///     pub fn store(range: &std::ops::Range<u32>) -> Result<Stored, EncodeError> {
///         Ok([range.start, range.end])
///     }
///
///     pub fn load([start, end]: Stored) -> Result<std::ops::Range<u32>, DecodeError> {
///         Ok(start..end)
///     }
/// }
///
/// #[derive(NpyRecord, Debug, PartialEq)]
/// struct Segment {
///     #[npy(with = "as_bounds")]
///     whole: Range<u32>,
///     #[npy(with = "as_bounds")]
///     parts: [Range<u32>; 3],
/// }
///
/// assert_eq!(
///     Segment::dtype().to_string(),
///     "[('whole', '<u4', (2,)), ('parts', '<u4', (3, 2))]"
/// );
/// ```
///
/// ### `cast`
///
/// Stores the field as a record that has the same bytes in memory. Both types are plain: they implement
/// `bytemuck::Pod`, which the types of many crates do with a feature `bytemuck`. This costs nothing: a struct
/// with such a field is [copied whole](#speed) as a struct with the record is.
///
/// ```
/// # use npyrec::NpyRecord;
/// # mod glam {
/// #     #[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
/// #     #[repr(C)]
/// #     pub struct Vec3(f32, f32, f32);
/// # }
/// #[derive(NpyRecord)]
/// struct Particle {
///     #[npy(cast = "[f32; 3]")]
///     position: glam::Vec3,
///     #[npy(cast = "[f32; 3]")]
///     trail: [glam::Vec3; 8],
/// }
///
/// assert_eq!(
///     Particle::dtype().to_string(),
///     "[('position', '<f4', (3,)), ('trail', '<f4', (8, 3))]"
/// );
/// ```
///
/// ### `rename`
///
/// Gives the field another name in the file.
///
/// ```
/// # use npyrec::NpyRecord;
/// #[derive(NpyRecord)]
/// struct Event {
///     #[npy(rename = "type")]
///     kind: u8,
/// }
///
/// assert_eq!(Event::dtype().to_string(), "[('type', '|u1')]");
/// ```
///
/// ### `alias`
///
/// Gives the field another name that it may have in a file that is read, such as a file of an older struct.
/// There may be several. The name of the field comes first. A file is written with the name only, so that an
/// `Appender` does not continue a file with another name.
///
/// ```
/// # use npyrec::NpyRecord;
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("hits.npy");
/// #[derive(NpyRecord)]
/// struct Old {
///     px: f64,
/// }
///
/// #[derive(NpyRecord, Debug, PartialEq)]
/// struct New {
///     #[npy(alias = "px", alias = "prc")]
///     price: f64,
/// }
///
/// npyrec::write(&path, &[Old { px: 1.5 }])?;
/// assert_eq!(npyrec::read::<New>(&path)?, [New { price: 1.5 }]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// ### `title`
///
/// Gives the field a title, NumPy's second name for it.
///
/// ```
/// # use npyrec::NpyRecord;
/// #[derive(NpyRecord)]
/// struct Event {
///     #[npy(title = "Charge, in e")]
///     charge: i8,
/// }
///
/// assert_eq!(Event::dtype().to_string(), "[(('Charge, in e', 'charge'), '|i1')]");
/// ```
///
/// ### `unit`
///
/// Gives the unit of the field. NumPy has no place for it: `NpyRecord::fields` returns it with the name, dtype
/// and documentation of each field, for a file beside the data. The unit of the field in a newtype is the unit
/// of all fields of that type.
///
/// ```
/// # use npyrec::NpyRecord;
/// #[derive(NpyRecord)]
/// struct Sample {
///     /// Pressure in the vessel.
///     #[npy(unit = "kPa")]
///     pressure: f64,
/// }
///
/// let [pressure] = &Sample::fields()[..] else { unreachable!() };
/// assert_eq!(pressure.unit(), Some("kPa"));
/// assert_eq!(pressure.description(), Some("Pressure in the vessel."));
/// ```
///
/// ### `flatten`
///
/// Stores the fields of the field's struct in place of the field.
///
/// ```
/// # use npyrec::NpyRecord;
/// #[derive(NpyRecord)]
/// struct Position {
///     x: f32,
///     y: f32,
/// }
///
/// #[derive(NpyRecord)]
/// struct Hit {
///     id: u32,
///     #[npy(flatten)]
///     at: Position,
/// }
///
/// assert_eq!(Hit::dtype().to_string(), "[('id', '<u4'), ('x', '<f4'), ('y', '<f4')]");
/// ```
///
/// ### `default`
///
/// Takes `Default::default()` for the field when the file that is read lacks it, such as a file of an older
/// struct. With `default = "path"`, a function without arguments makes the value.
///
/// ```
/// # use npyrec::NpyRecord;
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("hits.npy");
/// #[derive(NpyRecord)]
/// struct Old {
///     id: u32,
/// }
///
/// #[derive(NpyRecord, Debug, PartialEq)]
/// struct New {
///     id: u32,
///     #[npy(default)]
///     channel: u16,
///     #[npy(default = "unit_gain")]
///     gain: f32,
/// }
///
/// fn unit_gain() -> f32 {
///     1.0
/// }
///
/// npyrec::write(&path, &[Old { id: 7 }])?;
/// assert_eq!(npyrec::read::<New>(&path)?, [New { id: 7, channel: 0, gain: 1.0 }]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// ### `skip`
///
/// Does not store the field. When a record is read, it is `Default::default()`, or what a
/// [`default`](#default-1) makes.
///
/// ```
/// # use npyrec::NpyRecord;
/// #[derive(NpyRecord, Debug, PartialEq)]
/// struct Event {
///     id: u8,
///     #[npy(skip)]
///     seen: bool,
/// }
///
/// assert_eq!(Event::dtype().to_string(), "[('id', '|u1')]");
/// assert_eq!(Event::decode(&[7])?, Event { id: 7, seen: false });
/// # Ok::<(), npyrec::DecodeError>(())
/// ```
///
/// ### `nan` and `nat`
///
/// Stores an `Option` of a float as the float, and of a time as the time. A `None` is NaN or NaT, as NumPy and pandas
/// mark missing values. A `Some` that would be stored as NaN or NaT is an error. With a [`dtype`](#dtype), the value
/// in the `Option` may have any type that the dtype can store.
///
/// ```
/// # use std::time::SystemTime;
/// # use npyrec::NpyRecord;
/// #[derive(NpyRecord)]
/// struct Reading {
///     #[npy(nan)]
///     temperature: Option<f32>,
///     #[npy(nan, dtype = "f4")]
///     count: Option<u16>,
///     #[npy(nat, dtype = "M8[us]")]
///     seen: Option<SystemTime>,
/// }
///
/// assert_eq!(
///     Reading::dtype().to_string(),
///     "[('temperature', '<f4'), ('count', '<f4'), ('seen', '<M8[us]')]"
/// );
/// let reading = Reading { temperature: Some(f32::NAN), count: None, seen: None };
/// let error = reading.encode(&mut [0; Reading::ITEMSIZE]).unwrap_err();
/// assert_eq!(error.to_string(), "field `temperature`: Some(NaN) would be read as `None`");
/// ```
///
/// # Speed
///
/// A struct whose memory equals its form in the file is copied whole. The macro decides this from the
/// real offsets and sizes. A `#[repr(C)]` struct with its fields sorted by size, largest first, is such a
/// struct on a little-endian machine, if no field is narrowed, swapped or skipped.
#[proc_macro_derive(NpyRecord, attributes(npy))]
pub fn derive_npy_record(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::derive(&input).into()
}
