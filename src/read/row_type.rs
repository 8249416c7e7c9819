use std::any::type_name;

/// Returns the type of a row of elements along axes, as a program writes it: `[[f64; 3]; 2]`.
pub(super) fn row_type<T>(axes: &[u64]) -> String {
    let element = without_modules(type_name::<T>());
    let nested = axes.iter().rev();
    nested.fold(element, |inner, len| format!("[{inner}; {len}]"))
}

/// Returns the name of a type without the modules of its path, and of those within it.
fn without_modules(path: &str) -> String {
    let mut name = String::new();
    let mut segment = String::new();
    let mut chars = path.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            ':' if chars.next_if_eq(&':').is_some() => segment.clear(),
            // The module of a closure is `{{closure}}`.
            '_' | '{' | '}' => segment.push(char),
            char if char.is_alphanumeric() => segment.push(char),
            char => {
                name.push_str(&segment);
                segment.clear();
                name.push(char);
            }
        }
    }
    name + &segment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_named_without_modules() {
        struct Tick<T, const N: usize>([T; N]);
        assert_eq!(row_type::<f64>(&[]), "f64");
        assert_eq!(row_type::<f64>(&[2, 3]), "[[f64; 3]; 2]");
        assert_eq!(row_type::<Tick<u8, 2>>(&[4]), "[Tick<u8, 2>; 4]");
        assert_eq!(
            row_type::<([Tick<String, 1>; 2], bool)>(&[]),
            "([Tick<String, 1>; 2], bool)"
        );
        let name = || {
            struct Inner;
            row_type::<Inner>(&[1])
        };
        assert_eq!(name(), "[Inner; 1]");
        assert_eq!(
            row_type::<&'static [Option<Tick<u8, 1>>]>(&[]),
            "&[Option<Tick<u8, 1>>]"
        );
    }
}
