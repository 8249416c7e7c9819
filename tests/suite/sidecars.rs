//! The examples that describe a file with JSON beside it, checked by the readers of those descriptions.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use crate::{
    examples::run,
    python::{is_required, python_with, skipped},
};

/// Returns a Python with the readers.
fn readers() -> Option<PathBuf> {
    let modules = "import frictionless, sigmf";
    match python_with("sidecar-environment", "sidecar-requirements.txt", modules) {
        Ok(python) => Some(python),
        Err(reason) if is_required() => panic!("a reader cannot be installed: {reason}"),
        Err(reason) => {
            skipped(&format!("the readers of SigMF and Data Package: {reason}"));
            None
        }
    }
}

/// Runs lines of Python in a folder, and returns their variable `answer`.
fn answer(python: &Path, folder: &Path, code: &str) -> Value {
    let code = format!("import json\n{code}\nprint(json.dumps(answer))");
    let output = Command::new(python)
        .args(["-c", &code])
        .current_dir(folder)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn each_program_is_short() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for name in ["data_package", "iq_recording"] {
        let text = fs::read_to_string(examples.join(name).with_extension("rs")).unwrap();
        assert!(text.lines().count() < 60, "{name}");
    }
}

#[test]
fn a_recording_is_read_by_sigmf() {
    let dir = tempfile::tempdir().unwrap();
    run("iq_recording", &["iq"], dir.path());
    run("iq_recording", &["iq"], dir.path()); // The log goes on, and the header keeps its length.
    let Some(python) = readers() else { return };
    let code = "\
import numpy as np, sigmf
recording = sigmf.fromfile('iq.sigmf-meta')
recording.validate()
samples = recording.read_samples()
rows = np.load('iq.npy')
expected = (rows['i'] + 1j * rows['q']) / 2**15
period = recording.get_annotations()[0]['core:sample_count']
spectrum = np.abs(np.fft.fft(samples))
answer = [len(rows), bool((samples == expected).all()), len(samples) / period, int(spectrum.argmax()),
          recording.sample_rate, recording.get_global_field('core:description')]
";
    let description =
        "i in 1/32768: In phase with the carrier. q in 1/32768: A quarter of a period after it.";
    assert_eq!(
        answer(&python, dir.path(), code),
        json!([9_600, true, 200.0, 200, 48_000, description])
    );
}

#[test]
fn a_package_is_read_by_frictionless() {
    let dir = tempfile::tempdir().unwrap();
    run("data_package", &["readings"], dir.path());
    let Some(python) = readers() else { return };
    let code = "\
import frictionless, numpy
package = frictionless.Package('readings/datapackage.json')
report = package.validate()
table = package.get_resource('rows')
rows = [(row['celsius'], row['is_valid']) for row in table.read_rows()]
array = numpy.load('readings/readings.npy')
units = [field.custom.get('unit') for field in table.schema.fields]
same = rows == array[['celsius', 'is_valid']].tolist()
same &= [row['time'] for row in table.read_rows()] == array['time'].tolist()
answer = [report.valid, report.flatten(['message']), same, table.schema.field_types, units,
          table.schema.get_field('celsius').description]
";
    let types = ["datetime", "number", "boolean"];
    let units = [None, Some("degree Celsius"), None];
    assert_eq!(
        answer(&python, dir.path(), code),
        json!([true, [], true, types, units, "Temperature of the air."])
    );
    // The reader does look at the cells.
    let path = dir.path().join("readings/readings.csv");
    let csv = fs::read_to_string(&path).unwrap();
    fs::write(&path, csv.replace("-0.25", "cold")).unwrap();
    let code =
        "import frictionless\nanswer = frictionless.validate('readings/datapackage.json').valid";
    assert_eq!(answer(&python, dir.path(), code), json!(false));
}
