/// The limits of a text that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// The maximum depth of brackets; 128 by default.
    pub depth: usize,
    /// The maximum length of the text in bytes; 1 MiB by default.
    pub length: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 128,
            length: 1 << 20,
        }
    }
}
