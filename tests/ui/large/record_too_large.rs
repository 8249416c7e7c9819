use npyrec::NpyRecord;

#[derive(NpyRecord)]
struct Frame {
    id: u64,
    first: [u8; 1 << 30],
    second: [u8; 1 << 30],
    third: [u8; 1 << 30],
}

#[derive(NpyRecord)]
struct Tail {
    first: [u8; (1 << 31) - 1],
    flag: bool,
}

#[derive(NpyRecord)]
struct Largest([u8; (1 << 31) - 1]);

#[derive(NpyRecord)]
struct Wrapper([u8; 1 << 31]);

fn main() {}
