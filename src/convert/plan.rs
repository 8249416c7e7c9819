//! A conversion between two dtypes.

use std::slice;

use super::{
    block::{Elements, run_block},
    loss::Loss,
    part_loops::{LARGEST, Scratch},
    step::{Step, run_one},
};
use crate::record::EncodeError;

/// The bytes of elements that are converted at once, so that they are in the fastest cache for every step.
const BLOCK: usize = 16 * 1024;

/// The scalars of an element from which a loop over them takes less time than one after another.
const MANY: usize = 8;

/// The scalars between two loops.
const AT_ONCE: usize = 256;

/// The conversion of elements of one dtype to another: fields by name, each scalar cast.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) template: Template,
    pub(super) loss: Loss,
}

/// The bytes of an element into which the steps write.
#[derive(Clone, Debug)]
pub(super) enum Template {
    /// The steps write all of them.
    Nothing,
    /// Padding.
    Zeros,
    /// Defaults, and zeros for padding.
    Bytes(Vec<u8>),
}

impl Template {
    /// Writes the template to each element of a size.
    fn fill(&self, elements: &mut [u8], itemsize: usize) {
        match self {
            Template::Nothing => {}
            Template::Zeros => elements.fill(0),
            Template::Bytes(bytes) => {
                for element in elements.chunks_exact_mut(itemsize.max(1)) {
                    element.copy_from_slice(bytes);
                }
            }
        }
    }
}

impl Plan {
    /// Returns the plan that refuses a value whose conversion would lose more than the rounding of floats.
    pub(crate) fn without_loss(self) -> Self {
        let loss = Loss::Refused;
        Plan { loss, ..self }
    }

    /// Converts an element. After an error the contents of `to` are not specified.
    ///
    /// # Errors
    ///
    /// Fails if a value does not fit the other dtype.
    pub(crate) fn convert(&self, from: &[u8], to: &mut [u8]) -> Result<(), EncodeError> {
        self.template.fill(to, to.len());
        let is_converted = self.steps.iter().all(|step| match step {
            Step::Cast { count, .. } if *count >= MANY => self.run_on_one(step, from, to),
            Step::Repeat { .. } => self.run_on_one(step, from, to),
            _ => run_one(slice::from_ref(step), from, to, self.loss).is_ok(),
        });
        match is_converted {
            true => Ok(()),
            false => self.convert_slowly(from, to),
        }
    }

    /// Runs a step on the items of one element, as on the items of a block.
    fn run_on_one(&self, step: &Step, from: &[u8], to: &mut [u8]) -> bool {
        let (mut first, mut second) = ([0; 4 * LARGEST], [0; 4 * LARGEST]);
        let mut scratch = Scratch {
            first: &mut first,
            second: &mut second,
        };
        let (from_size, size) = (from.len(), to.len());
        let from = Elements {
            bytes: from,
            stride: from_size,
        };
        let mut to = Elements {
            bytes: to,
            stride: size,
        };
        let step = slice::from_ref(step);
        run_block(step, &from, &mut to, 1, self.loss, &mut scratch)
    }

    /// Converts contiguous elements of `from_itemsize` bytes to elements of `itemsize` bytes, until `to` is full.
    ///
    /// # Errors
    ///
    /// Fails if a value does not fit the other dtype, with the index of its element. The elements before it are
    /// converted.
    pub(crate) fn convert_all(
        &self,
        from: &[u8],
        (from_itemsize, itemsize): (usize, usize),
        to: &mut [u8],
    ) -> Result<(), (usize, EncodeError)> {
        let (mut first, mut second) = ([0; AT_ONCE * LARGEST], [0; AT_ONCE * LARGEST]);
        let mut scratch = Scratch {
            first: &mut first,
            second: &mut second,
        };
        let (from_size, size) = (from_itemsize.max(1), itemsize.max(1));
        let at_once = (BLOCK / from_size.max(size)).max(1);
        let blocks = from.chunks(at_once * from_size);
        for (nth, (from, to)) in blocks.zip(to.chunks_mut(at_once * size)).enumerate() {
            if self.run(from, (from_size, size), to, &mut scratch) {
                continue;
            }
            // The error names the first value that does not fit.
            let elements = from.chunks(from_size).zip(to.chunks_exact_mut(size));
            for (index, (from, to)) in elements.enumerate() {
                let converted = self.convert_slowly(from, to);
                converted.map_err(|error| (nth * at_once + index, error))?;
            }
        }
        Ok(())
    }

    /// Converts elements as [`convert_all`](Self::convert_all) does. Returns false if a value does not fit.
    pub(crate) fn converts_all(
        &self,
        from: &[u8],
        (from_itemsize, itemsize): (usize, usize),
        to: &mut [u8],
    ) -> bool {
        let (mut first, mut second) = ([0; AT_ONCE * LARGEST], [0; AT_ONCE * LARGEST]);
        let mut scratch = Scratch {
            first: &mut first,
            second: &mut second,
        };
        let sizes = (from_itemsize.max(1), itemsize.max(1));
        let at_once = (BLOCK / sizes.0.max(sizes.1)).max(1);
        let blocks = from.chunks(at_once * sizes.0);
        blocks
            .zip(to.chunks_mut(at_once * sizes.1))
            .all(|(from, to)| self.run(from, sizes, to, &mut scratch))
    }

    /// Converts elements of the given sizes. Returns false if a value does not fit.
    fn run(
        &self,
        from: &[u8],
        (from_itemsize, itemsize): (usize, usize),
        to: &mut [u8],
        scratch: &mut Scratch<'_>,
    ) -> bool {
        self.template.fill(to, itemsize);
        let count = to.len().checked_div(itemsize).unwrap_or(1);
        let from = Elements {
            bytes: from,
            stride: from_itemsize,
        };
        let mut to = Elements {
            bytes: to,
            stride: itemsize,
        };
        run_block(&self.steps, &from, &mut to, count, self.loss, scratch)
    }

    /// Converts an element value by value.
    fn convert_slowly(&self, from: &[u8], to: &mut [u8]) -> Result<(), EncodeError> {
        self.template.fill(to, to.len());
        run_one(&self.steps, from, to, self.loss)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dtype::{Casting, DType},
        record::FieldAttributes,
    };

    const SCALARS: &str = "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 f16 c8 c16 c32 V2 S3 S5 U2 U4 \
         M8[s] M8[ns] M8[D] M8[M] m8[7D] m8[us] m8[3h]";

    /// Values at the ends of all ranges, and bytes of any kind.
    fn bytes(dtype: &DType, count: usize) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(dtype.itemsize() as u64);
        let mut bytes = Vec::new();
        for _ in 0..count * dtype.itemsize() / 2 {
            let word = match random.u8(..12) {
                // Exponents of floats, near one and at the ends.
                0 => [0, 0x3c],
                1 => [0xff, 0x7f],
                2 => [0xf0, 0x7f],
                3 => [1, 0x7c],
                4 => [0x80, 0xff],
                5 => [0xff, 0x47],
                6 => [random.u8(..), 0],
                7..9 => [b'a', 0],
                9 => [0; 2],
                _ => random.u16(..).to_le_bytes(),
            };
            bytes.extend(word);
        }
        bytes.resize(count * dtype.itemsize(), b'x');
        bytes
    }

    fn is_as_value_by_value(plan: &Plan, from: &DType, to: &DType) {
        const COUNT: usize = 270;
        let (from_size, size) = (from.itemsize(), to.itemsize());
        let elements = bytes(from, COUNT);
        let mut expected = vec![0; COUNT * size];
        let mut failed = None;
        for (nth, place) in expected.chunks_mut(size).enumerate() {
            let element = &elements[nth * from_size..][..from_size];
            let converted = plan.convert_slowly(element, place);
            if let Err(error) = converted {
                failed = failed.or(Some((nth, error.to_string())));
            }
        }
        // One element alone is a block as well.
        for start in (0..COUNT).step_by(30) {
            let (mut alone, range) = (vec![0; size], start * size..(start + 1) * size);
            let element = &elements[start * from_size..][..from_size];
            if plan.convert(element, &mut alone).is_ok() {
                assert_eq!(alone, expected[range], "{from} as {to}");
            }
        }
        let mut start = 0;
        while start < COUNT {
            let mut found = vec![1; (COUNT - start) * size];
            let block = &elements[start * from_size..];
            let end = match plan.convert_all(block, (from_size, size), &mut found) {
                Ok(()) => COUNT,
                Err((index, error)) => {
                    if let Some(first) = failed.take() {
                        assert_eq!((start + index, error.to_string()), first);
                    }
                    start + index
                }
            };
            assert_eq!(
                found[..(end - start) * size],
                expected[start * size..end * size],
                "{from} as {to} from {start}"
            );
            start = end + 1;
        }
        assert_eq!(failed, None);
    }

    /// The loops over blocks are checked against the conversion of one value after another.
    #[test]
    fn a_block_is_converted_as_its_values_are() {
        let mut scalars: Vec<String> = Vec::new();
        for scalar in SCALARS.split_whitespace() {
            scalars.extend(["<", ">"].map(|order| format!("{order}{scalar}")));
        }
        let shapes = [
            "'{}'",
            "[('p', 'u1'), ('x', '{}'), ('q', 'V3')]",
            "('{}', (3,))",
            "[('p', '{}'), ('x', '{}', (2, 2))]",
        ];
        // Every shape takes minutes where it is emulated.
        let step = match std::env::var_os("NPYREC_FULL") {
            Some(_) => 1,
            None => shapes.len(),
        };
        let mut checked = 0;
        let pairs = scalars
            .iter()
            .flat_map(|from| scalars.iter().map(move |to| (from, to)));
        for (nth, (from, to)) in pairs.enumerate() {
            // Records are in little-endian order, and have no `long double`.
            let is_long = |dtype: &str| dtype.ends_with("f16") || dtype.ends_with("c32");
            if from.starts_with('>') && to.starts_with('>') || is_long(from) && is_long(to) {
                continue;
            }
            for shape in shapes.iter().skip(nth % step).step_by(step) {
                let dtype = |name: &str| -> DType { shape.replace("{}", name).parse().unwrap() };
                let (from, to) = (dtype(from), dtype(to));
                let reading = Plan::reading(&from, &to, Casting::SameKind, FieldAttributes::none);
                let writing = Plan::writing(&from, &to, Casting::SameKind);
                for plan in [reading, writing].into_iter().flatten().flatten() {
                    is_as_value_by_value(&plan, &from, &to);
                    checked += 1;
                }
            }
        }
        assert!(checked > 1000, "{checked}");
    }
}
