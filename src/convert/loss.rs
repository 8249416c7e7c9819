//! What a conversion may lose.

/// The losses that a cast may cause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Loss {
    /// The losses of NumPy's `astype`: integers keep their low bytes, texts their start, times are rounded
    /// down.
    Allowed,
    /// The rounding of floats only.
    Refused,
}
