//! The files of the tests.

use std::path::Path;

use npyrec::{Bytes, Datetime64, NpyRecord, npz, unit::Millisecond};

#[derive(NpyRecord, Clone)]
pub struct Tick {
    #[npy(title = "Time of the trade")]
    time: Datetime64<Millisecond>,
    price: f64,
    size: u16,
    depth: [f32; 2],
    symbol: Bytes<8>,
    at: Venue,
}

#[derive(NpyRecord, Clone)]
struct Venue {
    #[npy(dtype = "U6")]
    city: String,
    open: bool,
}

/// 2026-01-01T00:00.
const START: i64 = 1_767_225_600_000;

pub fn ticks(rows: u16) -> Vec<Tick> {
    let tick = |row: u16| Tick {
        time: Datetime64::new(START + 250 * i64::from(row)),
        price: match row {
            3 => f64::NAN,
            row => 99.5 + f64::from(row % 16) / 8.0,
        },
        size: row.wrapping_mul(10),
        depth: [f32::from(row), f32::from(row) + 0.25],
        symbol: (*b"EURUSD\0\0").into(),
        at: Venue {
            city: ["Zürich", "a\x1b[2J", "\u{202e}x"][usize::from(row) % 3].to_owned(),
            open: row.is_multiple_of(2),
        },
    };
    (0..rows).map(tick).collect()
}

/// Returns a folder with `ticks.npy` of 40 rows, `cube.npy`, `waves.npy`, `levels.npy`, `one.npy` and `all.npz`.
pub fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path());
    dir
}

fn write(dir: &Path) {
    npyrec::write(dir.join("ticks.npy"), &ticks(40)).unwrap();
    let cube: [[[i32; 4]; 3]; 2] = std::array::from_fn(|i| {
        std::array::from_fn(|j| std::array::from_fn(|k| i32::try_from(12 * i + 4 * j + k).unwrap()))
    });
    npyrec::write(dir.join("cube.npy"), &cube).unwrap();
    let wave = |(y, x): (usize, usize)| (x as f64 / 6.0).sin() * (y as f64 / 3.0).cos();
    let waves = npyrec::ndarray::Array2::from_shape_fn((10, 80), wave);
    npyrec::write_array(dir.join("waves.npy"), &waves).unwrap();
    npyrec::write(
        dir.join("levels.npy"),
        &[1.5_f64, -0.0, f64::INFINITY, 1e300],
    )
    .unwrap();
    let one = npyrec::ndarray::arr0(7_u8);
    npyrec::write_array(dir.join("one.npy"), &one).unwrap();
    let mut archive = npz::Writer::create(dir.join("all.npz")).unwrap();
    archive.write("ticks", &ticks(5)).unwrap();
    archive.write("levels", &[0.5_f32, 2.0]).unwrap();
    archive.finish().unwrap();
}
