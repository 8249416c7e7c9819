//! Headers that NumPy refuses, or that do not agree with the data, at each door that may mend them: the
//! other axes are kept, or the file is.

use std::{fs, path::Path};

use npyrec::{AppendOptions, Appender, ArrayAppender, Error, ErrorKind, NpyRecord, Recovery, Str};
use serde_json::json;

use crate::{format::file, numpy::numpy};

/// A folder in memory where there is one: what mends a file waits for the device.
pub fn in_memory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let dir = match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    };
    dir.unwrap()
}

#[derive(NpyRecord)]
struct Pair {
    a: u8,
    b: f32,
}

/// A dtype, and what opens a file of its elements as typed records and arrays.
struct Kind {
    descr: &'static str,
    itemsize: usize,
    typed: Option<[Door; 2]>,
}

type Door = fn(&Path) -> Result<u64, Error>;

/// The name of a door, and the door.
type Named<'a> = (&'a str, &'a dyn Fn(&Path) -> Result<u64, Error>);

fn kinds() -> Vec<Kind> {
    fn typed<T: NpyRecord>(descr: &'static str) -> Kind {
        let records: Door = |path| Appender::<T>::open(path).map(|rows| rows.rows());
        let arrays: Door = |path| ArrayAppender::<T>::open(path).map(|rows| rows.rows());
        Kind {
            descr,
            itemsize: T::ITEMSIZE,
            typed: Some([records, arrays]),
        }
    }
    let untyped = |descr, itemsize| Kind {
        descr,
        itemsize,
        typed: None,
    };
    vec![
        typed::<u8>("'|u1'"),
        typed::<f64>("'<f8'"),
        typed::<Str<2>>("'<U2'"),
        typed::<Pair>("[('a', '|u1'), ('b', '<f4')]"),
        untyped("'|b1'", 1),
        untyped("'>i4'", 4),
        untyped("'<c16'", 16),
        untyped("'|S3'", 3),
        untyped("'<M8[ns]'", 8),
        untyped("'|V5'", 5),
        untyped("[('a', '|u1'), ('', '|V3'), ('b', '>f4')]", 8),
        untyped("[('t', '<i8'), ('p', [('x', '<f4', (2,))], (3,))]", 32),
    ]
}

/// The rows that are in each file.
const ROWS: u64 = 5;

/// The right outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Right {
    /// Each door mends the number of rows, and keeps the other axes.
    Mended,
    /// Only `recover` does.
    Recovered,
    /// No door changes the file.
    Refused,
}

/// A kind of damage: its name, the file, and the right outcome.
type Damage = (String, Vec<u8>, Right);

/// All damage to the header of an array of a shape.
fn damages(kind: &Kind, version: u8, is_fortran: bool, inner: &[u64]) -> Vec<Damage> {
    use Right::{Mended, Recovered, Refused};
    let per_row = kind.itemsize * inner.iter().product::<u64>() as usize;
    let data = |rows: u64| -> Vec<u8> {
        let len = rows as usize * per_row;
        // Values of every dtype, without blanks.
        (0..len).map(|at| u8::from(at % 3 == 0)).collect()
    };
    let order = if is_fortran { "True" } else { "False" };
    let text = |shape: &str, end: &str| {
        let descr = kind.descr;
        format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}{end}")
    };
    let axes = |growth: &str, inner: &[String]| -> Vec<String> {
        let growth = vec![growth.to_owned()];
        match is_fortran {
            true => [inner, &growth].concat(),
            false => [&growth, inner].concat(),
        }
    };
    let plain: Vec<String> = inner.iter().map(u64::to_string).collect();
    let tuple = |growth: &str| format!("({},)", axes(growth, &plain).join(", "));
    let scalars = |name: &str, growth: &str| {
        let call = |axis: &String| format!("np.{name}({axis})");
        let axes: Vec<String> = axes(growth, &plain).iter().map(call).collect();
        format!("({},)", axes.join(", "))
    };
    let mut damages: Vec<Damage> = Vec::new();
    let mut add = |shape: &str, rows, right| {
        let bytes = file(version, &text(shape, ", }"), 256, &data(rows));
        damages.push((format!("{shape} with {rows} rows"), bytes, right));
    };
    for growth in ["*****", "          ", "1***", "1\0\0", "-1", "?"] {
        add(&tuple(growth), ROWS, Mended);
    }
    for name in [
        "int8", "int16", "int32", "int64", "uint8", "uint64", "longlong",
    ] {
        add(&scalars(name, "5"), ROWS, Mended);
    }
    add(&scalars("int64", "3"), ROWS, Mended);
    add(&scalars("int64", "9"), ROWS, Recovered);
    add(&tuple("np.int64(5)"), ROWS, Mended);
    add(&tuple("0"), ROWS, Mended);
    add(&tuple("9"), ROWS, Recovered);
    add(&tuple("99999999999999999999999"), ROWS, Recovered);
    let list = format!("[{}]", axes("5", &plain).join(", "));
    add(&list, ROWS, Mended);
    if inner.is_empty() {
        add("5", ROWS, Mended);
        add("(5)", ROWS, Mended);
    }
    for growth in [
        "5.0", "None", "5e0", "-5", "5 5", "05", "rows", "'5'", "5\u{7f}5",
    ] {
        add(&tuple(growth), ROWS, Refused);
    }
    add("****", ROWS, Refused);
    add("(****)", ROWS, Refused);
    for damaged in ["*", "", "np.float64(3)", "1,024", "03"] {
        for at in 0..inner.len() {
            let mut inner = plain.clone();
            inner[at] = damaged.to_owned();
            let shape = format!("({},)", axes("5", &inner).join(", "));
            add(&shape, ROWS, Refused);
            let shape = format!("({},)", axes("***", &inner).join(", "));
            add(&shape, ROWS, Refused);
        }
    }
    // Rows of no bytes, with data after them.
    for at in 0..inner.len() {
        let mut inner = plain.clone();
        inner[at] = "0".to_owned();
        let shape = format!("({},)", axes("5", &inner).join(", "));
        add(&shape, ROWS, Refused);
        let shape = format!("({},)", axes("np.int64(5)", &inner).join(", "));
        add(&shape, ROWS, Refused);
        let shape = format!("({},)", axes("***", &inner).join(", "));
        add(&shape, ROWS, Refused);
    }
    add("()", ROWS, if per_row == 0 { Mended } else { Refused });
    let mut add_bytes = |name: &str, bytes| damages.push((name.to_owned(), bytes, Refused));
    for end in [", } x", ", }}", ", }, 3", ", \0}", ", 'more': 1}"] {
        let bytes = file(version, &text(&tuple("5"), end), 64, &data(ROWS));
        add_bytes(&format!("end {end:?}"), bytes);
        let bytes = file(version, &text(&tuple("***"), end), 64, &data(ROWS));
        add_bytes(&format!("placeholder, end {end:?}"), bytes);
    }
    for off in [-3_i8, -2, -1, 1, 2, 7] {
        let mut bytes = file(version, &text(&tuple("5"), ", }"), 64, &data(ROWS));
        bytes[8] = bytes[8].wrapping_add_signed(off);
        add_bytes(&format!("header length off by {off}"), bytes);
    }
    damages
}

/// The axes of an array of a number of rows.
fn dims(is_fortran: bool, inner: &[u64], rows: u64) -> Vec<u64> {
    match is_fortran {
        true => [inner, &[rows]].concat(),
        false => [&[rows], inner].concat(),
    }
}

#[test]
fn no_door_guesses_axes_or_cuts_what_it_does_not_understand() {
    let dir = in_memory();
    let (mut mended, mut refused) = (Vec::new(), 0);
    let mut nth = 0;
    for (number, kind) in kinds().iter().enumerate() {
        for is_fortran in [false, true] {
            let inners = [&[][..], &[3, 2], &[3], &[2, 1, 3]];
            let inners = if kind.typed.is_some() {
                &inners[..]
            } else {
                &inners[..2]
            };
            for &inner in inners {
                let version = 1 + ((number + inner.len()) % 3) as u8;
                let row = match inner {
                    [] => kind.descr.to_owned(),
                    _ => format!("({}, {})", kind.descr, tuple_of(inner)),
                };
                let row: npyrec::DType = row.trim_matches('\'').parse().unwrap();
                for (name, bytes, right) in damages(kind, version, is_fortran, inner) {
                    let case = format!("{} {is_fortran} {inner:?}: {name}", kind.descr);
                    let values =
                        |path: &Path| Appender::open_with_dtype(path, &row).map(|a| a.rows());
                    let recover = |recovery| {
                        move |path: &Path| {
                            let report = npyrec::recover(path, recovery)?;
                            Ok(report.recovered_rows().unwrap_or(report.rows()))
                        }
                    };
                    let adopt = recover(Recovery::Adopt);
                    let fill = recover(Recovery::ZeroFill);
                    let mut doors: Vec<Named> = vec![("recover", &adopt), ("zero fill", &fill)];
                    if !is_fortran || inner.is_empty() {
                        doors.push(("values", &values));
                    }
                    if let Some([records, arrays]) = &kind.typed {
                        doors.push(("array", arrays));
                        if inner.is_empty() {
                            doors.push(("records", records));
                        }
                    }
                    for (door, open) in doors {
                        let case = format!("{door}, {case}");
                        let path = dir.path().join(format!("{nth}.npy"));
                        fs::write(&path, &bytes).unwrap();
                        let checked = npyrec::check(&path);
                        let is_recover = ["recover", "zero fill"].contains(&door);
                        let is_right = match right {
                            Right::Mended => true,
                            Right::Recovered => is_recover,
                            Right::Refused => false,
                        };
                        let opened = open(&path);
                        let after = fs::read(&path).unwrap();
                        if !is_right {
                            let error = opened.expect_err(&case);
                            assert_eq!(after, bytes, "{case}");
                            assert_is_true(&error, right, &case);
                            fs::remove_file(&path).unwrap();
                            refused += 1;
                            continue;
                        }
                        assert_eq!(opened.expect(&case), ROWS, "{case}");
                        let report = checked.unwrap_or_else(|e| panic!("{case}: {e}"));
                        assert!(!report.is_sound() && report.advice().is_some(), "{case}");
                        assert_eq!(report.rows(), ROWS, "{case}");
                        let report = npyrec::check(&path).unwrap();
                        assert!(
                            report.is_sound() && report.numpy_loads(),
                            "{case}\n{report}"
                        );
                        let data = bytes
                            .split_at(bytes.len() - ROWS as usize * row.itemsize())
                            .1;
                        assert!(after.ends_with(data), "{case}");
                        mended.push((nth, case, dims(is_fortran, inner, ROWS)));
                        nth += 1;
                    }
                }
            }
        }
    }
    assert!(
        mended.len() > 1_000 && refused > 1_000,
        "{} {refused}",
        mended.len()
    );
    let Some(mut numpy) = numpy() else { return };
    let code = format!(
        "answer = [list(np.load(f'{{path}}/{{n}}.npy').shape) for n in range({})]",
        mended.len()
    );
    let shapes = numpy.python(dir.path(), &code);
    for (nth, case, dims) in mended {
        assert_eq!(shapes[nth], json!(dims), "{case}");
    }
}

fn tuple_of(dims: &[u64]) -> String {
    let dims: Vec<String> = dims.iter().map(u64::to_string).collect();
    format!("({},)", dims.join(", "))
}

/// Checks that an error names the place of what is wrong, and does not say that the number of rows cannot be
/// read, or advise what does not work.
fn assert_is_true(error: &Error, right: Right, case: &str) {
    let text = error.to_string();
    match (right, error.kind()) {
        (Right::Recovered, ErrorKind::Truncated) => assert_eq!(
            (error.expected_rows(), error.found_rows()),
            (Some(9), Some(ROWS))
        ),
        (_, ErrorKind::Header) => {
            let Some(offset) = error.byte() else {
                panic!("{case}: {text}");
            };
            assert!(text.contains(&format!("byte {offset}: ")), "{case}: {text}");
        }
        // The dtype of the appended row differs.
        (Right::Refused, ErrorKind::DType) => assert!(case.starts_with("values, "), "{case}"),
        (Right::Refused, ErrorKind::Shape) => assert!(case.contains(": ()"), "{case}: {text}"),
        _ => panic!("{case}: {text}"),
    }
    assert!(!text.contains("cannot be read"), "{case}: {text}");
    if right == Right::Refused {
        assert!(!text.contains("recover` can"), "{case}: {text}");
    }
}

/// Numbers 0, 1, 2 …, as `<f8`.
pub fn floats(count: u16) -> Vec<u8> {
    (0..count)
        .flat_map(|n| f64::from(n).to_le_bytes())
        .collect()
}

/// A file that was met: its name, its bytes, and the shape that it must get; `None` if it must stay.
type Met = (&'static str, Vec<u8>, Option<Vec<u64>>);

/// Files that were reported, or were written by other programs: what is right of each.
#[test]
fn damaged_files_that_were_met_are_mended_with_all_their_axes_or_refused() {
    let text = |order: &str, shape: &str| {
        format!("{{'descr': '<f8', 'fortran_order': {order}, 'shape': {shape}, }}")
    };
    let c = |shape: &str, count| file(1, &text("False", shape), 64, &floats(count));
    let f = |shape: &str, count| file(1, &text("True", shape), 64, &floats(count));
    let mut length = c("(6,)", 6);
    length[8] += 1;
    let mut name = file(
        3,
        "{'descr': [('?i', '<f8')], 'fortran_order': False, 'shape': (6,), }",
        64,
        &floats(6),
    );
    let at = name.iter().position(|byte| *byte == b'?').unwrap();
    name[at] = 0xed;
    let garbage = "{'descr': '<f8', 'fortran_order': False, 'shape': (6,), } x";
    let open_memmap = "(np.int64(2), np.int64(3))";
    let cases: [Met; 15] = [
        ("blank rows", c("(          , 4)", 24), Some(vec![6, 4])),
        (
            "blank rows 3d",
            c("(          , 3, 4)", 24),
            Some(vec![2, 3, 4]),
        ),
        (
            "open_memmap of NumPy 2.4",
            c(open_memmap, 6),
            Some(vec![2, 3]),
        ),
        (
            "np.int64 3d",
            c("(np.int64(2), np.int64(3), np.int64(4))", 24),
            Some(vec![2, 3, 4]),
        ),
        (
            "np.int64 3d Fortran",
            f("(np.int64(2), np.int64(3), np.int64(4))", 24),
            Some(vec![2, 3, 4]),
        ),
        (
            "np.int64 first only",
            c("(np.int64(6), 4)", 24),
            Some(vec![6, 4]),
        ),
        (
            "np.int64 second",
            c("(2, np.int64(3))", 6),
            Some(vec![2, 3]),
        ),
        ("int", c("6", 6), Some(vec![6])),
        ("list", c("[2, 3]", 6), Some(vec![2, 3])),
        ("digit group", c("(1,000, 3)", 3_000), None),
        ("zero axis", c("(3, 0)", 24), None),
        ("header length plus 1", length, None),
        ("name not UTF-8", name, None),
        ("trailing garbage", file(1, garbage, 64, &floats(6)), None),
        ("scalar with a tail", c("()", 6), None),
    ];
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("met.npy");
    let recover = |path: &Path| npyrec::recover(path, Recovery::Adopt).map(drop);
    let array = |path: &Path| ArrayAppender::<f64>::open(path).map(drop);
    let array_with_room = |path: &Path| {
        let options = AppendOptions::new().make_appendable(true);
        options.open_array::<f64>(path).map(drop)
    };
    let asked = |path: &Path| {
        let options = AppendOptions::new().recover(Recovery::Adopt);
        options.open_array::<f64>(path).map(drop)
    };
    let values = |path: &Path| Appender::open_with_dtype(path, &"<f8".parse().unwrap()).map(drop);
    let records = |path: &Path| Appender::<f64>::open(path).map(drop);
    let make_appendable = |path: &Path| npyrec::make_appendable(path).map(drop);
    type Open<'a> = &'a dyn Fn(&Path) -> Result<(), Error>;
    let doors: [(&str, Open); 7] = [
        ("recover", &recover),
        ("array", &array),
        ("array with room", &array_with_room),
        ("array, asked", &asked),
        ("values", &values),
        ("records", &records),
        ("make_appendable", &make_appendable),
    ];
    for (name, bytes, expected) in cases {
        for (door, open) in doors {
            let case = format!("{name}, {door}");
            fs::write(&path, &bytes).unwrap();
            let opened = open(&path);
            let after = fs::read(&path).unwrap();
            let is_of_one_axis = ["values", "records"].contains(&door);
            match &expected {
                Some(shape)
                    if door != "make_appendable" && (shape.len() == 1 || !is_of_one_axis) =>
                {
                    opened.expect(&case);
                    let header = npyrec::check(&path).unwrap();
                    assert!(header.is_sound(), "{case}");
                    assert_eq!(header.shape(), shape, "{case}");
                    assert_eq!(after[128..], bytes[128..], "{case}");
                    let Some(mut numpy) = numpy() else { continue };
                    let code = "a = np.load(path)\nanswer = [list(a.shape), a.ravel('K').tolist()]";
                    let loaded = numpy.python(&path, code);
                    let all: Vec<f64> = (0..loaded[1].as_array().unwrap().len())
                        .map(|n| n as f64)
                        .collect();
                    assert_eq!(loaded, json!([shape, all]), "{case}");
                }
                // What is sound, if odd, may be given room.
                None if door == "make_appendable" && opened.is_ok() => {
                    assert_eq!(after, bytes, "{case}");
                }
                _ => {
                    opened.expect_err(&case);
                    assert_eq!(after, bytes, "{case}");
                }
            }
        }
    }
}
