use npyrec::NpyRecord;

#[derive(NpyRecord)]
struct Sample {
    name: String,
    values: Vec<f64>,
    count: usize,
}

fn main() {}
