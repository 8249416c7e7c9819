//! The offsets of the fields of a struct.

use super::{
    MAX_ITEMSIZE,
    error::{DTypeError, DTypeReason},
    model::{DType, Field, Struct},
};

impl Struct {
    pub(super) fn packed(fields: Vec<Field>) -> Result<Self, DTypeError> {
        Struct::laid_out(fields, |_| 1)
    }

    pub(super) fn aligned(fields: Vec<Field>) -> Result<Self, DTypeError> {
        Struct::laid_out(fields, DType::alignment)
    }

    fn laid_out(
        mut fields: Vec<Field>,
        alignment_of: impl Fn(&DType) -> usize,
    ) -> Result<Self, DTypeError> {
        let mut end = 0_usize;
        let mut alignment = 1;
        for field in &mut fields {
            let boundary = alignment_of(&field.dtype);
            alignment = alignment.max(boundary);
            field.offset = align_up(end, boundary);
            end = field.end();
        }
        let record = Struct {
            fields,
            itemsize: align_up(end, alignment),
            alignment,
        };
        record.check()?;
        Ok(record)
    }

    /// Returns a struct with fields at their offsets. The caller has [checked](Self::check) it, or checks it.
    pub(crate) fn placed(fields: Vec<Field>, itemsize: usize, alignment: usize) -> Self {
        Struct {
            fields,
            itemsize,
            alignment,
        }
    }

    pub(super) fn check(&self) -> Result<(), DTypeError> {
        self.check_names()?;
        let mut end = 0_usize;
        for field in &self.fields {
            field.dtype.check().map_err(|e| e.in_field(&field.name))?;
            let is_nameless = field.name.is_empty() && field.title.is_none();
            if is_nameless && field.dtype.is_padding_if_nameless() {
                return Err(DTypeError::new(DTypeReason::Nameless));
            }
            let offset = field.offset;
            if offset < end {
                let error = DTypeError::new(DTypeReason::OutOfOrder { offset, end });
                return Err(error.in_field(&field.name));
            }
            end = field.end();
        }
        let itemsize = self.itemsize;
        if end > MAX_ITEMSIZE || itemsize > MAX_ITEMSIZE {
            return Err(DTypeError::new(DTypeReason::TooLarge));
        }
        if end > itemsize {
            return Err(DTypeError::new(DTypeReason::PastEnd { end, itemsize }));
        }
        Ok(())
    }
}

impl Struct {
    /// Checks that no two fields share a name or title.
    fn check_names(&self) -> Result<(), DTypeError> {
        let titles = self.fields.iter().filter_map(|field| field.title.as_ref());
        let names = self.fields.iter().map(|field| &field.name);
        let mut names: Vec<&String> = names.chain(titles).collect();
        names.sort_unstable();
        let twice = names.windows(2).find_map(|pair| match pair {
            [a, b] if a == b => Some(*a),
            _ => None,
        });
        match twice {
            Some(name) => Err(DTypeError::new(DTypeReason::DuplicateName(name.clone()))),
            None => Ok(()),
        }
    }
}

impl Field {
    /// Returns the offset after the field, or the largest one if that overflows.
    pub(super) fn end(&self) -> usize {
        self.offset.saturating_add(self.dtype.itemsize())
    }
}

/// Returns the first multiple of `boundary` that is not less than `offset`.
pub(crate) const fn align_up(offset: usize, boundary: usize) -> usize {
    match offset.checked_next_multiple_of(boundary) {
        Some(aligned) => aligned,
        None => offset,
    }
}
