//! Dependencies point one way: a layer uses only those listed before it.

use std::{fs, path::Path};

/// From the ground up, as the design has them.
const LAYERS: [&str; 15] = [
    "literal", "dtype", "header", "record", "convert", "value", "error", "storage", "recover",
    "append", "zeroed", "read", "interop", "stream", "npz",
];

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false if path.extension().is_some_and(|extension| extension == "rs") => {
                found.push(path);
            }
            false => {}
        }
    }
}

/// The layer of every path that starts with `crate::`, in braces as well.
fn used_layers(text: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let (_, rest) = text.split_at(at + "crate::".len());
        let Some(list) = rest.strip_prefix('{') else {
            used.push(
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect(),
            );
            continue;
        };
        let (mut depth, mut name, mut is_path) = (0, String::new(), false);
        for c in list.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' => {
                    name.clear();
                    is_path = depth > 0;
                }
                c if depth == 0 && !is_path && (c.is_alphanumeric() || c == '_') => name.push(c),
                ':' if depth == 0 && !name.is_empty() => {
                    used.push(std::mem::take(&mut name));
                    is_path = true;
                }
                _ => {}
            }
        }
    }
    used
}

#[test]
fn a_layer_uses_only_those_below_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let level = |name: &str| LAYERS.iter().position(|layer| *layer == name);
    let mut checked = 0;
    for file in files {
        let relative = file.strip_prefix(&root).unwrap().with_extension("");
        let own = relative
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap()
            .to_owned();
        if own == "lib" {
            continue;
        }
        let own_level = level(&own).unwrap_or_else(|| panic!("{own} is not in the list"));
        let text = fs::read_to_string(&file).unwrap();
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for used in used_layers(&code.collect::<Vec<_>>().join("\n")) {
            let used_level = level(&used).unwrap_or_else(|| panic!("{file:?} uses {used}"));
            assert!(
                used_level <= own_level,
                "{} uses {used}",
                relative.display()
            );
            checked += 1;
        }
    }
    assert!(checked > 40, "only {checked} uses were found");
}
