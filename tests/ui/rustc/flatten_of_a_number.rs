use npyrec::NpyRecord;

#[derive(NpyRecord)]
struct Sample {
    #[npy(flatten)]
    value: f64,
}

fn main() {
    Sample::dtype();
}
