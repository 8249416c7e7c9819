use std::{
    ffi::OsString,
    fs,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use npyrec::{ErrorKind, Header, NpyFile, Order, ReadOptions, Shards, Value, npz};

use super::rows::{Layout, Rows, Source};
use crate::failure::{Failure, Result};

/// An array to read: a file, `-` for the standard input, or `x.npz:name` for a member of an archive.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    Pipe,
    File(PathBuf),
    Member { archive: PathBuf, name: String },
}

impl From<OsString> for Input {
    fn from(argument: OsString) -> Self {
        let path = PathBuf::from(&argument);
        if argument == "-" {
            return Input::Pipe;
        }
        let member = argument.to_str().and_then(|text| text.rsplit_once(':'));
        match member {
            Some((archive, name)) if !path.exists() && Path::new(archive).is_file() => {
                Input::Member {
                    archive: archive.into(),
                    name: name.to_owned(),
                }
            }
            _ => Input::File(path),
        }
    }
}

impl Input {
    /// Returns the argument that it was.
    pub(crate) fn name(&self) -> String {
        match self {
            Input::Pipe => "-".to_owned(),
            Input::File(path) => path.display().to_string(),
            Input::Member { archive, name } => format!("{}:{name}", archive.display()),
        }
    }

    /// Returns the path, if it is a file by itself. `why` says what needs one.
    pub(crate) fn path(&self, why: &str) -> Result<&Path> {
        match self {
            Input::File(path) => Ok(path),
            _ => Err(Failure::new(format!("{}: {why}", self.name()))),
        }
    }

    /// Reads the header, and does the work with it and the layout of the rows.
    pub(crate) fn read_header<T>(
        &self,
        columns: &[String],
        work: impl FnOnce(&Header, &Layout) -> Result<T>,
    ) -> Result<T> {
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let layout = |header: &Header| {
            let layout = Layout::of(header).with_columns(&columns);
            layout.map_err(|failure| failure.about(&self.name()))
        };
        let header = match self {
            Input::Pipe => Header::read_from(&mut io::stdin().lock())
                .map_err(|e| Failure::from(e).about(&self.name()))?,
            Input::File(path) if path.is_dir() => {
                let shards = Shards::<Value>::open(path).map_err(|e| explained(path, e))?;
                shards_header(&shards)?
            }
            Input::File(path) => {
                let file = fs::File::open(path);
                let mut file = file.map_err(|e| Failure::io(path.display(), e))?;
                Header::read_from(&mut file)
                    .map_err(|e| explained(path, e.into()).about(&self.name()))?
            }
            Input::Member { archive, name } => {
                npz::Reader::open(archive)?.by_name(name)?.header().clone()
            }
        };
        work(&header, &layout(&header)?).map_err(|failure| failure.about(&self.name()))
    }

    /// Opens the array, and does the work with its rows. With `columns`, the rows have only these.
    pub(crate) fn read<T>(
        &self,
        columns: &[String],
        work: impl FnOnce(&mut Rows<'_>) -> Result<T>,
    ) -> Result<T> {
        self.read_choosing(|_, _| Ok(columns.to_vec()), work)
    }

    /// Does the same, with the columns that are chosen once the header is known.
    pub(crate) fn read_choosing<T>(
        &self,
        choose: impl FnOnce(&Header, &Layout) -> Result<Vec<String>>,
        work: impl FnOnce(&mut Rows<'_>) -> Result<T>,
    ) -> Result<T> {
        let rows = |header: &Header| Rows::choose(self.name(), header.clone(), choose);
        // Where nobody can seek, the rows of an array in Fortran order are gathered in memory.
        let options = ReadOptions::new().in_c_order(true);
        match self {
            Input::Pipe => {
                let reader = options.from_reader::<Value>(io::stdin().lock());
                let reader = reader.map_err(|e| Failure::from(e).about("-"))?;
                work(&mut rows(reader.header())?.of_reader(reader)?)
            }
            Input::File(path) if path.is_dir() => {
                let shards = Shards::<Value>::open(path).map_err(|e| explained(path, e))?;
                let rows = rows(&shards_header(&shards)?)?;
                let shards = match &*rows.columns() {
                    [] => shards,
                    columns => shards.select(columns)?,
                };
                work(&mut rows.from(Source::Shards(Box::new(shards))))
            }
            Input::File(path) if is_regular(path) => {
                let file = NpyFile::open(path).map_err(|e| explained(path, e))?;
                let rows = rows(file.header())?;
                let file = match &*rows.columns() {
                    [] => file,
                    columns => file.select(columns)?,
                };
                work(&mut rows.from(Source::File(Box::new(file))))
            }
            Input::File(path) => {
                let failed = |e| Failure::io(path.display(), e);
                let file = BufReader::new(fs::File::open(path).map_err(failed)?);
                let reader = options.from_reader::<Value>(file);
                let reader = reader.map_err(|e| explained(path, e))?;
                work(&mut rows(reader.header())?.of_reader(reader)?)
            }
            Input::Member { archive, name } => {
                let mut archive = npz::Reader::open(archive)?;
                let member = archive.by_name(name)?.with(options);
                let reader = member.rows::<Value>()?;
                work(&mut rows(reader.header())?.of_reader(reader)?)
            }
        }
    }
}

/// Returns the header of a directory of shards as one array.
pub(crate) fn shards_header(shards: &Shards<Value>) -> Result<Header> {
    Ok(Header::new(
        shards.dtype().clone(),
        Order::C,
        &shards.shape(),
    )?)
}

/// Returns true for a file with random access, and for a missing file, whose error comes from opening it.
fn is_regular(path: &Path) -> bool {
    !fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Returns the failure to open a file, with a hint if it is something else than an array.
pub(crate) fn explained(path: &Path, error: npyrec::Error) -> Failure {
    // No command mends a shard of another dtype or order.
    let is_mendable = !matches!(error.kind(), ErrorKind::DType | ErrorKind::Shape);
    let failure = Failure::from(error);
    let shown = path.display();
    if path.is_dir() && path.join("0.npy").exists() && !is_mendable {
        return failure;
    }
    if path.is_dir() {
        return failure.hint(match path.join("0.npy").exists() {
            true => format!(
                "`npyrec index {shown}` lists the shards anew, `recover` mends the last one"
            ),
            false => {
                format!("{shown} has no shards `0.npy`, `1.npy`, …; name a file in it")
            }
        });
    }
    match first_bytes(path) {
        Some([b'P', b'K', 3, 4] | [b'P', b'K', 5, 6]) => failure.hint(format!(
            "this is an archive: name an array in it, as `{shown}:name`; `npyrec info {shown}` lists them"
        )),
        Some([0x93, b'N', b'U', b'M']) => failure.hint(format!("`npyrec check {shown}` says what is wrong with it")),
        _ => failure,
    }
}

/// Returns true if a file is an archive.
pub(crate) fn is_archive(path: &Path) -> bool {
    let is_file = fs::metadata(path).is_ok_and(|found| found.is_file());
    is_file
        && matches!(
            first_bytes(path),
            Some([b'P', b'K', 3, 4] | [b'P', b'K', 5, 6])
        )
}

fn first_bytes(path: &Path) -> Option<[u8; 4]> {
    let mut start = [0; 4];
    fs::File::open(path).ok()?.read_exact(&mut start).ok()?;
    Some(start)
}
