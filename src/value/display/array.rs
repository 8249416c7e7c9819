use std::fmt::{self, Display, Formatter};

use super::{
    axis::Shown,
    entry::{Container, EntryFormat},
};
use crate::value::{Array, Value};

/// The largest number of characters in a line.
const LINE: usize = 75;

/// Writes an array, one row per line. Long lines are wrapped.
pub(super) fn write_array(f: &mut Formatter<'_>, array: &Array) -> fmt::Result {
    match (array.shape(), array.values()) {
        ([], [value]) => return value.fmt(f),
        (_, []) => return f.write_str("[]"),
        _ => {}
    }
    let mut text = Lines {
        out: String::new(),
        shown: Shown::of(array.values().len()),
        entry: EntryFormat::Scalar,
    };
    let mut found = Vec::new();
    text.collect_shown(array.shape(), array.values(), &mut found);
    text.entry = EntryFormat::of(&found, Container::Array);
    text.write_axis(array.shape(), array.values(), 1)?;
    f.write_str(&text.out)
}

/// The text of an array.
struct Lines {
    out: String,
    shown: Shown,
    entry: EntryFormat,
}

impl Lines {
    fn collect_shown<'a>(&self, shape: &[usize], values: &'a [Value], found: &mut Vec<&'a Value>) {
        match shape {
            [] => found.extend(values),
            [len, rest @ ..] => {
                for part in self.shown.along(*len, values).flatten() {
                    self.collect_shown(rest, part, found);
                }
            }
        }
    }

    /// Writes an axis. New lines start with `indent` spaces.
    fn write_axis(&mut self, shape: &[usize], values: &[Value], indent: usize) -> fmt::Result {
        let [len, rest @ ..] = shape else {
            return Ok(());
        };
        self.out.push('[');
        if rest.is_empty() {
            self.write_row(*len, values, indent)?;
        } else {
            for (index, part) in self.shown.along(*len, values).enumerate() {
                if index > 0 {
                    self.out.extend(rest.iter().map(|_| '\n'));
                    self.indent(indent);
                }
                match part {
                    Some(part) => self.write_axis(rest, part, indent + 1)?,
                    None => self.out.push_str("..."),
                }
            }
        }
        self.out.push(']');
        Ok(())
    }

    /// Writes the last axis.
    fn write_row(&mut self, len: usize, values: &[Value], indent: usize) -> fmt::Result {
        // Each outer axis ends in a bracket.
        let width = LINE.saturating_sub(indent);
        let mut column = indent;
        for (index, part) in self.shown.along(len, values).enumerate() {
            let mut word = String::new();
            match part {
                Some([value]) => self.entry.write(&mut word, value)?,
                Some(_) => {}
                None => word.push_str("..."),
            }
            if index > 0 {
                self.out.push(' ');
                column += 1;
            }
            let len = word.chars().count();
            // A word that is longer than a line starts a line.
            if column + len > width && column > indent {
                let end = self.out.trim_end_matches(' ').len();
                self.out.truncate(end);
                self.out.push('\n');
                self.indent(indent);
                column = indent;
            }
            self.out.push_str(&word);
            column += len;
        }
        Ok(())
    }

    fn indent(&mut self, spaces: usize) {
        self.out.extend(std::iter::repeat_n(' ', spaces));
    }
}
