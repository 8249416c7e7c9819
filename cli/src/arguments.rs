use clap::{
    Parser, Subcommand,
    builder::styling::{AnsiColor, Styles},
};

use crate::commands;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// See, follow, check, mend and convert .npy files
///
/// FILE is the path of an array or of a directory of shards, `-` for the standard input, or `x.npz:name` for an array
/// in an archive. Answers go to the standard output, all else to the standard error. Exit codes: 0 fine, 1 files
/// differ or are not sound, 2 errors.
#[derive(Debug, Parser)]
#[command(name = "npyrec", version, styles = STYLES, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Print the answer as JSON
    #[arg(long, global = true, display_order = 900)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Info(commands::info::Info),
    Head(commands::head::Head),
    Tail(commands::tail::Tail),
    Cat(commands::cat::Cat),
    Stats(commands::stats::Stats),
    Plot(commands::plot::Plot),
    Convert(Box<commands::convert::Convert>),
    Diff(commands::diff::Diff),
    Check(commands::check::Check),
    Recover(commands::recover::Recover),
    MakeAppendable(commands::make_appendable::MakeAppendable),
    Concat(commands::concat::Concat),
    Split(commands::split::Split),
    Index(commands::index::Index),
    Migrate(commands::migrate::Migrate),
    Derive(commands::derive::Derive),
    Completions(commands::completions::Completions),
    Man(commands::man::ManPages),
}
