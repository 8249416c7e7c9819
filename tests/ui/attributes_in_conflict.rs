use npyrec::NpyRecord;

#[derive(NpyRecord)]
struct Inner {
    x: f32,
}

#[derive(NpyRecord)]
struct Sample {
    #[npy(skip, rename = "t")]
    time: f64,
    #[npy(flatten, rename = "inner")]
    inner: Inner,
    #[npy(flatten, dtype = "f4")]
    other: f64,
    #[npy(rename = "")]
    nameless: u8,
}

#[derive(NpyRecord)]
#[npy(align)]
struct Newtype(#[npy(rename = "value")] f64);

#[derive(NpyRecord)]
#[npy(rename_all = "camelCase")]
struct Pair(u8, u8);

fn main() {}
