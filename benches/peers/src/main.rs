//! Measures whole processes that write and read the same records in several ways, and prints a table in
//! Markdown:
//!
//! ```text
//! cargo run --release -- [FOLDER] [--rounds N] [--only WORKLOAD] [--scale F] [--python PATH]
//! ```
//!
//! Files go to a folder of their own in `FOLDER`, which is `target` here unless given. `--only` may be
//! given several times; `--scale` makes all work longer or shorter; `PATH` is a Python that has what
//! `requirements.txt` names, without which the ways of Python are left out.
//!
//! Each way is a process of its own, this program again, and the ways of a workload take turns, round
//! after round, each round with another one first; a round before them is not counted. Time is that of
//! the processor, user and system, of the whole process, as the system says when it ends, and nothing
//! is subtracted; only Python is asked for the time of the work alone, as it takes long to start.
//! Ratios are to the first way in the same round.

mod arguments;
mod machine;
mod process;
mod record;
mod rounds;
mod table;
mod workload;
mod workloads;

use crate::arguments::Arguments;

fn main() {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    if process::is_child(&arguments) {
        return process::work(&arguments);
    }
    let arguments = Arguments::parse(arguments).unwrap_or_else(|error| {
        eprintln!("{error}");
        std::process::exit(2);
    });
    rounds::measure(&arguments);
}
