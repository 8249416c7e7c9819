//! All appenders with one interface, for tests of their common promises.

use std::path::Path;

use npyrec::{
    AppendOptions, Appender, ArrayAppender, CloseError, Durability, Error, NpyRecord, Order,
    Result, Value,
};

/// A record that is encoded field by field.
#[derive(NpyRecord, Clone)]
pub struct Text {
    #[npy(dtype = "S4")]
    number: String,
}

pub fn text(number: u16) -> Text {
    Text {
        number: format!("{number:04}"),
    }
}

pub enum Log {
    Copied(Appender<u16>),
    Encoded(Appender<Text>),
    Values(Appender<Value>),
    Array(ArrayAppender<u16>),
    Fortran(ArrayAppender<u16>),
}

/// The elements of a row of the arrays.
pub const ROW: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Copied,
    Encoded,
    Values,
    Array,
    Fortran,
}

#[derive(Clone, Copy, Debug)]
pub struct Setup {
    pub kind: Kind,
    pub mapped: bool,
    pub durability: Durability,
    pub commit_every: u64,
    pub buffer: usize,
    pub accept_little_room: bool,
    pub make_appendable: bool,
}

pub const KINDS: [Kind; 5] = [
    Kind::Copied,
    Kind::Encoded,
    Kind::Values,
    Kind::Array,
    Kind::Fortran,
];

/// Every appender, mapped or not, cached and synced.
pub fn setups() -> Vec<Setup> {
    let mut setups = Vec::new();
    for kind in KINDS {
        for mapped in [false, true] {
            for durability in [Durability::Cached, Durability::Synced] {
                setups.push(Setup {
                    kind,
                    mapped,
                    durability,
                    commit_every: 0,
                    buffer: 4096,
                    accept_little_room: false,
                    make_appendable: false,
                });
            }
        }
    }
    setups
}

macro_rules! each {
    ($log:expr, $appender:ident => $act:expr) => {
        match $log {
            Log::Copied($appender) => $act,
            Log::Encoded($appender) => $act,
            Log::Values($appender) => $act,
            Log::Array($appender) => $act,
            Log::Fortran($appender) => $act,
        }
    };
}

impl Setup {
    pub fn open(self, path: &Path) -> Result<Log> {
        macro_rules! options {
            ($options:expr) => {
                $options
                    .mapped(self.mapped)
                    .durability(self.durability)
                    .commit_every(self.commit_every)
                    .buffer_capacity(self.buffer)
                    .accept_little_room(self.accept_little_room)
                    .make_appendable(self.make_appendable)
            };
        }
        let row = &[ROW as u64];
        Ok(match self.kind {
            Kind::Copied => Log::Copied(options!(AppendOptions::new()).open(path)?),
            Kind::Encoded => Log::Encoded(options!(AppendOptions::new()).open(path)?),
            Kind::Values => {
                let dtype = "<u2".parse().unwrap();
                Log::Values(options!(AppendOptions::new()).open_with_dtype(path, &dtype)?)
            }
            Kind::Array => {
                Log::Array(options!(AppendOptions::new()).open_or_create_array(path, row)?)
            }
            Kind::Fortran => {
                let options = AppendOptions::new().order(Order::Fortran);
                Log::Fortran(options!(options).open_or_create_array(path, row)?)
            }
        })
    }

    /// The size of a row in the file.
    pub fn row_size(self) -> usize {
        match self.kind {
            Kind::Copied | Kind::Values => 2,
            Kind::Encoded => 4,
            Kind::Array | Kind::Fortran => 2 * ROW,
        }
    }

    /// The file of rows that count from 0, as NumPy writes it.
    pub fn file(self, rows: u16) -> Vec<u8> {
        let (dtype, order, shape) = match self.kind {
            Kind::Copied | Kind::Values => ("<u2", Order::C, vec![rows.into()]),
            Kind::Encoded => ("[('number', '|S4')]", Order::C, vec![rows.into()]),
            Kind::Array => ("<u2", Order::C, vec![rows.into(), ROW as u64]),
            Kind::Fortran => ("<u2", Order::Fortran, vec![ROW as u64, rows.into()]),
        };
        let header = npyrec::Header::new(dtype.parse().unwrap(), order, &shape).unwrap();
        let mut bytes = header.to_bytes();
        for row in 0..rows {
            match self.kind {
                Kind::Encoded => bytes.extend(text(row).number.bytes()),
                _ => bytes.extend(row.to_le_bytes().repeat(self.row_size() / 2)),
            }
        }
        bytes
    }
}

impl Log {
    pub fn append(&mut self, row: u16) -> Result<()> {
        match self {
            Log::Copied(log) => log.append(&row),
            Log::Encoded(log) => log.append(&text(row)),
            Log::Values(log) => log.append(&Value::from(u64::from(row))),
            Log::Array(log) | Log::Fortran(log) => log.append_rows(&[row; ROW]),
        }
    }

    /// Appends rows by one call, where there is one.
    pub fn append_slice(&mut self, rows: &[u16]) -> Result<()> {
        match self {
            Log::Copied(log) => log.append_slice(rows),
            Log::Encoded(log) => {
                log.append_slice(&rows.iter().map(|row| text(*row)).collect::<Vec<_>>())
            }
            Log::Values(log) => log.extend(rows.iter().map(|row| Value::from(u64::from(*row)))),
            Log::Array(log) | Log::Fortran(log) => {
                log.append_rows(&rows.iter().flat_map(|row| [*row; ROW]).collect::<Vec<_>>())
            }
        }
    }

    pub fn commit(&mut self) -> Result<()> {
        each!(self, log => log.commit())
    }

    pub fn sync(&mut self) -> Result<()> {
        each!(self, log => log.sync())
    }

    pub fn close(self) -> Result<()> {
        each!(self, log => log.close())
    }

    pub fn try_close(self) -> Result<(), Box<(Error, Log)>> {
        fn given_back<A>(
            closed: Result<(), CloseError<A>>,
            log: fn(A) -> Log,
        ) -> Result<(), Box<(Error, Log)>> {
            closed.map_err(|failed| {
                let (error, appender) = failed.into_parts();
                Box::new((error, log(appender)))
            })
        }
        match self {
            Log::Copied(log) => given_back(log.try_close(), Log::Copied),
            Log::Encoded(log) => given_back(log.try_close(), Log::Encoded),
            Log::Values(log) => given_back(log.try_close(), Log::Values),
            Log::Array(log) => given_back(log.try_close(), Log::Array),
            Log::Fortran(log) => given_back(log.try_close(), Log::Fortran),
        }
    }

    pub fn rows(&self) -> u64 {
        each!(self, log => log.rows())
    }

    pub fn committed_rows(&self) -> u64 {
        each!(self, log => log.committed_rows())
    }

    pub fn max_rows(&self) -> u64 {
        each!(self, log => log.max_rows())
    }

    pub fn is_current(&self) -> Result<bool> {
        each!(self, log => log.is_current())
    }
}
