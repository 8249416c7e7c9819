//! The files of the crate: short, declared, and with types that have names of their own.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::layers::sources;

/// The most lines of a module of tests.
const MAX_LINES: usize = 500;

/// Names that several types have, as a module tells them apart.
const SHARED: [&str; 7] = [
    // Of `literal`, as a data format of serde has it.
    "Error",
    // Of files, streams and archives: they do the same, and are used through their module.
    "Reader",
    "RecordWriter",
    "Writer",
    // Of conversions between dtypes, and of the types of fields: neither layer uses the names of the other.
    "Float",
    "Items",
    "Number",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files in a folder of the crate, and their texts.
fn texts(folder: &str) -> BTreeMap<PathBuf, String> {
    let mut files = Vec::new();
    sources(&root().join(folder), &mut files);
    let text = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        (file, text)
    };
    files.into_iter().map(text).collect()
}

/// True for a file that has only tests.
fn is_of_tests(file: &Path) -> bool {
    let mut names = file.strip_prefix(root()).unwrap().components();
    names.any(|name| name.as_os_str() == "tests" || name.as_os_str() == "tests.rs")
        || file.ends_with("sweep.rs")
}

#[test]
fn no_module_of_tests_is_longer_than_500_lines() {
    let mut files = texts("src");
    files.retain(|file, _| is_of_tests(file));
    files.extend(texts("tests"));
    assert!(files.len() > 80, "only {} files", files.len());
    let long = files
        .iter()
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES);
    let long: Vec<_> = long.collect();
    assert!(long.is_empty(), "split by what they promise: {long:?}");
}

#[test]
fn every_file_is_declared_by_a_module() {
    for (folder, roots) in [
        ("src", &["src/lib.rs"][..]),
        ("tests/suite", &["tests/suite/main.rs"]),
        ("derive/src", &["derive/src/lib.rs"]),
    ] {
        let files = texts(folder);
        let mut declared: BTreeSet<PathBuf> = roots.iter().map(|file| root().join(file)).collect();
        for (file, text) in &files {
            let name = file.file_stem().unwrap();
            let own = match name.to_str().unwrap() {
                "lib" | "main" | "mod" => file.parent().unwrap().to_owned(),
                _ => file.with_extension(""),
            };
            for line in text.lines() {
                let line = without_visibility(line.trim_start());
                let name = line
                    .strip_prefix("mod ")
                    .and_then(|rest| rest.split(';').next());
                if let Some(name) = name {
                    declared.insert(own.join(name).with_extension("rs"));
                    declared.insert(own.join(name).join("mod.rs"));
                }
            }
        }
        let lost: Vec<_> = files
            .keys()
            .filter(|file| !declared.contains(*file))
            .collect();
        assert!(lost.is_empty(), "no `mod` declares {lost:?}");
        assert!(files.len() > 10, "only {} files in {folder}", files.len());
    }
}

/// An item without its `pub` or `pub(…)`.
fn without_visibility(line: &str) -> &str {
    match line.split_once(") ") {
        Some((start, rest)) if start.starts_with("pub(") => rest,
        _ => line.strip_prefix("pub ").unwrap_or(line),
    }
}

/// The names of the types that a text declares outside of functions, impls and traits.
fn types(text: &str) -> impl Iterator<Item = &str> {
    const KINDS: [&str; 5] = ["struct ", "enum ", "trait ", "type ", "union "];
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    code.lines().filter_map(|line| {
        let line = without_visibility(line);
        let line = line.strip_prefix("unsafe ").unwrap_or(line);
        let rest = KINDS.iter().find_map(|kind| line.strip_prefix(kind))?;
        rest.split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
    })
}

#[test]
fn no_two_types_have_one_name() {
    let mut files = texts("src");
    files.retain(|file, _| !is_of_tests(file));
    let mut declared: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
    for (file, text) in &files {
        for name in types(text) {
            declared.entry(name).or_default().push(file);
        }
    }
    assert!(declared.len() > 200, "only {} types", declared.len());
    let shared: BTreeSet<&str> = declared
        .iter()
        .filter(|(_, files)| files.len() > 1)
        .map(|(name, _)| *name)
        .collect();
    let allowed = BTreeSet::from(SHARED);
    let more: Vec<_> = shared
        .difference(&allowed)
        .map(|name| (name, &declared[name]))
        .collect();
    assert!(more.is_empty(), "each needs a name of its own: {more:#?}");
    let fewer: Vec<_> = allowed.difference(&shared).collect();
    assert!(fewer.is_empty(), "have a name of their own now: {fewer:?}");
}
