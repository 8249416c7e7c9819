use npyrec::NpyRecord;

#[derive(NpyRecord)]
struct Sample {
    price: f64,
    #[npy(rename = "price")]
    other: f64,
    #[npy(title = "price")]
    titled: u8,
}

fn main() {}
