//! The macro stands on its own: no prelude, and no name of the user's is in its way.

use npyrec::NpyRecord;

/// Nothing is imported here, not even the prelude, and what the macro might mean is something else.
mod without_prelude {
    #![no_implicit_prelude]
    #![allow(dead_code, non_camel_case_types)]
    #![forbid(unsafe_code)]

    pub struct Result;
    pub struct Option;
    pub struct Ok;
    pub struct Some;
    pub struct String;
    pub struct u8;
    pub struct usize;
    pub struct bool;
    pub mod core {}
    pub mod std {}
    pub mod npyrec {}
    pub trait NpyRecord {}
    pub trait Default {}

    #[derive(::npyrec::NpyRecord)]
    pub struct Named {
        pub out: f32,
        #[npy(dtype = "S4")]
        pub bytes: ::std::string::String,
        #[npy(dtype = ">i2")]
        pub record: i64,
        #[npy(skip)]
        pub skipped: ::core::option::Option<f64>,
        pub layout: [f64; 2],
    }

    #[derive(::npyrec::NpyRecord)]
    pub struct Tuple(pub f32, pub i16);

    #[derive(::npyrec::NpyRecord)]
    #[npy(align)]
    pub struct Generic<T, const N: ::core::primitive::usize> {
        pub first: T,
        pub rest: [T; N],
    }

    #[derive(::npyrec::NpyRecord)]
    #[repr(i8)]
    pub enum Enum {
        Ok,
        Err = -3,
    }
}

#[test]
fn the_macro_needs_no_prelude_and_minds_no_shadows() {
    use without_prelude::{Enum, Generic, Named, Tuple};
    assert_eq!(
        Named::dtype().to_string(),
        "[('out', '<f4'), ('bytes', '|S4'), ('record', '>i2'), ('layout', '<f8', (2,))]"
    );
    assert_eq!(Tuple::dtype().to_string(), "[('f0', '<f4'), ('f1', '<i2')]");
    assert_eq!(
        Generic::<u16, 3>::dtype().to_string(),
        "[('first', '<u2'), ('rest', '<u2', (3,))]"
    );
    assert_eq!(Enum::dtype().to_string(), "|i1");
}

#[test]
fn a_struct_in_a_function_is_a_record() {
    #[derive(NpyRecord)]
    struct Local {
        _a: u8,
    }
    assert_eq!(Local::dtype().to_string(), "[('_a', '|u1')]");
}

/// The crate under another path.
mod renamed {
    pub use npyrec as np;
}

#[test]
fn the_crate_may_have_another_path() {
    #[derive(NpyRecord, Debug, PartialEq)]
    #[npy(crate = "crate::hygiene::renamed::np")]
    struct Sample {
        #[npy(dtype = "M8[25us]")]
        time: i64,
        value: [f32; 2],
    }
    let sample = Sample {
        time: 3,
        value: [1.0, 2.0],
    };
    let mut bytes = [0; 16];
    sample.encode(&mut bytes).unwrap();
    assert_eq!(Sample::decode(&bytes).unwrap(), sample);
}

/// The bounds are those that serde would infer: on parameters that a stored field has.
#[test]
fn bounds_are_inferred_from_the_fields() {
    struct NotARecord;

    #[derive(NpyRecord)]
    struct Marked<T, M> {
        value: T,
        #[npy(skip)]
        marker: std::marker::PhantomData<M>,
    }

    trait Sensor {
        type Value;
    }

    struct Thermometer;

    impl Sensor for Thermometer {
        type Value = f32;
    }

    #[derive(NpyRecord)]
    struct Reading<S: Sensor> {
        value: S::Value,
    }

    #[derive(NpyRecord)]
    struct Stored<T>
    where
        T: Clone,
    {
        #[npy(dtype = ">f8")]
        values: [T; 2],
    }

    let marked = Marked::<u8, NotARecord> {
        value: 1,
        marker: std::marker::PhantomData,
    };
    marked.encode(&mut [0]).unwrap();
    let _ = marked.marker;
    assert_eq!(
        Reading::<Thermometer>::dtype().to_string(),
        "[('value', '<f4')]"
    );
    let reading = Reading::<Thermometer> { value: 1.0 };
    reading.encode(&mut [0; 4]).unwrap();
    assert_eq!(
        Stored::<f64>::dtype().to_string(),
        "[('values', '>f8', (2,))]"
    );
    let stored = Stored { values: [1.0, 2.0] };
    stored.encode(&mut [0; 16]).unwrap();
}

/// A packed struct has fields that cannot be borrowed.
#[test]
fn a_packed_struct_is_a_record() {
    #[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
    #[repr(C, packed)]
    struct Packed {
        a: u8,
        b: f64,
        c: u16,
    }
    let record = Packed { a: 1, b: 2.0, c: 3 };
    let mut bytes = [0; 11];
    record.encode(&mut bytes).unwrap();
    assert_eq!(bytes, [1, 0, 0, 0, 0, 0, 0, 0, 64, 3, 0]);
    assert_eq!(Packed::decode(&bytes).unwrap(), record);
}
