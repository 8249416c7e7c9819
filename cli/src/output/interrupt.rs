//! The removal of a file that is not complete when a signal ends the program.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
};

use signal_hook::{iterator::Signals, low_level::emulate_default_handler};

use super::signals::ending_signals;

/// The files to remove.
static INCOMPLETE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn incomplete() -> MutexGuard<'static, Vec<PathBuf>> {
    INCOMPLETE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes a file if a signal ends the program.
pub(super) fn remove_on_signal(path: &Path) -> io::Result<()> {
    static STARTED: OnceLock<()> = OnceLock::new();
    incomplete().push(path.to_owned());
    if STARTED.set(()).is_ok() {
        let mut signals = Signals::new(ending_signals())?;
        thread::spawn(move || {
            for signal in signals.forever() {
                for path in incomplete().drain(..) {
                    // The program ends in any case.
                    let _ = fs::remove_file(path);
                }
                let _ = emulate_default_handler(signal);
            }
        });
    }
    Ok(())
}

/// Keeps a file that is complete.
pub(super) fn keep_on_signal(path: &Path) {
    incomplete().retain(|other| other != path);
}
