//! Following a file that grows.

use std::{
    io::{self, BufWriter},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use npyrec::{ErrorKind, Follow, NpyFile, Order, Shards, Value};

use super::show;
use crate::{
    failure::{Failure, Outcome, Result},
    input::{Layout, shards_header},
    output::{Format, ending_signals, note, row_writer},
};

/// The time after which a signal, or a reader that is gone, is noticed.
const PATIENCE: Duration = Duration::from_millis(200);

/// Prints the last rows of a file, then those that are appended, until a signal, or the end of the file. With
/// `by_name`, the file that replaces it is followed next.
pub(crate) fn follow(
    path: &Path,
    rows: u64,
    columns: &[String],
    format: Format,
    by_name: bool,
) -> Result<Outcome> {
    let is_stopped = Arc::new(AtomicBool::new(false));
    for signal in ending_signals() {
        let registered = signal_hook::flag::register(signal, Arc::clone(&is_stopped));
        registered.map_err(|e| Failure::io("signals", e))?;
    }
    let is_stopped = || is_stopped.load(Ordering::Relaxed);
    let columns = show::columns(columns);
    let mut before = rows;
    loop {
        let opened = open(path, before, &columns);
        let (mut file, layout) = match opened {
            Ok(opened) => opened,
            // A replaced file may not be there yet, or have no header yet.
            Err(_) if is_stopped() => return Ok(Outcome::Fine),
            Err(_) if by_name && (before == u64::MAX || !path.exists()) => {
                thread::sleep(PATIENCE);
                continue;
            }
            Err(error) => return Err(error),
        };
        let end = print(&mut file, &layout, format, is_stopped)?;
        match end {
            None => return Ok(Outcome::Fine),
            Some(end) => note(&format!("{}: {end}", path.display())),
        }
        if !by_name {
            return Ok(Outcome::Fine);
        }
        // Of the next file, all rows are new.
        before = u64::MAX;
    }
}

fn open(path: &Path, rows: u64, columns: &[String]) -> Result<(Follow<Value>, Layout)> {
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let header = match path.is_dir() {
        true => shards_header(&Shards::open(path)?)?,
        false => NpyFile::open(path)?.header().clone(),
    };
    let name = path.display().to_string();
    let layout = Layout::of(&header).with_columns(&columns);
    let layout = layout.map_err(|failure| failure.about(&name))?;
    let file = Follow::<Value>::open(path);
    let mut file = file.map_err(|e| match header.order() {
        Order::C => e.into(),
        Order::Fortran => {
            let reason = "an array in Fortran order has no rows that follow one another";
            Failure::new(reason).about(&name)
        }
    })?;
    let committed = file.committed_rows()?;
    file.skip_to(committed.saturating_sub(rows));
    let file = match &*columns {
        [] => file,
        columns => file.select(columns)?,
    };
    Ok((file, layout))
}

/// Prints rows until the file ends, and returns why, or until the program is stopped.
fn print(
    file: &mut Follow<Value>,
    layout: &Layout,
    format: Format,
    is_stopped: impl Fn() -> bool,
) -> Result<Option<&'static str>> {
    let out = BufWriter::new(io::stdout().lock());
    let mut writer = row_writer(format, out, layout, None, true)?;
    writer.flush()?;
    while !is_stopped() {
        let first = file.next_row();
        let rows = file.wait(PATIENCE).and_then(|_| file.poll());
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => {
                writer.finish()?;
                return match error.kind() {
                    ErrorKind::Removed => Ok(Some("the file was removed or replaced")),
                    ErrorKind::CutShort => Ok(Some("the file was cut short")),
                    _ => Err(error.into()),
                };
            }
        };
        for (row, value) in (first..).zip(&rows) {
            writer.write(row, value)?;
        }
        if !rows.is_empty() {
            writer.flush()?;
        }
    }
    writer.finish()?;
    Ok(None)
}
