//! `npyrec derive`.

use std::{fmt::Write, fs, path::Path, process::Command};

use insta::assert_snapshot;
use npyrec::{DType, Header, Order};

use crate::{
    numpy::{self, corpus, python},
    run::npyrec,
    sample::folder,
};

#[test]
fn a_struct_is_printed_for_rust_and_a_dtype_for_python() {
    let dir = folder();
    assert_snapshot!(npyrec(dir.path(), &["derive", "ticks.npy"]).answer());
    assert_snapshot!(
        "python",
        npyrec(dir.path(), &["derive", "--python", "ticks.npy"]).answer()
    );
    assert_eq!(
        npyrec(dir.path(), &["derive", "cube.npy"]).answer(),
        "type Row = [[i32; 4]; 3];\n"
    );
    let json = npyrec(dir.path(), &["derive", "--json", "all.npz:levels"]).json();
    assert_eq!(json["source"], "type Row = f32;\n");
}

/// Dtypes of every kind, for each of which there is a type of Rust.
const DTYPES: [&str; 52] = [
    "?",
    "i1",
    "<i2",
    "<i4",
    "<i8",
    "u1",
    "<u2",
    "<u4",
    "<u8",
    "<f2",
    "<f4",
    "<f8",
    "<c8",
    "<c16",
    "S5",
    "U7",
    "V3",
    "<V2",
    "<M8[Y]",
    "<M8[M]",
    "<M8[W]",
    "<M8[D]",
    "<M8[h]",
    "<M8[m]",
    "<M8[s]",
    "<M8[ms]",
    "<M8[us]",
    "<M8[ns]",
    "<m8[ps]",
    "<m8[fs]",
    "<m8[as]",
    "<m8[25us]",
    "<M8[7D]",
    "<m8",
    "('<f4', (2, 3))",
    "('S2', (4,))",
    "[('a', '>i2'), ('b', '>u4'), ('c', '>f4'), ('d', '>f8'), ('e', '>c8'), ('f', '>f2')]",
    "[('a', '>M8[ns]'), ('b', '>m8[s]'), ('c', '>U3')]",
    "[('a', '>f4', (2,)), ('b', '>i8', (2, 3)), ('c', '>M8[D]', (4,))]",
    "[('type', 'u1'), ('fn', 'i2'), ('self', 'f4'), ('Self', 'f8'), ('self_', 'u1')]",
    "[('bestBid', '<f8'), ('best_bid', '<f8'), ('BestBid', '<f8'), ('best bid', '<f8'), ('2nd', '<f8')]",
    "[('ä', '<f8'), ('日', '<f8'), ('_', '<f8'), ('__', '<f8'), ('\\n\"\\\\', '<f8')]",
    "[(('A title, \"quoted\"', 'a'), '<f8'), (('Ende\\n', 'b'), 'S4')]",
    "[('a', 'u1'), ('', 'V7'), ('b', '<f8')]",
    "[('a', '<f8'), ('b', 'u1'), ('', 'V7')]",
    "[('at', [('x', '<f4'), ('y', '<f4')]), ('to', [('x', '<f4'), ('y', '<f4')])]",
    "[('rows', [('row', [('vec', '<f4', (3,))], (2,))], (2, 2))]",
    "[('string', [('option', 'u1')]), ('box', [('vec', 'S3')]), ('row', [('a', '?')])]",
    "[('inner', [('a', 'u1'), ('', 'V3'), ('b', '<i4')]), ('c', 'u1'), ('', 'V3')]",
    "[('a', 'S0'), ('b', 'U0'), ('c', 'V0'), ('d', 'u1')]",
    "[('many', '<f8', (1000,))]",
    "[('time', '<M8[ns]'), ('price', '<f8'), ('gain', '<f2'), ('iq', '<c8'), ('depth', '<f4', (2,)), ('s', 'S8')]",
];

/// One program with all structs compares their dtypes with the dtypes of the files.
#[test]
fn the_struct_compiles_and_has_the_dtype() {
    let dir = tempfile::tempdir().unwrap();
    let mut program = String::from("#![forbid(unsafe_code)]\n#![allow(dead_code)]\n");
    let mut checks = String::new();
    for (nth, text) in DTYPES.iter().enumerate() {
        let dtype: DType = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        let (base, shape) = dtype.base_and_shape();
        let shape: Vec<u64> = [0]
            .into_iter()
            .chain(shape.iter().map(|&dim| dim as u64))
            .collect();
        let header = Header::new(base.clone(), Order::C, &shape).unwrap();
        fs::write(dir.path().join("file.npy"), header.to_bytes()).unwrap();
        let source = npyrec(dir.path(), &["derive", "file.npy"]).answer();
        let source = source
            .replace("struct Row ", "pub struct Row ")
            .replace("type Row ", "pub type Row ");
        writeln!(program, "mod m{nth} {{\n{source}}}").unwrap();
        writeln!(
            checks,
            "    check::<m{nth}::Row>({nth}, {:?});",
            dtype.to_string()
        )
        .unwrap();
    }
    write!(
        program,
        "fn check<R: npyrec::NpyRecord>(nth: usize, dtype: &str) {{
    assert_eq!(R::dtype().to_string(), dtype, \"{{nth}}\");
}}\nfn main() {{\n{checks}}}\n"
    )
    .unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manifest = format!(
        "[package]\nname = \"derived\"\nedition = \"2024\"\n[workspace]\n[dependencies]\nnpyrec = {{ path = {:?} }}\n",
        root.canonicalize().unwrap()
    );
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("derived");
    fs::create_dir_all(package.join("src")).unwrap();
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    fs::write(package.join("src/main.rs"), &program).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "-q", "--offline"]).current_dir(&package);
    cargo
        .env("CARGO_TARGET_DIR", package.join("target"))
        .env_remove("RUSTFLAGS");
    let output = cargo.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_dtype_without_a_struct_is_an_error_that_says_why() {
    let dir = tempfile::tempdir().unwrap();
    for (dtype, reason) in [
        (
            "<f16",
            "file.npy: <f16 is a `long double` of C, for which Rust has no type",
        ),
        (
            "[('a', '<c32')]",
            "file.npy: a: <c32 is a `long double` of C, for which Rust has no type",
        ),
        (
            "[('a', 'u1'), ('', 'V2'), ('b', 'u1')]",
            "file.npy: its padding is that of no struct: ",
        ),
        (
            ">f8",
            "file.npy: rows of >f8 are no type of Rust by themselves",
        ),
        ("O", "file.npy: a pickled Python object is for Python alone"),
    ] {
        let header = Header::new(dtype.parse().unwrap(), Order::C, &[0]).unwrap();
        fs::write(dir.path().join("file.npy"), header.to_bytes()).unwrap();
        let run = npyrec(dir.path(), &["derive", "file.npy"]);
        assert_eq!((run.code, &*run.out), (2, ""), "{run:?}");
        assert!(run.err.starts_with(&format!("error: {reason}")), "{run:?}");
    }
}

/// For every file of the corpus.
#[test]
fn the_dtype_of_python_is_that_of_the_array() {
    let Some(python) = python() else { return };
    let corpus = corpus(python);
    let files = fs::read_dir(corpus)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|e| e == "npy"));
    let mut program =
        String::from("import numpy as np, warnings\nwarnings.simplefilter('ignore')\n");
    let mut compared = 0;
    for path in files {
        let run = npyrec(corpus, &["derive", "--python", path.to_str().unwrap()]);
        if run.code != 0 {
            assert!(run.err.starts_with("error: "), "{run:?}");
            continue;
        }
        compared += 1;
        writeln!(
            program,
            "try: a = np.lib.format.open_memmap({path:?}, mode='r').dtype\nexcept ValueError: a = None\n\
             b = {}\nassert a is None or a == b, ({path:?}, a, b)",
            run.out.trim_end()
        )
        .unwrap();
    }
    assert!(compared > 700, "{compared}");
    let script = tempfile::NamedTempFile::new().unwrap();
    fs::write(script.path(), program).unwrap();
    let name = script.path().to_str().unwrap();
    numpy::run(
        python,
        corpus,
        &format!("exec(open({name:?}, encoding='utf8').read())"),
    );
}
