use npyrec::NpyRecord;

#[derive(NpyRecord)]
struct Sample {
    #[npy(dtype = "float24")]
    a: f64,
    #[npy(dtype = "f16")]
    b: f64,
    #[npy(dtype = "O")]
    c: String,
    #[npy(dtype = "S")]
    d: String,
    #[npy(dtype = "i3")]
    e: i32,
    #[npy(dtype = "M8[fortnight]")]
    f: i64,
    #[npy(dtype = "3f4")]
    g: [f32; 3],
    #[npy(dtype = "i4,f4")]
    h: (i32, f32),
    #[npy(dtype = "")]
    i: u8,
    #[npy(dtype = "S99999999999")]
    j: String,
}

fn main() {}
