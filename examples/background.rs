//! Logs records of several threads to one file. A background thread appends them.

use npyrec::{Appender, BackgroundOptions, NpyRecord};

#[derive(NpyRecord)]
struct Event {
    worker: u32,
    step: u32,
}

fn main() -> npyrec::Result<()> {
    let events = Appender::<Event>::create("events.npy")?;
    let (log, guard) = events.into_background(BackgroundOptions::new());
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let log = log.clone(); // with a queue of its own
            let event = move |step| Event { worker, step };
            scope.spawn(move || (0..1_000).try_for_each(|step| log.log(event(step))));
        }
    });
    println!("{} events", log.accepted());
    guard.close() // commits, and says whether all are in the file
}
