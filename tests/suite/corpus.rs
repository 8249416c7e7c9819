//! Files of every kind, and what NumPy reads from each: see `corpus.py`.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::LazyLock,
};

use npyrec::{DType, Header, Order};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    numpy::has_numpy,
    python::{SUITE, corpus_folder, python},
};

/// A file, and what NumPy reads from it.
#[derive(Debug)]
pub struct Entry {
    pub path: PathBuf,
    /// As `DType` displays it.
    pub descr: String,
    pub order: Order,
    pub shape: Vec<u64>,
    /// The elements in C order, as `corpus.py` writes them; none if it is refused.
    pub values: Vec<Value>,
    /// True if it holds objects, which only Python reads.
    pub refused: bool,
}

/// A line of `expected.jsonl`.
#[derive(Deserialize)]
struct Line {
    file: String,
    descr: String,
    order: char,
    shape: Vec<u64>,
    values: Vec<Value>,
    refused: bool,
}

/// The few files that are kept in the repository, as no NumPy of today writes them.
pub fn fixtures() -> &'static [Entry] {
    static FIXTURES: LazyLock<Vec<Entry>> =
        LazyLock::new(|| entries(&Path::new(SUITE).join("fixtures")));
    &FIXTURES
}

/// Returns all files with the fixtures. Without NumPy, prints so and returns `None`.
pub fn corpus() -> Option<&'static [Entry]> {
    static CORPUS: LazyLock<Vec<Entry>> =
        LazyLock::new(|| entries(&corpus_folder(&python().unwrap())));
    has_numpy().then(|| &**CORPUS)
}

fn entries(folder: &Path) -> Vec<Entry> {
    let text = fs::read_to_string(folder.join("expected.jsonl")).unwrap();
    let lines = text.lines().map(|line| {
        let line: Line = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        Entry {
            path: folder.join(line.file),
            descr: line.descr,
            order: match line.order {
                'F' => Order::Fortran,
                _ => Order::C,
            },
            shape: line.shape,
            values: line.values,
            refused: line.refused,
        }
    });
    lines.collect()
}

/// Checks the header of a file. The error says which part is wrong.
fn check(entry: &Entry) -> Result<(), String> {
    let mut file = File::open(&entry.path).unwrap();
    let header = Header::read_from(&mut file).map_err(|e| e.to_string())?;
    let expected: DType = entry.descr.parse().map_err(|e| format!("{e}"))?;
    let dtype = header.dtype();
    if *dtype != expected || dtype.to_string() != entry.descr {
        return Err(format!("dtype {dtype}, expected {}", entry.descr));
    }
    if (header.order(), header.shape()) != (entry.order, &*entry.shape) {
        return Err(format!("{header}, expected {entry:?}"));
    }
    if dtype.has_objects() != entry.refused {
        return Err(format!("has objects: {}", dtype.has_objects()));
    }
    Ok(())
}

fn assert_headers(entries: &[Entry]) {
    let wrong = entries.iter().filter_map(|entry| {
        let error = check(entry).err()?;
        Some(format!("{}: {error}", entry.path.display()))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_headers_of_the_fixtures_are_read_as_numpy_reads_them() {
    assert!(!fixtures().is_empty());
    assert_headers(fixtures());
}

#[test]
fn the_headers_of_the_corpus_are_read_as_numpy_reads_them() {
    let Some(corpus) = corpus() else { return };
    assert!(corpus.len() > 500, "only {} files", corpus.len());
    assert_headers(corpus);
}

/// Otherwise a comparison of the values would pass by comparing none.
#[test]
fn every_element_of_a_file_that_is_not_refused_is_known() {
    for entry in corpus().unwrap_or(fixtures()) {
        let count = match entry.refused {
            true => 0,
            false => entry.shape.iter().product(),
        };
        assert_eq!(entry.values.len() as u64, count, "{}", entry.path.display());
    }
}

#[test]
fn the_fixtures_are_those_that_the_script_writes() {
    let Some(corpus) = corpus() else { return };
    for (fixture, made) in fixtures().iter().zip(corpus) {
        let all = [fixture, made].map(|entry| {
            let bytes = fs::read(&entry.path).unwrap();
            (bytes, entry.path.file_name(), &entry.descr, &entry.values)
        });
        assert!(all[0] == all[1], "run `corpus.py --fixtures`: {fixture:?}");
    }
}
