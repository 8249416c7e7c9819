//! The rules of `rename_all = "…"`, which are serde's.

/// One of [`NAMES`].
#[derive(Clone, Copy)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

const NAMES: [(&str, Case); 8] = [
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
    ("PascalCase", Case::Pascal),
    ("camelCase", Case::Camel),
    ("snake_case", Case::Snake),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
    ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
];

impl Case {
    pub(crate) fn parse(text: &str) -> Result<Case, String> {
        match NAMES.into_iter().find(|&(name, _)| name == text) {
            Some((_, case)) => Ok(case),
            None => {
                let names = NAMES.map(|(name, _)| format!("\"{name}\"")).join(", ");
                Err(format!(
                    "unknown case \"{text}\"; `rename_all` takes one of {names}"
                ))
            }
        }
    }

    /// Returns the new name of a field, whose name in Rust is taken for `snake_case`.
    pub(crate) fn apply(self, field: &str) -> String {
        match self {
            Case::Lower | Case::Snake => field.to_owned(),
            Case::Upper | Case::ScreamingSnake => field.to_ascii_uppercase(),
            Case::Kebab => field.replace('_', "-"),
            Case::ScreamingKebab => field.to_ascii_uppercase().replace('_', "-"),
            Case::Pascal => field
                .split('_')
                .map(|word| with_first(word, char::to_ascii_uppercase))
                .collect(),
            Case::Camel => with_first(&Case::Pascal.apply(field), char::to_ascii_lowercase),
        }
    }
}

impl Case {
    /// Returns the new name of a variant, whose name in Rust is taken for `PascalCase`.
    pub(crate) fn apply_to_variant(self, variant: &str) -> String {
        match self {
            Case::Pascal => variant.to_owned(),
            Case::Lower => variant.to_ascii_lowercase(),
            Case::Upper => variant.to_ascii_uppercase(),
            Case::Camel => with_first(variant, char::to_ascii_lowercase),
            Case::Snake | Case::ScreamingSnake | Case::Kebab | Case::ScreamingKebab => {
                let mut snake = String::new();
                for (index, letter) in variant.char_indices() {
                    if index > 0 && letter.is_uppercase() {
                        snake.push('_');
                    }
                    snake.push(letter.to_ascii_lowercase());
                }
                self.apply(&snake)
            }
        }
    }
}

fn with_first(word: &str, change: fn(&char) -> char) -> String {
    let mut rest = word.chars();
    let first = rest.next().as_ref().map(change);
    first.into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cases_are_those_of_serde() {
        let renamed = |field| NAMES.map(|(_, case)| case.apply(field)).join(" ");
        assert_eq!(
            renamed("bid_size"),
            "bid_size BID_SIZE BidSize bidSize bid_size BID_SIZE bid-size BID-SIZE"
        );
        assert_eq!(renamed("x"), "x X X x x X x X");
        assert_eq!(
            renamed("_a__b1"),
            "_a__b1 _A__B1 AB1 aB1 _a__b1 _A__B1 -a--b1 -A--B1"
        );
        assert_eq!(
            renamed("größe"),
            "größe GRößE Größe größe größe GRößE größe GRößE"
        );
        assert_eq!(
            renamed("ärger"),
            "ärger äRGER ärger ärger ärger äRGER ärger äRGER"
        );
    }

    #[test]
    fn the_cases_of_variants_are_those_of_serde() {
        let renamed = |variant| {
            NAMES
                .map(|(_, case)| case.apply_to_variant(variant))
                .join(" ")
        };
        assert_eq!(
            renamed("VeryTasty"),
            "verytasty VERYTASTY VeryTasty veryTasty very_tasty VERY_TASTY very-tasty VERY-TASTY"
        );
        assert_eq!(renamed("A"), "a A A a a A a A");
        assert_eq!(renamed("Z42"), "z42 Z42 Z42 z42 z42 Z42 z42 Z42");
    }

    #[test]
    fn an_unknown_case_names_the_known_ones() {
        let error = Case::parse("camel").err().unwrap();
        assert!(error.contains("\"camelCase\""), "{error}");
    }
}
