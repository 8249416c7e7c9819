use std::fmt;

use crate::error::Error;

/// An appender that could not be closed, and the error. Each `try_close` returns it.
///
/// The appended rows are still in its buffer: [`into_appender`](CloseError::into_appender) returns the appender.
/// Dropping this error drops these rows, and writes nothing.
///
/// ```no_run
/// # fn make_room() {}
/// use npyrec::Appender;
///
/// let mut log = Appender::<u64>::open("log.npy")?;
/// log.append(&1)?;
/// while let Err(failed) = log.try_close() {
///     eprintln!("{failed}");
///     make_room();
///     log = failed.into_appender();
/// }
/// # Ok::<(), npyrec::Error>(())
/// ```
pub struct CloseError<A>(Box<ClosingFailure<A>>);

struct ClosingFailure<A> {
    error: Error,
    appender: A,
    reopen: fn(&mut A),
}

impl<A> CloseError<A> {
    pub(super) fn new(error: Error, appender: A, reopen: fn(&mut A)) -> Self {
        CloseError(Box::new(ClosingFailure {
            error,
            appender,
            reopen,
        }))
    }

    /// Returns the reason why the appender could not be closed.
    pub fn error(&self) -> &Error {
        &self.0.error
    }

    /// Returns the appender with all rows that are not in the file. It can be used as before, and commits
    /// when it is dropped.
    pub fn into_appender(self) -> A {
        self.into_parts().1
    }

    /// Returns the error, and the appender as [`into_appender`](Self::into_appender) does.
    pub fn into_parts(self) -> (Error, A) {
        let ClosingFailure {
            error,
            mut appender,
            reopen,
        } = *self.0;
        reopen(&mut appender);
        (error, appender)
    }
}

impl<A> fmt::Display for CloseError<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.error.fmt(f)
    }
}

impl<A> fmt::Debug for CloseError<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<A> std::error::Error for CloseError<A> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.error.source()
    }
}

/// Drops the appender, with the rows that are not in the file.
impl<A> From<CloseError<A>> for Error {
    fn from(failed: CloseError<A>) -> Self {
        failed.0.error
    }
}
