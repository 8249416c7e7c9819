use std::collections::HashMap;

use super::cast::{Cast, Loss, swap};
use crate::{
    dtype::{Casting, DType, Difference, Field, Struct, join},
    record::{Defaults, EncodeError, NpyRecord},
};

/// How elements of one dtype become elements of another: fields by name, each scalar cast.
#[derive(Debug)]
pub(crate) struct Plan {
    steps: Vec<Step>,
    template: Template,
    loss: Loss,
}

/// The bytes of an element into which the steps write.
#[derive(Debug)]
enum Template {
    /// The steps write all of them.
    Nothing,
    /// Padding.
    Zeros,
    /// Defaults, and zeros for padding.
    Bytes(Vec<u8>),
}

#[derive(Debug)]
enum Step {
    Copy {
        from: usize,
        to: usize,
        len: usize,
    },
    /// So many scalars, one after another.
    Cast {
        path: Box<str>,
        from: Place,
        to: Place,
        count: usize,
        shape: Box<[usize]>,
        cast: Cast,
    },
    /// So many elements, one after another.
    Repeat {
        path: Box<str>,
        from: Place,
        to: Place,
        count: usize,
        shape: Box<[usize]>,
        steps: Vec<Step>,
    },
}

/// Where a step starts, and the size of what is there.
#[derive(Clone, Copy, Debug)]
struct Place {
    offset: usize,
    itemsize: usize,
}

impl Plan {
    /// How elements of a file become records. `None` if their bytes are already those of records.
    ///
    /// # Errors
    ///
    /// With all that cannot be converted.
    pub(crate) fn reading<R: NpyRecord>(
        file: &DType,
        record: &DType,
        casting: Casting,
    ) -> Result<Option<Self>, Vec<Difference>> {
        let differences = Difference::between(file, record);
        if differences.is_empty() {
            return Ok(None);
        }
        // Where a row has no bytes, a conversion would make any number of records out of nothing.
        if casting == Casting::No || file.itemsize() == 0 && record.itemsize() > 0 {
            return Err(differences);
        }
        let planner = Planner::new(casting, Direction::Reading(Defaults::of::<R>()));
        planner.plan(file, record).map(Some)
    }

    /// How records become elements of a file. The fields of both must be the same. `None` if their bytes
    /// are already those of elements.
    ///
    /// # Errors
    ///
    /// With all that cannot be converted.
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
    pub(crate) fn least_reading<R: NpyRecord>(
        file: &DType,
        record: &DType,
        casting: Casting,
    ) -> Option<Casting> {
        let mut levels = above(casting);
        levels.find(|&level| Plan::reading::<R>(file, record, level).is_ok())
    }

    /// Returns the least casting above `casting` with which records become elements of a file.
    pub(crate) fn least_writing(record: &DType, file: &DType, casting: Casting) -> Option<Casting> {
        above(casting).find(|&level| Plan::writing(record, file, level).is_ok())
    }

    /// Converts an element. What is in `to` after an error is not specified.
    ///
    /// # Errors
    ///
    /// If a value does not fit the other dtype.
    pub(crate) fn convert(&self, from: &[u8], to: &mut [u8]) -> Result<(), EncodeError> {
        match &self.template {
            Template::Nothing => {}
            Template::Zeros => to.fill(0),
            Template::Bytes(bytes) => to.copy_from_slice(bytes),
        }
        run(&self.steps, from, to, self.loss)
    }
}

fn above(casting: Casting) -> impl Iterator<Item = Casting> {
    let levels = [Casting::Equiv, Casting::Safe, Casting::SameKind];
    levels.into_iter().filter(move |&level| level > casting)
}

/// Copies bytes to as many. Those of a number are copied at once, without a call.
#[inline]
fn copy(from: &[u8], to: &mut [u8]) {
    fn sized<const N: usize>(from: &[u8], to: &mut [u8]) -> Option<()> {
        *to.first_chunk_mut::<N>()? = *from.first_chunk::<N>()?;
        Some(())
    }
    let copied = match to.len() {
        1 => sized::<1>(from, to),
        2 => sized::<2>(from, to),
        4 => sized::<4>(from, to),
        8 => sized::<8>(from, to),
        16 => sized::<16>(from, to),
        _ => None,
    };
    if copied.is_none() {
        to.copy_from_slice(from);
    }
}

fn run(steps: &[Step], from: &[u8], to: &mut [u8], loss: Loss) -> Result<(), EncodeError> {
    for step in steps {
        match step {
            Step::Copy {
                from: at,
                to: place,
                len,
            } => {
                let place = to.get_mut(*place..*place + *len);
                if let (Some(place), Some(bytes)) = (place, from.get(*at..*at + *len)) {
                    copy(bytes, place);
                }
            }
            Step::Cast {
                from: at,
                to: place,
                count,
                cast: Cast::Swap(word),
                ..
            } => {
                swap(*word, at.all(from, *count), place.all_mut(to, *count));
            }
            Step::Cast {
                path,
                from: at,
                to: place,
                count,
                shape,
                cast,
            } => {
                for index in 0..*count {
                    let (from, to) = (at.nth(from, index), place.nth_mut(to, index));
                    cast.apply(from, to, loss)
                        .map_err(|e| e.in_array(index, shape).in_field(path))?;
                }
            }
            Step::Repeat {
                path,
                from: at,
                to: place,
                count,
                shape,
                steps,
            } => {
                for index in 0..*count {
                    let (from, to) = (at.nth(from, index), place.nth_mut(to, index));
                    run(steps, from, to, loss)
                        .map_err(|e| e.in_array(index, shape).in_field(path))?;
                }
            }
        }
    }
    Ok(())
}

impl Place {
    fn all(self, bytes: &[u8], count: usize) -> &[u8] {
        let bytes = bytes.get(self.offset..self.offset + count * self.itemsize);
        bytes.unwrap_or_default()
    }

    fn all_mut(self, bytes: &mut [u8], count: usize) -> &mut [u8] {
        let bytes = bytes.get_mut(self.offset..self.offset + count * self.itemsize);
        bytes.unwrap_or_default()
    }

    fn nth(self, bytes: &[u8], nth: usize) -> &[u8] {
        let offset = self.offset + nth * self.itemsize;
        Place { offset, ..self }.all(bytes, 1)
    }

    fn nth_mut(self, bytes: &mut [u8], nth: usize) -> &mut [u8] {
        let offset = self.offset + nth * self.itemsize;
        Place { offset, ..self }.all_mut(bytes, 1)
    }
}

enum Direction {
    /// From a file to records, which need not have all its fields, and have defaults for some that it
    /// lacks.
    Reading(Defaults),
    /// From records to a file.
    Writing,
}

struct Planner {
    casting: Casting,
    direction: Direction,
    steps: Vec<Step>,
    /// How many bytes the steps write.
    written: usize,
    differences: Vec<Difference>,
}

/// Where an element is: within what a step works on, and within the whole record.
#[derive(Clone, Copy, Default)]
struct At {
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

    fn plan(mut self, from: &DType, to: &DType) -> Result<Plan, Vec<Difference>> {
        self.element("", from, to, At::default());
        if !self.differences.is_empty() {
            return Err(self.differences);
        }
        let (template, loss) = match self.direction {
            Direction::Reading(defaults) => (Template::Bytes(defaults.into_bytes()), Loss::Allowed),
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

    /// Plans an element, which is the field `path`.
    fn element(&mut self, path: &str, from: &DType, to: &DType, at: At) {
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

    /// Plans elements one after another.
    fn entries(&mut self, path: &str, from: &DType, to: &DType, shape: &[usize], at: At) {
        let count = shape.iter().product();
        let place = |offset, dtype: &DType| Place {
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
            let at = At {
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

    fn fields(&mut self, path: &str, from: &Struct, to: &Struct, at: At) {
        let by_name = from.fields().iter().map(|field| (field.name(), field));
        let mut by_name: HashMap<&str, &Field> = by_name.collect();
        for field in to.fields() {
            let at = At {
                to: at.to + field.offset(),
                in_record: at.in_record + field.offset(),
                ..at
            };
            let path = join(path, field.name());
            match by_name.remove(field.name()) {
                Some(source) => {
                    let at = At {
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

    /// A field that has no source.
    fn missing(&mut self, path: String, dtype: &DType, in_record: usize) {
        let range = in_record..in_record + dtype.itemsize();
        self.differences.push(match &self.direction {
            Direction::Reading(defaults) if defaults.has(range) => return,
            Direction::Reading(_) => Difference::not_in_file(path, dtype),
            Direction::Writing => Difference::not_in_record(path, dtype),
        });
    }

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
