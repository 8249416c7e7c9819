//! Reading the pickles of `info`, from this crate and from `dask.array.to_npy_stack` in protocols 2 to 5.
//!
//! Nothing is called. Numbers, texts and tuples are kept, and the name in a call of `numpy.dtype`; all other values are
//! opaque.

use std::{collections::HashMap, rc::Rc};

/// A value of a pickle.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Number(u64),
    Text(Rc<str>),
    Tuple(Rc<[Item]>, Depth),
    /// The entries whose keys are texts.
    Dict(Vec<(Rc<str>, Item)>),
    /// The first argument of a call, if that is a text: `f8` or `V24` for a dtype.
    Called(Rc<str>),
    /// The start of a group of items.
    Mark,
    Opaque,
}

/// The levels of tuples within a tuple, itself included.
type Depth = u8;

/// The levels of tuples that are kept: chunks have two.
const MOST_LEVELS: Depth = 4;

/// Reads a pickle. Returns `None` for a damaged one, and for one with other operations.
pub(super) fn unpickle(bytes: &[u8]) -> Option<Item> {
    let mut machine = Machine {
        rest: bytes,
        stack: Vec::new(),
        memo: HashMap::new(),
        memoized: 0,
    };
    while machine.step()? {}
    machine.stack.pop()
}

struct Machine<'a> {
    rest: &'a [u8],
    stack: Vec<Item>,
    memo: HashMap<u32, Item>,
    memoized: u32,
}

impl<'a> Machine<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        let [byte] = self.take(1)? else { return None };
        Some(*byte)
    }

    /// Reads a little-endian number of up to eight bytes.
    fn little_endian(&mut self, len: usize) -> Option<u64> {
        let bytes = self.take(len)?;
        let number = bytes.iter().rev();
        Some(number.fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn line(&mut self) -> Option<&'a [u8]> {
        let end = self.rest.iter().position(|byte| *byte == b'\n')?;
        let line = self.take(end)?;
        self.take(1)?;
        Some(line)
    }

    fn text(&mut self, len: u64) -> Option<Item> {
        let bytes = self.take(usize::try_from(len).ok()?)?;
        Some(Item::Text(str::from_utf8(bytes).ok()?.into()))
    }

    /// Removes the items after the last mark, and the mark.
    fn group(&mut self) -> Option<Vec<Item>> {
        let mark = self.stack.iter().rposition(|i| matches!(i, Item::Mark))?;
        let group = self.stack.split_off(mark + 1);
        self.stack.pop();
        Some(group)
    }

    fn last(&mut self, count: usize) -> Option<Vec<Item>> {
        let start = self.stack.len().checked_sub(count)?;
        Some(self.stack.split_off(start))
    }

    fn memoize(&mut self, key: u32) -> Option<()> {
        // A dictionary would be copied whole for each use.
        let item = match self.stack.last()? {
            Item::Dict(_) => Item::Opaque,
            item => item.clone(),
        };
        self.memo.insert(key, item);
        self.memoized = self.memoized.checked_add(1)?;
        Some(())
    }

    fn remembered(&self, key: u64) -> Option<Item> {
        self.memo.get(&u32::try_from(key).ok()?).cloned()
    }

    /// Carries out one operation. Returns false at the end.
    fn step(&mut self) -> Option<bool> {
        let item = match self.byte()? {
            b'.' => return Some(false),
            // The protocol, and the length of a frame.
            0x80 => return self.take(1).map(|_| true),
            0x95 => return self.take(8).map(|_| true),
            b'(' => Item::Mark,
            b'N' | 0x88 | 0x89 | b']' | 0x8f => Item::Opaque,
            b'}' => Item::Dict(Vec::new()),
            b'K' => Item::Number(self.little_endian(1)?),
            b'M' => Item::Number(self.little_endian(2)?),
            b'J' => number(self.take(4)?),
            0x8a => {
                let len = self.little_endian(1)?;
                number(self.take(usize::try_from(len).ok()?)?)
            }
            b'X' => {
                let len = self.little_endian(4)?;
                self.text(len)?
            }
            0x8c => {
                let len = self.little_endian(1)?;
                self.text(len)?
            }
            // Bytes: the unit of a time.
            b'C' => {
                let len = self.little_endian(1)?;
                self.take(usize::try_from(len).ok()?)?;
                Item::Opaque
            }
            // A global by its names, on lines or on the stack.
            b'c' => {
                self.line()?;
                self.line()?;
                Item::Opaque
            }
            0x93 => {
                self.last(2)?;
                Item::Opaque
            }
            // A function and its arguments.
            b'R' => match self.last(2)?.pop()? {
                Item::Tuple(arguments, _) => called(&arguments),
                _ => Item::Opaque,
            },
            // An object and its state.
            b'b' => match self.last(2)?.into_iter().next() {
                Some(called @ Item::Called(_)) => called,
                _ => Item::Opaque,
            },
            b')' => tuple(Vec::new()),
            0x85 => tuple(self.last(1)?),
            0x86 => tuple(self.last(2)?),
            0x87 => tuple(self.last(3)?),
            b't' => tuple(self.group()?),
            b'a' => {
                self.last(1)?;
                return Some(true);
            }
            b'e' => {
                self.group()?;
                return Some(true);
            }
            b's' => {
                let entry = self.last(2)?;
                return self.set(entry).map(|()| true);
            }
            b'u' => {
                let entries = self.group()?;
                return self.set(entries).map(|()| true);
            }
            b'q' => {
                let key = self.little_endian(1)?;
                return self.memoize(u32::try_from(key).ok()?).map(|()| true);
            }
            b'r' => {
                let key = self.little_endian(4)?;
                return self.memoize(u32::try_from(key).ok()?).map(|()| true);
            }
            0x94 => return self.memoize(self.memoized).map(|()| true),
            b'h' => {
                let key = self.little_endian(1)?;
                self.remembered(key)?
            }
            b'j' => {
                let key = self.little_endian(4)?;
                self.remembered(key)?
            }
            _ => return None,
        };
        self.stack.push(item);
        Some(true)
    }

    /// Adds keys and values, in turn, to the dictionary on the stack.
    fn set(&mut self, entries: Vec<Item>) -> Option<()> {
        let dict = match self.stack.last_mut()? {
            Item::Dict(dict) => dict,
            // A dictionary that was remembered.
            _ => return Some(()),
        };
        let mut entries = entries.into_iter();
        while let (Some(key), Some(value)) = (entries.next(), entries.next()) {
            let value = match value {
                Item::Dict(_) => Item::Opaque,
                value => value,
            };
            if let Item::Text(key) = key {
                dict.push((key, value));
            }
        }
        Some(())
    }
}

/// Returns the value of a call.
fn called(arguments: &[Item]) -> Item {
    match arguments.first() {
        Some(Item::Text(name)) => Item::Called(Rc::clone(name)),
        _ => Item::Opaque,
    }
}

/// Returns a little-endian integer. A negative one, and one of more than 64 bits, is opaque.
fn number(bytes: &[u8]) -> Item {
    let (low, high) = bytes.split_at_checked(8).unwrap_or((bytes, &[]));
    let is_negative = bytes.last().is_some_and(|byte| *byte >= 0x80);
    if is_negative || high.iter().any(|byte| *byte != 0) {
        return Item::Opaque;
    }
    let number = low.iter().rev();
    Item::Number(number.fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// Returns a tuple. One of too many levels is opaque, so that dropping it needs little of the stack.
fn tuple(items: Vec<Item>) -> Item {
    let levels = items.iter().map(|item| match item {
        Item::Tuple(_, depth) => *depth,
        _ => 0,
    });
    let depth = levels.max().unwrap_or_default() + 1;
    match depth <= MOST_LEVELS && !items.iter().any(|i| matches!(i, Item::Dict(_))) {
        true => Item::Tuple(items.into(), depth),
        false => Item::Opaque,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_is_no_pickle() {
        for bytes in [
            &b""[..],
            b"\x80",
            b"\x80\x02}",
            b"\x80\x02t.",
            b"\x80\x02K\x01a.",
            b"\x80\x02X\xff\xff\xff\xffab.",
            b"\x80\x02h\x00.",
            b"\x80\x02cos\n",
            b"\x80\x02P.",
        ] {
            assert!(unpickle(bytes).is_none(), "{bytes:?}");
        }
    }

    #[test]
    fn a_pickle_that_grows_by_what_it_remembers_takes_no_more_memory() {
        // A tuple of the tuple before it, twice, a million times.
        let mut bytes = b"\x80\x02)".to_vec();
        for _ in 0..1_000_000 {
            bytes.extend(b"q\x00h\x00\x86");
        }
        bytes.push(b'.');
        assert!(unpickle(&bytes).is_some());
    }

    #[test]
    fn numbers_are_those_of_python() {
        for (bytes, expected) in [
            (&b"K\xff."[..], Some(255)),
            (b"M\x00\x80.", Some(0x8000)),
            (b"J\xff\xff\xff\x7f.", Some(0x7fff_ffff)),
            (b"J\xff\xff\xff\xff.", None),
            (b"\x8a\x00.", Some(0)),
            (b"\x8a\x01\xff.", None),
            (b"\x8a\x02\xff\x00.", Some(255)),
            (
                b"\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x00.",
                Some(u64::MAX),
            ),
            (b"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.", None),
        ] {
            let found = match unpickle(bytes) {
                Some(Item::Number(number)) => Some(number),
                _ => None,
            };
            assert_eq!(found, expected, "{bytes:?}");
        }
    }
}
