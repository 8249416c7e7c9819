//! Counting instructions.
#![allow(clippy::panic)]

use std::{env, process::Command};

/// Runs this program with arguments under `valgrind --tool=callgrind`, and returns the number of its instructions.
pub(crate) fn instructions(arguments: &[&str]) -> f64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe().unwrap())
        .args(arguments)
        .output()
        .unwrap_or_else(|e| panic!("valgrind: {e}"));
    let report = String::from_utf8_lossy(&output.stderr);
    let collected = report
        .lines()
        .find_map(|line| line.split("Collected : ").nth(1));
    let count = collected.unwrap_or_else(|| panic!("{report}"));
    count.trim().parse().unwrap()
}
