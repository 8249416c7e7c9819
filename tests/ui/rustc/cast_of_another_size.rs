use npyrec::NpyRecord;

#[derive(NpyRecord)]
struct OtherSize {
    #[npy(cast = "[f32; 3]")]
    other_size: u64,
}

#[derive(NpyRecord)]
struct WholeArray {
    #[npy(cast = "[[f32; 3]; 2]")]
    points: [[f32; 3]; 2],
}

fn main() {}
