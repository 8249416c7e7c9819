//! The terminal, if there is one.

use std::io::{self, IsTerminal, Write};

use super::escape;

/// One of the two streams of a program.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    Out,
    Err,
}

/// The columns of a terminal that does not say how many it has.
const USUAL_WIDTH: u16 = 80;

impl Stream {
    pub(crate) fn is_terminal(self) -> bool {
        match self {
            Stream::Out => io::stdout().is_terminal(),
            Stream::Err => io::stderr().is_terminal(),
        }
    }

    /// Returns true if colours are wanted: by a terminal that has them, unless `NO_COLOR` or `TERM=dumb` is set,
    /// or by `CLICOLOR_FORCE`.
    pub(crate) fn has_colour(self) -> bool {
        let choice = match self {
            Stream::Out => anstream::AutoStream::choice(&io::stdout()),
            Stream::Err => anstream::AutoStream::choice(&io::stderr()),
        };
        choice != anstream::ColorChoice::Never
    }

    /// Returns the number of columns to fill: of the terminal, or what `COLUMNS` says. `None` if it is unlimited,
    /// as in a pipe.
    pub(crate) fn width(self) -> Option<u16> {
        let wanted = std::env::var("COLUMNS").ok();
        let wanted = wanted.and_then(|columns| columns.parse().ok());
        if wanted.is_some() || !self.is_terminal() {
            return wanted;
        }
        let found = match self {
            Stream::Out => terminal_size::terminal_size_of(io::stdout()),
            Stream::Err => terminal_size::terminal_size_of(io::stderr()),
        };
        Some(found.map_or(USUAL_WIDTH, |(width, _)| width.0))
    }
}

/// Tells something that is not an answer, on the standard error stream.
pub(crate) fn note(text: &str) {
    // If the note cannot be written, the work goes on.
    let _ = writeln!(io::stderr(), "{}", escape::lines(text));
}
