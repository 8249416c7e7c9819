//! Planning a conversion: fields are matched by name, scalars by what the casting allows.

use std::collections::HashMap;

use super::{
    cast::Cast,
    loss::Loss,
    plan::{Plan, Template},
    step::{Step, Strided},
};
use crate::{
    dtype::{Casting, DType, Difference, Field, Struct, join},
    record::FieldAttributes,
};

impl Plan {
    /// Plans how elements of a file become records. Returns `None` if their bytes are records already.
    ///
    /// # Errors
    ///
    /// Fails with all differences that the casting does not allow.
    pub(crate) fn reading(
        file: &DType,
        record: &DType,
        casting: Casting,
        attributes: fn() -> FieldAttributes,
    ) -> Result<Option<Self>, Vec<Difference>> {
        let differences = Difference::between(file, record);
        if differences.is_empty() {
            return Ok(None);
        }
        // Rows without bytes would become any number of records, limited by nothing in the file.
        if casting == Casting::No || file.itemsize() == 0 && record.itemsize() > 0 {
            return Err(differences);
        }
        let planner = Planner::new(casting, Direction::Reading(attributes()));
        planner.plan(file, record).map(Some)
    }

    /// Plans how records become elements of a file, which must have the same fields. Returns `None` if
    /// their bytes are such elements already.
    ///
    /// # Errors
    ///
    /// Fails with all differences that the casting does not allow.
    pub(crate) fn writing(
        record: &DType,
        file: &DType,
        casting: Casting,
    ) -> Result<Option<Self>, Vec<Difference>> {
        let differences = Difference::between(file, record);
        if differences.is_empty() {
            return Ok(None);
        }
        if casting == Casting::No {
            return Err(differences);
        }
        let planner = Planner::new(casting, Direction::Writing);
        planner.plan(record, file).map(Some)
    }

    /// Returns the least casting above `casting` with which elements of a file become records.
    pub(crate) fn least_reading(
        file: &DType,
        record: &DType,
        casting: Casting,
        attributes: fn() -> FieldAttributes,
    ) -> Option<Casting> {
        let mut levels = above(casting);
        levels.find(|&level| Plan::reading(file, record, level, attributes).is_ok())
    }

    /// Returns the least casting above `casting` with which records become elements of a file.
    pub(crate) fn least_writing(record: &DType, file: &DType, casting: Casting) -> Option<Casting> {
        above(casting).find(|&level| Plan::writing(record, file, level).is_ok())
    }

    /// Returns the least casting above `casting` with which elements of a file become records, and records
    /// elements.
    #[cfg(feature = "mmap")]
    pub(crate) fn least_changing(
        file: &DType,
        record: &DType,
        casting: Casting,
        attributes: fn() -> FieldAttributes,
    ) -> Option<Casting> {
        above(casting).find(|&level| {
            Plan::reading(file, record, level, attributes).is_ok()
                && Plan::writing(record, file, level).is_ok()
        })
    }
}

/// Returns the castings that allow more than `casting`.
fn above(casting: Casting) -> impl Iterator<Item = Casting> {
    let levels = [Casting::Equiv, Casting::Safe, Casting::SameKind];
    levels.into_iter().filter(move |&level| level > casting)
}

/// The direction of a conversion.
enum Direction {
    /// From a file to records. The records need not have all its fields, and have defaults for some fields
    /// that it lacks. Fields have other names in some files.
    Reading(FieldAttributes),
    /// From records to a file.
    Writing,
}

/// A planner of a conversion, which collects all differences that prevent it.
struct Planner {
    casting: Casting,
    direction: Direction,
    steps: Vec<Step>,
    /// The number of bytes that the steps write.
    written: usize,
    differences: Vec<Difference>,
}

/// The offsets of an element: in the bytes of the current step, and in the whole record.
#[derive(Clone, Copy, Default)]
struct Offsets {
    from: usize,
    to: usize,
    in_record: usize,
}

impl Planner {
    fn new(casting: Casting, direction: Direction) -> Self {
        Planner {
            casting,
            direction,
            steps: Vec::new(),
            written: 0,
            differences: Vec::new(),
        }
    }

    /// Returns the plan, or all differences that the casting does not allow.
    fn plan(mut self, from: &DType, to: &DType) -> Result<Plan, Vec<Difference>> {
        self.element("", from, to, Offsets::default());
        if !self.differences.is_empty() {
            return Err(self.differences);
        }
        let (template, loss) = match self.direction {
            Direction::Reading(attributes) => {
                (Template::Bytes(attributes.into_bytes()), Loss::Allowed)
            }
            Direction::Writing => (Template::Zeros, Loss::Refused),
        };
        Ok(Plan {
            steps: self.steps,
            template: match self.written == to.itemsize() {
                true => Template::Nothing,
                false => template,
            },
            loss,
        })
    }

    /// Plans an element, the field `path`.
    fn element(&mut self, path: &str, from: &DType, to: &DType, at: Offsets) {
        match (from, to) {
            (DType::Struct(from_fields), DType::Struct(to_fields)) => {
                self.fields(path, from_fields, to_fields, at);
            }
            (DType::Subarray(_), DType::Subarray(_)) => {
                let ((from_base, from_shape), (to_base, to_shape)) =
                    (from.base_and_shape(), to.base_and_shape());
                match from_shape == to_shape {
                    true => self.entries(path, from_base, to_base, &to_shape, at),
                    false => self.differ(path, from, to),
                }
            }
            (DType::Scalar(_), DType::Scalar(_)) => self.entries(path, from, to, &[], at),
            _ => self.differ(path, from, to),
        }
    }

    /// Plans contiguous elements of a shape.
    fn entries(&mut self, path: &str, from: &DType, to: &DType, shape: &[usize], at: Offsets) {
        let count = shape.iter().product();
        let place = |offset, dtype: &DType| Strided {
            offset,
            itemsize: dtype.itemsize(),
        };
        let (from_place, to_place) = (place(at.from, from), place(at.to, to));
        if from.is_equivalent(to) {
            let len = count * to.itemsize();
            self.written += len;
            self.copy(at.from, at.to, len);
        } else if let (DType::Scalar(scalar), DType::Scalar(other)) = (from, to) {
            let Some(cast) = Cast::new(*scalar, *other, self.casting) else {
                return self.differ(path, from, to);
            };
            self.written += count * to.itemsize();
            let path = path.into();
            self.steps.push(Step::Cast {
                path,
                from: from_place,
                to: to_place,
                count,
                shape: shape.into(),
                cast,
            });
        } else {
            let (steps, written) = (std::mem::take(&mut self.steps), self.written);
            let at = Offsets {
                from: 0,
                to: 0,
                in_record: at.in_record,
            };
            self.element(path, from, to, at);
            let steps = std::mem::replace(&mut self.steps, steps);
            self.written = written + (self.written - written) * count;
            if !steps.is_empty() && count > 0 {
                let path = path.into();
                self.steps.push(Step::Repeat {
                    path,
                    from: from_place,
                    to: to_place,
                    count,
                    shape: shape.into(),
                    steps,
                });
            }
        }
    }

    /// Plans the fields of a struct, by name.
    fn fields(&mut self, path: &str, from: &Struct, to: &Struct, at: Offsets) {
        let by_name = from.fields().iter().map(|field| (field.name(), field));
        let mut by_name: HashMap<&str, &Field> = by_name.collect();
        // A field of the file goes to the field of its name before any alias takes it.
        let named = to.fields().iter().map(|field| by_name.remove(field.name()));
        let named: Vec<_> = named.collect();
        for (field, named) in to.fields().iter().zip(named) {
            let at = Offsets {
                to: at.to + field.offset(),
                in_record: at.in_record + field.offset(),
                ..at
            };
            let path = join(path, field.name());
            let source = named.or_else(|| self.by_alias(&path, &mut by_name));
            match source {
                Some(source) => {
                    let at = Offsets {
                        from: at.from + source.offset(),
                        ..at
                    };
                    self.element(&path, source.dtype(), field.dtype(), at);
                }
                None => self.missing(path, field.dtype(), at.in_record),
            }
        }
        if matches!(self.direction, Direction::Writing) {
            let lost = from
                .fields()
                .iter()
                .filter(|field| by_name.contains_key(field.name()));
            let lost =
                lost.map(|field| Difference::not_in_file(join(path, field.name()), field.dtype()));
            self.differences.extend(lost);
        }
    }

    /// Takes the field of the file that has another name of the field `path`.
    fn by_alias<'a>(
        &self,
        path: &str,
        by_name: &mut HashMap<&str, &'a Field>,
    ) -> Option<&'a Field> {
        let Direction::Reading(attributes) = &self.direction else {
            return None;
        };
        let mut aliases = attributes.aliases(path).iter();
        aliases.find_map(|alias| by_name.remove(alias.as_str()))
    }

    /// Notes a field that has no source, unless it has a default that can be stored.
    fn missing(&mut self, path: String, dtype: &DType, in_record: usize) {
        let range = in_record..in_record + dtype.itemsize();
        self.differences.push(match &self.direction {
            Direction::Reading(attributes) if attributes.has(range.clone()) => return,
            Direction::Reading(attributes) => match attributes.failed_default(range) {
                Some(error) => {
                    let error = error.at_path(&path);
                    Difference::without_default(path, error)
                }
                None => Difference::not_in_file(path, dtype),
            },
            Direction::Writing => Difference::not_in_record(path, dtype),
        });
    }

    /// Notes a difference, and the casting that allows the conversion.
    fn differ(&mut self, path: &str, from: &DType, to: &DType) {
        let needed = match (from, to) {
            (DType::Scalar(from), DType::Scalar(to)) => {
                let needed = from.casting_to(*to);
                needed.filter(|&casting| Cast::new(*from, *to, casting).is_some())
            }
            _ => None,
        };
        let (file, record) = match self.direction {
            Direction::Reading(_) => (from, to),
            Direction::Writing => (to, from),
        };
        self.differences
            .push(Difference::dtype(path, file, record, needed));
    }

    /// Copies bytes, in one step with the bytes before them.
    fn copy(&mut self, from: usize, to: usize, len: usize) {
        match self.steps.last_mut() {
            Some(Step::Copy {
                from: start,
                to: place,
                len: before,
            }) if *start + *before == from && *place + *before == to => {
                *before += len;
            }
            _ if len == 0 => {}
            _ => self.steps.push(Step::Copy { from, to, len }),
        }
    }
}
