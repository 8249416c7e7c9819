//! Records a tone as a SigMF recording: the samples in `iq.npy`, and the JSON that describes them in `iq.sigmf-meta`.
//!
//! ```text
//! cargo run --example iq_recording -- iq
//! python3 -c "import sigmf; print(sigmf.fromfile('iq.sigmf-meta').read_samples())"
//! ```

use std::{env, error::Error, f64::consts::TAU, fs, path::Path};

use npyrec::{Appender, Header, NpyRecord};
use serde_json::json;

/// One sample. SigMF calls such a pair `ci16_le`.
#[derive(NpyRecord)]
struct Sample {
    /// In phase with the carrier.
    #[npy(unit = "1/32768")]
    i: i16,
    /// A quarter of a period after it.
    #[npy(unit = "1/32768")]
    q: i16,
}

fn main() -> Result<(), Box<dyn Error>> {
    let name = env::args().nth(1).unwrap_or("iq".to_owned());
    let samples = Path::new(&name).with_extension("npy");
    let mut log = Appender::<Sample>::open(&samples)?;
    for sample in 0..4_800 {
        let phase = TAU * f64::from(sample) / 48.0;
        #[allow(clippy::cast_possible_truncation)] // It is at most 16,384.
        let [i, q] = [phase.cos(), phase.sin()].map(|part| (16_384.0 * part).round() as i16);
        log.append(&Sample { i, q })?;
    }
    log.close()?;

    let fields = Sample::fields();
    let fields = fields.iter().map(|field| {
        let (description, unit) = (field.description(), field.unit());
        let texts = (description.unwrap_or_default(), unit.unwrap_or("1"));
        format!("{} in {}: {}", field.name(), texts.1, texts.0)
    });
    // The header keeps its length while the log grows, so that the JSON stays right.
    let header = Header::for_record::<Sample>(0).to_bytes().len();
    let metadata = json!({
        "global": {
            "core:version": "1.2.0",
            "core:datatype": "ci16_le",
            "core:sample_rate": 48_000,
            "core:dataset": samples.file_name().and_then(|name| name.to_str()),
            "core:description": fields.collect::<Vec<_>>().join(" "),
        },
        "captures": [{"core:sample_start": 0, "core:header_bytes": header}],
        "annotations": [{"core:sample_start": 0, "core:sample_count": 48, "core:label": "period"}],
    });
    let path = Path::new(&name).with_extension("sigmf-meta");
    Ok(fs::write(path, serde_json::to_string_pretty(&metadata)?)?)
}
