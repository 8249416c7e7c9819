use npyrec::NpyRecord;

const DTYPE: &str = "S8";

#[derive(NpyRecord)]
struct Sample {
    #[npy(dtype = DTYPE)]
    name: String,
    #[npy(dtype = concat!("S", DTYPE))]
    joined: String,
    #[npy(with = "not a path")]
    path: u8,
    #[npy(cast = "[f32; 3")]
    cast: [f32; 3],
    #[npy(with = "as_text", dtype = "f4")]
    both: f64,
    #[npy(default = "1 + 1")]
    default: u8,
    #[npy(alias = "")]
    nameless: u8,
    #[npy(alias = "default")]
    taken: u8,
    #[npy(skip, alias = "old")]
    skipped: u8,
}

#[derive(NpyRecord)]
#[npy(transparent)]
struct TwoFields {
    a: u8,
    b: u8,
}

#[derive(NpyRecord)]
#[npy(bound = "T =")]
struct Bound<T> {
    value: T,
}

#[derive(NpyRecord)]
#[npy(into = "f64")]
struct OnlyInto(f64);

#[derive(NpyRecord)]
#[npy(try_from = "f64")]
struct OnlyFrom(f64);

#[derive(NpyRecord)]
#[npy(into = "f64", from = "f32", rename_all = "camelCase")]
struct Different {
    #[npy(rename = "b")]
    a: f64,
}

#[derive(NpyRecord)]
#[npy(rename_all_fields = "camelCase", transparent)]
#[repr(u8)]
enum Other {
    #[npy(other)]
    A,
    #[npy(other)]
    B(f32),
    #[npy(title = "d")]
    C,
}

fn main() {}
