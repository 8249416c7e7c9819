//! Types of std are records, or are stored as texts and bytes.

use std::{
    borrow::Cow,
    fs,
    marker::PhantomData,
    net::{Ipv4Addr, Ipv6Addr},
    num::{NonZero, Saturating, Wrapping},
    rc::Rc,
    sync::Arc,
};

use npyrec::{Bytes, Datetime64, NpyFile, NpyRecord, Str, Void, unit};
use serde_json::json;

use crate::{every_door::through_every_door, numpy::numpy};

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Point {
    x: f32,
    on: bool,
}

const POINT: Point = Point { x: 1.5, on: true };

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Numbers {
    a: NonZero<u16>,
    b: NonZero<i64>,
    c: Wrapping<i32>,
    d: Saturating<f64>,
    e: Wrapping<Point>,
    f: [NonZero<u8>; 2],
    #[npy(dtype = ">i4")]
    g: NonZero<i8>,
    #[npy(dtype = "f8")]
    h: Wrapping<u16>,
}

#[test]
fn integers_of_another_arithmetic_are_their_integers() {
    let record = Numbers {
        a: NonZero::new(7).unwrap(),
        b: NonZero::new(-7).unwrap(),
        c: Wrapping(-1),
        d: Saturating(0.5),
        e: Wrapping(POINT),
        f: [NonZero::new(1).unwrap(), NonZero::new(255).unwrap()],
        g: NonZero::new(-3).unwrap(),
        h: Wrapping(9),
    };
    let shown = "(7, -7, -1, 0.5, (1.5, True), [  1, 255], -3, 9.0)";
    through_every_door(
        &record,
        json!([7, -7, -1, 0.5, [1.5, true], [1, 255], -3, 9.0]),
        shown,
    );
}

#[test]
fn a_zero_is_no_nonzero() {
    let mut bytes = [1; Numbers::ITEMSIZE];
    bytes[..2].fill(0);
    let error = Numbers::decode(&bytes).unwrap_err().to_string();
    assert_eq!(error, "field `a`: 0 does not fit NonZero<u16>");
    bytes = [1; Numbers::ITEMSIZE];
    bytes[Numbers::ITEMSIZE - 12..][..4].fill(0);
    let error = Numbers::decode(&bytes).unwrap_err().to_string();
    assert_eq!(error, "field `g`: 0 does not fit NonZero<i8>");
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Pointers {
    a: Box<Point>,
    b: Rc<Point>,
    c: Arc<[Point; 2]>,
    d: Cow<'static, Point>,
    #[npy(dtype = "f2")]
    e: Arc<f64>,
    #[npy(dtype = "S4")]
    f: Rc<String>,
}

#[test]
fn a_pointer_is_stored_as_its_value() {
    let record = Pointers {
        a: Box::new(POINT),
        b: Rc::new(POINT),
        c: Arc::new([POINT, POINT]),
        d: Cow::Borrowed(&POINT),
        e: Arc::new(0.25),
        f: Rc::new("ab".to_owned()),
    };
    let point = [json!(1.5), json!(true)];
    let expected = json!([point, point, [point, point], point, 0.25, "ab"]);
    let shown =
        "((1.5, True), (1.5, True), [(1.5,  True), (1.5,  True)], (1.5, True), 0.25, b'ab')";
    through_every_door(&record, expected, shown);
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Tagged<T> {
    unit: PhantomData<T>,
    nothing: (),
    value: f64,
}

#[test]
fn a_type_without_bytes_is_a_struct_without_fields() {
    let record = Tagged {
        unit: PhantomData::<String>,
        nothing: (),
        value: 2.5,
    };
    assert_eq!(
        Tagged::<String>::dtype().to_string(),
        "[('unit', []), ('nothing', []), ('value', '<f8')]"
    );
    through_every_door(&record, json!([[], [], 2.5]), "((), (), 2.5)");
}

type Sixteen = (
    u8,
    i8,
    u16,
    i16,
    u32,
    i32,
    u64,
    i64,
    f32,
    f64,
    bool,
    char,
    (),
    u8,
    u8,
    u8,
);

#[test]
fn a_tuple_has_up_to_sixteen_fields() {
    // Longer tuples than of twelve items cannot be compared.
    let record: Sixteen = (
        1,
        -1,
        2,
        -2,
        3,
        -3,
        4,
        -4,
        0.5,
        1.5,
        true,
        'é',
        (),
        14,
        15,
        16,
    );
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tuple.npy");
    npyrec::write(&path, &[record]).unwrap();
    let [read] = <[Sixteen; 1]>::try_from(npyrec::read::<Sixteen>(&path).unwrap())
        .ok()
        .unwrap();
    assert_eq!((read.0, read.11, read.15), (1, 'é', 16));
    let row = NpyFile::open(&path).unwrap().row(0).unwrap().to_string();
    assert_eq!(
        row,
        "(1, -1, 2, -2, 3, -3, 4, -4, 0.5, 1.5, True, 'é', (), 14, 15, 16)"
    );
    let Some(mut numpy) = numpy() else { return };
    assert_eq!(fs::read(&path).unwrap(), numpy.resave(&path));
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Texts {
    #[npy(dtype = "S4")]
    a: Box<str>,
    #[npy(dtype = "U4")]
    b: Rc<str>,
    #[npy(dtype = ">U4")]
    c: Arc<str>,
    #[npy(dtype = "U4")]
    d: Cow<'static, str>,
    e: char,
    f: [char; 2],
    #[npy(dtype = "S4")]
    g: Bytes<4>,
    #[npy(dtype = "S6")]
    h: Bytes<4>,
    #[npy(dtype = ">U2")]
    i: Str<3>,
}

#[test]
fn the_owners_of_a_text_are_texts() {
    let record = Texts {
        a: "ab".into(),
        b: "né".into(),
        c: "日本".into(),
        d: "x".into(),
        e: '\u{1f600}',
        f: ['a', '\0'],
        g: "dc".parse().unwrap(),
        h: "ef".parse().unwrap(),
        i: "gh".parse().unwrap(),
    };
    let expected = json!([
        "ab",
        "né",
        "日本",
        "x",
        "\u{1f600}",
        ["a", ""],
        "dc",
        "ef",
        "gh"
    ]);
    let shown = "(b'ab', 'né', '日本', 'x', '\u{1f600}', ['a', ''], b'dc', b'ef', 'gh')";
    through_every_door(&record, expected, shown);
    let error = Texts {
        d: "xyzzy".into(),
        ..record
    }
    .encode(&mut [0; Texts::ITEMSIZE]);
    assert_eq!(
        error.unwrap_err().to_string(),
        "field `d`: \"xyzzy\" is 5 characters long, the dtype holds 4"
    );
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Raw {
    #[npy(dtype = "S4")]
    a: Vec<u8>,
    #[npy(dtype = "V2")]
    b: Vec<u8>,
    #[npy(dtype = "V2")]
    c: Box<[u8]>,
    #[npy(dtype = "S2")]
    d: Arc<[u8]>,
    #[npy(dtype = "V2")]
    e: Cow<'static, [u8]>,
    #[npy(dtype = "V3")]
    f: Void<3>,
}

#[test]
fn the_owners_of_bytes_are_strings_or_raw_data() {
    let record = Raw {
        a: b"a\0b".to_vec(),
        b: vec![0, 255],
        c: vec![1, 0].into(),
        d: (*b"cd").into(),
        e: vec![7, 8].into(),
        f: Void([1, 2, 3]),
    };
    let expected = json!([[97, 0, 98], [0, 255], [1, 0], "cd", [7, 8], [1, 2, 3]]);
    let shown = r"(b'a\x00b', b'\x00\xFF', b'\x01\x00', b'cd', b'\x07\x08', b'\x01\x02\x03')";
    through_every_door(&record, expected, shown);
    let refusal = |record: Raw| {
        record
            .encode(&mut [0; Raw::ITEMSIZE])
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refusal(Raw {
            a: b"ab\0".to_vec(),
            ..record.clone()
        }),
        r#"field `a`: b"ab\x00" ends in a NUL, which NumPy would take for padding"#
    );
    assert_eq!(
        refusal(Raw {
            b: vec![1],
            ..record
        }),
        r#"field `b`: b"\x01" is 1 bytes long, the dtype needs 2"#
    );
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Addresses {
    a: Ipv4Addr,
    b: Ipv6Addr,
    #[npy(dtype = ">u4")]
    c: Ipv4Addr,
}

#[test]
fn an_address_is_its_bytes_in_network_order() {
    let record = Addresses {
        a: Ipv4Addr::new(192, 168, 0, 1),
        b: Ipv6Addr::LOCALHOST,
        c: Ipv4Addr::new(10, 0, 0, 1),
    };
    let mut bytes = [0; Addresses::ITEMSIZE];
    record.encode(&mut bytes).unwrap();
    assert_eq!(bytes[..4], [192, 168, 0, 1]);
    assert_eq!(bytes[20..], [10, 0, 0, 1]);
    let local = [[0; 15].as_slice(), &[1]].concat();
    let shown = "(b'\\xC0\\xA8\\x00\\x01', \
                 b'\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01', 167772161)";
    through_every_door(
        &record,
        json!([[192, 168, 0, 1], local, 0x0a00_0001]),
        shown,
    );
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Times {
    #[npy(dtype = "M8[ns]")]
    a: Datetime64<unit::Nanosecond>,
    #[npy(dtype = ">M8[ns]")]
    b: Datetime64<unit::Nanosecond>,
}

#[test]
fn a_type_is_stored_as_itself() {
    let record = Times {
        a: Datetime64::new(7),
        b: Datetime64::NAT,
    };
    let shown = "('1970-01-01T00:00:00.000000007', 'NaT')";
    through_every_door(&record, json!([7, i64::MIN]), shown);
}
