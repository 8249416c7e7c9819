use std::{
    fs,
    io::{self, BufWriter, Write},
    path::Path,
};

use clap::Args;
use npyrec::{DType, Header, Kind, Order, Shards, Value, npz};
use serde::Serialize;

use crate::{
    failure::{Failure, Outcome, Result},
    input::{Input, explained, is_archive, shards_header},
    output::{Table, dtype_in_short, escape, json_value, note, plural, tuple},
};

/// Print dtype, shape and size, without reading data
#[derive(Args, Debug)]
pub(crate) struct Info {
    /// Files, archives, directories of shards, or `-` for a pipe
    #[arg(value_name = "FILE", required = true, value_parser = clap::value_parser!(Input))]
    inputs: Vec<Input>,
}

/// The description of an array.
#[derive(Debug, Serialize)]
struct ArrayInfo {
    path: String,
    #[serde(rename = "type")]
    kind: &'static str,
    dtype: DType,
    itemsize: usize,
    fields: Vec<FieldInfo>,
    shape: Vec<u64>,
    fortran_order: bool,
    version: String,
    /// Of the whole file; of a member, its header and data. Null in a pipe.
    file_bytes: Option<u64>,
    header_bytes: Option<u64>,
    data_bytes: Option<u64>,
    /// The most rows that the header has room for; null for any number, or where it cannot grow.
    max_rows: Option<u64>,
    can_grow: bool,
}

#[derive(Debug, Serialize)]
struct FieldInfo {
    name: String,
    dtype: DType,
    offset: usize,
    itemsize: usize,
    unit: Option<String>,
    title: Option<String>,
}

#[derive(Debug, Serialize)]
struct ArchiveInfo {
    path: String,
    #[serde(rename = "type")]
    kind: &'static str,
    file_bytes: u64,
    arrays: Vec<ArrayInfo>,
}

/// A directory of shards, which is one array.
#[derive(Debug, Serialize)]
struct ShardsInfo {
    #[serde(flatten)]
    array: ArrayInfo,
    shards: Vec<ShardInfo>,
}

#[derive(Debug, Serialize)]
struct ShardInfo {
    path: String,
    rows: u64,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Found {
    Shards(ShardsInfo),
    Array(ArrayInfo),
    Archive(ArchiveInfo),
}

impl Info {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        let mut out = BufWriter::new(io::stdout().lock());
        let mut failed = None;
        let mut table = Table::new([
            ("file", false),
            ("shape", false),
            ("dtype", false),
            ("bytes", true),
        ]);
        let mut lines = Vec::new();
        for input in &self.inputs {
            match Found::of(input) {
                Ok(found) if json => writeln!(out, "{}", json_value::line(&found)?)?,
                Ok(found) if self.inputs.len() == 1 => found.print(&mut out)?,
                Ok(found) => found.add_lines(&mut lines),
                // The other files are shown, unless nobody looks.
                Err(Failure::ClosedPipe) => return Err(Failure::ClosedPipe),
                Err(failure) => {
                    if let Some(earlier) = failed.replace(failure) {
                        note(earlier.to_string().trim_end());
                    }
                }
            }
        }
        if !lines.is_empty() {
            table.write(&mut out, &lines)?;
        }
        out.flush()?;
        failed.map_or(Ok(Outcome::Fine), Err)
    }
}

impl Found {
    fn of(input: &Input) -> Result<Self> {
        match input {
            Input::File(path) if is_archive(path) => archive(path).map(Found::Archive),
            Input::File(path) if path.is_file() => file(path).map(Found::Array),
            Input::File(path) if path.is_dir() => shards(path).map(Found::Shards),
            Input::Member { archive, name } => {
                let mut archive = npz::Reader::open(archive)?;
                let array = member(&mut archive, name, input.name())?;
                Ok(Found::Array(array))
            }
            // A pipe, or what cannot be opened.
            other => other.read_header(&[], |header, _| {
                Ok(Found::Array(ArrayInfo::of(header, other.name(), "npy")))
            }),
        }
    }

    fn print(&self, out: &mut dyn Write) -> Result<()> {
        match self {
            Found::Array(array) => array.print(out),
            Found::Shards(found) => {
                found.array.print(out)?;
                writeln!(out)?;
                let mut table = Table::new([("shard", false), ("rows", true)]).indented(2);
                let lines = found.shards.iter();
                let lines = lines.map(|shard| vec![shard.path.clone(), shard.rows.to_string()]);
                Ok(table.write(out, &lines.collect::<Vec<_>>())?)
            }
            Found::Archive(archive) => {
                writeln!(out, "{}", escape::text(&archive.path))?;
                let arrays = plural(archive.arrays.len() as u64, "array");
                writeln!(out, "  {arrays}, {} bytes", archive.file_bytes)?;
                let mut table = Table::new([("array", false), ("shape", false), ("dtype", false)]);
                let lines = archive.arrays.iter().map(|array| {
                    let name = array
                        .path
                        .strip_prefix(&archive.path)
                        .unwrap_or(&array.path);
                    let name = name.strip_prefix(':').unwrap_or(name);
                    vec![name.to_owned(), array.shape(), dtype_in_short(&array.dtype)]
                });
                table = table.indented(2);
                Ok(table.write(out, &lines.collect::<Vec<_>>())?)
            }
        }
    }

    /// Adds a line for each array.
    fn add_lines(&self, lines: &mut Vec<Vec<String>>) {
        let mut add = |array: &ArrayInfo| {
            let bytes = array
                .file_bytes
                .map_or_else(String::new, |bytes| bytes.to_string());
            lines.push(vec![
                array.path.clone(),
                array.shape(),
                dtype_in_short(&array.dtype),
                bytes,
            ]);
        };
        match self {
            Found::Array(array) => add(array),
            Found::Shards(shards) => add(&shards.array),
            Found::Archive(archive) => archive.arrays.iter().for_each(add),
        }
    }
}

impl ArrayInfo {
    fn of(header: &Header, path: String, kind: &'static str) -> Self {
        let dtype = header.dtype();
        ArrayInfo {
            path,
            kind,
            dtype: dtype.clone(),
            itemsize: dtype.itemsize(),
            fields: FieldInfo::of(dtype),
            shape: header.shape().to_vec(),
            fortran_order: header.order() == Order::Fortran,
            version: header.version().to_string(),
            file_bytes: None,
            header_bytes: None,
            data_bytes: header.data_len(),
            max_rows: None,
            can_grow: false,
        }
    }

    fn shape(&self) -> String {
        tuple(&self.shape)
    }

    fn print(&self, out: &mut dyn Write) -> Result<()> {
        writeln!(out, "{}", escape::text(&self.path))?;
        let order = if self.fortran_order {
            ", Fortran order"
        } else {
            ""
        };
        writeln!(out, "  shape    {}{order}", self.shape())?;
        match self.fields.is_empty() {
            true => writeln!(out, "  dtype    {}", escape::text(&self.dtype.to_string()))?,
            false => writeln!(out, "  dtype    {}", dtype_in_short(&self.dtype))?,
        }
        let sizes = [
            self.file_bytes.map(|bytes| format!("{bytes} bytes")),
            self.header_bytes
                .map(|bytes| format!("{bytes} of them header")),
        ];
        let sizes: Vec<String> = sizes.into_iter().flatten().collect();
        if !sizes.is_empty() {
            writeln!(out, "  size     {}", sizes.join(", "))?;
        }
        writeln!(out, "  version  {}", self.version)?;
        match self.max_rows {
            _ if !self.can_grow => {}
            None => writeln!(out, "  room     for any number of rows")?,
            Some(rows) => writeln!(
                out,
                "  room     for {rows} rows; `make-appendable` makes more"
            )?,
        }
        if self.fields.is_empty() {
            return Ok(());
        }
        let described = self.fields.iter().any(|field| field.title.is_some());
        let timed = self.fields.iter().any(|field| field.unit.is_some());
        let mut columns = vec![
            ("field", false),
            ("type", false),
            ("offset", true),
            ("bytes", true),
        ];
        columns.extend(timed.then_some(("unit", false)));
        columns.extend(described.then_some(("description", false)));
        let lines = self.fields.iter().map(|field| {
            let mut line = vec![
                field.name.clone(),
                field.dtype.to_string(),
                field.offset.to_string(),
                field.itemsize.to_string(),
            ];
            line.extend(timed.then(|| field.unit.clone().unwrap_or_default()));
            line.extend(described.then(|| field.title.clone().unwrap_or_default()));
            line
        });
        writeln!(out)?;
        let mut table = Table::new(columns).indented(2);
        Ok(table.write(out, &lines.collect::<Vec<_>>())?)
    }
}

impl FieldInfo {
    /// Returns the fields of a dtype by their paths. The fields of a nested struct replace it.
    fn of(dtype: &DType) -> Vec<FieldInfo> {
        let mut found = Vec::new();
        add_fields("", 0, dtype, &mut found);
        found
    }
}

fn add_fields(path: &str, start: usize, dtype: &DType, found: &mut Vec<FieldInfo>) {
    for field in dtype.fields() {
        let name = match path {
            "" => field.name().to_owned(),
            outer => format!("{outer}.{}", field.name()),
        };
        let unit = match field.dtype().base_and_shape().0 {
            DType::Scalar(scalar) => match scalar.kind() {
                Kind::Datetime(unit) | Kind::Timedelta(unit) => Some(unit.to_string()),
                _ => None,
            },
            _ => None,
        };
        let offset = start + field.offset();
        match field.dtype() {
            inner @ DType::Struct(_) => add_fields(&name, offset, inner, found),
            dtype => found.push(FieldInfo {
                name,
                dtype: dtype.clone(),
                offset,
                itemsize: dtype.itemsize(),
                unit,
                title: field.title().map(str::to_owned),
            }),
        }
    }
}

fn shards(path: &Path) -> Result<ShardsInfo> {
    let found = Shards::<Value>::open(path).map_err(|e| explained(path, e))?;
    let header = shards_header(&found)?;
    let shards = found.shards().map(|shard| ShardInfo {
        path: shard.path().display().to_string(),
        rows: shard.rows().end - shard.rows().start,
    });
    Ok(ShardsInfo {
        shards: shards.collect(),
        array: ArrayInfo::of(&header, path.display().to_string(), "shards"),
    })
}

fn archive(path: &Path) -> Result<ArchiveInfo> {
    let mut archive = npz::Reader::open(path)?;
    let shown = path.display().to_string();
    let arrays = archive.names().into_iter();
    let arrays = arrays.map(|name| member(&mut archive, &name, format!("{shown}:{name}")));
    Ok(ArchiveInfo {
        arrays: arrays.collect::<Result<_>>()?,
        kind: "npz",
        file_bytes: length(path)?,
        path: shown,
    })
}

fn member(archive: &mut npz::Reader, name: &str, path: String) -> Result<ArrayInfo> {
    let member = archive.by_name(name)?;
    Ok(ArrayInfo::of(member.header(), path, "npz member"))
}

fn file(path: &Path) -> Result<ArrayInfo> {
    let mut file = fs::File::open(path).map_err(|e| Failure::io(path.display(), e))?;
    let header = Header::read_from(&mut file);
    let header = header.map_err(|e| {
        let failure = Failure::new(format!("{}: {e}", path.display()));
        match npyrec::check(path) {
            Ok(_) => failure.hint(format!(
                "`npyrec check {}` says what is wrong",
                path.display()
            )),
            Err(error) => explained(path, error),
        }
    })?;
    let position = io::Seek::stream_position(&mut file);
    let report = npyrec::check(path).ok();
    Ok(ArrayInfo {
        file_bytes: Some(length(path)?),
        header_bytes: Some(position.map_err(|e| Failure::io(path.display(), e))?),
        max_rows: report
            .as_ref()
            .map(|report| report.max_rows())
            .filter(|&rows| rows < u64::MAX),
        can_grow: report.is_some() && !header.shape().is_empty(),
        ..ArrayInfo::of(&header, path.display().to_string(), "npy")
    })
}

fn length(path: &Path) -> Result<u64> {
    let found = fs::metadata(path).map_err(|e| Failure::io(path.display(), e))?;
    Ok(found.len())
}
