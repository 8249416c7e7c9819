//! An event log that borrows its texts: the lines of standard input, without an allocation for a row.
//!
//! ```text
//! journalctl -o cat | cargo run --example event_log -- events.npy
//! ```

use std::{env, io, io::BufRead, time::SystemTime};

use npyrec::{Appender, NpyRecord};

#[derive(NpyRecord)]
#[repr(u8)]
enum Level {
    Info,
    Error,
}

impl Level {
    fn of(message: &str) -> Self {
        match message.starts_with("error") {
            true => Level::Error,
            false => Level::Info,
        }
    }
}

#[derive(NpyRecord)]
struct Event<'a> {
    #[npy(dtype = "M8[us]")]
    time: SystemTime,
    #[npy(dtype = "S12")]
    module: &'a str,
    #[npy(dtype = "U40")]
    message: &'a str,
    level: Level,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = env::args().nth(1).unwrap_or("events.npy".to_owned());
    let mut log = Appender::<Event>::open(&path)?;
    let (mut input, mut line) = (io::stdin().lock(), String::new());
    while input.read_line(&mut line)? > 0 {
        let text = line.trim_end();
        let (module, message) = text.split_once(": ").unwrap_or(("", text));
        let event = Event {
            time: SystemTime::now(),
            module,
            message,
            level: Level::of(message),
        };
        if let Err(error) = log.append(&event) {
            eprintln!("{error}"); // a text that is too long; the log goes on
        }
        line.clear();
    }
    println!("{path}: {} events", log.rows());
    Ok(log.close()?)
}
