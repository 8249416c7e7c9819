//! Errors of encoding and decoding one record.

use std::fmt;

/// An error about a value that cannot be stored: the field, the value, and the reason.
///
/// It is one pointer wide, so that checking for it is free where encoding cannot fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeError(Box<Detail>);

/// An error about bytes that are not a value of a type: the field, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(Box<Detail>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Detail {
    /// The fields and indices that lead to the value, such as `book.depth[3]`.
    path: String,
    message: String,
}

/// The largest number of characters of a value that an error shows.
const VALUE_LIMIT: usize = 64;

impl Detail {
    fn new(message: String) -> Box<Self> {
        Box::new(Detail {
            path: String::new(),
            message,
        })
    }

    fn in_field(&mut self, name: &str) {
        if name.is_empty() {
            return; // a flattened field
        }
        let separator = match self.path.chars().next() {
            None | Some('[') => "",
            Some(_) => ".",
        };
        self.path = format!("{name}{separator}{}", self.path);
    }
}

impl Detail {
    /// Removes the indices at the start of the path, and returns them.
    fn take_index(&mut self) -> Vec<u64> {
        let mut index = Vec::new();
        let mut path = self.path.as_str();
        while let Some((number, rest)) =
            path.strip_prefix('[').and_then(|path| path.split_once(']'))
            && let Ok(number) = number.parse()
        {
            index.push(number);
            path = rest;
        }
        self.path = path.strip_prefix('.').unwrap_or(path).to_owned();
        index
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.path {
            "" => {}
            path if path.starts_with('[') => write!(f, "element {path}: ")?,
            path => write!(f, "field `{path}`: ")?,
        }
        f.write_str(&self.message)
    }
}

impl EncodeError {
    /// Creates an error about `value`. `reason` continues the sentence: `is below absolute zero`.
    #[cold]
    pub fn new(value: impl fmt::Display, reason: impl fmt::Display) -> Self {
        let value = value.to_string();
        let message = match value.char_indices().nth(VALUE_LIMIT) {
            Some((end, _)) => format!("{}… {reason}", value.get(..end).unwrap_or_default()),
            None => format!("{value} {reason}"),
        };
        EncodeError(Detail::new(message))
    }

    /// Returns the text of the error beside the path of a field. The text repeats no path that is the same.
    pub(crate) fn at_path(&self, path: &str) -> String {
        match self.path() == path {
            true => self.0.message.clone(),
            false => self.to_string(),
        }
    }

    /// Returns the same error about a value that was read.
    pub(crate) fn into_decode(self) -> DecodeError {
        DecodeError(self.0)
    }
}

impl DecodeError {
    /// Creates an error from a whole sentence: `9 is not one of the variants of Side`.
    #[cold]
    pub fn new(message: impl fmt::Display) -> Self {
        DecodeError(Detail::new(message.to_string()))
    }
}

/// Implements the path to the value, for both errors.
macro_rules! placed_errors {
    ($($error:ident),+) => {$(
        impl $error {
            /// Adds the field `name` to the start of the path.
            #[cold]
            #[must_use]
            pub fn in_field(mut self, name: &str) -> Self {
                self.0.in_field(name);
                self
            }

            /// Adds an index to the start of the path.
            #[cold]
            pub(crate) fn in_item(self, index: usize) -> Self {
                self.in_field(&format!("[{index}]"))
            }

            /// Adds the index of an element, counted in C order, to the start of the path.
            #[cold]
            pub(crate) fn in_array(self, element: usize, shape: &[usize]) -> Self {
                let mut rest = element;
                shape.iter().rev().fold(self, |error, &dim| {
                    let index = rest.checked_rem(dim).unwrap_or_default();
                    rest = rest.checked_div(dim).unwrap_or_default();
                    error.in_item(index)
                })
            }

            /// Removes the indices at the start of the path, and returns them.
            #[cold]
            pub(crate) fn take_index(&mut self) -> Vec<u64> {
                self.0.take_index()
            }

            /// Returns the path to the field, such as `book.depth[3]`. It is empty for the record itself.
            pub fn path(&self) -> &str {
                &self.0.path
            }
        }

        impl fmt::Display for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::error::Error for $error {}
    )+};
}

placed_errors!(EncodeError, DecodeError);
