//! A log that gains a field: the program of next month rewrites the file of this month, and continues it.
//!
//! ```text
//! cargo run --example new_field -- readings.npy
//! ```

use std::{env, time::SystemTime};

use npyrec::{Appender, ErrorKind, NpyRecord, Result};

/// The record of this month.
#[derive(NpyRecord)]
struct OldReading {
    #[npy(dtype = "M8[ms]")]
    time: SystemTime,
    celsius: f32,
}

/// The record of next month. Old rows have a battery of 0 %.
#[derive(NpyRecord)]
struct Reading {
    #[npy(dtype = "M8[ms]")]
    time: SystemTime,
    celsius: f32,
    #[npy(default)]
    battery: u8,
}

/// Opens the log, and rewrites it first if an older program wrote it.
fn open(path: &str) -> Result<Appender<Reading>> {
    match Appender::open(path) {
        Err(error) if error.kind() == ErrorKind::DType => {
            println!("{path}: {}", npyrec::migrate::<Reading>(path)?);
            Appender::open(path)
        }
        opened => opened,
    }
}

fn main() -> Result<()> {
    let path = env::args().nth(1).unwrap_or("readings.npy".to_owned());
    let (time, celsius) = (SystemTime::now(), 4.5);
    npyrec::write(&path, &[OldReading { time, celsius }])?;
    let mut log = open(&path)?;
    log.append(&Reading {
        time,
        celsius,
        battery: 97,
    })?;
    log.close()?;
    for reading in npyrec::read::<Reading>(&path)? {
        println!("{} °C, battery {} %", reading.celsius, reading.battery);
    }
    Ok(())
}
