//! Headers that are made up: read if NumPy reads them, and `numpy_loads` if `np.load` does.

use std::{fs, path::PathBuf};

use npyrec::{Header, Order};
use serde::Deserialize;
use serde_json::json;

use crate::numpy::numpy;

const DESCRS: [&str; 58] = [
    "'<f8'",
    "'|u1'",
    "\"<f8\"",
    "'<' 'f8'",
    "'<f' \"8\"",
    "r'<f8'",
    "u'<f8'",
    "R'''<f8'''",
    "\"\"\"<f8\"\"\"",
    r"'\x3cf8'",
    r"'\74f8'",
    r"'<\u0066\U00000038'",
    "'<f\\\n8'",
    "('<f8')",
    "(('<f8'))",
    "b'<f8'",
    "f'<f8'",
    "ur'<f8'",
    "rb'<f8'",
    "'<f8 '",
    "'<f8\\0'",
    "'double'",
    "'float'",
    "'int'",
    "'d'",
    "'a8'",
    "'a10'",
    "'=f8'",
    "'>i1'",
    "'S'",
    "'U'",
    "[]",
    "'O'",
    "'T'",
    "'datetime64[ns]'",
    "'i4,f4'",
    "'2f4,i8'",
    "'1f4'",
    "'2f4'",
    "'0f4'",
    "('<f8', ())",
    "('<f8', (1,))",
    "('<f8', (2,))",
    "('<f8', (0,))",
    "([('a', '<f4', 2)], 1)",
    "()",
    "('<f8',)",
    "(('a', '<i4'), ('b', '<f8'))",
    "('<i4', [('a', '<i2'), ('b', '<i2')])",
    "[('x', '4f4')]",
    "[('x', '<f4', 2)]",
    "[['x', '<f4']]",
    "[((None, 'x'), '<f4')]",
    "[('x', '<f4'), ('x', '<f4')]",
    "[('x', 'O')]",
    "[('é', '<f4')]",
    "[('日', '<f4')]",
    "[(r'\\n', '<f4')]",
];

const ORDERS: [&str; 8] = [
    "False", "True", "(False)", "0", "None", "'False'", "not True", "FALSE",
];

const SHAPES: [&str; 65] = [
    "(3,)",
    "()",
    "(0,)",
    "(2, 3)",
    "(2, 0)",
    "(0, 2)",
    "(3)",
    "[3]",
    "3",
    "None",
    "(0x3,)",
    "(0b11,)",
    "(0o3,)",
    "(0X3,)",
    "(+3,)",
    "(+ 3,)",
    "(-3,)",
    "(-1,)",
    "(-0,)",
    "(--3,)",
    "(1_0,)",
    "(1__0,)",
    "(_1,)",
    "(00,)",
    "(0_3,)",
    "(03,)",
    "((3),)",
    "((3,))",
    "((3,),)",
    "(3.0,)",
    "(3e0,)",
    "(3j,)",
    "(True,)",
    "(False,)",
    "('3',)",
    "(3L,)",
    "(3 L,)",
    "(3l,)",
    "(0x3L,)",
    "(3LL,)",
    "(3\nL,)",
    "(3L L,)",
    "(3 L L\tL,)",
    "(3L LL,)",
    "(3L 'L',)",
    "(3L, L)",
    "(3\\\nL,)",
    "(3 \\\r\n L \\\nL,)",
    "(3 \\ \nL,)",
    "(3 # c\nL,)",
    "(3, 'L')",
    "(3,)#c\n",
    "(3, # c\n)",
    "(\r\n3\r,)",
    "(3,\x0c)",
    "(3,\x0b)",
    "(  3, )",
    "(3,,)",
    "(0, 9223372036854775807)",
    "(0, 2305843009213693951)",
    "(9223372036854775808, 0)",
    "(4294967296, 4294967296)",
    "(0, 4294967296, 4294967296)",
    "(4294967296, 4294967296, 0)",
    "(1,) + (2,)",
];

/// Texts in which `D`, `F` and `S` stand for the values.
const TEXTS: [&str; 45] = [
    "{'descr': D, 'fortran_order': F, 'shape': S, }",
    "{'descr': D, 'fortran_order': F, 'shape': S}",
    "{\"shape\":S,\"descr\":D,\"fortran_order\":F}",
    "{'descr': D, 'fortran_order': F, 'shape': S, } # by hand",
    "# by hand\n{'descr': D, 'fortran_order': F, 'shape': S}",
    "# by hand\n {'descr': D, 'fortran_order': F, 'shape': S}",
    " \t{'descr': D, 'fortran_order': F, 'shape': S}",
    "\n{'descr': D, 'fortran_order': F, 'shape': S}",
    "\n {'descr': D, 'fortran_order': F, 'shape': S}",
    "\x0c{'descr': D, 'fortran_order': F, 'shape': S}",
    "\x0c {'descr': D, 'fortran_order': F, 'shape': S}",
    "\x0b{'descr': D, 'fortran_order': F, 'shape': S}",
    "{'descr': D,\n 'fortran_order': F,\r\n 'shape': S,\r}",
    "{'descr':\x0cD, 'fortran_order':\tF, 'shape': \\\nS}",
    "{'descr': D, 'fortran_order': F, 'shape': S}\n\n  \n",
    "{'descr': D, 'fortran_order': F, 'shape': S}\n   ",
    "{'descr': D, 'fortran_order': F, 'shape': S}\n  # c",
    "{'descr': D, 'fortran_order': F, 'shape': S}\n  5",
    "{'descr': D, 'fortran_order': F, 'shape': S}\n5",
    "{'descr': D, 'fortran_order': F, 'shape': S} 5",
    "{'descr': D, 'fortran_order': F, 'shape': S};",
    "{'descr': D, 'fortran_order': F, 'shape': S},",
    "{'descr': D, 'fortran_order': F, 'shape': S}\0",
    "{'descr': D, 'fortran_order': F, 'shape': S} # \0",
    "{'descr': D, 'fortran_order': F, 'shape': S}\\",
    "{'descr': D, 'fortran_order': F, 'shape': S}\u{a0}",
    "({'descr': D, 'fortran_order': F, 'shape': S})",
    "({'descr': D, 'fortran_order': F, 'shape': S},)",
    "[{'descr': D, 'fortran_order': F, 'shape': S}]",
    "dict(descr=D, fortran_order=F, shape=S)",
    "{'descr': D, 'fortran_order': F}",
    "{'descr': D, 'fortran_order': F, 'shape': S, 'more': 1}",
    "{'descr': D, 'fortran_order': F, 'shape': S, 1: 1}",
    "{'descr': D, 'fortran_order': F, 'shape': S, None: 1}",
    "{'descr': D, 'fortran_order': F, 'shape': 'x', 'shape': S}",
    "{'descr': 5, 'shape': S, 'fortran_order': F, 'descr': D}",
    "{'descr': D, 'fortran_order': F, 'shape': S, 'shape': 'x'}",
    "{'des' 'cr': D, r'fortran_order': F, u'shape': S}",
    "{'''descr''': D, 'fortran\\\n_order': F, ('shape'): S}",
    "{b'descr': D, 'fortran_order': F, 'shape': S}",
    "{'descr': D 'fortran_order': F, 'shape': S}",
    "{'descr', D, 'fortran_order', F, 'shape', S}",
    "{'descr': D, 'fortran_order': F, 'shape': S",
    "{**{'descr': D, 'fortran_order': F, 'shape': S}}",
    "5",
];

/// The bytes of a header; `None` if the version cannot hold the text.
fn header(version: u8, text: &str) -> Option<Vec<u8>> {
    let text: Vec<u8> = match version {
        3 => text.bytes().collect(),
        _ => text
            .chars()
            .map(u8::try_from)
            .collect::<Result<_, _>>()
            .ok()?,
    };
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([version, 0]);
    let width = if version == 1 { 2 } else { 4 };
    bytes.extend(text.len().to_le_bytes().into_iter().take(width));
    bytes.extend(text);
    Some(bytes)
}

/// Headers: each alternative with the usual ones of the other parts, and some thousand mixed at random.
fn headers() -> Vec<Vec<u8>> {
    // A letter in a value is not replaced again.
    let fill = |text: &str, descr: &str, order: &str, shape: &str| {
        let marked = text
            .replace('D', "\u{1}")
            .replace('F', "\u{2}")
            .replace('S', "\u{3}");
        marked
            .replace('\u{1}', descr)
            .replace('\u{2}', order)
            .replace('\u{3}', shape)
    };
    let mut texts = Vec::new();
    for descr in DESCRS {
        for shape in ["(3,)", "(0,)", "()", "(2, 0)", "(0, 2305843009213693951)"] {
            texts.push(fill(TEXTS[0], descr, "False", shape));
        }
    }
    for order in ORDERS {
        texts.push(fill(TEXTS[0], "'<f8'", order, "(2, 3)"));
    }
    for shape in SHAPES {
        for descr in ["'<f8'", "'|u1'", "'S'", "'2f4'"] {
            for order in ["False", "True"] {
                texts.push(fill(TEXTS[0], descr, order, shape));
            }
        }
    }
    for text in TEXTS {
        texts.push(fill(text, "'<f8'", "False", "(3,)"));
        texts.push(fill(text, "'<f8'", "False", "(3L,)"));
    }
    for dims in [64, 65] {
        texts.push(fill(
            TEXTS[0],
            "'<f8'",
            "False",
            &format!("({})", "1,".repeat(dims)),
        ));
        texts.push(fill(
            TEXTS[0],
            "'<f8'",
            "False",
            &format!("({})", "0,".repeat(dims)),
        ));
    }
    for dims in 61..=65 {
        let ones = "1,".repeat(dims);
        for descr in [
            format!("('<f4', ({ones}))"),
            format!("(('<f4', (1, 1)), ({ones}))"),
            format!("('<f4', ({ones}2,))"),
            format!("[('x', '<f4', ({ones}))]"),
        ] {
            for shape in ["(1,)", "()", "(0,)", "(1, 1, 1)"] {
                texts.push(fill(TEXTS[0], &descr, "False", shape));
            }
        }
    }
    for depth in [60, 98, 99, 100] {
        let descr = format!("{}'<i2'{}", "[('a', ".repeat(depth), ")]".repeat(depth));
        texts.push(fill(TEXTS[0], &descr, "False", "(3,)"));
    }
    for brackets in [198, 199, 200] {
        let descr = format!("{}'<i2'{}", "(".repeat(brackets), ")".repeat(brackets));
        texts.push(fill(TEXTS[0], &descr, "False", "(3,)"));
    }
    for name in [
        "n".repeat(9_940),
        "n".repeat(9_941),
        "é".repeat(9_940),
        "é".repeat(9_941),
    ] {
        texts.push(fill(
            TEXTS[1],
            &format!("[('{name}', '|u1')]"),
            "False",
            "(3,)",
        ));
    }
    let mut random = fastrand::Rng::with_seed(21);
    for _ in 0..1_000 {
        let text = if random.bool() {
            TEXTS[0]
        } else {
            TEXTS[random.usize(..TEXTS.len())]
        };
        let descr = DESCRS[random.usize(..DESCRS.len())];
        let order = ["False", "True"][random.usize(..2)];
        texts.push(fill(
            text,
            descr,
            order,
            SHAPES[random.usize(..SHAPES.len())],
        ));
    }
    let versions = texts.iter().enumerate().flat_map(|(nth, text)| {
        // All versions of some, one of the others.
        let versions = if nth < 300 {
            vec![1, 2, 3]
        } else {
            vec![[1, 3, 2][nth % 3]]
        };
        versions
            .into_iter()
            .filter_map(|version| header(version, text))
    });
    versions.collect()
}

#[derive(Debug, Deserialize)]
struct Theirs {
    shape: Vec<String>,
    fortran: bool,
    dtype: String,
}

#[test]
fn made_up_headers_are_read_and_loaded_as_numpy_does() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let headers = headers();
    assert!(headers.len() > 1_500);
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for header in headers {
        let read = Header::read_from(&mut &header[..]).ok();
        let exact = read.and_then(|header| header.data_len());
        let exact = exact.filter(|&len| len < 4096).unwrap_or(24) as usize;
        for len in [exact.saturating_sub(1), exact, exact + 1, exact / 2] {
            let path = dir.path().join(format!("{}.npy", files.len()));
            fs::write(&path, [&header[..], &vec![0; len]].concat()).unwrap();
            files.push((path, header.clone()));
        }
    }
    let paths: Vec<&PathBuf> = files.iter().map(|(path, _)| path).collect();
    let answers = numpy.ask(json!({"ask": "verdicts", "paths": paths}));
    let answers: Vec<(Option<Theirs>, bool)> = serde_json::from_value(answers).unwrap();
    let loaded = answers.iter().filter(|(_, loads)| *loads).count();
    assert!(
        (1_000..answers.len() - 1_000).contains(&loaded),
        "{loaded} of {}",
        answers.len()
    );

    let mut differences = Vec::new();
    for ((path, bytes), (theirs, loads)) in files.iter().zip(answers) {
        let shown = || {
            format!(
                "{} and {} bytes",
                bytes.escape_ascii(),
                fs::metadata(path).unwrap().len() - bytes.len() as u64
            )
        };
        let ours = Header::read_from(&mut &bytes[..]);
        // `np.load` refuses these later.
        let dims = theirs.as_ref().and_then(|theirs| {
            theirs
                .shape
                .iter()
                .map(|dim| dim.parse().ok())
                .collect::<Option<Vec<u64>>>()
        });
        match (&ours, &theirs, dims) {
            (Ok(ours), Some(theirs), Some(dims)) => {
                let dtype = ours.dtype().to_string();
                let order = if theirs.fortran {
                    Order::Fortran
                } else {
                    Order::C
                };
                if dtype != theirs.dtype || ours.order() != order || ours.shape() != dims {
                    differences.push(format!("{}: {ours:?}, NumPy's {theirs:?}", shown()));
                }
            }
            (Err(_), Some(_), Some(_)) if !loads => {}
            (Err(_), _, None) => {}
            _ => differences.push(format!("{}: {ours:?}, NumPy's {theirs:?}", shown())),
        }
        let report = npyrec::check(path).map(|report| report.numpy_loads());
        if *report.as_ref().unwrap_or(&false) != loads {
            differences.push(format!(
                "{}: numpy_loads {report:?}, np.load {loads}",
                shown()
            ));
        }
    }
    let few = &differences[..differences.len().min(40)];
    assert!(
        differences.is_empty(),
        "{} differences\n{}",
        differences.len(),
        few.join("\n")
    );
}

#[test]
fn a_header_that_numpy_could_not_read_is_not_made() {
    let new = |dtype: &str, shape: &[u64]| Header::new(dtype.parse().unwrap(), Order::C, shape);
    let errors = [
        new("('<f8', (2,))", &[3]),
        new("('<f8', (2,))", &[0]),
        new("('<f8', (0,))", &[3]),
        new("2f4", &[3]),
        new("<f8", &[0, i64::MAX as u64]),
        new("<f8", &[0, 1 << 32, 1 << 32]),
        new("|u1", &[u64::MAX]),
        new("|u1", &[1; 65]),
    ];
    let errors = errors.map(|header| header.unwrap_err().to_string());
    insta::assert_snapshot!(errors.join("\n"), @r"
    the dtype of an array is not an array itself; add its dimensions to the shape
    the dtype of an array is not an array itself; add its dimensions to the shape
    the dtype of an array is not an array itself; add its dimensions to the shape
    the dtype of an array is not an array itself; add its dimensions to the shape
    the shape and the dtype make an array larger than 2^63 - 1 bytes
    the shape and the dtype make an array larger than 2^63 - 1 bytes
    the shape and the dtype make an array larger than 2^63 - 1 bytes
    the shape has 65 dimensions, NumPy's limit is 64
    ");
    assert!(new("|u1", &[0, i64::MAX as u64]).is_ok());
    // As `np.load` reads it.
    let header = new("('<f8', (1,))", &[3]).unwrap();
    assert_eq!(
        (header.dtype().to_string(), header.shape()),
        ("<f8".into(), &[3][..])
    );
    assert_eq!(
        Header::read_from(&mut &header.to_bytes()[..]).unwrap(),
        header
    );
}

/// `np.fromfile` takes the entries of a subarray for elements, once it has read too few of these.
#[test]
fn half_of_the_data_may_be_all_that_numpy_wants() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("half.npy");
    let text = "{'descr': ('<f8', (2,)), 'fortran_order': False, 'shape': (4,), }";
    for (len, loads) in [
        (31, false),
        (32, true),
        (47, true),
        (48, false),
        (64, false),
    ] {
        fs::write(&path, crate::format::file(1, text, 64, &vec![0; len])).unwrap();
        assert_eq!(npyrec::check(&path).unwrap().numpy_loads(), loads, "{len}");
        let Some(mut numpy) = numpy() else { continue };
        let theirs = numpy.try_ask(json!({"ask": "loads", "path": path}));
        assert_eq!(theirs.is_ok(), loads, "{len}: {theirs:?}");
    }
}

/// Brackets as deep as Python reads them take little of a thread's stack.
#[test]
fn a_deep_header_is_read_on_a_small_stack() {
    let depth = 99;
    let descr = format!("{}'int4'{}", "[('a', ".repeat(depth), ")]".repeat(depth));
    let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (3,), }}");
    let bytes = header(1, &text).unwrap();
    let thread = std::thread::Builder::new().stack_size(512 << 10);
    let written = thread.spawn(move || {
        let read = Header::read_from(&mut &bytes[..]).unwrap();
        let json = serde_json::to_string(&read).unwrap();
        (read.clone().to_string(), json)
    });
    let (written, json) = written.unwrap().join().unwrap();
    assert_eq!(written, text);
    assert!(json.contains("int4"));
}
