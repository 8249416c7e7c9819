//! Values are written by any serializer.

use insta::assert_snapshot;
use npyrec::value::{Array, Record, Value};
use serde_test::{Configure, Token, assert_ser_tokens};

fn every_value() -> Record {
    let ints = (1..=6).map(Value::Int).collect();
    let nested = Record::from_iter([("ok", Value::Bool(false)), ("ratio", Value::Float64(0.1))]);
    Record::from_iter([
        ("bool", Value::Bool(true)),
        ("int", Value::Int(i64::MIN)),
        ("uint", Value::Uint(u64::MAX)),
        ("f2", Value::Float16(0.5)),
        ("bfloat16", Value::BFloat16(1.5)),
        ("f4", Value::Float32(0.1)),
        ("f8", Value::Float64(f64::NAN)),
        ("f16", Value::LongDouble(1.0)),
        ("c8", Value::Complex64(1.0, -2.0)),
        ("c16", Value::Complex128(0.1, 0.2)),
        ("c32", Value::CLongDouble(0.0, 1.0)),
        ("datetime", Value::Datetime(5, "25us".parse().unwrap())),
        ("day", Value::Datetime(5, "D".parse().unwrap())),
        ("nat", Value::Datetime(i64::MIN, "ns".parse().unwrap())),
        ("timedelta", Value::Timedelta(-5, "s".parse().unwrap())),
        ("bytes", Value::Bytes(b"EURUSD".to_vec())),
        ("other bytes", Value::Bytes(b"a\xff".to_vec())),
        ("str", Value::Str("é".to_owned())),
        ("void", Value::Void(b"ab".to_vec())),
        ("record", Value::Record(nested)),
        ("array", Value::Array(Array::new(&[2, 3], ints).unwrap())),
        (
            "empty",
            Value::Array(Array::new(&[usize::MAX, 0], vec![]).unwrap()),
        ),
    ])
}

#[test]
fn every_value_has_a_json_form() {
    assert_snapshot!(serde_json::to_string_pretty(&every_value()).unwrap());
}

#[test]
fn a_binary_format_gets_ticks_and_bytes() {
    let datetime = Value::Datetime(5, "25us".parse().unwrap());
    assert_ser_tokens(&datetime.clone().compact(), &[Token::I64(5)]);
    assert_ser_tokens(
        &datetime.readable(),
        &[Token::Str("1970-01-01T00:00:00.000125")],
    );
    let bytes = Value::Bytes(b"EURUSD".to_vec());
    assert_ser_tokens(&bytes.clone().compact(), &[Token::Bytes(b"EURUSD")]);
    assert_ser_tokens(&bytes.readable(), &[Token::Str("EURUSD")]);
    let bytes = Value::Bytes(b"\xff".to_vec());
    assert_ser_tokens(&bytes.readable(), &[Token::Bytes(b"\xff")]);
}

#[test]
fn a_value_is_serialized_as_what_it_is() {
    let record = Record::from_iter([
        ("a", Value::Complex64(1.0, 2.0)),
        (
            "b",
            Value::Array(Array::new(&[2, 1], vec![Value::Uint(1), Value::Uint(2)]).unwrap()),
        ),
        ("c", Value::Float16(0.5)),
    ]);
    let tokens = [
        Token::Map { len: Some(3) },
        Token::Str("a"),
        Token::Tuple { len: 2 },
        Token::F32(1.0),
        Token::F32(2.0),
        Token::TupleEnd,
        Token::Str("b"),
        Token::Seq { len: Some(2) },
        Token::Seq { len: Some(1) },
        Token::U64(1),
        Token::SeqEnd,
        Token::Seq { len: Some(1) },
        Token::U64(2),
        Token::SeqEnd,
        Token::SeqEnd,
        Token::Str("c"),
        Token::F32(0.5),
        Token::MapEnd,
    ];
    assert_ser_tokens(&Value::Record(record).compact(), &tokens);
}
