//! The records that are compared with NumPy's: every type and attribute, alone and mixed.

use std::time::{Duration, SystemTime};

use npyrec::{
    Bytes, Datetime64, NpyRecord, Str, Timedelta64, Void, half::bf16, half::f16,
    num_complex::Complex, unit,
};
use serde_json::Value;

use crate::sample::{Random, Sample};

/// Defines records whose fields are sampled and shown one by one. A field after `skip` is not shown;
/// one after `flatten` is shown as its fields; `= value` gives it another value than a random one.
macro_rules! records {
    ($(
        $(#[$meta:meta])*
        struct $name:ident {$(
            $(#[$field_meta:meta])* $($mark:ident)? [$field:ident]: $type:ty $(= $value:expr)?,
        )*}
    )+) => {$(
        #[derive(NpyRecord, Clone, Debug, PartialEq)]
        $(#[$meta])*
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl Sample for $name {
            fn sample(_random: &mut Random) -> Self {
                $name { $($field: records!(@sample _random, $type $(, $value)?),)* }
            }

            fn json(&self) -> Value {
                #[allow(unused_mut)]
                let mut _fields: Vec<Value> = Vec::new();
                $(records!(@show _fields, self.$field $(, $mark)?);)*
                Value::Array(_fields)
            }
        }
    )+};
    (@sample $random:expr, $type:ty) => { <$type as Sample>::sample($random) };
    (@sample $random:expr, $type:ty, $value:expr) => { ($value)($random) };
    (@show $fields:expr, $field:expr) => { $fields.push($field.json()) };
    (@show $fields:expr, $field:expr, skip) => {};
    (@show $fields:expr, $field:expr, flatten) => {
        match $field.json() {
            Value::Array(inner) => $fields.extend(inner),
            other => $fields.push(other),
        }
    };
}
pub(crate) use records;

fn small<T: TryFrom<u64>>(random: &mut Random) -> T {
    T::try_from(random.below(100)).unwrap_or_else(|_| unreachable!())
}

records! {
    struct Empty {}
    struct OneBool { [on]: bool, }
    struct Ints { [a]: i8, [b]: i16, [c]: i32, [d]: i64, }
    struct Uints { [a]: u8, [b]: u16, [c]: u32, [d]: u64, }
    struct Floats { [a]: f16, [b]: f32, [c]: f64, }
    struct Brain { [a]: bf16, [b]: [bf16; 3], }
    struct Complexes { [a]: Complex<f32>, [b]: Complex<f64>, }
    struct Texts { [a]: Bytes<5>, [b]: Str<3>, [c]: Void<4>, }
    struct EmptyTexts { [a]: Bytes<0>, [b]: u8, [c]: Str<0>, [d]: Void<0>, }
    struct Times {
        [a]: Datetime64<unit::Nanosecond>,
        [b]: Timedelta64<unit::Multiple<unit::Microsecond, 25>>,
        [c]: Datetime64<unit::Generic>,
        [d]: Datetime64<unit::Day>,
        [e]: Timedelta64<unit::Attosecond>,
        [f]: Datetime64<unit::Year>,
    }
    struct Arrays { [a]: [u8; 3], [b]: [[f32; 2]; 3], [c]: [f64; 0], [d]: [[[i16; 1]; 2]; 2], }
    struct BoolArrays { [a]: [bool; 5], [b]: [[Bytes<2>; 2]; 2], [c]: [Str<2>; 3], }
    struct Tuples { [a]: (u8, f64), [b]: [(i16, bool); 2], }
    #[repr(C)]
    struct Whole { [time]: i64, [price]: f64, [quantity]: f64, [order]: u64, }
    #[repr(C)]
    struct WholeSmall { [a]: u32, [b]: u16, [c]: [u8; 2], }
    #[repr(C)]
    struct Padded { [a]: u8, [b]: u32, [c]: u8, }
    struct NewtypeFields { [a]: Meters, [b]: [Meters; 2], [c]: Frame, }
    struct Enums { [a]: Side, [b]: [Signal; 2], }

    struct Renamed {
        #[npy(rename = "the time")] [a]: f64,
        #[npy(rename = "it's")] [b]: u8,
        #[npy(rename = "\"both\"'")] [c]: u8,
        #[npy(rename = "back\\slash\n\t\x7f\u{200b}")] [d]: u8,
    }
    #[npy(rename_all = "camelCase")]
    struct Camel { [best_bid]: f32, [best_ask]: f32, #[npy(rename = "x_y")] [xy]: u8, }
    #[npy(rename_all = "SCREAMING-KEBAB-CASE")]
    struct Kebab { [best_bid]: f32, [a]: u8, }
    struct Raw { [r#type]: u8, [r#fn]: u16, }
    struct Latin1 { [é]: f32, [ß]: u8, [naïve]: u8, }
    struct Unicode { [日付]: i64, [λ]: f32, }
    struct Titled {
        #[npy(title = "Price in EUR")] [price]: f64,
        #[npy(title = "Größe")] [size]: u32,
        [plain]: u8,
    }
    struct TitledUnicode { #[npy(title = "価格")] [price]: f64, }
    struct Skipping { [a]: u8, #[npy(skip)] skip [cache]: String = |_: &mut Random| String::new(), [b]: u16, }
    struct Defaulted { [a]: u8, #[npy(default)] [b]: u32, }
    struct Inner { [x]: f32, [y]: f32, }
    struct Flattened { [id]: u32, #[npy(flatten)] flatten [at]: Inner, [ok]: bool, }
    struct FlattenedTwice { #[npy(flatten)] flatten [a]: Flattened, [z]: i64, }

    #[npy(align)]
    struct Aligned { [a]: u8, [b]: f64, [c]: u16, }
    #[npy(align)]
    struct AlignedMixed {
        [a]: bool, [b]: f16, [c]: Complex<f64>, [d]: Bytes<3>, [e]: Str<1>, [f]: [u16; 3],
        [g]: Datetime64<unit::Second>, [h]: i8,
    }
    #[npy(align)]
    #[repr(C)]
    struct AlignedWhole { [a]: u32, [b]: u32, [c]: f64, }
    #[npy(align)]
    struct AlignedNested { [a]: u8, [b]: Aligned, [c]: [Aligned; 2], [d]: u8, }
    #[npy(align)]
    struct AlignedAroundPacked { [a]: u8, [b]: Ints, [c]: u32, }
    struct PackedAroundAligned { [a]: u8, [b]: Aligned, [c]: u8, }

    struct BigEndians {
        #[npy(dtype = ">i2")] [a]: i16,
        #[npy(dtype = ">u8")] [b]: u64,
        #[npy(dtype = ">f4")] [c]: f32,
        #[npy(dtype = ">f8")] [d]: f64,
        #[npy(dtype = ">f2")] [e]: f16,
        #[npy(dtype = ">c8")] [f]: Complex<f32>,
        #[npy(dtype = ">U3")] [g]: String,
        #[npy(dtype = ">M8[us]")] [h]: i64,
        #[npy(dtype = ">i1")] [i]: i8,
    }
    struct LittleEndians {
        #[npy(dtype = "<i2")] [a]: i16,
        #[npy(dtype = "|u1")] [b]: u8,
        #[npy(dtype = "=f8")] [c]: f64,
        #[npy(dtype = "c16")] [d]: Complex<f64>,
        #[npy(dtype = "?")] [e]: bool,
    }
    struct Narrowed {
        #[npy(dtype = "i1")] [a]: i64 = small,
        #[npy(dtype = "u2")] [b]: u64 = small,
        #[npy(dtype = "u4")] [c]: usize = small,
        #[npy(dtype = "i8")] [d]: i128 ,
        #[npy(dtype = "f4")] [e]: f64 = |r: &mut Random| f64::from(f32::sample(r)),
        #[npy(dtype = "f2")] [f]: f32 = |r: &mut Random| f32::from(f16::sample(r)),
        #[npy(dtype = "c8")] [g]: Complex<f64> = |r: &mut Random| {
            let narrow = Complex::<f32>::sample(r);
            Complex::new(narrow.re.into(), narrow.im.into())
        },
    }
    struct Widened {
        #[npy(dtype = "i8")] [a]: i8,
        #[npy(dtype = ">u4")] [b]: u16,
        #[npy(dtype = "f8")] [c]: f16,
        #[npy(dtype = "c16")] [d]: Complex<f32>,
    }
    struct StoredTexts {
        #[npy(dtype = "S8")] [a]: String,
        #[npy(dtype = "U4")] [b]: String,
        #[npy(dtype = "S4")] [c]: [u8; 4] = |r: &mut Random| <[u8; 4]>::from(Bytes::sample(r)),
        #[npy(dtype = "V4")] [d]: [u8; 4],
        #[npy(dtype = "U2")] [e]: [char; 2],
        #[npy(dtype = "S5")] [f]: [u8; 3] = |_: &mut Random| *b"abc",
    }
    struct StoredTimes {
        #[npy(dtype = "M8[ns]")] [a]: i64,
        #[npy(dtype = "m8[25us]")] [b]: i64,
        #[npy(dtype = "M8[ns]")] [c]: SystemTime,
        #[npy(dtype = "M8[ms]")] [d]: SystemTime,
        #[npy(dtype = "m8[ns]")] [e]: Duration,
        #[npy(dtype = "m8[s]")] [f]: Duration,
        #[npy(dtype = "M8[D]")] [g]: SystemTime,
    }
    struct StoredArrays {
        #[npy(dtype = ">f8")] [a]: [f64; 3],
        #[npy(dtype = "S4")] [b]: [String; 2],
        #[npy(dtype = "M8[ns]")] [c]: [[i64; 2]; 2],
        #[npy(dtype = "f2")] [d]: [f32; 2] = |r: &mut Random| [f16::sample(r).into(), 0.5],
    }
    #[npy(align)]
    struct AlignedStored { [a]: u8, #[npy(dtype = ">f8")] [b]: f64, #[npy(dtype = "i2")] [c]: i64 = small, }

    struct Level3 { [v]: [f32; 2], #[npy(dtype = "S3")] [s]: String, }
    struct Level2 { [a]: Level3, [b]: [Level3; 2], [c]: u8, }
    struct Level1 { [x]: [Level2; 2], [y]: f64, #[npy(rename = "zé")] [z]: Level2, }
    struct Tick {
        #[npy(dtype = "M8[ns]")] [time]: i64,
        [price]: f64,
        [gain]: f16,
        [iq]: Complex<f32>,
        [depth]: [f32; 5],
        #[npy(dtype = "S8")] [symbol]: String,
    }
}

macro_rules! tuple_records {
    ($($(#[$meta:meta])* $name:ident($($index:tt: $type:ty),+);)+) => {$(
        #[derive(NpyRecord, Clone, Debug, PartialEq)]
        $(#[$meta])*
        pub struct $name($(pub $type),+);

        impl Sample for $name {
            fn sample(random: &mut Random) -> Self {
                $name($(<$type>::sample(random)),+)
            }

            fn json(&self) -> Value {
                let fields = vec![$(self.$index.json()),+];
                match <[Value; 1]>::try_from(fields) {
                    Ok([inner]) => inner,
                    Err(fields) => Value::Array(fields),
                }
            }
        }
    )+};
}

tuple_records! {
    Meters(0: f64);
    Frame(0: [[f32; 2]; 3]);
    WrappedStruct(0: Ints);
    Triple(0: u8, 1: f32, 2: [i16; 2]);
}

macro_rules! enum_records {
    ($($repr:ident $name:ident { $($variant:ident = $value:literal),+ })+) => {$(
        #[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
        #[repr($repr)]
        pub enum $name { $($variant = $value),+ }

        impl Sample for $name {
            fn sample(random: &mut Random) -> Self {
                random.pick(&[$($name::$variant),+])
            }

            fn json(&self) -> Value {
                (*self as $repr).into()
            }
        }
    )+};
}

enum_records! {
    u8 Side { Bid = 0, Ask = 1 }
    i16 Signal { Down = -300, Flat = 0, Up = 300 }
    u64 Wide { One = 1, Huge = 0xffff_ffff_ffff_fff0 }
    i64 Deep { Low = -0x7fff_ffff_ffff_fff0, High = 5 }
}

/// Bounds inferred from the fields, a constant, and a parameter that no field stores.
#[derive(NpyRecord, Clone, Debug, PartialEq)]
pub struct Generic<T, const N: usize, M = ()> {
    pub first: T,
    pub rest: [T; N],
    #[npy(skip)]
    pub marker: std::marker::PhantomData<M>,
}

impl<T: Sample, const N: usize, M> Sample for Generic<T, N, M> {
    fn sample(random: &mut Random) -> Self {
        Generic {
            first: T::sample(random),
            rest: Sample::sample(random),
            marker: std::marker::PhantomData,
        }
    }

    fn json(&self) -> Value {
        Value::Array(vec![self.first.json(), self.rest.json()])
    }
}
