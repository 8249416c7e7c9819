//! See, follow, check, mend and convert `.npy` files from a shell.

mod arguments;
mod commands;
mod failure;
mod feed;
mod input;
mod output;
mod plot;
mod schema;
mod stats;
mod text;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;

use crate::{
    arguments::Arguments,
    failure::{Failure, Outcome},
};

fn main() -> ExitCode {
    match commands::run(Arguments::parse()) {
        Ok(Outcome::Fine) | Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Ok(Outcome::Differs) => ExitCode::from(1),
        Err(failure @ Failure::Trouble { .. }) => {
            // There is nothing left to do if this cannot be written.
            let _ = write!(io::stderr(), "{failure}");
            ExitCode::from(2)
        }
    }
}
