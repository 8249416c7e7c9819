//! `dtype = "…"` on an enum: another integer, or the names of the variants.

use npyrec::NpyRecord;
use serde_json::json;

use crate::every_door::through_every_door;

#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[repr(i16)]
enum Gear {
    Reverse = -1,
    Neutral = 0,
    Overdrive = 300,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Car {
    own: Gear,
    #[npy(dtype = "i8")]
    wide: Gear,
    #[npy(dtype = ">i4")]
    big: Gear,
    #[npy(dtype = "i1")]
    narrow: Gear,
    #[npy(dtype = "u2")]
    unsigned: Gear,
    #[npy(dtype = "S9")]
    bytes: Gear,
    #[npy(dtype = "U7")]
    text: Gear,
    #[npy(dtype = ">U7")]
    texts: [Gear; 2],
}

const CAR: Car = Car {
    own: Gear::Overdrive,
    wide: Gear::Overdrive,
    big: Gear::Reverse,
    narrow: Gear::Reverse,
    unsigned: Gear::Overdrive,
    bytes: Gear::Overdrive,
    text: Gear::Neutral,
    texts: [Gear::Reverse, Gear::Neutral],
};

#[test]
fn an_enum_is_any_integer_or_its_names() {
    let expected = json!([
        300,
        300,
        -1,
        -1,
        300,
        "Overdrive",
        "Neutral",
        ["Reverse", "Neutral"]
    ]);
    let shown = "(300, 300, -1, -1, 300, b'Overdrive', 'Neutral', ['Reverse', 'Neutral'])";
    through_every_door(&CAR, expected, shown);
}

#[test]
fn a_variant_that_the_dtype_does_not_hold_is_refused_by_name() {
    let refusal = |car: Car| car.encode(&mut [0; Car::ITEMSIZE]).unwrap_err().to_string();
    let car = Car {
        narrow: Gear::Overdrive,
        ..CAR
    };
    assert_eq!(
        refusal(car),
        "field `narrow`: 300 (Overdrive) is out of the range of |i1"
    );
    let car = Car {
        unsigned: Gear::Reverse,
        ..CAR
    };
    assert_eq!(
        refusal(car),
        "field `unsigned`: -1 (Reverse) is out of the range of <u2"
    );
    let car = Car {
        text: Gear::Overdrive,
        ..CAR
    };
    assert_eq!(
        refusal(car),
        "field `text`: \"Overdrive\" is 9 characters long, the dtype holds 7"
    );
}

#[test]
fn a_number_or_a_name_of_no_variant_is_refused() {
    let mut bytes = [0; Car::ITEMSIZE];
    CAR.encode(&mut bytes).unwrap();
    let mut changed = bytes;
    changed[2] = 45;
    assert_eq!(
        Car::decode(&changed).unwrap_err().to_string(),
        "field `wide`: 301 is not a value of Gear; expected -1 (Reverse), 0 (Neutral), 300 (Overdrive)"
    );
    let mut changed = bytes;
    changed[17] = b'o';
    assert_eq!(
        Car::decode(&changed).unwrap_err().to_string(),
        "field `bytes`: b\"overdrive\" is not a value of Gear; \
         expected -1 (Reverse), 0 (Neutral), 300 (Overdrive)"
    );
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[repr(u8)]
enum Level {
    Info = 1,
    #[npy(other)]
    Unknown = 255,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[repr(u8)]
enum Code {
    Start = 1,
    #[npy(other)]
    Other(u8),
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Others {
    #[npy(dtype = "i2")]
    level: Level,
    #[npy(dtype = "S7")]
    name: Level,
    #[npy(dtype = ">u4")]
    code: Code,
}

#[test]
fn a_catch_all_variant_takes_the_other_numbers_and_names() {
    let others = Others {
        level: Level::Info,
        name: Level::Unknown,
        code: Code::Other(7),
    };
    through_every_door(&others, json!([1, "Unknown", 7]), "(1, b'Unknown', 7)");
    let unknown = Others::decode(b"\x09\x00Debug\0\0\0\0\0\x09").unwrap();
    let expected = Others {
        level: Level::Unknown,
        name: Level::Unknown,
        code: Code::Other(9),
    };
    assert_eq!(unknown, expected);
    let error = Others::decode(b"\x01\x00Info\0\0\0\0\0\x01\x00").unwrap_err();
    assert_eq!(
        error.to_string(),
        "field `code`: 256 is not a value of Code; expected 1 (Start)"
    );
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[npy(rename_all = "SCREAMING-KEBAB-CASE")]
#[repr(u8)]
enum Venue {
    NewYork = 1,
    #[npy(rename = "{LSE}", alias = "LONDON", alias = "LON")]
    London = 2,
    #[npy(rename = "")]
    Unknown = 3,
    #[npy(other)]
    Other(u8),
}

/// Fields, errors and snapshots of a schema show the names in the file.
#[test]
fn a_variant_has_the_name_that_an_attribute_gives() {
    #[derive(NpyRecord, Clone, Debug, PartialEq)]
    struct Trade {
        #[npy(dtype = "U8")]
        venue: Venue,
        #[npy(dtype = "i2")]
        number: Venue,
    }
    let trade = Trade {
        venue: Venue::NewYork,
        number: Venue::London,
    };
    through_every_door(&trade, json!(["NEW-YORK", 2]), "('NEW-YORK', 2)");
    let variants = json!([["NEW-YORK", 1], ["{LSE}", 2], ["", 3]]);
    let fields = serde_json::to_value(Trade::fields()).unwrap();
    assert_eq!(fields[0]["variants"], variants);
    assert_eq!(fields[1]["variants"], variants);

    #[derive(NpyRecord, Debug, PartialEq)]
    struct Name(#[npy(dtype = "S8")] Venue);
    for (text, venue) in [
        (*b"{LSE}\0\0\0", Venue::London),
        (*b"LONDON\0\0", Venue::London),
        (*b"LON\0\0\0\0\0", Venue::London),
        ([0; 8], Venue::Unknown),
    ] {
        assert_eq!(Name::decode(&text).unwrap(), Name(venue));
    }
    let error = Name::decode(b"London\0\0").unwrap_err().to_string();
    assert_eq!(
        error,
        "b\"London\" is not a value of Venue; expected 1 (NEW-YORK), 2 ({LSE}), 3 ()"
    );
}
