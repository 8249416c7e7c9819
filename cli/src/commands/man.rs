use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use crate::{
    arguments::Arguments,
    failure::{Failure, Outcome, Result},
    output::file::NewFile,
};

/// Print the manual page, or write the pages of all commands
#[derive(Args, Debug)]
pub(crate) struct ManPages {
    /// Write `npyrec.1`, `npyrec-head.1`, … into this directory
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,

    /// Replace pages that exist
    #[arg(long, requires = "dir")]
    force: bool,
}

impl ManPages {
    pub(crate) fn run(&self) -> Result<Outcome> {
        let mut command = Arguments::command();
        command.build();
        let Some(dir) = &self.dir else {
            io::stdout().write_all(&page(command)?)?;
            return Ok(Outcome::Fine);
        };
        for sub in command
            .get_subcommands()
            .filter(|sub| sub.get_name() != "help")
        {
            let name = format!("npyrec-{}", sub.get_name());
            self.write(dir.join(format!("{name}.1")), &page(sub.clone())?)?;
        }
        self.write(dir.join("npyrec.1"), &page(command)?)?;
        Ok(Outcome::Fine)
    }

    fn write(&self, path: PathBuf, page: &[u8]) -> Result<()> {
        let mut file = NewFile::create(&path, self.force)?;
        file.write_all(page)
            .map_err(|e| Failure::io(path.display(), e))?;
        file.finish()
    }
}

fn page(command: Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    let man = Man::new(command);
    man.render(&mut page)
        .map_err(|e| Failure::io("the page", e))?;
    Ok(page)
}
