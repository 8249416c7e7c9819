//! A guide: a tutorial, recipes, what a log survives, and reading it with other programs.
//!
//! Each page is a set of programs that the tests run.
//!
//! | to | read |
//! | --- | --- |
//! | write a first log, and open it in NumPy | [tutorial] |
//! | find a program for one task | [cookbook] |
//! | find how a field of a type is stored | [types] |
//! | know what a crash, a full disk or a power cut costs | [survival] |
//! | log into many files, and read them on many machines | [cluster] |
//! | open a log in pandas, Polars, PyTorch, DuckDB or MATLAB | [elsewhere] |

#[doc = include_str!("tutorial.md")]
pub mod tutorial {}

#[doc = include_str!("cookbook.md")]
pub mod cookbook {}

#[doc = include_str!("types.md")]
pub mod types {}

#[doc = include_str!("survival.md")]
pub mod survival {}

#[doc = include_str!("cluster.md")]
#[doc = "```python"]
#[doc = include_str!("../../examples/cluster.py")]
#[doc = "```"]
pub mod cluster {}

#[doc = include_str!("elsewhere.md")]
pub mod elsewhere {}
