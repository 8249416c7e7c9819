use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use npyrec::{DType, Header, Order, Value, npz, stream::RecordWriter};

use super::source::{Feed, TextBlock};
use crate::{
    failure::{Failure, Result},
    input::Layout,
    output::{
        Format, Progress, Stream, each_element,
        file::{NewFile, check_free},
        header, row_writer, rows_alone,
    },
};

/// The file to write, and its format.
#[derive(Debug)]
pub(crate) struct Target {
    /// None for the standard output.
    pub(crate) path: Option<PathBuf>,
    pub(crate) force: bool,
    /// None for an archive.
    pub(crate) format: Option<Format>,
    /// The dtype of the rows in a binary format.
    pub(crate) row: DType,
    pub(crate) order: Order,
    /// The name in an archive.
    pub(crate) name: String,
}

/// Writes all rows of a feed.
pub(crate) fn write(feed: &mut dyn Feed, target: &Target) -> Result<()> {
    let rows = feed.layout().rows;
    let layout = Layout {
        row: target.row.clone(),
        ..feed.layout()
    };
    match (&target.path, target.format) {
        (Some(path), None) => archive(feed, path, target, &layout),
        (None, None) => {
            let failure = Failure::new("an archive cannot be written to a pipe");
            Err(failure.hint("name a file that ends with `.npz`"))
        }
        (Some(path), Some(format)) => {
            let mut file = NewFile::create(path, target.force)?;
            rows_to(feed, format, &mut file, target, &layout, rows)?;
            file.finish()
        }
        (None, Some(format)) => {
            let out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
            rows_to(feed, format, out, target, &layout, rows)
        }
    }
}

fn rows_to<W: Write>(
    feed: &mut dyn Feed,
    format: Format,
    out: W,
    target: &Target,
    layout: &Layout,
    rows: u64,
) -> Result<()> {
    let header = header(layout, layout.rows)?;
    let is_fortran = target.order == Order::Fortran && header.shape().len() > 1;
    if format == Format::Npy && is_fortran {
        return fortran(feed, out, &header);
    }
    // A failure of the feed names the input already.
    let about_output = |failure: Failure| match &target.path {
        Some(path) => failure.about(&path.display().to_string()),
        None => failure,
    };
    if matches!(format, Format::Csv | Format::Tsv | Format::Jsonl) && !Stream::Out.is_terminal() {
        return text(feed, format, out, layout, rows, &about_output);
    }
    let mut progress = Progress::new(rows);
    let mut writer = row_writer(format, out, layout, Some(rows), target.path.is_none())?;
    feed.each(&mut |row, value| {
        progress.step();
        writer.write(row, &value).map_err(about_output)
    })?;
    writer.finish().map_err(about_output)
}

/// Writes rows as a text, of which several threads make a part each. Failures of writing get `about_output`.
fn text<W: Write>(
    feed: &mut dyn Feed,
    format: Format,
    mut out: W,
    layout: &Layout,
    rows: u64,
    about_output: &(dyn Fn(Failure) -> Failure + Sync),
) -> Result<()> {
    let mut progress = Progress::new(rows);
    let mut write = |text: &[u8]| out.write_all(text).map_err(|e| about_output(e.into()));
    write(&text_head(format, layout, rows).map_err(about_output)?)?;
    let make = |values: Vec<Value>| text_block(format, &values).map_err(about_output);
    feed.each_block(&make, &mut |block| {
        progress.advance(block.rows);
        write(&block.text)
    })?;
    out.flush().map_err(|e| about_output(e.into()))
}

/// Returns the text before the first row.
fn text_head(format: Format, layout: &Layout, rows: u64) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    row_writer(format, &mut head, layout, Some(rows), false)?.finish()?;
    Ok(head)
}

fn text_block(format: Format, values: &[Value]) -> Result<TextBlock> {
    let mut text = Vec::new();
    let mut writer = rows_alone(format, &mut text);
    for value in values {
        writer.write(0, value)?;
    }
    writer.finish()?;
    Ok(TextBlock {
        rows: values.len() as u64,
        text,
    })
}

fn archive(feed: &mut dyn Feed, path: &Path, target: &Target, layout: &Layout) -> Result<()> {
    check_free(path, target.force)?;
    let mut archive = npz::Writer::create(path)?;
    let mut progress = Progress::new(layout.rows);
    let mut records = archive.records_with::<Value>(&target.name, &header(layout, layout.rows)?)?;
    feed.each(&mut |_, value| {
        progress.step();
        each_element(&value, |element| Ok(records.append(element)?))
    })?;
    records.finish()?;
    archive.finish()?;
    Ok(())
}

/// The most values that are in memory at once.
const AT_ONCE: u64 = 4 << 20;

/// Writes an array in Fortran order, of which all rows are read as often as memory makes it necessary.
fn fortran<W: Write>(feed: &mut dyn Feed, out: W, header: &Header) -> Result<()> {
    let shape = header.shape().to_vec();
    let header = Header::new(header.dtype().clone(), Order::Fortran, &shape)?;
    let mut writer = RecordWriter::<Value, _>::with_header(out, &header)?;
    let places = fortran_places(shape.get(1..).unwrap_or_default());
    let rows = shape.first().copied().unwrap_or_default();
    let at_once = usize::try_from(AT_ONCE / rows.max(1))
        .unwrap_or(usize::MAX)
        .max(1);
    if places.len() > at_once && !feed.is_repeatable() {
        let failure = Failure::new("Fortran order needs to read the rows more than once");
        return Err(failure.hint("save the array to a file first"));
    }
    let mut progress = Progress::new(rows.saturating_mul(places.len().div_ceil(at_once) as u64));
    for part in places.chunks(at_once) {
        let mut columns: Vec<Vec<Value>> = vec![Vec::new(); part.len()];
        feed.each(&mut |_, row| {
            progress.step();
            let entries = row
                .as_array()
                .map(|array| array.values())
                .unwrap_or_default();
            for (column, &place) in columns.iter_mut().zip(part) {
                column.extend(entries.get(place).cloned());
            }
            Ok(())
        })?;
        for column in columns {
            writer.append_slice(&column)?;
        }
    }
    writer.finish()?.flush()?;
    Ok(())
}

/// Returns the places in C order of the entries of an array, in Fortran order.
fn fortran_places(shape: &[u64]) -> Vec<usize> {
    let dims: Vec<usize> = shape
        .iter()
        .map(|&dim| usize::try_from(dim).unwrap_or(usize::MAX))
        .collect();
    let mut places = vec![0];
    // The first axis varies fastest.
    let mut stride: usize = dims.iter().product();
    for dim in dims {
        stride /= dim.max(1);
        let next =
            (0..dim).flat_map(|index| places.iter().map(move |place| place + index * stride));
        places = next.collect();
    }
    places
}
