use npyrec::NpyRecord;

#[derive(NpyRecord)]
struct Position {
    x: f32,
    #[npy(title = "Northing")]
    y: f32,
}

#[derive(NpyRecord)]
struct Named {
    x: u8,
    #[npy(flatten)]
    at: Position,
}

#[derive(NpyRecord)]
struct Titled {
    #[npy(flatten)]
    at: Position,
    #[npy(title = "Northing")]
    north: f64,
}

#[derive(NpyRecord)]
struct Twice<T> {
    #[npy(flatten)]
    start: Position,
    #[npy(flatten)]
    end: Nested,
    value: T,
}

#[derive(NpyRecord)]
struct Nested {
    #[npy(flatten)]
    at: Position,
}

fn main() {
    Twice::<u8>::dtype();
}
