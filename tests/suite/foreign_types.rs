//! Types of other crates as fields: `with` a module of functions, or `cast` to a record of the same bytes.
//! Each file is what NumPy writes for the same array.

use std::fmt::Debug;

use arrayvec::ArrayString;
use glam::{DMat3, Vec3};
use nalgebra::{Matrix2, Vector3};
use npyrec::{Bytes, DecodeError, EncodeAs, EncodeError, NpyRecord, Void};
use ordered_float::OrderedFloat;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    numpy::numpy,
    numpy_records::check,
    sample::{Random, Sample},
};

/// A UUID as its 16 bytes.
mod as_bytes {
    use super::*;

    pub(super) type Stored = Void<16>;

    pub(super) fn store(id: &Uuid) -> Result<Stored, EncodeError> {
        Ok(Void::from(id.into_bytes()))
    }

    pub(super) fn load(stored: Stored) -> Result<Uuid, DecodeError> {
        Ok(Uuid::from_bytes(stored.into()))
    }
}

/// A decimal number as its digits and its scale.
mod as_mantissa {
    use super::*;

    #[derive(NpyRecord)]
    pub(super) struct Stored {
        mantissa: i64,
        #[npy(default)]
        scale: u8,
    }

    pub(super) fn store(value: &Decimal) -> Result<Stored, EncodeError> {
        let mantissa = value.mantissa().try_into();
        Ok(Stored {
            mantissa: mantissa.map_err(|_| EncodeError::new(value, "has more than 18 digits"))?,
            scale: value.scale() as u8,
        })
    }

    pub(super) fn load(stored: Stored) -> Result<Decimal, DecodeError> {
        Decimal::try_new(stored.mantissa, stored.scale.into()).map_err(DecodeError::new)
    }
}

/// Any type of text as bytes.
mod as_text {
    use super::*;

    pub(super) type Stored = Bytes<8>;

    pub(super) fn store<T: AsRef<str>>(text: &T) -> Result<Stored, EncodeError> {
        Bytes::try_from(text.as_ref())
    }

    pub(super) fn load<T>(stored: Stored) -> Result<T, DecodeError>
    where
        T: for<'a> TryFrom<&'a str>,
    {
        let text = std::str::from_utf8(stored.as_bytes()).map_err(DecodeError::new)?;
        T::try_from(text).map_err(|_| DecodeError::new("the text is too long"))
    }
}

/// The dtype of an array or a struct, value and sample: what a row of the tests needs.
macro_rules! rows {
    ($(
        $(#[$meta:meta])*
        struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty = $make:expr => $show:expr,)* }
    )+) => {$(
        #[derive(NpyRecord, Clone, Debug, PartialEq)]
        $(#[$meta])*
        struct $name { $($(#[$field_meta])* $field: $type,)* }

        impl Sample for $name {
            fn sample(random: &mut Random) -> Self {
                $name { $($field: ($make)(random),)* }
            }

            fn json(&self) -> Value {
                Value::Array(vec![$(($show)(&self.$field)),*])
            }
        }
    )+};
}

fn floats<const N: usize>(random: &mut Random) -> [f32; N] {
    std::array::from_fn(|_| random.below(1000) as f32 / 8.0)
}

fn doubles<const N: usize>(random: &mut Random) -> [f64; N] {
    std::array::from_fn(|_| random.below(1000) as f64 / 8.0)
}

fn raw(id: &Uuid) -> Value {
    Void::from(id.into_bytes()).json()
}

rows! {
    struct Ids {
        #[npy(with = "as_bytes")]
        id: Uuid = |r: &mut Random| Uuid::from_u64_pair(r.next(), r.next()) => raw,
        #[npy(with = "as_bytes")]
        parents: [Uuid; 2] = |r: &mut Random| [1, 2].map(|n| Uuid::from_u64_pair(n, r.next()))
            => |ids: &[Uuid; 2]| json!(ids.each_ref().map(raw)),
        #[npy(cast = "Void<16>")]
        cast: Uuid = |r: &mut Random| Uuid::from_u64_pair(r.next(), r.next()) => raw,
    }

    struct Order {
        size: u16 = u16::sample => u16::json,
        #[npy(with = "as_mantissa")]
        price: Decimal = |r: &mut Random| Decimal::new(r.below(1 << 40) as i64, 2)
            => |price: &Decimal| json!([price.mantissa() as i64, price.scale()]),
        #[npy(with = "as_text")]
        symbol: ArrayString<8> = |_: &mut Random| ArrayString::from("EURUSD").unwrap()
            => |text: &ArrayString<8>| Bytes::<8>::try_from(text.as_str()).unwrap().json(),
    }

    struct Particle {
        #[npy(cast = "[f32; 3]")]
        at: Vec3 = |r: &mut Random| Vec3::from(floats(r)) => |at: &Vec3| json!(at.to_array()),
        #[npy(cast = "[[f64; 3]; 3]")]
        frame: DMat3 = |r: &mut Random| DMat3::from_cols_array(&doubles(r))
            => |frame: &DMat3| json!(frame.to_cols_array_2d()),
        #[npy(cast = "[f32; 3]")]
        trail: [[Vec3; 2]; 2] = |r: &mut Random| [[Vec3::from(floats(r)); 2]; 2]
            => |trail: &[[Vec3; 2]; 2]| json!(trail.map(|row| row.map(|at| at.to_array()))),
        id: u8 = u8::sample => u8::json,
    }

    struct Body {
        #[npy(cast = "[f64; 3]")]
        velocity: Vector3<f64> = |r: &mut Random| Vector3::from(doubles(r))
            => |v: &Vector3<f64>| json!(v.as_slice()),
        #[npy(cast = "[[f64; 2]; 2]")]
        inertia: Matrix2<f64> = |r: &mut Random| Matrix2::from_row_slice(&doubles::<4>(r))
            => |m: &Matrix2<f64>| json!([m.column(0).as_slice(), m.column(1).as_slice()]),
        #[npy(cast = "f64")]
        mass: OrderedFloat<f64> = |r: &mut Random| OrderedFloat(doubles::<1>(r)[0])
            => |mass: &OrderedFloat<f64>| json!(mass.0),
    }

    #[repr(C)]
    struct WholeBody {
        #[npy(cast = "[f32; 3]")]
        at: Vec3 = |r: &mut Random| Vec3::from(floats(r)) => |at: &Vec3| json!(at.to_array()),
        mass: f32 = |r: &mut Random| floats::<1>(r)[0] => |mass: &f32| json!(mass),
    }
}

macro_rules! same_as_numpy {
    ($($name:ident: $record:ty,)+) => {$(
        #[test]
        fn $name() {
            let Some(mut numpy) = numpy() else { return };
            let dir = tempfile::tempdir().unwrap();
            check::<$record>(&mut numpy, dir.path());
        }
    )+};
}

same_as_numpy! {
    uuids: Ids,
    decimals_and_texts: Order,
    vectors_of_glam: Particle,
    vectors_of_nalgebra: Body,
    a_body_that_is_copied_whole: WholeBody,
}

fn dtype<R: NpyRecord>() -> String {
    R::dtype().to_string()
}

fn encoded<R: NpyRecord>(record: &R) -> Vec<u8> {
    let mut bytes = vec![0; R::ITEMSIZE];
    record.encode(&mut bytes).unwrap();
    bytes
}

fn round_trip<R: NpyRecord + EncodeAs<Box<R>> + PartialEq + Debug>(record: &R) {
    let bytes = encoded(record);
    assert_eq!(&R::decode(&bytes).unwrap(), record);
    assert_eq!(&*Box::<R>::decode(&bytes).unwrap(), record, "in its memory");
}

#[test]
fn each_form_has_the_dtype_of_what_is_stored() {
    assert_eq!(
        dtype::<Ids>(),
        "[('id', '|V16'), ('parents', '|V16', (2,)), ('cast', '|V16')]"
    );
    assert_eq!(
        dtype::<Order>(),
        "[('size', '<u2'), ('price', [('mantissa', '<i8'), ('scale', '|u1')]), ('symbol', '|S8')]"
    );
    assert_eq!(
        dtype::<Particle>(),
        "[('at', '<f4', (3,)), ('frame', '<f8', (3, 3)), ('trail', '<f4', (2, 2, 3)), ('id', '|u1')]"
    );
}

#[test]
fn a_failure_of_the_functions_names_the_field() {
    #[derive(NpyRecord, Debug)]
    struct Book {
        #[npy(with = "as_mantissa")]
        prices: [Decimal; 2],
    }
    let prices = [Decimal::ONE, Decimal::MAX];
    let error = Book { prices }.encode(&mut [0; Book::ITEMSIZE]);
    assert_eq!(
        error.unwrap_err().to_string(),
        "field `prices[1]`: 79228162514264337593543950335 has more than 18 digits"
    );
    let mut bytes = encoded(&Book {
        prices: [Decimal::ONE; 2],
    });
    bytes[8] = 99;
    let error = Book::decode(&bytes).unwrap_err().to_string();
    assert!(error.starts_with("field `prices[0]`: "), "{error}");
}

#[test]
fn a_cast_struct_is_mapped_as_a_slice() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bodies.npy");
    let bodies = [1.0, 2.0].map(|mass| WholeBody {
        at: Vec3::new(mass, 0.5, -1.0),
        mass,
    });
    npyrec::write(&path, &bodies).unwrap();
    // SAFETY: no other program has the file.
    #[allow(unsafe_code)]
    let mapped = unsafe { npyrec::Mapped::<WholeBody>::open(&path) }.unwrap();
    assert_eq!(mapped.as_slice().unwrap(), bodies);
    let column = mapped.column::<[f32; 3]>("at").unwrap();
    assert_eq!(column.get(1).unwrap().unwrap(), [2.0, 0.5, -1.0]);
}

#[test]
fn a_newtype_of_a_foreign_type_has_its_stored_dtype() {
    #[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
    struct Position(#[npy(cast = "[f32; 3]")] Vec3);
    #[derive(NpyRecord, Clone, Debug, PartialEq)]
    struct Id(#[npy(with = "as_bytes")] Uuid);

    assert_eq!(Position::dtype().to_string(), "('<f4', (3,))");
    assert_eq!(dtype::<Id>(), "|V16");
    round_trip(&Position(Vec3::new(1.0, 2.0, 3.0)));
    round_trip(&Id(Uuid::from_u128(7)));
}

/// Any number as an `f32`.
mod as_f32 {
    use super::*;

    pub(super) type Stored = f32;

    pub(super) fn store<T: Copy + Into<f64>>(value: &T) -> Result<f32, EncodeError> {
        Ok((*value).into() as f32)
    }

    pub(super) fn load<T: From<f32>>(stored: f32) -> Result<T, DecodeError> {
        Ok(T::from(stored))
    }
}

#[test]
fn a_generic_field_is_stored_with_generic_functions() {
    #[derive(NpyRecord, Debug, PartialEq)]
    struct Window<T, const N: usize>
    where
        T: Copy + Into<f64> + From<f32>,
    {
        #[npy(with = "as_f32")]
        first: T,
        #[npy(with = "as_f32")]
        rest: [T; N],
    }

    #[derive(NpyRecord, Debug, PartialEq)]
    struct Pair<T>(#[npy(cast = "[f32; 3]")] T, u8);

    assert_eq!(
        dtype::<Window<f64, 2>>(),
        "[('first', '<f4'), ('rest', '<f4', (2,))]"
    );
    round_trip(&Window {
        first: 1.5,
        rest: [2.5, 3.5],
    });
    assert_eq!(
        dtype::<Pair<Vec3>>(),
        "[('f0', '<f4', (3,)), ('f1', '|u1')]"
    );
    round_trip(&Pair(Vec3::ONE, 3));
}

#[test]
fn the_fields_of_a_stored_struct_are_flattened() {
    #[derive(NpyRecord, Debug, PartialEq)]
    struct Quote {
        size: u16,
        #[npy(flatten, with = "as_mantissa")]
        price: Decimal,
        #[npy(flatten, cast = "Point")]
        at: glam::Vec2,
    }

    #[derive(NpyRecord, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
    #[repr(C)]
    struct Point {
        x: f32,
        y: f32,
    }

    assert_eq!(
        dtype::<Quote>(),
        "[('size', '<u2'), ('mantissa', '<i8'), ('scale', '|u1'), ('x', '<f4'), ('y', '<f4')]"
    );
    round_trip(&Quote {
        size: 1,
        price: Decimal::new(15, 1),
        at: glam::Vec2::new(1.0, 2.0),
    });
}

#[test]
fn a_field_with_functions_has_a_default() {
    #[derive(NpyRecord)]
    struct Old {
        size: u16,
    }

    #[derive(NpyRecord, Debug, PartialEq)]
    struct New {
        size: u16,
        #[npy(with = "as_bytes", default)]
        id: Uuid,
        #[npy(cast = "[f32; 3]", default)]
        at: Vec3,
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    npyrec::write(&path, &[Old { size: 3 }]).unwrap();
    let expected = New {
        size: 3,
        id: Uuid::nil(),
        at: Vec3::ZERO,
    };
    assert_eq!(npyrec::read::<New>(&path).unwrap(), [expected]);
}

/// The defaults of the stored struct are taken as well.
#[test]
fn a_stored_struct_keeps_its_own_defaults() {
    #[derive(NpyRecord)]
    struct OldPrice {
        mantissa: i64,
    }

    #[derive(NpyRecord)]
    struct Old {
        price: OldPrice,
    }

    #[derive(NpyRecord, Debug, PartialEq)]
    struct New {
        #[npy(with = "as_mantissa")]
        price: Decimal,
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    let price = OldPrice { mantissa: 3 };
    npyrec::write(&path, &[Old { price }]).unwrap();
    let price = Decimal::new(3, 0);
    assert_eq!(npyrec::read::<New>(&path).unwrap(), [New { price }]);
}

#[test]
fn a_packed_struct_stores_foreign_types() {
    #[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
    #[repr(C, packed)]
    struct Packed {
        flag: u8,
        #[npy(cast = "[f32; 3]")]
        at: Vec3,
        #[npy(with = "as_bytes")]
        id: Uuid,
    }

    let id = Uuid::from_u128(7);
    let packed = Packed {
        flag: 1,
        at: Vec3::ONE,
        id,
    };
    assert_eq!(Packed::ITEMSIZE, 29);
    round_trip(&packed);
}

#[test]
fn a_type_that_is_not_public_is_stored_in_a_public_struct() {
    mod inner {
        use npyrec::NpyRecord;

        #[derive(NpyRecord, Debug, PartialEq)]
        pub struct Public {
            #[npy(with = "as_number")]
            pub(super) hidden: Hidden,
        }

        #[derive(Debug, PartialEq)]
        pub(super) struct Hidden(pub(super) u8);

        mod as_number {
            use npyrec::{DecodeError, EncodeError};

            pub(super) type Stored = u8;

            pub(super) fn store(value: &super::Hidden) -> Result<Stored, EncodeError> {
                Ok(value.0)
            }

            pub(super) fn load(stored: Stored) -> Result<super::Hidden, DecodeError> {
                Ok(super::Hidden(stored))
            }
        }
    }
    round_trip(&inner::Public {
        hidden: inner::Hidden(7),
    });
}
