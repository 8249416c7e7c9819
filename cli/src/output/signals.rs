//! The signals that end the program.
//!
//! A signal that is ignored from the start stays ignored. `nohup` ignores SIGHUP for its program. A script ignores SIGINT
//! and SIGQUIT for a program in the background. Linux lists these signals in `/proc/self/status`.
//!
//! On other systems they are unknown. There SIGHUP is not handled, so that `nohup` works. The other signals end the
//! program even if they were ignored.

use std::fs;

use signal_hook::consts::TERM_SIGNALS;

/// The signal of a terminal that is closed.
#[cfg(unix)]
const HANGUP: &[i32] = &[signal_hook::consts::SIGHUP];
#[cfg(not(unix))]
const HANGUP: &[i32] = &[];

/// Returns the signals that end the program, without those that it has to ignore.
pub(crate) fn ending_signals() -> Vec<i32> {
    match ignored_signals() {
        None => TERM_SIGNALS.to_vec(),
        Some(ignored) => {
            let is_ignored = |signal: i32| ignored >> (signal - 1) & 1 == 1;
            let signals = TERM_SIGNALS.iter().chain(HANGUP).copied();
            signals.filter(|&signal| !is_ignored(signal)).collect()
        }
    }
}

/// Returns the set of ignored signals, in which signal 1 is the lowest bit. None if it is unknown.
fn ignored_signals() -> Option<u128> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"))?;
    u128::from_str_radix(mask.trim(), 16).ok()
}
