//! A record that borrows is appended from texts that live for one iteration.
#![deny(warnings)]

use npyrec::{Appender, NpyRecord};

#[derive(NpyRecord)]
struct Line<'a> {
    #[npy(dtype = "U8")]
    host: &'a str,
}

fn main() -> npyrec::Result<()> {
    let mut bytes = Vec::new();
    let mut log = npyrec::stream::RecordWriter::<Line, _>::new(&mut bytes, 2)?;
    for host in ["near", "far"] {
        log.append(&Line { host: &host.to_owned() })?;
    }
    log.finish()?;
    assert!(Appender::<Line<'static>>::open("no/folder/lines.npy").is_err());
    Ok(())
}
