use npyrec::NpyRecord;

#[derive(NpyRecord)]
struct Sample {
    #[npy(dtype = "f4")]
    name: String,
    #[npy(dtype = "M8[ns]")]
    price: f64,
    #[npy(dtype = "u4")]
    signed: i32,
    #[npy(dtype = "M8[M]")]
    month: std::time::SystemTime,
}

fn main() {}
