use npyrec::NpyRecord;

#[derive(NpyRecord)]
struct Position {
    x: f32,
}

#[derive(NpyRecord)]
struct Wrapper(Position);

#[derive(NpyRecord)]
struct Sample {
    at: Position,
    #[npy(rename = "at.x")]
    x: f32,
    #[npy(rename = "wrapped.x.y")]
    y: f32,
    #[npy(rename = "wrapped.x")]
    z: f32,
    wrapped: Wrapper,
}

fn main() {}
