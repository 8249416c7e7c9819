//! One array, read in any way from any source.

use std::{
    fmt::Debug,
    io::{Cursor, Read, Seek},
};

use npyrec::{
    Casting, DType, Element, Error, Member, MemberData, NpyRecord, ReadOptions, Reader, Str, Value, npz,
};

use crate::memory::limited;

/// The most rows that are compared.
const MANY: usize = 80;

/// The most text that is compared, in bytes.
const LONG: usize = 1 << 14;

/// A source of an array.
pub trait Source: Sized {
    /// Returns its rows, without a type.
    fn values(self) -> Result<Reader<Value, impl Read>, Error> {
        self.records::<Value>(ReadOptions::new().in_c_order(true))
    }

    /// Returns its records.
    fn records<E: Element>(self, options: ReadOptions) -> Result<Reader<E, impl Read>, Error>;
}

impl Source for &[u8] {
    fn records<E: Element>(
        self,
        options: ReadOptions,
    ) -> Result<Reader<E, impl Read>, Error> {
        options.from_reader::<E>(self)
    }
}

impl Source for Cursor<&[u8]> {
    fn records<E: Element>(
        self,
        options: ReadOptions,
    ) -> Result<Reader<E, impl Read>, Error> {
        options.from_seekable::<E>(self)
    }
}

impl<D: MemberData> Source for Member<D> {
    fn records<E: Element>(
        self,
        options: ReadOptions,
    ) -> Result<Reader<E, impl Read>, Error> {
        self.with(options).rows::<E>()
    }
}

/// The member of an archive with a name.
impl<S: Read + Seek> Source for (&mut npz::Reader<S>, &str) {
    fn records<E: Element>(
        self,
        options: ReadOptions,
    ) -> Result<Reader<E, impl Read>, Error> {
        self.0.by_name(self.1)?.with(options).rows::<E>()
    }
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[repr(C)]
struct Plain {
    a: u32,
    b: f32,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Empty {}

/// Calls a macro with each type of record.
macro_rules! with_records {
    ($($call:tt)*) => { $($call)*! { u8, bool, f64, [i16; 2], Str<2>, Plain, Empty } };
}

/// The dtypes of the records.
pub(crate) fn dtypes() -> Vec<DType> {
    macro_rules! dtypes {
        ($($record:ty),+) => { vec![$(<$record>::dtype()),+] };
    }
    with_records!(dtypes)
}

/// A way to read an array.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    how: How,
    number: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Values,
    /// A few of them.
    Some,
    Records,
    All,
    Array,
}

/// The result of reading: the shape and the rows, or an error.
pub type Answer = Result<(Vec<u64>, Vec<Result<String, String>>), String>;

/// The limit of its memory, and the check of its errors.
pub struct Limits<'a> {
    /// The number of bytes in the source.
    pub len: usize,
    pub error: &'a dyn Fn(&Error),
}

impl Way {
    /// Returns one of all the ways.
    pub fn of(number: usize) -> Self {
        use How::{All, Array, Records, Some, Values};
        let hows = [Values, Some, Records, All, Array];
        Way {
            how: hows[number % hows.len()],
            number: number / hows.len(),
        }
    }

    /// Returns the way that gives the same rows, if there is another.
    pub fn other(self) -> Option<Self> {
        let how = How::All;
        let number = self.number;
        (self.how == How::Array).then_some(Way { how, number })
    }

    /// Returns true if it reads the whole source, or fails.
    pub fn reads_all(self) -> bool {
        matches!(self.how, How::All | How::Array)
    }

    pub fn read(self, source: impl Source, limits: &Limits) -> Answer {
        let mut nth = self.number;
        macro_rules! read {
            ($($record:ty),+) => {{
                let count = [$(stringify!($record)),+].len();
                nth %= count;
                $(if nth == 0 {
                    return self.read_as::<$record>(source, limits);
                }
                nth = nth.wrapping_sub(1);)+
                let _ = nth;
                unreachable!("it is one of the records");
            }};
        }
        match self.how {
            How::Values => limits.values(source, MANY),
            How::Some => limits.values(source, self.number % 4),
            _ => with_records!(read),
        }
    }

    fn read_as<R: NpyRecord + Debug>(self, source: impl Source, limits: &Limits) -> Answer {
        let number = self.number / 7;
        let castings = [Casting::SameKind, Casting::Equiv, Casting::No];
        let options = ReadOptions::new()
            .flat(true)
            .in_c_order(number % 2 == 1)
            .casting(castings[number / 2 % 3]);
        let each = 4 * size_of::<R>();
        let reader = limited(limits.len, each, || source.records::<R>(options));
        let mut reader = reader.map_err(|error| limits.told(&error))?;
        let shape = reader.shape().to_vec();
        if self.how == How::Records || R::ITEMSIZE == 0 && reader.remaining() > MANY as u64 {
            return Ok((shape, limits.rows(&mut reader, each, MANY)));
        }
        let is_array = self.how == How::Array;
        let rows = limited(limits.len, each, || match is_array {
            false => reader.read_all(),
            true => reader.read_array().map(|array| {
                assert!(
                    array
                        .shape()
                        .iter()
                        .map(|&dim| dim as u64)
                        .eq(shape.clone())
                );
                let (elements, _) = array.into_raw_vec_and_offset();
                elements
            }),
        });
        let rows = rows.map_err(|error| limits.told(&error))?;
        let rows = rows.iter().take(MANY);
        Ok((shape, rows.map(|row| Ok(format!("{row:?}"))).collect()))
    }
}

impl Limits<'_> {
    fn told(&self, error: &Error) -> String {
        (self.error)(error);
        told(error)
    }

    fn values(&self, source: impl Source, most: usize) -> Answer {
        let reader = limited(self.len, 0, || source.values());
        let mut reader = reader.map_err(|error| self.told(&error))?;
        // A row may be an array of values.
        let each = value_size(reader.header().dtype()) + size_of::<Value>();
        let shape = reader.shape().to_vec();
        Ok((shape, self.rows(&mut reader, each, most)))
    }

    /// The first rows.
    fn rows<T: Debug>(
        &self,
        rows: &mut impl Iterator<Item = Result<T, Error>>,
        each: usize,
        most: usize,
    ) -> Vec<Result<String, String>> {
        let mut found = Vec::new();
        let mut shown = 0;
        while found.len() < most
            && shown < LONG
            && let Some(row) = limited(self.len, each, || rows.next())
        {
            let row = row.map(|row| format!("{row:?}"));
            let row = row.map_err(|error| self.told(&error));
            shown += row.as_ref().map_or(0, String::len);
            found.push(row);
        }
        found
    }
}

/// An error without its path.
pub fn told(error: &Error) -> String {
    let text = (error.to_string(), format!("{error:?}"));
    assert!(!text.0.is_empty());
    format!("{:?} {:?}", error.row(), error.kind())
}

/// The memory that a byte of an array may become as a value.
pub fn value_size(dtype: &DType) -> usize {
    (1 + depth(dtype)) * size_of::<Value>()
}

/// Returns the depth of nested values for one byte, including the value of an axis and a text.
fn depth(dtype: &DType) -> usize {
    1 + match dtype {
        DType::Scalar(_) => 1,
        DType::Subarray(_) => depth(dtype.base_and_shape().0),
        _ => {
            let fields = dtype.fields().iter().map(|field| depth(field.dtype()));
            fields.max().unwrap_or_default()
        }
    }
}
