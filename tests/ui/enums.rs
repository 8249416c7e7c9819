use npyrec::NpyRecord;

#[derive(NpyRecord)]
enum NoRepr {
    A,
}

#[derive(NpyRecord)]
#[repr(usize)]
enum PlatformSized {
    A,
}

#[derive(NpyRecord)]
#[repr(u8)]
enum WithData {
    A,
    B(f64),
}

#[derive(NpyRecord)]
#[repr(u8)]
#[npy(align)]
enum WithAttributes {
    #[npy(flatten)]
    A,
}

#[derive(NpyRecord)]
enum Empty {}

fn main() {}
