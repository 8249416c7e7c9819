//! The second part of `np.dtype((base, second))`: the size of the base, or fields for its bytes.

use super::{
    error::{DTypeError, DTypeReason},
    model::DType,
    scalar::{Kind, Scalar},
};

/// Returns the scalar if the dtype is a text or void without a size.
pub(super) fn unsized_scalar(dtype: &DType) -> Option<Scalar> {
    match dtype {
        DType::Scalar(scalar) if scalar.itemsize() == 0 => Some(*scalar),
        _ => None,
    }
}

/// Returns a text or void of a number of characters or bytes.
pub(super) fn sized(scalar: Scalar, size: u64) -> Result<DType, DTypeError> {
    let width = if scalar.kind() == Kind::Str { 4 } else { 1 };
    let itemsize = usize::try_from(size)
        .ok()
        .and_then(|size| size.checked_mul(width));
    let sized = itemsize.and_then(|size| Scalar::new(scalar.kind(), size, scalar.byte_order()));
    sized
        .map(DType::Scalar)
        .ok_or_else(|| DTypeError::new(DTypeReason::TooLarge))
}

/// Returns the base with the fields or the size of another dtype of the same itemsize.
pub(super) fn inherit(base: DType, other: DType) -> Result<DType, DTypeError> {
    let size = other.itemsize();
    let base = match unsized_scalar(&base) {
        Some(scalar) => {
            let sized = Scalar::new(scalar.kind(), size, scalar.byte_order());
            DType::Scalar(sized.ok_or_else(|| DTypeError::new(DTypeReason::EmptyEntries))?)
        }
        None if base.itemsize() != size || base.has_objects() || other.has_objects() => {
            let what = "a dtype of the size of the one before it, without Python objects";
            return Err(DTypeError::new(DTypeReason::Expected(
                what,
                "another dtype",
            )));
        }
        None => base,
    };
    Ok(match (base, other) {
        (DType::Scalar(_) | DType::Struct(_), other @ DType::Struct(_)) => other,
        (base, _) => base,
    })
}
