use npyrec::NpyRecord;

#[derive(NpyRecord)]
struct Frame {
    id: u64,
    first: [u8; 1 << 30],
    second: [u8; 1 << 30],
    third: [u8; 1 << 30],
}

fn main() {}
