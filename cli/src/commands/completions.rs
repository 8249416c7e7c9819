use std::io::{self, Write};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::{
    arguments::Arguments,
    failure::{Outcome, Result},
};

/// Print the completions for a shell
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> Result<Outcome> {
        // Made in memory, as the library panics where the output ends early.
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "npyrec", &mut text);
        io::stdout().write_all(&text)?;
        Ok(Outcome::Fine)
    }
}
