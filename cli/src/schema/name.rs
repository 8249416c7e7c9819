//! Names of Rust.

/// Reserved words of Rust.
const WORDS: [&str; 52] = [
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Returns the name of a field: in lower case, of letters, digits and `_`, and different from those that are taken.
pub(super) fn field(name: &str, taken: &mut Vec<String>) -> String {
    let mut found = String::new();
    let mut was_lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && was_lower {
            found.push('_');
        }
        was_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        found.push(match c.is_ascii_alphanumeric() {
            true => c.to_ascii_lowercase(),
            false => '_',
        });
    }
    let is_name =
        found.chars().any(|c| c != '_') && !found.starts_with(|c: char| c.is_ascii_digit());
    let found = if is_name {
        found
    } else {
        format!("field_{found}")
    };
    free(found, WORDS.contains(&name), "_", taken)
}

/// Returns the name of a struct for a field.
pub(super) fn of_struct(field: &str, taken: &mut Vec<String>) -> String {
    let words = field.split('_').filter(|word| !word.is_empty());
    let name: String = words
        .map(|word| {
            let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
            first.to_ascii_uppercase() + rest
        })
        .collect();
    let is_word = WORDS.contains(&&*name) || name == "Row" || name.is_empty();
    free(name, is_word, "Row", taken)
}

fn free(name: String, is_word: bool, suffix: &str, taken: &mut Vec<String>) -> String {
    let first = if is_word {
        format!("{name}{suffix}")
    } else {
        name
    };
    let mut found = first.clone();
    let mut number = 2;
    while taken.contains(&found) {
        found = format!("{first}_{number}");
        number += 1;
    }
    taken.push(found.clone());
    found
}
