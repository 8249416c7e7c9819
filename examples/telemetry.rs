//! Logs the load of this machine to `telemetry.npy`, or continues it.
//!
//! ```text
//! cargo run --release --example telemetry -- [--seconds N] [FILE]
//! ```

use std::{
    env,
    error::Error,
    thread,
    time::{Duration, Instant, SystemTime},
};

use npyrec::{Appender, Header, NpyRecord};
use sysinfo::{Disks, Networks, System};

const INTERVAL: Duration = Duration::from_millis(250);

/// One reading of the machine's counters.
#[derive(NpyRecord)]
struct Reading {
    #[npy(dtype = "M8[us]")]
    time: SystemTime,
    /// Percent of all processors.
    cpu: f32,
    /// Mean number of waiting processes over 1, 5 and 15 minutes.
    #[npy(dtype = "f4")]
    load: [f64; 3],
    memory_used: u64,
    memory_total: u64,
    disk_read: u64,
    disk_written: u64,
    net_received: u64,
    net_sent: u64,
}

struct Machine {
    system: System,
    disks: Disks,
    networks: Networks,
}

impl Machine {
    fn read(&mut self) -> Reading {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        self.disks.refresh(true);
        self.networks.refresh(true);
        let load = System::load_average();
        let disks = || self.disks.iter().map(|disk| disk.usage());
        let networks = || self.networks.values();
        Reading {
            time: SystemTime::now(),
            cpu: self.system.global_cpu_usage(),
            load: [load.one, load.five, load.fifteen],
            memory_used: self.system.used_memory(),
            memory_total: self.system.total_memory(),
            disk_read: disks().map(|usage| usage.total_read_bytes).sum(),
            disk_written: disks().map(|usage| usage.total_written_bytes).sum(),
            net_received: networks().map(|net| net.total_received()).sum(),
            net_sent: networks().map(|net| net.total_transmitted()).sum(),
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut seconds, mut path) = (3.0, "telemetry.npy".to_owned());
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match &*argument {
            "--seconds" => {
                let number = arguments.next().ok_or("--seconds takes a number")?;
                seconds = number.parse()?;
            }
            _ => path = argument,
        }
    }

    let mut machine = Machine {
        system: System::new(),
        disks: Disks::new_with_refreshed_list(),
        networks: Networks::new_with_refreshed_list(),
    };
    let mut log = Appender::<Reading>::open(&path)?;
    let before = log.rows();
    let end = Instant::now() + Duration::try_from_secs_f64(seconds)?;
    loop {
        let reading = machine.read();
        log.append(&reading)?;
        log.commit()?; // whoever reads the file sees this row from now on
        println!(
            "cpu {:5.1} %, memory {:6} of {} MiB",
            reading.cpu,
            reading.memory_used >> 20,
            reading.memory_total >> 20,
        );
        if Instant::now() + INTERVAL > end {
            break;
        }
        thread::sleep(INTERVAL);
    }
    let rows = log.rows();
    log.close()?;

    println!(
        "\n{path}: {before} rows before, {rows} now, {} bytes each",
        Reading::ITEMSIZE
    );
    println!("{}", Header::for_record::<Reading>(rows));
    println!(
        "\nTo read it:\n  python3 -c \"import numpy as np; print(np.load('{path}')['cpu'].mean())\""
    );
    Ok(())
}
