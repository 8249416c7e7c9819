//! A crate of the edition 2015 derives records.
#![deny(warnings)]
#![allow(dead_code)]

extern crate npyrec;

mod inner {
    use npyrec::NpyRecord;

    #[derive(NpyRecord, Debug, Default, PartialEq)]
    #[npy(default)]
    pub struct Position {
        pub x: f32,
        #[npy(alias = "north")]
        pub y: f32,
    }
}

mod as_number {
    use npyrec::{DecodeError, EncodeError};

    pub type Stored = u8;

    pub fn store(value: &bool) -> Result<Stored, EncodeError> {
        Ok(u8::from(*value))
    }

    pub fn load(stored: Stored) -> Result<bool, DecodeError> {
        Ok(stored != 0)
    }
}

use npyrec::NpyRecord;

#[derive(NpyRecord, Debug, PartialEq)]
struct Window<T> {
    #[npy(dtype = "S8", unit = "1")]
    name: String,
    #[npy(with = "as_number")]
    on: [bool; 2],
    #[npy(with = "::as_number")]
    absolute: bool,
    #[npy(flatten)]
    at: inner::Position,
    first: T,
    plain: u8,
    #[npy(skip)]
    cache: Option<String>,
}

#[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
#[repr(u8)]
enum Side {
    Buy,
    #[npy(other)]
    Other(u8),
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[npy(into = "f64", try_from = "f64")]
struct Positive(f64);

impl From<Positive> for f64 {
    fn from(positive: Positive) -> f64 {
        positive.0
    }
}

impl std::convert::TryFrom<f64> for Positive {
    type Error = String;

    fn try_from(value: f64) -> Result<Self, String> {
        match value > 0.0 {
            true => Ok(Positive(value)),
            false => Err(format!("{} is not positive", value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_the_edition_2015_is_stored_and_read() {
        let window = Window {
            name: "EURUSD".to_owned(),
            on: [true, false],
            absolute: true,
            at: inner::Position { x: 1.0, y: 2.0 },
            first: Side::Other(3),
            plain: 7,
            cache: None,
        };
        let mut bytes = [0; 21];
        window.encode(&mut bytes).unwrap();
        assert_eq!(Window::<Side>::decode(&bytes).unwrap(), window);
        assert_eq!(
            Positive::decode(&(-1.0_f64).to_le_bytes())
                .unwrap_err()
                .to_string(),
            "-1 is not positive"
        );
        assert_eq!(Window::<Side>::fields()[5].name(), "first");
        assert_eq!(Side::Buy.encode(&mut [0]), Ok(()));
    }
}
