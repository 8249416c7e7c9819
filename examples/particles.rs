//! Particles of `glam`, stored as arrays of numbers, without a copy of a type in between.
//!
//! ```text
//! cargo run --example particles -- particles.npy
//! python -c "import numpy as np; print(np.load('particles.npy')['position'].mean(axis=0))"
//! ```

use std::env;

use glam::Vec3;
use npyrec::{Appender, NpyRecord};

const STEPS: u32 = 50;
const SECONDS: f32 = 0.1;
const GRAVITY: Vec3 = Vec3::new(0.0, 0.0, -9.81);

#[derive(NpyRecord, Clone)]
#[repr(C)] // With the fields sorted by size, a particle is copied whole.
struct Particle {
    #[npy(cast = "[f32; 3]")]
    position: Vec3,
    #[npy(cast = "[f32; 3]")]
    velocity: Vec3,
    id: u32,
}

impl Particle {
    fn new(id: u32) -> Self {
        let angle = id as f32;
        Particle {
            position: Vec3::Z,
            velocity: Vec3::new(angle.cos(), angle.sin(), 2.0),
            id,
        }
    }

    fn step(&mut self) {
        self.velocity += GRAVITY * SECONDS;
        self.position += self.velocity * SECONDS;
        if self.position.z < 0.0 {
            self.position.z = -self.position.z;
            self.velocity.z = self.velocity.z.abs();
        }
    }
}

fn main() -> npyrec::Result<()> {
    let path = env::args().nth(1).unwrap_or("particles.npy".to_owned());
    let mut particles: Vec<_> = (0..100).map(Particle::new).collect();
    let mut log = Appender::<Particle>::create(&path)?;
    for _ in 0..STEPS {
        particles.iter_mut().for_each(Particle::step);
        log.append_slice(&particles)?;
    }
    println!("{path}: {} rows of {}", log.rows(), Particle::dtype());
    log.close()
}
