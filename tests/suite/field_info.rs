//! The fields of a record as data: names, dtypes, units and descriptions.

use npyrec::{DType, DecodeError, EncodeAs, EncodeError, NpyRecord};
use serde_json::json;

/// A length, of which the unit is known wherever it is a field.
#[derive(NpyRecord)]
struct Meters(#[npy(unit = "m")] f64);

#[derive(NpyRecord)]
struct Position {
    /// East of the origin.
    x: Meters,
    #[npy(unit = "km")]
    y: Meters,
}

#[derive(NpyRecord)]
struct Sample {
    /// Time of the sample.
    ///
    /// Since the start of the run.
    #[npy(dtype = "m8[us]", unit = "us")]
    time: i64,
    /// Pressure in the vessel.
    #[npy(unit = "kPa", title = "Pressure", rename = "p")]
    pressure: f32,
    #[doc = concat!("Counts of ", 3, " channels.")]
    counts: [u16; 3],
    /// Ends of the path.
    at: [Position; 2],
    #[npy(flatten)]
    end: Position,
    plain: u8,
    /// Not stored.
    #[npy(skip)]
    _seen: bool,
}

fn json<R: NpyRecord>() -> serde_json::Value {
    serde_json::to_value(R::fields()).unwrap()
}

#[test]
fn the_fields_have_their_units_and_descriptions() {
    let position = json!([
        {"name": "x", "dtype": "<f8", "unit": "m", "description": "East of the origin."},
        {"name": "y", "dtype": "<f8", "unit": "km"},
    ]);
    let (x, y) = (&position[0], &position[1]);
    let at = serde_json::to_value(<[Position; 2]>::dtype()).unwrap();
    assert_eq!(
        json::<Sample>(),
        json!([
            {
                "name": "time", "dtype": "<m8[us]", "unit": "us",
                "description": "Time of the sample.\n\nSince the start of the run.",
            },
            {
                "name": "p", "dtype": "<f4", "title": "Pressure", "unit": "kPa",
                "description": "Pressure in the vessel.",
            },
            {
                "name": "counts", "dtype": <[u16; 3]>::dtype(),
                "description": "Counts of 3 channels.",
            },
            {
                "name": "at", "dtype": at, "description": "Ends of the path.",
                "fields": position,
            },
            x,
            y,
            {"name": "plain", "dtype": "|u1"},
        ])
    );
}

#[test]
fn the_fields_are_those_of_the_dtype() {
    let dtype = Sample::dtype();
    let fields = Sample::fields();
    let names: Vec<_> = fields.iter().map(npyrec::FieldInfo::name).collect();
    let expected: Vec<_> = dtype.fields().iter().map(npyrec::Field::name).collect();
    assert_eq!(names, expected);
    assert_eq!(fields[1].title(), Some("Pressure"));
    assert_eq!(fields[6].unit(), None);
    assert_eq!(fields[6].description(), None);
}

#[test]
fn a_record_without_fields_has_none() {
    assert_eq!(f64::fields(), []);
    assert_eq!(Meters::fields(), []);
    assert_eq!(<[Position; 3]>::fields(), Position::fields());
    assert_eq!(Box::<Position>::fields(), Position::fields());
    assert_eq!(<(u8, f64)>::fields().len(), 2);
}

#[test]
fn a_record_implemented_by_hand_has_the_fields_of_its_dtype() {
    struct Pair(u8, u8);

    impl NpyRecord for Pair {
        const ITEMSIZE: usize = 2;

        fn dtype() -> DType {
            "[('a', 'u1'), ('b', 'u1')]".parse().unwrap()
        }

        fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
            out.copy_from_slice(&[self.0, self.1]);
            Ok(())
        }

        fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
            Ok(Pair(bytes[0], bytes[1]))
        }
    }

    impl EncodeAs<Pair> for Pair {
        fn encode_as(&self, _: &(), out: &mut [u8]) -> Result<(), EncodeError> {
            self.encode(out)
        }
    }

    assert_eq!(
        json::<Pair>(),
        json!([{"name": "a", "dtype": "|u1"}, {"name": "b", "dtype": "|u1"}])
    );
}

/// So that a snapshot of the fields fails if the variants are reordered.
#[test]
fn an_enum_has_its_variants_and_their_numbers() {
    #[derive(NpyRecord)]
    #[repr(i8)]
    #[allow(dead_code)]
    enum Gear {
        Reverse = -1,
        Neutral,
        r#First,
        #[npy(other)]
        Other(i8),
    }

    #[derive(NpyRecord)]
    struct Row {
        _gears: [Gear; 2],
    }

    let variants = json!([["Reverse", -1], ["Neutral", 0], ["First", 1]]);
    let dtype = <[i8; 2]>::dtype();
    assert_eq!(
        json::<Row>(),
        json!([{"name": "_gears", "dtype": dtype, "variants": variants}])
    );
    let reverse = Row::fields()[0].variants().next().map(|(_, number)| number);
    assert_eq!(reverse, Some(-1));
}

/// The variants are those of the enum, whatever stores their numbers or names.
#[test]
fn an_enum_stored_as_another_dtype_lists_its_variants() {
    #[derive(NpyRecord)]
    #[repr(u8)]
    #[allow(dead_code)]
    enum Side {
        Buy = 1,
        Sell = 2,
    }

    #[derive(NpyRecord)]
    struct Row {
        #[npy(dtype = "S4")]
        _name: Side,
        #[npy(dtype = ">i4", rename = "numbers")]
        _numbers: [Side; 2],
        #[npy(dtype = "i2")]
        _boxed: Box<Side>,
        #[npy(dtype = "S4")]
        _text: String,
    }

    #[derive(NpyRecord)]
    struct Name(#[npy(dtype = "U4")] Side);

    #[derive(NpyRecord)]
    struct Names {
        _name: Name,
    }

    let variants = json!([["Buy", 1], ["Sell", 2]]);
    let numbers = json!([">i4", [2]]);
    assert_eq!(
        json::<Row>(),
        json!([
            {"name": "_name", "dtype": "|S4", "variants": variants},
            {"name": "numbers", "dtype": numbers, "variants": variants},
            {"name": "_boxed", "dtype": "<i2", "variants": variants},
            {"name": "_text", "dtype": "|S4"},
        ])
    );
    assert_eq!(
        json::<Names>(),
        json!([{"name": "_name", "dtype": "<U4", "variants": variants}])
    );
}

#[test]
fn no_default_is_made_for_the_fields() {
    #[derive(NpyRecord)]
    struct Costly {
        #[npy(default = "never")]
        _value: f64,
    }

    fn never() -> f64 {
        unreachable!("only a file without the field needs its default")
    }

    assert_eq!(Costly::fields().len(), 1);
}
