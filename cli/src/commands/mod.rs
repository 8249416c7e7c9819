//! One file for each command.

pub(crate) mod cat;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod concat;
pub(crate) mod convert;
pub(crate) mod derive;
pub(crate) mod diff;
pub(crate) mod follow;
pub(crate) mod head;
pub(crate) mod index;
pub(crate) mod info;
pub(crate) mod make_appendable;
pub(crate) mod man;
pub(crate) mod migrate;
pub(crate) mod plot;
pub(crate) mod recover;
mod show;
pub(crate) mod split;
pub(crate) mod stats;
pub(crate) mod tail;

use crate::{
    arguments::{Arguments, Command},
    failure::{Outcome, Result},
};

/// Does what the arguments ask for.
pub(crate) fn run(arguments: Arguments) -> Result<Outcome> {
    let json = arguments.json;
    match arguments.command {
        Command::Info(info) => info.run(json),
        Command::Head(head) => head.run(json),
        Command::Tail(tail) => tail.run(json),
        Command::Cat(cat) => cat.run(json),
        Command::Plot(plot) => plot.run(json),
        Command::Convert(convert) => convert.run(json),
        Command::Diff(diff) => diff.run(json),
        Command::Stats(stats) => stats.run(json),
        Command::Check(check) => check.run(json),
        Command::Recover(recover) => recover.run(json),
        Command::Concat(concat) => concat.run(json),
        Command::Split(split) => split.run(json),
        Command::Index(index) => index.run(json),
        Command::Migrate(migrate) => migrate.run(json),
        Command::Derive(derive) => derive.run(json),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
        Command::MakeAppendable(make_appendable) => make_appendable.run(json),
    }
}
