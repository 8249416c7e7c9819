//! `npyrec index --kerchunk`.

use std::{fs, path::Path};

use insta::assert_snapshot;

use crate::{
    numpy,
    python::{python_with, skipped},
    run::npyrec,
};

/// Writes shards of `rows` elements, which count up.
fn shards(dir: &Path, dtype: &str, rows: &[u8]) {
    fs::create_dir_all(dir).unwrap();
    let dtype = dtype.parse().unwrap();
    for (nth, &rows) in rows.iter().enumerate() {
        let path = dir.join(format!("{nth}.npy"));
        let mut shard = npyrec::Appender::create_with_dtype(path, &dtype).unwrap();
        for row in 0..rows {
            let value = match dtype.fields() {
                [] => npyrec::Value::from(f64::from(row)),
                fields => npyrec::Value::Record(
                    fields
                        .iter()
                        .map(|field| (field.name(), npyrec::Value::from(f64::from(row))))
                        .collect(),
                ),
            };
            shard.append(&value).unwrap();
        }
        shard.close().unwrap();
    }
}

#[test]
fn a_reference_names_the_data_of_each_shard() {
    let dir = tempfile::tempdir().unwrap();
    shards(&dir.path().join("levels"), "f8", &[4, 4, 4]);
    let reference = npyrec(dir.path(), &["index", "levels", "--kerchunk"]).answer();
    let here = dir.path().join("levels").display().to_string();
    assert_snapshot!(reference.replace(&here, "LEVELS"));
    assert!(!dir.path().join("levels/info").exists());
}

#[test]
fn a_shorter_last_shard_is_left_out_and_said_so() {
    let dir = tempfile::tempdir().unwrap();
    shards(&dir.path().join("levels"), "f8", &[4, 4, 3]);
    let run = npyrec(dir.path(), &["index", "levels", "--kerchunk"]);
    assert_eq!(
        (run.code, &*run.err),
        (
            0,
            "levels: left out: the last shard, with 3 rows, is shorter than the others\n"
        )
    );
    let array = run.json()["refs"]["levels/.zarray"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        array.starts_with(r#"{"zarr_format":2,"shape":[8],"chunks":[4],"#),
        "{array}"
    );
    assert_eq!(run.json()["refs"]["levels/2"], serde_json::Value::Null);
}

#[test]
fn what_zarr_cannot_read_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    shards(&dir.path().join("unequal"), "f8", &[4, 5, 4]);
    let run = npyrec(dir.path(), &["index", "unequal", "--kerchunk"]);
    let path = Path::new("unequal").join("1.npy").display().to_string();
    assert_snapshot!(run.err.replace(&path, "unequal/1.npy"), @r"
    error: unequal/1.npy: it has 5 rows, and the first shard has 4; in a Zarr array all have the same number
    hint: `npyrec concat` and `npyrec split --rows` make equal shards
    ");
    assert_eq!(run.code, 2);
    for dtype in [
        "g",
        "[('a', 'f8'), ('b', 'f4', (2,))]",
        "[('a', [('b', 'f8')])]",
    ] {
        let _ = fs::remove_dir_all(dir.path().join("other"));
        shards(&dir.path().join("other"), dtype, &[0]);
        let run = npyrec(dir.path(), &["index", "other", "--kerchunk"]);
        assert_eq!((run.code, &*run.out), (2, ""), "{run:?}");
        assert!(
            run.err.starts_with("error: other: Zarr has no type for "),
            "{run:?}"
        );
    }
}

#[test]
fn padding_is_a_field_whose_name_no_other_has() {
    let dir = tempfile::tempdir().unwrap();
    let dtype = "[('padding_4', '<f4'), ('', 'V4'), ('f1', '<f8'), ('', 'V8')]";
    shards(&dir.path().join("levels"), dtype, &[4]);
    let run = npyrec(dir.path(), &["index", "levels", "--kerchunk"]);
    assert_eq!(
        (run.code, &*run.err),
        (
            0,
            "levels: padding is a field of its own in Zarr: padding_4_, padding_16\n"
        )
    );
    let array = run.json()["refs"]["levels/.zarray"].clone();
    let array: serde_json::Value = serde_json::from_str(array.as_str().unwrap()).unwrap();
    assert_snapshot!(
        array["dtype"],
        @r#"[["padding_4","<f4"],["padding_4_","|V4"],["f1","<f8"],["padding_16","|V8"]]"#
    );
}

/// Arrays of every type that both have, divided into shards, and read by Zarr and by xarray through references.
const PROGRAM: &str = r#"
import os, subprocess, sys, warnings
import numpy as np, xarray as xr, zarr
warnings.simplefilter("ignore")
n = np.arange(12)
arrays = {"f": n * 1.5, "two": np.arange(36.0).reshape(12, 3), "three": np.arange(120).reshape(12, 2, 5),
    "big": n.astype(">i4"), "bool": n % 2 == 0, "half": n.astype("f2"), "complex": n.astype("c16"),
    "time": n.astype("M8[25s]"), "span": n.astype("m8[us]"), "bytes": n.astype("S5"), "text": n.astype("U5"),
    "void": n.astype("<u4").view("V4"), "none": np.zeros((8, 0)),
    "record": np.array([(i, i, b"x%d" % i) for i in range(12)], [("a", "<f8"), ("t", "<M8[ms]"), ("s", "S4")]),
    "padded": np.array([(i, i) for i in n], np.dtype([("a", "u1"), ("b", "<f8")], align=True)),
    "nameless": np.array([(i, i) for i in n], np.dtype("u1,<f8", align=True)),
    "titled": np.array([(i, i) for i in n], [(("The first", "a"), "<f8"), ("b", "<i2")])}
for name, array in arrays.items():
    os.mkdir(name)
    for i in range(0, len(array), 4):
        np.save(f"{name}/{i // 4}.npy", array[i : i + 4])
    reference = subprocess.run([sys.argv[1], "index", name, "--kerchunk"], check=True, capture_output=True).stdout
    with open(name + ".json", "wb") as out:
        out.write(reference)
    store = zarr.storage.FsspecStore.from_url("reference://", storage_options={"fo": name + ".json"})
    options = {"consolidated": False, "storage_options": {"fo": name + ".json"}}
    dataset = xr.open_dataset("reference://", engine="zarr", decode_cf=False, backend_kwargs=options)
    for found in (zarr.open_group(store, mode="r", zarr_format=2)[name][...], dataset[name].values):
        assert found.shape == array.shape, (name, found.shape)
        # xarray turns numbers into the byte order of the machine.
        found = found.astype(array.dtype) if array.dtype.kind == "i" else found
        assert found.tobytes() == array.tobytes(), (name, found)
    direct = xr.open_dataset(name + ".json", engine="kerchunk", decode_cf=False)
    assert direct[name].dims == ("row", "axis_1", "axis_2")[: array.ndim], (name, direct)
print(len(arrays))
"#;

#[test]
fn zarr_and_xarray_read_shards_through_a_reference() {
    let (requirements, modules) = ("kerchunk-requirements.txt", "import kerchunk, xarray, zarr");
    let python = match python_with("kerchunk-environment", requirements, modules) {
        Ok(python) => python,
        // Zarr 3 is not there for each Python.
        Err(reason) => return skipped(&format!("Zarr and xarray: {reason}")),
    };
    let dir = tempfile::tempdir().unwrap();
    let program = PROGRAM.replace(
        "sys.argv[1]",
        &format!("{:?}", env!("CARGO_BIN_EXE_npyrec")),
    );
    assert_eq!(numpy::run(&python, dir.path(), &program), "17\n");
}
