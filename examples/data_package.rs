//! Describes a log as a Frictionless Data Package: its rows as CSV, with the type, unit and text of each field.
//!
//! ```text
//! cargo run --example data_package -- readings && frictionless validate readings/datapackage.json
//! ```

use std::{env, error::Error, fs, path::PathBuf, time::SystemTime};

use npyrec::{NpyRecord, Reader, Value};
use serde_json::json;

#[derive(NpyRecord)]
struct Reading {
    #[npy(dtype = "M8[s]")]
    time: SystemTime,
    /// Temperature of the air.
    #[npy(unit = "degree Celsius")]
    celsius: f64,
    is_valid: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or("readings".to_owned()));
    fs::create_dir_all(&folder)?;
    let readings = [4.5, -0.25].map(|celsius| Reading {
        time: SystemTime::now(),
        celsius,
        is_valid: celsius > 0.0,
    });
    npyrec::write(folder.join("readings.npy"), &readings)?;

    let fields = Reading::fields();
    let line = |cells: Vec<String>| cells.join(",") + "\n";
    let names = fields.iter().map(|field| field.name().to_owned());
    let mut csv = line(names.collect());
    for row in Reader::<Value>::open(folder.join("readings.npy"))? {
        let row = row?;
        let values = row.as_record().into_iter().flat_map(|row| row.iter());
        csv += &line(values.map(|(_, value)| json!(value).to_string()).collect());
    }
    fs::write(folder.join("readings.csv"), csv)?;
    let columns = fields.iter().map(|field| {
        let kind = match &*field.dtype().to_string() {
            "|b1" => "boolean",
            "<f8" => "number",
            _ => "datetime",
        };
        let text = field.description().unwrap_or_default();
        json!({"name": field.name(), "type": kind, "unit": field.unit(), "description": text})
    });
    let package = json!({"name": "readings", "resources": [
        {"name": "rows", "path": "readings.csv", "schema": {"fields": columns.collect::<Vec<_>>()}},
        {"name": "array", "path": "readings.npy", "type": "file"},
    ]});
    Ok(fs::write(
        folder.join("datapackage.json"),
        package.to_string(),
    )?)
}
