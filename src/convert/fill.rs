use crate::{
    dtype::{DType, Field, Struct},
    record::{Defaults, NpyRecord},
};

/// How a row of a file becomes a record that has more fields: what is in the file is copied to its
/// place, and what is not is the default of its field.
#[derive(Debug)]
pub(crate) struct Fill {
    /// The bytes of a record, with the defaults in place.
    record: Vec<u8>,
    copies: Vec<Copy>,
}

#[derive(Debug)]
struct Copy {
    from: usize,
    to: usize,
    len: usize,
}

impl Fill {
    /// The plan for rows of the dtype `file`; `None` if they differ from an `R` by more than fields
    /// marked `#[npy(default)]`.
    pub(crate) fn new<R: NpyRecord>(file: &DType) -> Option<Self> {
        if file.itemsize() == 0 {
            return None; // Nothing in the file would vouch for so many rows.
        }
        let mut defaults = Defaults::of::<R>();
        let mut fill = Fill {
            record: Vec::new(),
            copies: Vec::new(),
        };
        fill.plan(file, &R::dtype(), 0, 0, &defaults)?;
        fill.record = defaults.take_bytes();
        Some(fill)
    }

    fn plan(
        &mut self,
        file: &DType,
        record: &DType,
        from: usize,
        to: usize,
        defaults: &Defaults,
    ) -> Option<()> {
        if file.is_equivalent(record) {
            let len = record.itemsize();
            self.copies.push(Copy { from, to, len });
            return Some(());
        }
        match (file, record) {
            (DType::Struct(file), DType::Struct(record)) => {
                self.plan_fields(file, record, from, to, defaults)
            }
            (DType::Subarray(_), DType::Subarray(_)) => {
                let (file, shape) = file.base_and_shape();
                let (record, dims) = record.base_and_shape();
                let entries = (shape == dims).then(|| dims.iter().product::<usize>())?;
                (0..entries).try_for_each(|entry| {
                    let (from, to) = (
                        from + entry * file.itemsize(),
                        to + entry * record.itemsize(),
                    );
                    self.plan(file, record, from, to, defaults)
                })
            }
            _ => None,
        }
    }

    fn plan_fields(
        &mut self,
        file: &Struct,
        record: &Struct,
        from: usize,
        to: usize,
        defaults: &Defaults,
    ) -> Option<()> {
        let mut in_file = file.fields().iter().peekable();
        for field in record.fields() {
            let to = to + field.offset();
            let same_name = |other: &&Field| other.name() == field.name();
            if let Some(other) = in_file.next_if(same_name) {
                self.plan(
                    other.dtype(),
                    field.dtype(),
                    from + other.offset(),
                    to,
                    defaults,
                )?;
            } else if !defaults.has(to..to + field.dtype().itemsize()) {
                return None;
            }
        }
        in_file.next().is_none().then_some(())
    }

    /// The bytes of the record whose row in the file is `row`.
    pub(crate) fn record(&mut self, row: &[u8]) -> &[u8] {
        for Copy { from, to, len } in &self.copies {
            let place = self.record.get_mut(*to..*to + *len);
            if let (Some(place), Some(bytes)) = (place, row.get(*from..*from + *len)) {
                place.copy_from_slice(bytes);
            }
        }
        &self.record
    }
}
