//! Files with mutated headers, and NumPy's verdict on each: see `fuzz/damaged.py`.

#[path = "../../fuzz/src/damaged.rs"]
mod doors;

use std::{fs, path::Path, process::Command};

use self::doors::{try_doors, verdicts};
use crate::{
    damaged::in_memory,
    numpy::has_numpy,
    python::{SUITE, python, run},
};

#[test]
fn every_door_agrees_with_numpy_on_mutated_headers_and_keeps_what_it_refuses() {
    if !has_numpy() {
        return;
    }
    let dir = in_memory();
    let folder = dir.path().join("damaged");
    let script = Path::new(SUITE).join("../../fuzz/damaged.py");
    run(Command::new(python().unwrap()).arg(script).arg(&folder)).unwrap();
    let path = dir.path().join("tried.npy");
    let verdicts = verdicts(&folder);
    for verdict in &verdicts {
        let bytes = fs::read(folder.join(&verdict.file)).unwrap();
        try_doors(&path, &bytes, Some(verdict));
    }
    let loaded = verdicts.iter().filter(|verdict| verdict.loads).count();
    assert!(loaded > 500 && verdicts.len() > 3 * loaded, "{loaded}");
}
