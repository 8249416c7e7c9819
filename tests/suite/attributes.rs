//! Attributes of the derive that serde has too: other names, defaults, bounds, and variants for the rest.

use std::{fmt::Debug, path::Path};

use npyrec::{Appender, Casting, EncodeAs, NpyRecord, ReadOptions, Reader};

fn dtype<R: NpyRecord>() -> String {
    R::dtype().to_string()
}

fn round_trip<R: NpyRecord + EncodeAs<Box<R>> + PartialEq + Debug>(record: &R) {
    let mut bytes = vec![0; R::ITEMSIZE];
    record.encode(&mut bytes).unwrap();
    assert_eq!(&R::decode(&bytes).unwrap(), record);
    assert_eq!(&*Box::<R>::decode(&bytes).unwrap(), record, "in its memory");
}

/// A file of `old` records, read as others.
fn read_as<New: NpyRecord, Old: NpyRecord>(old: &[Old]) -> npyrec::Result<Vec<New>> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    npyrec::write(&path, old)?;
    npyrec::read(&path)
}

mod other_names {
    use super::*;

    #[derive(NpyRecord)]
    struct Point {
        px: f32,
    }

    #[derive(NpyRecord)]
    struct Old {
        px: f64,
        at: [Point; 2],
        r: f32,
    }

    #[derive(NpyRecord, Debug, PartialEq)]
    struct NewPoint {
        #[npy(alias = "x_position", alias = "px")]
        x: f32,
    }

    #[derive(NpyRecord, Debug, PartialEq)]
    struct Rest {
        #[npy(alias = "r")]
        radius: f32,
    }

    #[derive(NpyRecord, Debug, PartialEq)]
    struct New {
        #[npy(alias = "at")]
        points: [NewPoint; 2],
        #[npy(alias = "px")]
        price: f64,
        #[npy(flatten)]
        rest: Rest,
    }

    fn write_old(path: &Path) -> New {
        let at = [Point { px: 1.0 }, Point { px: 2.0 }];
        let old = Old {
            px: 1.5,
            at,
            r: 3.0,
        };
        npyrec::write(path, &[old]).unwrap();
        New {
            points: [NewPoint { x: 1.0 }, NewPoint { x: 2.0 }],
            price: 1.5,
            rest: Rest { radius: 3.0 },
        }
    }

    #[test]
    fn a_field_is_found_by_another_name_at_every_door() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("old.npy");
        let new = write_old(&path);
        assert_eq!(npyrec::read::<New>(&path).unwrap(), [write_old(&path)]);
        let rows = Reader::<New>::open(&path).unwrap();
        assert_eq!(rows.map(Result::unwrap).collect::<Vec<_>>(), [new]);
        let file = npyrec::NpyFile::open(&path).unwrap();
        assert_eq!(file.read_range::<New>(0..1).unwrap(), [write_old(&path)]);
        let mut follow = npyrec::Follow::<New>::open(&path).unwrap();
        assert_eq!(follow.poll().unwrap(), [write_old(&path)]);
        // SAFETY: no other program has the file.
        #[allow(unsafe_code)]
        let mapped = unsafe { npyrec::Mapped::<New>::open(&path) }.unwrap();
        assert_eq!(mapped.get(0).unwrap().unwrap(), write_old(&path));
        let bytes = std::fs::read(&path).unwrap();
        let rows = ReadOptions::new().from_reader::<New>(&*bytes).unwrap();
        assert_eq!(rows.map(Result::unwrap).count(), 1);
    }

    #[test]
    fn the_name_itself_comes_before_another_name() {
        #[derive(NpyRecord)]
        struct Both {
            px: f64,
            price: f64,
        }

        #[derive(NpyRecord, Debug, PartialEq)]
        struct Wanted {
            #[npy(alias = "px")]
            price: f64,
        }

        let both = Both {
            px: 1.0,
            price: 2.0,
        };
        assert_eq!(
            read_as::<Wanted, _>(&[both]).unwrap(),
            [Wanted { price: 2.0 }]
        );
    }

    #[test]
    fn a_field_of_another_name_is_converted_as_the_casting_allows() {
        #[derive(NpyRecord)]
        struct Narrow {
            px: f32,
        }

        #[derive(NpyRecord, Debug, PartialEq)]
        struct Wide {
            #[npy(alias = "px")]
            price: f64,
        }

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("narrow.npy");
        npyrec::write(&path, &[Narrow { px: 1.5 }]).unwrap();
        let error = npyrec::read::<Wide>(&path).unwrap_err().to_string();
        assert!(
            error.contains("price: file has <f4, record has <f8"),
            "{error}"
        );
        let options = ReadOptions::new().casting(Casting::Safe);
        assert_eq!(options.read::<Wide>(&path).unwrap(), [Wide { price: 1.5 }]);
    }

    /// A file keeps its names, so that a row is never written under another name.
    #[test]
    fn a_log_is_not_continued_by_another_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("old.npy");
        write_old(&path);
        let error = Appender::<New>::open(&path).unwrap_err().to_string();
        assert!(error.contains("price: not in the file"), "{error}");
    }
}

mod defaults {
    use super::*;

    #[derive(NpyRecord)]
    struct Old {
        id: u32,
    }

    fn one() -> u16 {
        1
    }

    #[test]
    fn a_function_makes_the_default_of_a_field() {
        #[derive(NpyRecord, Debug, PartialEq)]
        struct New {
            id: u32,
            #[npy(default = "one")]
            channel: u16,
            #[npy(dtype = "S4", default = "String::new")]
            name: String,
        }

        let new = New {
            id: 7,
            channel: 1,
            name: String::new(),
        };
        assert_eq!(read_as::<New, _>(&[Old { id: 7 }]).unwrap(), [new]);
    }

    /// A type without `Default`.
    #[derive(Debug, PartialEq)]
    struct Handle(u8);

    fn handle() -> Handle {
        Handle(9)
    }

    #[test]
    fn a_function_makes_the_value_of_a_skipped_field() {
        #[derive(NpyRecord, Debug, PartialEq)]
        struct Record<T> {
            id: u32,
            #[npy(skip, default = "handle")]
            handle: Handle,
            #[npy(skip, default = "Vec::new")]
            seen: Vec<T>,
        }

        struct NoDefault;
        assert_eq!(dtype::<Record<NoDefault>>(), "[('id', '<u4')]");
        round_trip(&Record::<u8> {
            id: 1,
            handle: Handle(9),
            seen: Vec::new(),
        });
    }

    #[derive(NpyRecord, Debug, PartialEq)]
    #[npy(default)]
    struct Settings {
        id: u32,
        gain: f32,
        #[npy(default)]
        channel: u16,
        #[npy(skip)]
        handle: Handle,
        #[npy(flatten)]
        at: Position,
    }

    #[derive(NpyRecord, Debug, PartialEq)]
    struct Position {
        x: f32,
        y: f32,
    }

    impl Default for Settings {
        fn default() -> Self {
            Settings {
                id: 5,
                gain: 2.5,
                channel: 6,
                handle: Handle(4),
                at: Position { x: 8.0, y: 9.0 },
            }
        }
    }

    #[test]
    fn the_default_of_the_struct_fills_all_fields_that_a_file_lacks() {
        let new = Settings {
            id: 7,
            channel: 0, // By its own attribute.
            ..Settings::default()
        };
        assert_eq!(read_as::<Settings, _>(&[Old { id: 7 }]).unwrap(), [new]);
        round_trip(&Settings::default());
    }

    #[test]
    fn a_part_of_a_flattened_struct_is_filled() {
        #[derive(NpyRecord)]
        struct WithX {
            x: f32,
        }

        let read = read_as::<Settings, _>(&[WithX { x: 1.0 }]).unwrap();
        assert_eq!(read[0].at, Position { x: 1.0, y: 9.0 });
    }

    #[test]
    fn a_function_makes_the_default_of_a_packed_struct() {
        #[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
        #[npy(default = "Packed::usual")]
        #[repr(C, packed)]
        struct Packed {
            flag: u8,
            value: f64,
        }

        impl Packed {
            fn usual() -> Self {
                Packed {
                    flag: 3,
                    value: 4.5,
                }
            }
        }

        #[derive(NpyRecord)]
        struct Flag {
            flag: u8,
        }

        let packed = Packed {
            flag: 1,
            value: 4.5,
        };
        assert_eq!(read_as::<Packed, _>(&[Flag { flag: 1 }]).unwrap(), [packed]);
    }

    #[test]
    fn a_generic_struct_has_a_default() {
        #[derive(NpyRecord, Debug, Default, PartialEq)]
        #[npy(default)]
        struct Window<T> {
            id: u32,
            first: T,
        }

        let window = Window { id: 7, first: 0.0 };
        assert_eq!(
            read_as::<Window<f32>, _>(&[Old { id: 7 }]).unwrap(),
            [window]
        );
    }
}

#[test]
fn a_transparent_struct_is_stored_as_its_field() {
    #[derive(NpyRecord, Debug, PartialEq)]
    #[npy(transparent)]
    struct Celsius {
        degrees: f32,
        #[npy(skip)]
        is_shown: bool,
    }

    #[derive(NpyRecord, Debug, PartialEq)]
    #[npy(transparent)]
    struct Id(u32);

    assert_eq!(dtype::<Celsius>(), "<f4");
    assert_eq!(dtype::<Id>(), "<u4");
    round_trip(&Celsius {
        degrees: 1.5,
        is_shown: false,
    });
}

#[test]
fn a_macro_makes_the_texts_of_attributes() {
    macro_rules! record {
        ($name:ident, $size:literal, $dtype:expr, $prefix:ident) => {
            #[derive(NpyRecord)]
            struct $name {
                #[npy(dtype = concat!("S", $size), rename = concat!(stringify!($prefix), "_name"))]
                name: String,
                #[npy(dtype = $dtype)]
                value: i64,
            }
        };
    }

    record!(Named, 12, ">i2", old);
    assert_eq!(dtype::<Named>(), "[('old_name', '|S12'), ('value', '>i2')]");
    let named = Named {
        name: "EURUSD".to_owned(),
        value: 3,
    };
    named.encode(&mut [0; 14]).unwrap();
}

#[test]
fn written_bounds_replace_the_inferred_ones() {
    trait Unit {
        type Number: NpyRecord + Debug + PartialEq;
    }

    #[derive(Debug, PartialEq)]
    struct Meters;

    impl Unit for Meters {
        type Number = f32;
    }

    /// `U` is not a record, and need not be one.
    #[derive(NpyRecord, Debug, PartialEq)]
    #[npy(bound = "U: Unit")]
    struct Quantity<U: Unit>(U::Number);

    #[derive(NpyRecord, Debug, PartialEq)]
    #[npy(bound = "")]
    struct Length {
        value: Quantity<Meters>,
    }

    round_trip(&Length {
        value: Quantity(1.5),
    });
}

mod other_variants {
    use super::*;

    #[derive(NpyRecord, Clone, Debug, PartialEq)]
    #[repr(i16)]
    enum Held {
        Minus = -2,
        Next,
        #[npy(other)]
        Other(i16),
        After,
        Ten = 5 + 5,
        Eleven,
    }

    #[derive(NpyRecord, Clone, Debug, PartialEq)]
    #[repr(u8)]
    enum Plain {
        Buy = 1,
        Sell,
        #[npy(other)]
        Unknown = 255,
    }

    #[test]
    fn a_variant_holds_every_number_without_a_variant() {
        assert_eq!(dtype::<Held>(), "<i2");
        let numbers: [i16; 7] = [-2, -1, 0, 1, 10, 11, 99];
        let held = read_as::<Held, _>(&numbers).unwrap();
        let [zero, rest] = [0, 99].map(Held::Other);
        let (minus, next) = (Held::Minus, Held::Next);
        assert_eq!(
            held,
            [
                minus,
                next,
                zero,
                Held::After,
                Held::Ten,
                Held::Eleven,
                rest
            ]
        );
        assert_eq!(read_as::<i16, _>(&held).unwrap(), numbers);
    }

    #[test]
    fn a_plain_variant_stands_for_every_number_without_a_variant() {
        let plain = read_as::<Plain, _>(&[1_u8, 2, 7, 255]).unwrap();
        let expected = [Plain::Buy, Plain::Sell, Plain::Unknown, Plain::Unknown];
        assert_eq!(plain, expected);
        assert_eq!(read_as::<u8, _>(&plain).unwrap(), [1, 2, 255, 255]);
    }

    #[test]
    fn a_struct_holds_variants_for_the_rest() {
        #[derive(NpyRecord, Debug, PartialEq)]
        struct Row {
            held: [Held; 2],
            plain: Plain,
        }

        round_trip(&Row {
            held: [Held::Other(7), Held::Ten],
            plain: Plain::Unknown,
        });
    }
}
