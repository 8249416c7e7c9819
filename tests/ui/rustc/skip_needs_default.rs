use npyrec::NpyRecord;

struct Handle(std::fs::File);

#[derive(NpyRecord)]
struct Sample {
    value: f64,
    #[npy(skip)]
    handle: Handle,
}

fn main() {}
