//! Each form of derived record, in a crate that forbids unsafe code.
#![forbid(unsafe_code)]
#![deny(warnings)]

use npyrec::NpyRecord;

#[derive(NpyRecord, Debug, PartialEq)]
struct Position {
    x: f32,
    y: f32,
}

#[derive(NpyRecord, Debug, PartialEq)]
struct Celsius(f32);

#[derive(NpyRecord, Debug, PartialEq)]
struct Pair(u8, f64);

#[derive(NpyRecord, Debug, PartialEq)]
struct Nothing;

#[derive(NpyRecord, Debug, PartialEq)]
#[repr(u8)]
enum Side {
    Buy,
    Sell = 7,
}

#[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
#[repr(C, packed)]
struct Packed {
    a: u8,
    b: f64,
}

#[derive(NpyRecord, Debug, PartialEq)]
#[npy(align)]
struct Event<T> {
    #[npy(dtype = "S8")]
    symbol: String,
    #[npy(flatten)]
    at: Position,
    temperature: Celsius,
    pair: Pair,
    side: Side,
    #[npy(default)]
    values: [T; 3],
    #[npy(skip)]
    seen: Option<String>,
}

/// A record that is decoded in place, as it is large.
#[derive(NpyRecord)]
struct Large {
    id: u32,
    valid: bool,
    samples: [f64; 1024],
    #[npy(skip)]
    seen: Vec<u8>,
}

fn main() {
    let event = Event {
        symbol: "EURUSD".to_owned(),
        at: Position { x: 1.0, y: 2.0 },
        temperature: Celsius(3.0),
        pair: Pair(4, 5.0),
        side: Side::Sell,
        values: [6_u16; 3],
        seen: None,
    };
    let mut bytes = vec![0; Event::<u16>::ITEMSIZE];
    event.encode(&mut bytes).unwrap();
    assert_eq!(Event::decode(&bytes).unwrap(), event);

    let packed = Packed { a: 1, b: 2.0 };
    let mut bytes = [0; Packed::ITEMSIZE];
    packed.encode(&mut bytes).unwrap();
    assert_eq!(Packed::decode(&bytes).unwrap(), packed);
    Nothing.encode(&mut []).unwrap();
    assert_eq!(Side::Buy as u8, 0);

    let large = Large { id: 7, valid: true, samples: [1.0; 1024], seen: vec![1] };
    let mut bytes = vec![0; Large::ITEMSIZE];
    large.encode(&mut bytes).unwrap();
    let read = Box::<Large>::decode(&bytes).unwrap();
    assert_eq!((read.id, read.valid, read.samples[1023]), (7, true, 1.0));
    assert!(read.seen.is_empty());
}
