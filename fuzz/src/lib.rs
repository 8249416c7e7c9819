//! What the targets share that read `.npy` files.
//!
//! They start from files of NumPy's, such as those of `tests/suite/corpus.py`, which takes the folder
//! `fuzz/corpus/read` or `fuzz/corpus/value`.

pub mod memory;
pub mod mutate;
