//! Types of columns, guessed from their texts.

use npyrec::{ByteOrder, DType, Field, Kind, Scalar, TimeUnit, Value};

use crate::{
    failure::Result,
    input::columns::{VALUE, index},
};

/// The types that all texts of a column can have.
#[derive(Clone, Debug)]
pub(super) struct Guess {
    can_be: Candidates,
    has_empty: bool,
    is_seen: bool,
    chars: usize,
    /// The finest unit of points in time.
    unit: Option<TimeUnit>,
}

#[derive(Clone, Copy, Debug)]
struct Candidates {
    bool: bool,
    int: bool,
    uint: bool,
    float: bool,
    time: bool,
    complex: bool,
}

impl Guess {
    pub(super) fn new() -> Self {
        Guess {
            can_be: Candidates {
                bool: true,
                int: true,
                uint: true,
                float: true,
                time: true,
                complex: true,
            },
            has_empty: false,
            is_seen: false,
            chars: 0,
            unit: None,
        }
    }

    pub(super) fn see_empty(&mut self) {
        self.has_empty = true;
    }

    pub(super) fn see(&mut self, text: &str) {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            self.has_empty = true;
            self.chars = self.chars.max(text.chars().count());
            return;
        }
        self.is_seen = true;
        self.chars = self.chars.max(text.chars().count());
        let is = |kind, itemsize| parse(trimmed, kind, itemsize).is_some();
        let can_be = &mut self.can_be;
        can_be.bool &= is(Kind::Bool, 1);
        // A number with leading zeros is a name, such as a postal code.
        let is_code = is_code(trimmed);
        can_be.int &= !is_code && is(Kind::Int, 8);
        can_be.uint &= !is_code && is(Kind::Uint, 8);
        can_be.float &= !is_code && is(Kind::Float, 8);
        can_be.complex &= !is_code && is(Kind::Complex, 16);
        if can_be.time && trimmed != "NaT" {
            match parse(trimmed, Kind::Datetime(SECOND), 8) {
                // A year by itself is a number.
                Some(Value::Datetime(_, unit)) if trimmed.contains('-') => {
                    let finer = self.unit.is_none_or(|finest| is_finer(unit, finest));
                    self.unit = if finer { Some(unit) } else { self.unit };
                }
                _ => can_be.time = false,
            }
        }
    }

    pub(super) fn scalar(&self) -> Scalar {
        let Candidates {
            bool,
            int,
            uint,
            float,
            time,
            complex,
        } = self.can_be;
        let is_full = !self.has_empty;
        let found = match self.is_seen {
            true if bool && is_full => scalar(Kind::Bool, 1),
            true if int && is_full => scalar(Kind::Int, 8),
            true if uint && is_full => scalar(Kind::Uint, 8),
            true if float => scalar(Kind::Float, 8),
            true if time => scalar(Kind::Datetime(self.unit.unwrap_or(SECOND)), 8),
            true if complex => scalar(Kind::Complex, 16),
            _ => None,
        };
        let text = || Scalar::new(Kind::Str, 4 * self.chars.max(1), ByteOrder::Little);
        // No text of a file in memory is too long.
        found.or_else(text).unwrap_or(TEXT)
    }
}

const SECOND: TimeUnit = TimeUnit::Ticks {
    count: 1,
    unit: npyrec::DateUnit::Second,
};

const TEXT: Scalar = match Scalar::new(Kind::Str, 4, ByteOrder::Little) {
    Some(text) => text,
    None => unreachable!(),
};

fn scalar(kind: Kind, itemsize: usize) -> Option<Scalar> {
    Scalar::new(kind, itemsize, ByteOrder::Little)
}

fn parse(text: &str, kind: Kind, itemsize: usize) -> Option<Value> {
    Value::parse(text, scalar(kind, itemsize)?).ok()
}

fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_finer(unit: TimeUnit, than: TimeUnit) -> bool {
    match (unit, than) {
        (TimeUnit::Ticks { unit, .. }, TimeUnit::Ticks { unit: than, .. }) => unit > than,
        _ => false,
    }
}

/// Returns the dtype of rows of columns: those named `a[0]`, `a[1]`, … are a subarray `a`.
pub(super) fn row_dtype(columns: &[(String, Scalar)]) -> Result<DType> {
    if let [(name, scalar)] = columns
        && name == VALUE
    {
        return Ok(DType::from(*scalar));
    }
    let mut fields = Vec::new();
    let mut rest = columns;
    while let Some(((name, scalar), after)) = rest.split_first() {
        let array = name
            .strip_suffix(']')
            .and_then(|name| name.rsplit_once('['));
        let whole = array.and_then(|(base, _)| Some((base, subarray(base, rest)?)));
        let Some((base, (dtype, len))) = whole else {
            fields.push(Field::new(name, DType::from(*scalar)));
            rest = after;
            continue;
        };
        rest = rest.get(len..).unwrap_or_default();
        if base.is_empty() && fields.is_empty() && rest.is_empty() {
            return Ok(dtype);
        }
        fields.push(Field::new(base, dtype));
    }
    Ok(DType::packed(fields)?)
}

/// Returns the subarray that columns start with, and how many are of it.
fn subarray(base: &str, columns: &[(String, Scalar)]) -> Option<(DType, usize)> {
    let indices = columns.iter().map_while(|(name, _)| {
        let index = name
            .strip_prefix(base)?
            .strip_prefix('[')?
            .strip_suffix(']')?;
        let parts = index.split(',').map(|part| part.parse::<usize>().ok());
        parts.collect::<Option<Vec<_>>>()
    });
    let indices: Vec<Vec<usize>> = indices.collect();
    let shape = indices.last()?.iter().map(|last| last.checked_add(1));
    let shape = shape.collect::<Option<Vec<usize>>>()?;
    let entries = shape
        .iter()
        .try_fold(1, |n: usize, &dim| n.checked_mul(dim))?;
    let is_whole = entries == indices.len()
        && (columns.iter().take(entries).enumerate())
            .all(|(nth, (name, _))| *name == format!("{base}{}", index(nth, &shape)));
    let (_, first) = columns.first()?;
    let scalar = columns
        .iter()
        .take(entries)
        .try_fold(*first, |all, (_, next)| common(all, *next))?;
    let dtype = DType::subarray(scalar.into(), &shape).ok()?;
    is_whole.then_some((dtype, entries))
}

/// Returns a type for the values of two, if there is one.
fn common(one: Scalar, other: Scalar) -> Option<Scalar> {
    let is_number = |kind| matches!(kind, Kind::Int | Kind::Uint | Kind::Float);
    match (one.kind(), other.kind()) {
        _ if one == other => Some(one),
        (Kind::Str, Kind::Str) => Some(if one.itemsize() < other.itemsize() {
            other
        } else {
            one
        }),
        (a, b) if is_number(a) && is_number(b) => scalar(Kind::Float, 8),
        _ => None,
    }
}
