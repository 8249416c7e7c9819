//! The types of fields in the table of the guide. Each one compiles, and its file is what NumPy writes.

use std::{
    borrow::Cow,
    fmt::Write,
    fs,
    marker::PhantomData,
    net::{Ipv4Addr, Ipv6Addr},
    num::{NonZero, Saturating, Wrapping},
    path::Path,
    rc::Rc,
    sync::Arc,
    time::{Duration, SystemTime},
};

use npyrec::{Bytes, DType, Datetime64, NpyRecord, Str, Timedelta64, Void, unit};

use crate::numpy::{has_numpy, numpy};

/// A decimal number as a count of hundredths.
mod cents {
    use npyrec::{DecodeError, EncodeError};
    use rust_decimal::Decimal;

    pub(super) type Stored = i64;

    pub(super) fn store(price: &Decimal) -> Result<i64, EncodeError> {
        let mut cents = *price;
        cents.rescale(2);
        let is_exact = cents == *price;
        let stored = cents.mantissa().try_into().ok().filter(|_| is_exact);
        stored.ok_or_else(|| EncodeError::new(price, "is not a number of cents"))
    }

    pub(super) fn load(cents: i64) -> Result<Decimal, DecodeError> {
        Ok(Decimal::new(cents, 2))
    }
}

/// A text of any type as 8 bytes.
mod text {
    use npyrec::{Bytes, DecodeError, EncodeError};

    pub(super) type Stored = Bytes<8>;

    pub(super) fn store(text: &impl AsRef<str>) -> Result<Stored, EncodeError> {
        text.as_ref().parse()
    }

    pub(super) fn load<T: for<'a> TryFrom<&'a str>>(text: Stored) -> Result<T, DecodeError> {
        let loaded = str::from_utf8(text.as_bytes()).ok();
        let loaded = loaded.and_then(|text| T::try_from(text).ok());
        loaded.ok_or_else(|| DecodeError::new("the text is too long"))
    }
}

#[derive(NpyRecord, Clone, Copy)]
struct Position {
    x: f32,
    y: f32,
}

const AT: Position = Position { x: 0.5, y: -2.0 };

#[derive(NpyRecord)]
struct Celsius(f32);

#[derive(NpyRecord)]
#[repr(u8)]
enum Side {
    Buy = 1,
    Sell = 2,
}

/// A type of the table.
struct Row {
    /// The type, as it is written in a program.
    rust: String,
    dtype: DType,
    attribute: &'static str,
    file: Vec<u8>,
    /// The dtype and the file of a struct in big-endian order.
    big_endian: (DType, Vec<u8>),
    /// The values as a list of Python.
    python: &'static str,
}

impl Row {
    fn new<R: NpyRecord, B: NpyRecord>(
        rust: &str,
        attribute: &'static str,
        records: &[R],
        big_endian: &[B],
        python: &'static str,
    ) -> Self {
        Row {
            rust: rust.replace("'static, ", "").replace("'static ", ""),
            dtype: R::dtype(),
            attribute,
            file: file(records),
            big_endian: (B::dtype(), file(big_endian)),
            python,
        }
    }

    /// Returns the line of the table.
    fn line(&self) -> String {
        let dtype = self.dtype.fields()[0].dtype().to_string();
        let how = match self.attribute {
            "" => "by itself".to_owned(),
            attribute => format!("`#[npy({attribute})]`"),
        };
        format!(
            "| `{}` | `{}` | {how} |\n",
            self.rust,
            dtype.replace('|', "\\|")
        )
    }
}

/// Returns the file of records.
fn file<R: NpyRecord>(records: &[R]) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("values.npy");
    npyrec::write(&path, records).unwrap();
    fs::read(&path).unwrap()
}

macro_rules! types {
    ($([$($attribute:tt)*] $type:ty = [$($value:expr),+], $python:literal;)+) => {
        fn rows() -> Vec<Row> {
            vec![$({
                #[derive(NpyRecord)]
                struct Record {
                    #[npy($($attribute)*)]
                    value: $type,
                }
                #[derive(NpyRecord)]
                #[npy(big_endian)]
                struct BigEndian {
                    #[npy($($attribute)*)]
                    value: $type,
                }
                let records = [$(Record { value: $value }),+];
                let big_endian = [$(BigEndian { value: $value }),+];
                let attribute = stringify!($($attribute)*);
                Row::new(stringify!($type), attribute, &records, &big_endian, $python)
            }),+]
        }
    };
}

fn date(year: i32, month: u32, day: u32) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

types! {
    [] bool = [true, false], "[True, False]";
    [] i8 = [i8::MIN, 7], "[-128, 7]";
    [] i16 = [i16::MIN, 7], "[-2**15, 7]";
    [] i32 = [i32::MIN, 7], "[-2**31, 7]";
    [] i64 = [i64::MIN, 7], "[-2**63, 7]";
    [] u8 = [u8::MAX, 7], "[255, 7]";
    [] u16 = [u16::MAX, 7], "[2**16 - 1, 7]";
    [] u32 = [u32::MAX, 7], "[2**32 - 1, 7]";
    [] u64 = [u64::MAX, 7], "[2**64 - 1, 7]";
    [] f32 = [0.1, f32::INFINITY], "[0.1, np.inf]";
    [] f64 = [0.1, -0.0], "[0.1, -0.0]";
    [] half::f16 = [half::f16::from_f32(0.1)], "[0.1]";
    [] half::bf16 = [half::bf16::from_f32(0.5)], "[0.5]";
    [] num_complex::Complex<f32> = [num_complex::Complex::new(0.5, -2.0)], "[0.5-2j]";
    [] num_complex::Complex<f64> = [num_complex::Complex::new(0.1, -2.0)], "[0.1-2j]";
    [dtype = "u8"] usize = [7], "[7]";
    [dtype = "i4"] isize = [-7], "[-7]";
    [dtype = "u8"] u128 = [7], "[7]";
    [dtype = "i8"] i128 = [-7], "[-7]";
    [dtype = ">f4"] f64 = [0.5, 1e30], "[0.5, 1e30]";
    [dtype = "f8"] i32 = [i32::MAX], "[2**31 - 1]";
    [] NonZero<u32> = [NonZero::new(7).unwrap()], "[7]";
    [] Wrapping<u32> = [Wrapping(7)], "[7]";
    [] Saturating<i16> = [Saturating(-7)], "[-7]";
    [nan] Option<f64> = [Some(0.5), None], "[0.5, np.nan]";
    [nat, dtype = "M8[s]"] Option<SystemTime> = [Some(SystemTime::UNIX_EPOCH), None], "['1970-01-01', 'NaT']";
    [] char = ['ü'], "['ü']";
    [] () = [()], "[()]";
    [] PhantomData<f32> = [PhantomData], "[()]";
    [dtype = "S8"] String = ["Größe".to_owned(), String::new()], "['Größe'.encode(), b'']";
    [dtype = "U8"] String = ["Größe".to_owned(), String::new()], "['Größe', '']";
    [dtype = "S8"] &'static str = ["near"], "[b'near']";
    [dtype = "U8"] &'static str = ["näher"], "['näher']";
    [dtype = "U8"] Cow<'static, str> = [Cow::Borrowed("a"), Cow::Owned("b".to_owned())], "['a', 'b']";
    [dtype = "S8"] Box<str> = ["near".into()], "[b'near']";
    [dtype = "U8"] Rc<str> = ["near".into()], "['near']";
    [dtype = "U8"] Arc<str> = ["near".into()], "['near']";
    [with = "text"] arrayvec::ArrayString<8> = [arrayvec::ArrayString::from("near").unwrap()], "[b'near']";
    [dtype = "S4"] Vec<u8> = [vec![1, 0, 2]], r"[b'\x01\x00\x02']";
    [dtype = "V3"] Vec<u8> = [vec![1, 2, 0]], r"[np.void(b'\x01\x02\x00')]";
    [dtype = "S4"] &'static [u8] = [&[1, 2]], r"[b'\x01\x02']";
    [dtype = "V4"] [u8; 4] = [[1, 2, 3, 0]], r"[np.void(b'\x01\x02\x03\x00')]";
    [dtype = "U4"] [char; 4] = [['n', 'ä', 'h', '\0']], "['näh']";
    [] Bytes<4> = [Bytes::new(b"near").unwrap()], "[b'near']";
    [] Str<4> = [Str::new("näh").unwrap()], "['näh']";
    [] Void<2> = [Void([1, 0])], r"[np.void(b'\x01\x00')]";
    [] [f32; 3] = [[0.5, 1.5, -2.0]], "[[0.5, 1.5, -2.0]]";
    [] [[i16; 2]; 2] = [[[1, 2], [3, 4]]], "[[[1, 2], [3, 4]]]";
    [] (u8, f64) = [(7, 0.1)], "[(7, 0.1)]";
    [] Position = [AT], "[(0.5, -2)]";
    [] Celsius = [Celsius(0.5)], "[0.5]";
    [] Box<Position> = [Box::new(AT)], "[(0.5, -2)]";
    [] Rc<Position> = [Rc::new(AT)], "[(0.5, -2)]";
    [] Arc<Position> = [Arc::new(AT)], "[(0.5, -2)]";
    [] Cow<'static, Position> = [Cow::Owned(AT)], "[(0.5, -2)]";
    [] Side = [Side::Buy, Side::Sell], "[1, 2]";
    [dtype = "S4"] Side = [Side::Buy, Side::Sell], "[b'Buy', b'Sell']";
    [] Ipv4Addr = [Ipv4Addr::LOCALHOST], r"[np.void(b'\x7f\x00\x00\x01')]";
    [] Ipv6Addr = [Ipv6Addr::LOCALHOST], r"[np.void(bytes(15) + b'\x01')]";
    [dtype = "M8[ns]"] i64 = [7, i64::MIN], "[np.datetime64(7, 'ns'), 'NaT']";
    [] Datetime64<unit::Nanosecond> = [Datetime64::new(7)], "[np.datetime64(7, 'ns')]";
    [] Timedelta64<unit::Second> = [Timedelta64::new(-7)], "[np.timedelta64(-7, 's')]";
    [dtype = "M8[ms]"] SystemTime = [SystemTime::UNIX_EPOCH + Duration::from_secs(60)], "['1970-01-01T00:01']";
    [dtype = "m8[us]"] Duration = [Duration::from_millis(5)], "[np.timedelta64(5, 'ms')]";
    [dtype = "M8[us]"] chrono::DateTime<chrono::Utc> = [chrono::DateTime::from_timestamp(-1, 5_000).unwrap()], "['1969-12-31T23:59:59.000005']";
    [dtype = "M8[ms]"] chrono::NaiveDateTime = [date(2024, 2, 29).and_hms_opt(1, 2, 3).unwrap()], "['2024-02-29T01:02:03']";
    [dtype = "M8[D]"] chrono::NaiveDate = [date(1600, 3, 1)], "['1600-03-01']";
    [dtype = "m8[ms]"] chrono::TimeDelta = [chrono::TimeDelta::milliseconds(-5)], "[np.timedelta64(-5, 'ms')]";
    [dtype = "M8[ns]"] jiff::Timestamp = [jiff::Timestamp::UNIX_EPOCH], "['1970-01-01']";
    [dtype = "M8[s]"] jiff::civil::DateTime = [jiff::civil::date(2024, 2, 29).at(1, 2, 3, 0)], "['2024-02-29T01:02:03']";
    [dtype = "M8[D]"] jiff::civil::Date = [jiff::civil::date(1600, 3, 1)], "['1600-03-01']";
    [dtype = "m8[us]"] jiff::SignedDuration = [jiff::SignedDuration::from_millis(-5)], "[np.timedelta64(-5, 'ms')]";
    [cast = "Void<16>"] uuid::Uuid = [uuid::Uuid::from_u128(7)], r"[np.void(bytes(15) + b'\x07')]";
    [cast = "[f32; 3]"] glam::Vec3 = [glam::Vec3::new(0.5, 1.5, -2.0)], "[[0.5, 1.5, -2.0]]";
    [cast = "[[f64; 3]; 3]"] glam::DMat3 = [glam::DMat3::IDENTITY], "[np.eye(3).tolist()]";
    [cast = "[f64; 3]"] nalgebra::Vector3<f64> = [nalgebra::Vector3::new(0.5, 1.5, -2.0)], "[[0.5, 1.5, -2.0]]";
    [cast = "[[f64; 2]; 2]"] nalgebra::Matrix2<f64> = [nalgebra::Matrix2::new(1.0, 2.0, 3.0, 4.0)], "[[[1.0, 3.0], [2.0, 4.0]]]";
    [cast = "f64"] ordered_float::OrderedFloat<f64> = [ordered_float::OrderedFloat(0.1)], "[0.1]";
    [with = "cents"] rust_decimal::Decimal = [rust_decimal::Decimal::new(-1999, 2)], "[-1999]";
}

/// Returns the rows whose file differs from what NumPy writes for the dtype.
fn different(of: impl Fn(&Row) -> (String, &[u8])) -> Vec<String> {
    let Some(mut numpy) = numpy() else {
        return Vec::new();
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("expected.npy");
    let mut rows = rows();
    rows.retain(|row| {
        let (dtype, file) = of(row);
        let code = format!(
            "values = [(value,) for value in {}]\n\
             np.save(path, np.array(values, dtype={dtype}))\n\
             answer = None",
            row.python
        );
        numpy.python(&path, &code);
        fs::read(&path).unwrap() != file
    });
    rows.into_iter().map(|row| row.rust).collect()
}

/// Returns the dtype in Python. By its descr alone, NumPy would take a `bfloat16` for two bytes.
fn python_dtype(dtype: &DType) -> String {
    let dtype = dtype.to_string();
    dtype.replace("'<V2'", "__import__('ml_dtypes').bfloat16")
}

#[test]
fn the_file_of_each_type_is_what_numpy_writes() {
    let different = different(|row| (python_dtype(&row.dtype), &row.file));
    assert!(different.is_empty(), "{different:?}");
}

/// NumPy itself swaps the dtype. A `bfloat16` stays as it is: `ml_dtypes` has no other order.
#[test]
fn the_big_endian_file_of_each_type_is_what_numpy_writes() {
    let different = different(|row| {
        let dtype = python_dtype(&row.dtype);
        let big_endian = format!("np.dtype({dtype}).newbyteorder('>')");
        (big_endian, &row.big_endian.1)
    });
    if has_numpy() {
        assert_eq!(different, ["half::bf16"]);
    }
    let mut rows = rows();
    rows.retain(|row| row.dtype == row.big_endian.0);
    let same: Vec<_> = rows.iter().map(|row| row.dtype.to_string()).collect();
    insta::assert_snapshot!(same.join("\n"));
}

/// With `INSTA_UPDATE=always`, the table is written.
#[test]
fn the_table_of_the_guide_lists_each_type() {
    let rows = rows();
    assert!(rows.len() >= 63);
    let mut table = "| type | dtype | how |\n| --- | --- | --- |\n".to_owned();
    rows.iter()
        .for_each(|row| table.write_str(&row.line()).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guide/types.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("| type |").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let expected = format!("{before}{table}\n{after}");
    let is_update = std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always");
    if is_update {
        fs::write(&path, &expected).unwrap();
    } else {
        assert_eq!(page, expected);
    }
}
