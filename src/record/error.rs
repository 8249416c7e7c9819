use std::fmt;

/// Why a value cannot be stored: which field, which value, and what would fit.
///
/// It is one pointer wide, so that encoding that cannot fail costs nothing to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeError(Box<Fault>);

/// Why bytes are no value of a type: which field, what was found, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(Box<Fault>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
    /// The fields and indices that lead to the value, such as `depth[3]`.
    path: String,
    message: String,
}

/// The most characters of a value that an error shows.
const VALUE_LIMIT: usize = 64;

impl Fault {
    fn new(message: String) -> Box<Self> {
        Box::new(Fault {
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

impl Fault {
    /// Takes the indices off the start of the path.
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

impl fmt::Display for Fault {
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
    /// An error about `value`; `reason` goes on from it: `is below absolute zero`.
    #[cold]
    pub fn new(value: impl fmt::Display, reason: impl fmt::Display) -> Self {
        let value = value.to_string();
        let message = match value.char_indices().nth(VALUE_LIMIT) {
            Some((end, _)) => format!("{}… {reason}", value.get(..end).unwrap_or_default()),
            None => format!("{value} {reason}"),
        };
        EncodeError(Fault::new(message))
    }

    /// The same, of a value that was read.
    pub(crate) fn into_decode(self) -> DecodeError {
        DecodeError(self.0)
    }
}

impl DecodeError {
    /// An error from a whole sentence: `9 is not one of the variants of Side`.
    #[cold]
    pub fn new(message: impl fmt::Display) -> Self {
        DecodeError(Fault::new(message.to_string()))
    }
}

/// What both errors have of their place.
macro_rules! placed_errors {
    ($($error:ident),+) => {$(
        impl $error {
            /// The same error, found inside the field `name`.
            #[cold]
            #[must_use]
            pub fn in_field(mut self, name: &str) -> Self {
                self.0.in_field(name);
                self
            }

            #[cold]
            pub(crate) fn in_item(self, index: usize) -> Self {
                self.in_field(&format!("[{index}]"))
            }

            /// The same error, found inside an element of an array, counted in C order.
            #[cold]
            pub(crate) fn in_array(self, element: usize, shape: &[usize]) -> Self {
                let mut rest = element;
                shape.iter().rev().fold(self, |error, &dim| {
                    let index = rest.checked_rem(dim).unwrap_or_default();
                    rest = rest.checked_div(dim).unwrap_or_default();
                    error.in_item(index)
                })
            }

            /// Takes the indices off that lead to the value's field, or to the value if it is in no field.
            #[cold]
            pub(crate) fn take_index(&mut self) -> Vec<u64> {
                self.0.take_index()
            }

            /// The field, with the fields and indices around it: `book.depth[3]`; empty for the record.
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
