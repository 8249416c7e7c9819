//! Records the baseband of a radio: blocks of complex samples, with the gain as a half float.
//!
//! The samples are made here, a tone in noise. To see the tone in NumPy:
//!
//! ```text
//! cargo run --example complex_f16 -- iq.npy
//! python3 -c "import numpy as np; a = np.load('iq.npy'); \
//!             print(np.abs(np.fft.fft(a['iq'].ravel())).argmax() / a['iq'].size)"
//! ```

use std::{env, error::Error, f32::consts::TAU};

use npyrec::{AppendOptions, Header, NpyRecord, half::f16, num_complex::Complex};

const BLOCK: usize = 256;

/// The tone, in cycles a sample.
const FREQUENCY: f32 = 0.125;

#[derive(NpyRecord)]
struct Block {
    /// The number of the block's first sample.
    sample: u64,
    gain: f16,
    iq: [Complex<f32>; BLOCK],
}

/// A simulated antenna, with the same noise every time.
struct Receiver {
    sample: u64,
    noise: u32,
}

impl Receiver {
    fn noise(&mut self) -> f32 {
        self.noise = self
            .noise
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        f32::from((self.noise >> 24) as u8) / 255.0 - 0.5
    }

    fn block(&mut self) -> Block {
        let start = self.sample;
        let iq = std::array::from_fn(|_| {
            let phase = TAU * FREQUENCY * (self.sample % 1_000) as f32;
            self.sample += 1;
            Complex::cis(phase) + Complex::new(self.noise(), self.noise())
        });
        Block {
            sample: start,
            gain: f16::from_f32(0.75),
            iq,
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).unwrap_or_else(|| "iq.npy".to_owned());
    let mut receiver = Receiver {
        sample: 0,
        noise: 1,
    };
    let mut log = AppendOptions::new()
        .commit_every(16)
        .create::<Block>(&path)?;
    for _ in 0..64 {
        log.append(&receiver.block())?;
    }
    let rows = log.rows();
    log.close()?;
    println!("{path}: {rows} blocks of {BLOCK} samples");
    println!("{}", Header::for_record::<Block>(rows));
    Ok(())
}
