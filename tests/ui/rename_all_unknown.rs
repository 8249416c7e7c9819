use npyrec::NpyRecord;

#[derive(NpyRecord)]
#[npy(rename_all = "Camel")]
struct Sample {
    price: f64,
}

fn main() {}
