//! Plans that write the fields of a record to their places in memory.

use super::{
    loss::Loss,
    plan::{Plan, Template},
    step::{Step, Strided},
};
use crate::record::Move;

/// The largest number of steps, above which records are decoded one by one.
const MAX: usize = 256;

impl Plan {
    /// Returns the plan that copies the parts of a record to their places in memory.
    pub(crate) fn moving(moves: &[Move]) -> Self {
        let steps = moves
            .iter()
            .map(|&Move { from, to, len }| Step::Copy { from, to, len });
        Plan {
            steps: steps.collect(),
            template: Template::Nothing,
            loss: Loss::Refused,
        }
    }

    /// Returns the plan that writes to memory of `size` bytes what this one writes to the form of a record, or `None`
    /// if a record has too many parts.
    pub(crate) fn moved(&self, moves: &[Move], size: usize) -> Option<Self> {
        let mut steps = Vec::new();
        self.steps
            .iter()
            .try_for_each(|step| add(step, (0, 0), moves, &mut steps))?;
        let template = match &self.template {
            Template::Bytes(bytes) => {
                let mut moved = vec![0; size];
                for &Move { from, to, len } in moves {
                    moved
                        .get_mut(to..to + len)?
                        .copy_from_slice(bytes.get(from..from + len)?);
                }
                Template::Bytes(moved)
            }
            other => other.clone(),
        };
        Some(Plan {
            steps,
            template,
            loss: self.loss,
        })
    }
}

/// Adds the steps that do in memory what a step does in the form of a record, with their offsets moved by two starts.
fn add(
    step: &Step,
    (from_start, to_start): (usize, usize),
    moves: &[Move],
    steps: &mut Vec<Step>,
) -> Option<()> {
    match step {
        Step::Copy { from, to, len } => {
            let (from, to) = (from_start + from, to_start + to);
            for part in moves {
                let start = part.from.max(to);
                let end = (part.from + part.len).min(to + len);
                if start < end {
                    steps.push(Step::Copy {
                        from: from + (start - to),
                        to: part.to + (start - part.from),
                        len: end - start,
                    });
                }
            }
        }
        Step::Cast {
            path,
            from,
            to,
            count,
            shape,
            cast,
        } => {
            let start = to_start + to.offset;
            let end = start + count * to.itemsize;
            let part = moves
                .iter()
                .find(|part| part.from <= start && end <= part.from + part.len)?;
            steps.push(Step::Cast {
                path: path.clone(),
                from: Strided {
                    offset: from_start + from.offset,
                    ..*from
                },
                to: Strided {
                    offset: part.to + (start - part.from),
                    ..*to
                },
                count: *count,
                shape: shape.clone(),
                cast: cast.clone(),
            });
        }
        Step::Repeat {
            from,
            to,
            count,
            steps: repeated,
            ..
        } => {
            for nth in 0..*count {
                let from = from_start + from.offset + nth * from.itemsize;
                let to = to_start + to.offset + nth * to.itemsize;
                for step in repeated {
                    add(step, (from, to), moves, steps)?;
                }
            }
        }
    }
    (steps.len() <= MAX).then_some(())
}
