use npyrec::NpyRecord;

#[derive(NpyRecord)]
struct OtherSize {
    #[npy(cast = "[f32; 3]")]
    other_size: u64,
}

fn main() {}
