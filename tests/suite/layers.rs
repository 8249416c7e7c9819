//! Dependencies point one way: a layer uses only those listed before it, and no files of one layer use one
//! another in a circle.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// From the ground up, as the design has them.
const LAYERS: [&str; 18] = [
    "literal", "dtype", "header", "record", "convert", "value", "error", "storage", "shards",
    "repair", "write", "zeroed", "read", "migrate", "array", "stream", "npz", "guide",
];

pub fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
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

/// A path in the crate, such as `header::shape`.
type Module = Vec<String>;

/// A file, its `use` paths, and the paths from the root of the crate in its code.
struct Source {
    /// A `mod.rs` or the root of the crate, which declares and re-exports.
    is_folder: bool,
    uses: Vec<Module>,
    paths: Vec<Module>,
}

/// All files of the crate without their tests, by module.
fn crate_sources() -> BTreeMap<Module, Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let source = |file: PathBuf| {
        let relative = file.strip_prefix(&root).unwrap().with_extension("");
        let names = relative.components().map(|name| name.as_os_str());
        let mut module: Module = names
            .map(|name| name.to_str().unwrap().to_owned())
            .collect();
        let is_folder = module
            .pop_if(|name| *name == "mod" || *name == "lib")
            .is_some();
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let lines = code.lines().map(|line| line.split("//").next().unwrap());
        let code = lines.collect::<Vec<_>>().join("\n");
        let source = Source {
            is_folder,
            uses: use_paths(&code),
            paths: inline_paths(&code),
        };
        (module, source)
    };
    let is_of_tests = |module: &Module| module.iter().any(|name| name == "tests");
    let sources = files.into_iter().map(source);
    sources.filter(|(module, _)| !is_of_tests(module)).collect()
}

/// The paths of all `use` items, one for each name.
fn use_paths(code: &str) -> Vec<Module> {
    let mut paths = Vec::new();
    let mut parts = code.split("use ");
    let mut before = parts.next().unwrap();
    for part in parts {
        let is_item = before.is_empty() || before.ends_with(['\n', ' ']);
        let (item, _) = part.split_once(';').unwrap_or_default();
        if is_item && !item.contains(['\'', '"', '(']) {
            expand(&[], item, &mut paths);
        }
        before = part;
    }
    paths
}

/// Expands the braces of a `use` item.
fn expand(before: &[String], tree: &str, paths: &mut Vec<Module>) {
    let tree = tree.trim();
    let Some((path, list)) = tree.split_once('{') else {
        let (path, _) = tree.split_once(" as ").unwrap_or((tree, ""));
        let names = path.split("::").map(|name| name.trim().to_owned());
        paths.push([before, &names.collect::<Vec<_>>()].concat());
        return;
    };
    let names = path.split("::").map(|name| name.trim().to_owned());
    let names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
    let before = [before, &names].concat();
    let (list, _) = list.rsplit_once('}').unwrap();
    let (mut depth, mut item) = (0, String::new());
    for c in list.chars().chain([',']) {
        match c {
            ',' if depth == 0 => {
                let item = std::mem::take(&mut item);
                if !item.trim().is_empty() {
                    expand(&before, &item, paths);
                }
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        item.push(c);
    }
}

/// The paths in code that start at the root of the crate.
fn inline_paths(code: &str) -> Vec<Module> {
    let is_of_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let paths = code
        .match_indices("crate::")
        .filter(|(at, _)| !code.split_at(*at).0.ends_with('$'))
        .map(|(at, name)| {
            let (_, rest) = code.split_at(at + name.len());
            let path = rest.split(|c| !is_of_path(c)).next().unwrap();
            let names = path.split("::").filter(|name| !name.is_empty());
            ["crate"]
                .into_iter()
                .chain(names)
                .map(str::to_owned)
                .collect()
        });
    paths.collect()
}

/// The file that a path in another file leads to, through the names that a folder re-exports.
fn resolve(
    sources: &BTreeMap<Module, Source>,
    module: &[String],
    path: &[String],
) -> Option<Module> {
    let (first, mut rest) = path.split_first()?;
    let mut current = match &**first {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module[..module.len() - 1].to_vec(),
        _ => return None,
    };
    while let [name, after @ ..] = rest {
        rest = after;
        if name == "super" {
            current.pop();
            continue;
        }
        let child = [&*current, std::slice::from_ref(name)].concat();
        if sources.contains_key(&child) {
            current = child;
            continue;
        }
        let folder = sources.get(&current).filter(|source| source.is_folder);
        let exported = folder.and_then(|folder| {
            let is_of_name = |path: &&Module| path.len() > 1 && path.last() == Some(name);
            folder.uses.iter().find(is_of_name)
        });
        let exported = exported.and_then(|path| resolve(sources, &current, path));
        return Some(exported.unwrap_or(current));
    }
    Some(current)
}

/// The files that each file uses.
fn dependencies(sources: &BTreeMap<Module, Source>) -> BTreeMap<Module, BTreeSet<Module>> {
    let of_file = |(module, source): (&Module, &Source)| {
        let paths = source.uses.iter().chain(&source.paths);
        let used = paths.filter_map(|path| resolve(sources, module, path));
        let used = used.filter(|used| used != module && !used.is_empty());
        (module.clone(), used.collect())
    };
    sources.iter().map(of_file).collect()
}

/// The files that can be reached from one, without passing through another layer or a folder.
fn reached(
    from: &Module,
    sources: &BTreeMap<Module, Source>,
    used: &BTreeMap<Module, BTreeSet<Module>>,
) -> BTreeSet<Module> {
    let mut found = BTreeSet::new();
    let mut next = vec![from];
    while let Some(module) = next.pop() {
        for used in &used[module] {
            let is_of_layer = used[0] == from[0] && !sources[used].is_folder;
            if is_of_layer && found.insert(used.clone()) {
                next.push(used);
            }
        }
    }
    found
}

#[test]
fn a_layer_uses_only_those_below_it() {
    let level = |name: &str| LAYERS.iter().position(|layer| *layer == name);
    let mut checked = 0;
    for (module, used) in dependencies(&crate_sources()) {
        let Some(own) = module.first() else { continue };
        let own_level = level(own).unwrap_or_else(|| panic!("{own} is not in the list"));
        for used in used {
            let used_level = level(&used[0]).unwrap_or_else(|| panic!("{module:?} uses {used:?}"));
            assert!(
                used_level <= own_level,
                "{} uses {}",
                module.join("::"),
                used.join("::")
            );
            checked += usize::from(used_level < own_level);
        }
    }
    assert!(checked > 400, "only {checked} uses were found");
}

#[test]
fn files_of_a_layer_do_not_use_one_another_in_a_circle() {
    let sources = crate_sources();
    let used = dependencies(&sources);
    let files = sources.iter().filter(|(_, source)| !source.is_folder);
    let reached: BTreeMap<_, _> = files
        .map(|(module, _)| (module, reached(module, &sources, &used)))
        .collect();
    let mut circles = BTreeSet::new();
    for (module, others) in &reached {
        let circle = others
            .iter()
            .filter(|other| reached[other].contains(*module));
        let circle: Vec<_> = circle.map(|module| module.join("::")).collect();
        if !circle.is_empty() {
            circles.insert(circle);
        }
    }
    assert!(
        circles.is_empty(),
        "these files use one another: {circles:#?}"
    );
    assert!(reached.len() > 150, "only {} files", reached.len());
}
