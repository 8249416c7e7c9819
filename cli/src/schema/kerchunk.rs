use std::{
    fs,
    io::Seek,
    path::{Path, PathBuf, absolute},
};

use npyrec::{DType, Header, Kind, Shards, Value};
use serde_json::{Map, Value as Json, json};

use crate::{
    failure::{Failure, Result},
    output::plural,
};

/// A reference of kerchunk: a Zarr array whose chunks are the data of shards.
pub(crate) struct Reference {
    pub(crate) json: Json,
    /// The rows of the last shard, if it is shorter than a chunk.
    pub(crate) left_out: u64,
    /// The names of the fields that take the place of padding.
    pub(crate) padding: Vec<String>,
}

/// Returns the reference of a directory of shards: version 1 of kerchunk's format, with the metadata of Zarr 2.
///
/// Each shard is a chunk, so all have the same number of rows. A last shard with fewer rows is left out.
pub(crate) fn kerchunk(shards: &Shards<Value>) -> Result<Reference> {
    let shown = shards.dir().display();
    let failed = |e| Failure::io(&shown, e);
    let dir = absolute(shards.dir()).map_err(failed)?;
    let (dtype, padding) =
        zarr_dtype(shards.dtype()).map_err(|failure| failure.about(&shown.to_string()))?;
    let found: Vec<(PathBuf, u64)> = shards
        .shards()
        .map(|shard| {
            (
                shard.path().to_owned(),
                shard.rows().end - shard.rows().start,
            )
        })
        .collect();
    let rows_of_chunk = found.first().map_or(0, |(_, rows)| *rows);
    let last = found.last().map_or(0, |(_, rows)| *rows);
    let left_out = if last < rows_of_chunk { last } else { 0 };
    let whole = match last < rows_of_chunk {
        true => found.len() - 1,
        false => found.len(),
    };
    let name = dir.file_name().map_or_else(
        || "data".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let mut shape = shards.shape();
    if let Some(rows) = shape.first_mut() {
        *rows -= left_out;
    }
    let axes = shape.len();
    let mut chunks = shape.clone();
    if let Some(rows) = chunks.first_mut() {
        // A chunk has at least one row.
        *rows = rows_of_chunk.max(1);
    }
    let array = json!({
        "zarr_format": 2,
        "shape": shape,
        "chunks": chunks,
        "dtype": dtype,
        "order": "C",
        "compressor": null,
        "filters": null,
        "fill_value": null,
    });
    let dimensions = (0..axes).map(|axis| match axis {
        0 => "row".to_owned(),
        axis => format!("axis_{axis}"),
    });
    let dimensions: Vec<String> = dimensions.collect();
    let mut refs = Map::new();
    // Metadata are texts of JSON within JSON.
    refs.insert(
        ".zgroup".to_owned(),
        json!({"zarr_format": 2}).to_string().into(),
    );
    refs.insert(format!("{name}/.zarray"), array.to_string().into());
    let attributes = json!({"_ARRAY_DIMENSIONS": dimensions});
    refs.insert(format!("{name}/.zattrs"), attributes.to_string().into());
    for (nth, (path, rows)) in found.iter().take(whole).enumerate() {
        if *rows != rows_of_chunk {
            return Err(unequal(path, *rows, rows_of_chunk));
        }
        let (start, bytes) = place(path)?;
        if bytes == 0 {
            continue;
        }
        let chunk = format!("{name}/{nth}{}", ".0".repeat(axes.saturating_sub(1)));
        let path = dir.join(path.file_name().unwrap_or_default());
        refs.insert(chunk, json!([path.display().to_string(), start, bytes]));
    }
    Ok(Reference {
        json: json!({"version": 1, "refs": refs}),
        left_out,
        padding,
    })
}

fn unequal(path: &Path, rows: u64, first: u64) -> Failure {
    let failure = Failure::new(format!(
        "{}: it has {}, and the first shard has {first}; in a Zarr array all have the same number",
        path.display(),
        plural(rows, "row"),
    ));
    failure.hint("`npyrec concat` and `npyrec split --rows` make equal shards")
}

/// Returns where the data of a file start, and their length.
fn place(path: &Path) -> Result<(u64, u64)> {
    let failed = |e| Failure::io(path.display(), e);
    let mut file = fs::File::open(path).map_err(failed)?;
    let header = Header::read_from(&mut file);
    let header = header.map_err(|e| Failure::from(e).about(&path.display().to_string()))?;
    let start = file.stream_position().map_err(failed)?;
    Ok((start, header.data_len().unwrap_or_default()))
}

/// Returns a dtype as Zarr writes it, and the names of the fields that take the place of padding.
///
/// It is the text of a scalar, or pairs of a name and a text.
fn zarr_dtype(dtype: &DType) -> Result<(Json, Vec<String>)> {
    let DType::Struct(record) = dtype else {
        return Ok((zarr_scalar(dtype)?, Vec::new()));
    };
    let mut pairs = Vec::new();
    let mut padding = Vec::new();
    let mut end = 0;
    let mut pad = |pairs: &mut Vec<Json>, start: usize, bytes: usize| {
        if bytes > 0 {
            // A name without text would become `f0` or `f1` in NumPy, which a field may have.
            let mut name = format!("padding_{start}");
            while record.fields().iter().any(|field| field.name() == name) {
                name.push('_');
            }
            pairs.push(json!([name, format!("|V{bytes}")]));
            padding.push(name);
        }
    };
    for field in record.fields() {
        let gap = field.offset().checked_sub(end);
        let gap = gap.ok_or_else(|| no_type("fields that are not in the order of their bytes"))?;
        pad(&mut pairs, end, gap);
        let DType::Scalar(_) = field.dtype() else {
            let (dtype, name) = (field.dtype(), field.name());
            return Err(no_type(&format!("{dtype}, of the field `{name}`")));
        };
        pairs.push(json!([field.name(), zarr_scalar(field.dtype())?]));
        end = field.offset() + field.dtype().itemsize();
    }
    pad(&mut pairs, end, record.itemsize().saturating_sub(end));
    Ok((pairs.into(), padding))
}

fn zarr_scalar(dtype: &DType) -> Result<Json> {
    let is_known = match dtype {
        DType::Scalar(scalar) => match scalar.kind() {
            Kind::Float => scalar.itemsize() <= 8,
            Kind::Complex => scalar.itemsize() <= 16,
            _ => true,
        },
        _ => false,
    };
    match is_known {
        true => Ok(dtype.to_string().into()),
        false => Err(no_type(&dtype.to_string())),
    }
}

fn no_type(what: &str) -> Failure {
    let failure = Failure::new(format!("Zarr has no type for {what}"));
    failure.hint("it has numbers, times, texts and bytes, and records of these")
}
