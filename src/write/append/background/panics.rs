use std::{
    any::Any,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::error::{Cause, Error, Result};

/// Runs code that may panic, and makes a panic an error of `action`.
pub(super) fn catch_panic<T>(action: &'static str, run: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| panicked(action, payload))
}

/// Makes the message of a panic an error. Drops the payload, whose destructor may panic as well.
pub(super) fn panicked(action: &'static str, payload: Box<dyn Any + Send>) -> Error {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or_default().to_owned();
    if let Err(next) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // Its destructor could panic for ever.
        mem::forget(next);
    }
    Error::new(Cause::Panicked(text)).while_doing(action)
}
