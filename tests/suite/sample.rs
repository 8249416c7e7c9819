//! Values of any record, and what NumPy should find in their place.

use std::time::{Duration, SystemTime};

use npyrec::{
    Bytes, Datetime64, Str, Timedelta64, Void, half::bf16, half::f16, num_complex::Complex,
};
use serde_json::{Value, json};

/// A small generator of numbers, the same in every run (Steele's SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}

/// A type with random values, each of which has a form for `oracle.py`.
pub trait Sample {
    fn sample(random: &mut Random) -> Self;

    fn json(&self) -> Value;
}

macro_rules! integers {
    ($($t:ty),+) => {$(
        impl Sample for $t {
            fn sample(random: &mut Random) -> Self {
                let any = random.next() as $t;
                random.pick(&[0, 1, <$t>::MIN, <$t>::MAX, any, any, any])
            }

            fn json(&self) -> Value {
                json!(self)
            }
        }
    )+};
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64, usize);

impl Sample for i128 {
    fn sample(random: &mut Random) -> Self {
        i64::sample(random).into()
    }

    fn json(&self) -> Value {
        json!(i64::try_from(*self).unwrap())
    }
}

fn float(value: f64) -> Value {
    match value.is_finite() {
        true => json!(value),
        false => json!(value.to_string()),
    }
}

macro_rules! floats {
    ($($t:ty: $from:expr, $to:expr);+ $(;)?) => {$(
        impl Sample for $t {
            fn sample(random: &mut Random) -> Self {
                let any = random.next() as i64 as f64 / 65_536.0;
                let special = [0.0, -0.0, 1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, any / 1e12];
                let special = random.pick(&special);
                $from(random.pick(&[any / 1e11, special]))
            }

            fn json(&self) -> Value {
                float($to(*self))
            }
        }
    )+};
}

floats! {
    f32: |x| x as f32, f64::from;
    f64: |x| x, |x| x;
    f16: f16::from_f64, f64::from;
    bf16: bf16::from_f64, f64::from;
}

impl Sample for bool {
    fn sample(random: &mut Random) -> Self {
        random.below(2) == 0
    }

    fn json(&self) -> Value {
        json!(self)
    }
}

impl<T: Sample> Sample for Complex<T> {
    fn sample(random: &mut Random) -> Self {
        Complex::new(T::sample(random), T::sample(random))
    }

    fn json(&self) -> Value {
        json!([self.re.json(), self.im.json()])
    }
}

impl<const N: usize> Sample for Bytes<N> {
    fn sample(random: &mut Random) -> Self {
        let used = random.below(N as u64 + 1) as usize;
        let mut bytes: [u8; N] = Sample::sample(random);
        bytes[used..].fill(0);
        Bytes::from(bytes)
    }

    fn json(&self) -> Value {
        json!(self.as_bytes())
    }
}

impl<const N: usize> Sample for Void<N> {
    fn sample(random: &mut Random) -> Self {
        Void(Sample::sample(random))
    }

    fn json(&self) -> Value {
        json!(self.0.to_vec())
    }
}

impl<const N: usize> Sample for Str<N> {
    fn sample(random: &mut Random) -> Self {
        let used = random.below(N as u64 + 1) as usize;
        let mut chars: [char; N] = Sample::sample(random);
        chars[used..].fill('\0');
        Str::from(chars)
    }

    fn json(&self) -> Value {
        json!(self.to_string())
    }
}

impl Sample for char {
    fn sample(random: &mut Random) -> Self {
        random.pick(&['a', 'Z', '~', '\'', 'é', '日', '\u{10ffff}'])
    }

    fn json(&self) -> Value {
        json!(self)
    }
}

/// At most three ASCII characters, so that it fits any field.
impl Sample for String {
    fn sample(random: &mut Random) -> Self {
        (0..random.below(4))
            .map(|_| random.pick(&['a', 'B', '7', ' ']))
            .collect()
    }

    fn json(&self) -> Value {
        json!(self)
    }
}

macro_rules! times {
    ($($t:ident),+) => {$(
        impl<U> Sample for $t<U> {
            fn sample(random: &mut Random) -> Self {
                let any = Self::new(random.next() as i64 >> 12);
                random.pick(&[any, any, Self::NAT, Self::new(0)])
            }

            fn json(&self) -> Value {
                json!(self.ticks())
            }
        }
    )+};
}

times!(Datetime64, Timedelta64);

impl Sample for SystemTime {
    fn sample(random: &mut Random) -> Self {
        let span = Duration::from_nanos(random.next() >> 2);
        match random.next() % 2 {
            0 => SystemTime::UNIX_EPOCH + span,
            _ => SystemTime::UNIX_EPOCH - span,
        }
    }

    fn json(&self) -> Value {
        let nanos = match self.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => after.as_nanos() as i64,
            Err(before) => -(before.duration().as_nanos() as i64),
        };
        json!({"ns": nanos})
    }
}

impl Sample for Duration {
    fn sample(random: &mut Random) -> Self {
        Duration::from_nanos(random.next() >> 2)
    }

    fn json(&self) -> Value {
        json!({"ns": self.as_nanos() as i64})
    }
}

impl<T: Sample, const N: usize> Sample for [T; N] {
    fn sample(random: &mut Random) -> Self {
        std::array::from_fn(|_| T::sample(random))
    }

    fn json(&self) -> Value {
        self.iter().map(T::json).collect()
    }
}

macro_rules! tuples {
    ($(($($t:ident),+))+) => {$(
        impl<$($t: Sample),+> Sample for ($($t,)+) {
            fn sample(random: &mut Random) -> Self {
                ($($t::sample(random),)+)
            }

            fn json(&self) -> Value {
                #[allow(non_snake_case)]
                let ($($t,)+) = self;
                json!([$($t.json()),+])
            }
        }
    )+};
}

tuples! {
    (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) (A, B, C, D, E, F, G)
    (A, B, C, D, E, F, G, H) (A, B, C, D, E, F, G, H, I) (A, B, C, D, E, F, G, H, I, J)
    (A, B, C, D, E, F, G, H, I, J, K) (A, B, C, D, E, F, G, H, I, J, K, L)
}
