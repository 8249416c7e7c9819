use npyrec::NpyRecord;

#[derive(NpyRecord)]
union Either {
    a: u32,
    b: f32,
}

fn main() {}
