//! Logs the ticks of a made-up market: every kind of field in one record.
//!
//! ```text
//! cargo run --example ticks -- [FILE]
//! ```

use std::{env, error::Error};

use npyrec::{Appender, Header, NpyRecord, half::f16, num_complex::Complex};

#[derive(NpyRecord, Debug, Clone, PartialEq)]
struct Tick {
    #[npy(dtype = "M8[ns]")]
    time: i64,
    price: f64,
    gain: f16,
    iq: Complex<f32>,
    depth: [f32; 5],
    #[npy(dtype = "S8")]
    symbol: String,
}

fn tick(number: u16) -> Tick {
    let phase = f32::from(number) / 10.0;
    Tick {
        time: 1_700_000_000_000_000_000 + i64::from(number) * 1_000_000,
        price: 100.0 + f64::from(phase.sin()),
        gain: f16::from_f32(phase.cos()),
        iq: Complex::from_polar(1.0, phase),
        depth: [1.0, 2.0, 3.0, 5.0, 8.0].map(|size| size * phase),
        symbol: "BTCUSD".to_owned(),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).unwrap_or_else(|| "ticks.npy".to_owned());
    let mut ticks = Appender::<Tick>::open(&path)?;
    for number in 0..100 {
        ticks.append(&tick(number))?;
    }
    ticks.close()?;

    let read = npyrec::read::<Tick>(&path)?;
    println!("{}", Header::for_record::<Tick>(read.len() as u64));
    println!("the last of {} ticks: {:#?}", read.len(), read.last());
    Ok(())
}
