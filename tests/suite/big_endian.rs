//! `#[npy(big_endian)]` on structs, enums and fields.

use std::num::Wrapping;

use npyrec::{
    Bytes, DType, Datetime64, DecodeError, EncodeAs, EncodeError, NpyRecord, Str, Timedelta64,
    half::{bf16, f16},
    num_complex::Complex,
    unit,
};
use serde_json::json;

use crate::every_door::through_every_door;

#[derive(NpyRecord, Clone, Copy, Debug, PartialEq, Default)]
#[npy(big_endian)]
#[repr(u16)]
enum Big {
    #[default]
    One = 1,
    Two = 2,
}

#[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
#[repr(i32)]
enum Little {
    Minus = -1,
}

#[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
struct Celsius(f32);

#[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
#[npy(align)]
struct Inner {
    a: u8,
    b: f64,
    c: (i16, [u32; 2]),
    big: Big,
    #[npy(dtype = ">i2")]
    d: i16,
}

const INNER: Inner = Inner {
    a: 1,
    b: 1.5,
    c: (-2, [3, 4]),
    big: Big::Two,
    d: 5,
};

#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[npy(big_endian)]
struct All {
    bytes: Bytes<3>,
    text: Str<2>,
    letter: char,
    complex: Complex<f32>,
    half: f16,
    brain: bf16,
    time: Datetime64<unit::Second>,
    span: Timedelta64<unit::Day>,
    newtype: Celsius,
    number: Wrapping<u32>,
    little: Little,
    nested: [Inner; 2],
    shared: Box<Inner>,
    #[npy(dtype = "f4")]
    narrow: f64,
    #[npy(dtype = "<f4")]
    explicit: f64,
    #[npy(dtype = "U2")]
    name: String,
    #[npy(flatten)]
    at: Flat,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Flat {
    x: u64,
}

#[test]
fn a_struct_in_big_endian_order_is_numpys() {
    let record = All {
        bytes: "ab".parse().unwrap(),
        text: "é".parse().unwrap(),
        letter: 'x',
        complex: Complex::new(1.0, 2.0),
        half: f16::ONE,
        brain: bf16::ONE,
        time: Datetime64::new(60),
        span: Timedelta64::new(7),
        newtype: Celsius(0.5),
        number: Wrapping(9),
        little: Little::Minus,
        nested: [INNER; 2],
        shared: Box::new(INNER),
        narrow: 0.25,
        explicit: 0.125,
        name: "日".to_owned(),
        at: Flat { x: 1 << 40 },
    };
    let dtype = All::dtype().to_string();
    assert_eq!(dtype.matches("'<").count(), 2, "{dtype}"); // the explicit field and bfloat16
    let inner = json!([1, 1.5, [-2, [3, 4]], 2, 5]);
    let expected = json!([
        "ab",
        "é",
        "x",
        [1.0, 2.0],
        1.0,
        1.0,
        60,
        7,
        0.5,
        9,
        -1,
        [inner, inner],
        inner,
        0.25,
        0.125,
        "日",
        1_u64 << 40
    ]);
    let inner = "(1, 1.5, (-2, [3, 4]), 2, 5)";
    let shown = format!(
        "(b'ab', 'é', 'x', 1.+2.j, 1.0, 1, '1970-01-01T00:01:00', 7, 0.5, 9, -1, \
         [{inner}, {inner}], {inner}, 0.25, 0.125, '日', 1099511627776)"
    );
    through_every_door(&record, expected, &shown);
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Fields {
    #[npy(big_endian)]
    inner: Inner,
    #[npy(big_endian, default)]
    number: u32,
    #[npy(big_endian)]
    tuple: (u16, f32),
    little: u16,
}

#[test]
fn one_field_in_big_endian_order_is_numpys() {
    let record = Fields {
        inner: INNER,
        number: 7,
        tuple: (1, 0.5),
        little: 2,
    };
    assert!(Fields::dtype().to_string().ends_with(
        "('number', '>u4'), ('tuple', [('f0', '>u2'), ('f1', '>f4')]), ('little', '<u2')]"
    ));
    let expected = json!([[1, 1.5, [-2, [3, 4]], 2, 5], 7, [1, 0.5], 2]);
    let shown = "((1, 1.5, (-2, [3, 4]), 2, 5), 7, (1, 0.5), 2)";
    through_every_door(&record, expected, shown);
}

#[test]
fn enums_and_newtypes_may_be_big_endian_themselves() {
    #[derive(NpyRecord, Clone, Debug, PartialEq)]
    #[npy(big_endian)]
    struct Newtype(f64);

    assert_eq!(Big::dtype().to_string(), ">u2");
    assert_eq!(Newtype::dtype().to_string(), ">f8");
    through_every_door(&Big::Two, json!(2), "2");
    through_every_door(&Newtype(1.5), json!(1.5), "1.5");
    let error = Big::decode(&[1, 0]).unwrap_err().to_string();
    assert_eq!(
        error,
        "256 is not a value of Big; expected 1 (One), 2 (Two)"
    );
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Old {
    id: u32,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct New {
    id: u32,
    #[npy(big_endian, default)]
    level: u32,
    #[npy(big_endian)]
    nested: Defaulted,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Defaulted {
    #[npy(default)]
    kind: Kind,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Kind(u16);

impl Default for Kind {
    fn default() -> Self {
        Kind(0x0102)
    }
}

#[test]
fn defaults_within_a_big_endian_field_keep_their_values() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    npyrec::write(&path, &[Old { id: 7 }]).unwrap();
    let new = New {
        id: 7,
        level: 0,
        nested: Defaulted { kind: Kind(0x0102) },
    };
    assert_eq!(npyrec::read::<New>(&path).unwrap(), [new]);
}

/// A record that is implemented by hand.
#[derive(Clone, Debug, PartialEq)]
struct ByHand(u16, u8, u32);

impl NpyRecord for ByHand {
    const ITEMSIZE: usize = <(u16, u8, u32)>::ITEMSIZE;

    fn dtype() -> DType {
        <(u16, u8, u32)>::dtype()
    }

    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        (self.0, self.1, self.2).encode(out)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        NpyRecord::decode(bytes).map(|(a, b, c)| ByHand(a, b, c))
    }
}

impl EncodeAs<ByHand> for ByHand {
    fn encode_as(&self, _: &(), out: &mut [u8]) -> Result<(), EncodeError> {
        self.encode(out)
    }
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[npy(big_endian)]
struct HoldsByHand {
    a: [ByHand; 2],
    b: u16,
}

#[test]
fn a_record_by_hand_may_be_in_big_endian_order() {
    let record = HoldsByHand {
        a: [ByHand(1, 2, 3), ByHand(4, 5, 6)],
        b: 7,
    };
    let expected = json!([[[1, 2, 3], [4, 5, 6]], 7]);
    through_every_door(&record, expected, "([(1, 2, 3), (4, 5, 6)], 7)");
}
