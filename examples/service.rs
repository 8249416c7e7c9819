//! Logs the load average every few milliseconds until the program receives Ctrl-C, or the `SIGTERM` with
//! which service managers stop a program. The remaining rows are then committed, and an error is the exit
//! status of the program.
//!
//! ```text
//! cargo run --release --example service -- [FILE]
//! ```
//!
//! If it is stopped in another way, it loses the rows in its buffer: at most one second of rows. After a
//! power cut, the log is in the state of the last commit.

use std::{
    env,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, SystemTime},
};

use npyrec::{AppendOptions, Durability, NpyRecord};
use signal_hook::{consts::TERM_SIGNALS, flag};
use sysinfo::System;

#[derive(NpyRecord)]
struct Load {
    #[npy(dtype = "M8[us]")]
    time: SystemTime,
    one_minute: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).unwrap_or_else(|| "load.npy".to_owned());
    let is_over = Arc::new(AtomicBool::new(false));
    for &signal in TERM_SIGNALS {
        flag::register(signal, Arc::clone(&is_over))?;
    }

    let mut log = AppendOptions::new()
        .durability(Durability::Synced)
        .commit_interval(Duration::from_secs(1))
        .open::<Load>(&path)?;
    if let Some(report) = log.recovery() {
        println!("it was not closed the last time: {report}");
    }
    println!(
        "{path}: {} rows before; logging until I am told to end",
        log.rows()
    );
    loop {
        log.append(&Load {
            time: SystemTime::now(),
            one_minute: System::load_average().one,
        })?;
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    let rows = log.rows();
    log.close()?;
    println!("{path}: {rows} rows, all on the device");
    Ok(())
}
