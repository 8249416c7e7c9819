use std::{fmt, io};

use anstyle::{AnsiColor, Style};

use crate::output::{Stream, escape, shortened, with_names_of_commands};

/// The end of a command that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Exit code 0.
    Fine,
    /// Exit code 1: two files differ, or a file is not sound.
    Differs,
}

/// The end of a command that could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nobody reads the output any more, as in `npyrec cat ticks.npy | head -1`. Exit code 0.
    ClosedPipe,
    /// Exit code 2.
    Trouble {
        message: String,
        hint: Option<String>,
    },
}

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Failure::Trouble {
            message: message.into(),
            hint: None,
        }
    }

    /// Adds advice on a second line. An earlier hint is kept.
    pub(crate) fn hint(self, advice: impl Into<String>) -> Self {
        match self {
            Failure::Trouble {
                message,
                hint: None,
            } => Failure::Trouble {
                message,
                hint: Some(advice.into()),
            },
            other => other,
        }
    }

    /// Adds the name of a file in front of the message.
    pub(crate) fn about(self, name: &str) -> Self {
        match self {
            Failure::Trouble { message, hint } => Failure::Trouble {
                message: format!("{name}: {message}"),
                hint,
            },
            closed @ Failure::ClosedPipe => closed,
        }
    }

    /// Returns the failure of an operation on a file.
    pub(crate) fn io(doing: impl fmt::Display, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::new(format!("{doing}: {error}")),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::io("write", error)
    }
}

impl From<npyrec::Error> for Failure {
    fn from(error: npyrec::Error) -> Self {
        let cause = error.io_error().map(io::Error::kind);
        match cause {
            // Only writing meets a pipe that nobody reads.
            Some(io::ErrorKind::BrokenPipe) => Failure::ClosedPipe,
            _ => Failure::new(with_names_of_commands(&error.to_string())),
        }
    }
}

impl From<npyrec::HeaderError> for Failure {
    fn from(error: npyrec::HeaderError) -> Self {
        Failure::new(error.to_string())
    }
}

impl From<npyrec::DTypeError> for Failure {
    fn from(error: npyrec::DTypeError) -> Self {
        Failure::new(error.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        match error.io_error_kind() {
            Some(io::ErrorKind::BrokenPipe) => Failure::ClosedPipe,
            _ => Failure::new(error.to_string()),
        }
    }
}

impl From<csv::Error> for Failure {
    fn from(error: csv::Error) -> Self {
        match error.kind() {
            csv::ErrorKind::Io(e) if e.kind() == io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::new(error.to_string()),
        }
    }
}

/// Writes `error: …`, and a line `hint: …`.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure::Trouble { message, hint } = self else {
            return f.write_str("nobody reads the output");
        };
        let paint = |color: AnsiColor| match Stream::Err.has_colour() {
            true => Style::new().bold().fg_color(Some(color.into())),
            false => Style::new(),
        };
        let (error, advice) = (paint(AnsiColor::Red), paint(AnsiColor::Cyan));
        writeln!(
            f,
            "{error}error:{error:#} {}",
            escape::lines(&shortened(message))
        )?;
        if let Some(hint) = hint {
            writeln!(
                f,
                "{advice}hint:{advice:#} {}",
                escape::lines(&shortened(hint))
            )?;
        }
        Ok(())
    }
}
