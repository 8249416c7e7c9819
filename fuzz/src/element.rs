//! Elements of arrays, of several sizes, that are copied or encoded.

use std::fmt::Debug;

use npyrec::NpyRecord;

/// A value that is made from its index.
pub trait Element: NpyRecord + Clone + Debug + PartialEq {
    fn at(place: usize) -> Self;

    /// Adds its bytes in the file to others.
    fn put(&self, data: &mut Vec<u8>);

    /// One that has no place in the dtype, if there is any.
    fn bad() -> Option<Self> {
        None
    }
}

impl Element for u8 {
    fn at(place: usize) -> Self {
        (place % 127) as u8
    }

    fn put(&self, data: &mut Vec<u8>) {
        data.push(*self);
    }
}

impl Element for f64 {
    fn at(place: usize) -> Self {
        place as f64 / 3.0
    }

    fn put(&self, data: &mut Vec<u8>) {
        data.extend(self.to_le_bytes());
    }
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[repr(C)]
pub struct Rgb {
    red: u8,
    green: u8,
    blue: u8,
}

impl Element for Rgb {
    fn at(place: usize) -> Self {
        let [red, green, blue, ..] = place.to_le_bytes().map(|byte| byte % 128);
        Rgb { red, green, blue }
    }

    fn put(&self, data: &mut Vec<u8>) {
        data.extend([self.red, self.green, self.blue]);
    }
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[repr(C)]
pub struct Tick {
    time: u64,
    price: f64,
    size: u32,
    venue: [u8; 4],
}

impl Element for Tick {
    fn at(place: usize) -> Self {
        Tick {
            time: place as u64,
            price: place as f64 * 0.01,
            size: !(place as u32),
            venue: *b"XETR",
        }
    }

    fn put(&self, data: &mut Vec<u8>) {
        data.extend(self.time.to_le_bytes());
        data.extend(self.price.to_le_bytes());
        data.extend(self.size.to_le_bytes());
        data.extend(self.venue);
    }
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
pub struct Labelled {
    number: u16,
    #[npy(dtype = "S5")]
    label: String,
}

impl Element for Labelled {
    fn at(place: usize) -> Self {
        Labelled {
            number: place as u16,
            label: (place % 100_000).to_string(),
        }
    }

    fn put(&self, data: &mut Vec<u8>) {
        let end = data.len() + 7;
        data.extend(self.number.to_le_bytes());
        data.extend(self.label.as_bytes());
        data.resize(end, 0);
    }

    fn bad() -> Option<Self> {
        let (number, label) = (0, "longer".to_owned());
        Some(Labelled { number, label })
    }
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
pub struct Nothing {}

impl Element for Nothing {
    fn at(_: usize) -> Self {
        Nothing {}
    }

    fn put(&self, _: &mut Vec<u8>) {}
}
