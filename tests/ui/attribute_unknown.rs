use npyrec::NpyRecord;

#[derive(NpyRecord)]
#[npy(rename = "other", packed)]
struct Sample {
    #[npy(renamed = "t")]
    time: f64,
    #[npy(dtype = 8)]
    value: f64,
    #[npy(rename = "a", rename = "b")]
    twice: f64,
    #[npy(skip = true)]
    cache: u8,
    #[npy(rename)]
    name: u8,
}

fn main() {}
