//! A struct in error is still a record, so that its uses are not errors too.
use npyrec::{Appender, NpyRecord};

#[derive(NpyRecord)]
struct Sample {
    #[npy(dtype = "nonsense")]
    a: f64,
}

#[derive(NpyRecord)]
struct Outer {
    sample: Sample,
}

fn main() {
    let mut rows = Appender::<Outer>::create("a.npy").unwrap();
    rows.append(&Outer { sample: Sample { a: 1.0 } }).unwrap();
}
