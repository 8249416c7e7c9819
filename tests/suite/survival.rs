//! The page of what survives what names tests that there are.

use std::{fs, path::Path};

const PAGE: &str = include_str!("../../src/guide/survival.md");

/// The footnotes, each with the file and the tests that it names.
fn footnotes() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let (_, notes) = PAGE.split_once("\n[^").unwrap();
    notes.split("\n[^").map(|note| {
        let (label, named) = note.split_once("]: ").unwrap();
        (label, named.split('`').skip(1).step_by(2).collect())
    })
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (label, named) in footnotes() {
        let (file, tests) = named.split_first().unwrap();
        let source = fs::read_to_string(root.join(file)).unwrap();
        assert!(!tests.is_empty(), "{label}");
        for test in tests {
            let (before, _) = source.split_once(&format!("fn {test}()")).expect(test);
            assert!(before.trim_end().ends_with("#[test]"), "{label}: {test}");
        }
    }
}

#[test]
fn every_cell_of_the_page_has_its_test() {
    let (text, _) = PAGE.split_once("\n[^").unwrap();
    let labels: Vec<&str> = footnotes().map(|(label, _)| label).collect();
    for label in &labels {
        assert!(text.contains(&format!("[^{label}]")), "{label} is not used");
    }
    let rows = text.lines().filter(|line| line.starts_with("| ")).skip(2);
    let mut cells = 0;
    for row in rows.filter(|row| !row.contains("network file system")) {
        for cell in row.trim_matches('|').split(" | ").skip(1) {
            assert!(
                labels
                    .iter()
                    .any(|label| cell.contains(&format!("[^{label}]"))),
                "{cell}"
            );
            cells += 1;
        }
    }
    assert_eq!(cells, 16);
}
