//! The spellings of dtypes: a text is read if `np.dtype` or `descr_to_dtype` reads it.

use std::fs;

use npyrec::{DType, Scalar};
use serde_json::json;

use crate::numpy::numpy;

/// The text of a dtype, with all voids alike: NumPy drops their byte order, the crate keeps it.
fn without_void_order(text: &str) -> String {
    text.replace("<V", "|V").replace(">V", "|V")
}

fn spelled(text: &str) -> Option<String> {
    let dtype: DType = text.parse().ok()?;
    Some(without_void_order(&dtype.to_string()))
}

#[test]
fn every_type_string_that_numpy_reads_is_read_and_no_other() {
    let Some(mut numpy) = numpy() else { return };
    let answers = numpy.ask(json!({"ask": "spellings"}));
    let answers: Vec<(String, Option<String>)> = serde_json::from_value(answers).unwrap();
    let accepted = answers.iter().filter(|(_, dtype)| dtype.is_some()).count();
    assert!(
        answers.len() > 10_000 && accepted > 2_000,
        "{accepted} of {}",
        answers.len()
    );
    let mut differences = Vec::new();
    for (text, theirs) in answers {
        let ours = spelled(&text);
        // What `np.save` writes for two types of `ml_dtypes`, and NumPy does not read.
        let is_extra = ["<f1", "<W4", "<c4"].contains(&&*text) && theirs.is_none();
        if !is_extra && ours != theirs.as_deref().map(without_void_order) {
            differences.push(format!("{text:?}: ours {ours:?}, NumPy's {theirs:?}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Literals of descrs, made of smaller ones.
fn descrs() -> Vec<String> {
    let bases = [
        "'<f8'",
        "'f4'",
        "'S'",
        "'U'",
        "'V'",
        "'S5'",
        "'V8'",
        "'1f4'",
        "'2f4'",
        "'0f4'",
        "'i4,f4'",
        "'i2,'",
        "'double'",
        "'O'",
        "'M8[ns]'",
        "'?'",
        "'|V2'",
        "''",
        "'x'",
        "[]",
        "[('a', '<i4')]",
        "[('a', '<i2'), ('b', '<i2')]",
        "[('a', '<f4', 2), ('', '|V3')]",
        "[('', 'S4')]",
        "[('', '<i2'), ('', '<i4')]",
        "[(('t', 'a'), 'i4')]",
        "[((None, 'a'), 'i4')]",
        "[((None, ''), 'V4')]",
        "[(('t', ''), 'V4')]",
        "['xd', 'xSd', 'yf']",
        "['xd', 'yi']",
        "('<f8', ())",
        "('<f8', (1,))",
        "('<f8', (2,), 'more')",
        "('<f8',)",
        "()",
        "{}",
        "None",
        "5",
        "True",
        "(('<f4', (2,)), (3,))",
        "[['a', 'i4'], ('b', 'f4')]",
        "[('a', 'i4'), ('a', 'f4')]",
        "[('a', 'S', 3), ('b', 'U', 2)]",
        "('U', 3)",
        "[('é', '<i4'), ('日', '<i4')]",
        "[('a', 'i4', ()), ('b', 'i4', [2, 3])]",
        "('V4', [('', 'i2'), ('', 'i2')])",
    ];
    let seconds = [
        "()",
        "(1,)",
        "(2,)",
        "(0,)",
        "(2, 3)",
        "[2]",
        "[]",
        "1",
        "0",
        "5",
        "-1",
        "(-1,)",
        "True",
        "None",
        "'2'",
        "'i4'",
        "'<f8'",
        "'S'",
        "'2i2'",
        "'O'",
        "(2147483648,)",
        "2147483647",
        "[('a', '<i2'), ('b', '<i2')]",
        "[('a', '<f8')]",
        "[('', '<f8')]",
        "['a', 'b']",
        "('<f4', 2)",
        "('S', 8)",
        "(1, 1)",
        "(65536, 65536)",
        "((1,), 2)",
        "'1f8'",
        "('a', 'b')",
        "[['a', '<f8']]",
    ];
    let mut found: Vec<String> = bases.map(str::to_owned).into();
    for base in bases {
        found.push(format!("[('x', {base})]"));
        found.push(format!("[('', {base}), ('x', '<i2')]"));
        found.push(format!("[['x', {base}, (2,)]]"));
        found.push(format!("({base}, 2, 3)"));
        for second in seconds {
            found.push(format!("({base}, {second})"));
            found.push(format!("[('x', {base}, {second}), ('y', '<i2')]"));
        }
    }
    found
}

/// NumPy makes these of a dtype that it keeps beside another one.
fn is_beyond_the_model(text: &str) -> bool {
    // A dictionary is iterated over its keys; an empty subarray takes a number for its size; a string
    // may have the size of a part of a character.
    text.contains("{}") || text.contains("'0f4'") || text.contains("'U', ('a'")
}

#[test]
fn every_descr_that_numpy_reads_is_read_and_no_other() {
    let Some(mut numpy) = numpy() else { return };
    let texts: Vec<String> = descrs()
        .into_iter()
        .filter(|text| !is_beyond_the_model(text))
        .collect();
    assert!(texts.len() > 3_000);
    let fields: Vec<String> = texts
        .iter()
        .map(|text| format!("[('x', {text})]"))
        .collect();
    let answers = numpy.ask(json!({"ask": "descrs", "texts": fields}));
    let answers: Vec<Option<String>> = serde_json::from_value(answers).unwrap();
    assert!(answers.iter().flatten().count() > 500);
    let mut differences = Vec::new();
    for (text, theirs) in texts.iter().zip(answers) {
        // In a field: at the top, a subarray of one element is dropped.
        let header = format!("{{'descr': [('x', {text})], 'fortran_order': False, 'shape': (0,)}}");
        let file = crate::format::file(3, &header, 64, &[]);
        let header = npyrec::Header::read_from(&mut &file[..]);
        let ours = header.map(|header| without_void_order(&header.dtype().to_string()));
        if ours.as_ref().ok() != theirs.as_deref().map(without_void_order).as_ref() {
            differences.push(format!("{text}: ours {ours:?}, NumPy's {theirs:?}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn the_grammar_of_the_derive_is_that_of_the_library() {
    let root = env!("CARGO_MANIFEST_DIR");
    let library = fs::read_to_string(format!("{root}/src/dtype/grammar.rs")).unwrap();
    let derive = fs::read_to_string(format!("{root}/derive/src/grammar.rs")).unwrap();
    assert!(
        library == derive,
        "copy src/dtype/grammar.rs to derive/src/grammar.rs"
    );
}

#[test]
fn the_types_of_ml_dtypes_are_read_by_name_as_raw_bytes() {
    let Some(mut numpy) = numpy() else { return };
    let code = "import ml_dtypes\n\
        names = [n for n in dir(ml_dtypes) if isinstance(getattr(ml_dtypes, n), type)]\n\
        names = [n for n in names if n not in ('finfo', 'iinfo')]\n\
        answer = [[n, np.dtype(n).str, np.dtype(n).itemsize] for n in names]";
    let answer = numpy.python("".as_ref(), code);
    let types: Vec<(String, String, usize)> = serde_json::from_value(answer).unwrap();
    assert!(types.len() >= 20);
    for (name, saved, itemsize) in types {
        let expected = format!("<V{itemsize}");
        let by_name: Scalar = name.parse().unwrap();
        assert_eq!(by_name.to_string(), expected, "{name}");
        // What `np.save` writes for it.
        assert_eq!(
            saved.parse::<Scalar>().unwrap().to_string(),
            expected,
            "{saved}"
        );
    }
}

/// The exceptions that the documentation of `DType` names.
#[test]
fn the_named_exceptions_are_refused_although_numpy_reads_them() {
    let deep = format!("{}'<i2'{}", "[('a', ".repeat(65), ")]".repeat(65));
    let descrs = [
        "[('x', ('<i4', {'names': ['a'], 'formats': ['<i4']}))]",
        r"[('\N{EN DASH}', '<f4')]",
        r"[('\ud800', '<f4')]",
        "[((5, 'x'), '<f4')]",
        "'M8[0s]'",
        &deep,
    ];
    let mut texts = Vec::new();
    for descr in descrs {
        assert!(descr.parse::<DType>().is_err(), "{descr}");
        let header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (0,)}}");
        let file = crate::format::file(3, &header, 64, &[]);
        let is_deep = descr == deep;
        assert_eq!(npyrec::Header::read_from(&mut &file[..]).is_ok(), is_deep);
        texts.push(descr);
    }
    let Some(mut numpy) = numpy() else { return };
    let answers = numpy.ask(json!({"ask": "descrs", "texts": texts}));
    let answers: Vec<Option<String>> = serde_json::from_value(answers).unwrap();
    for (text, answer) in texts.iter().zip(answers) {
        assert!(answer.is_some(), "{text}");
    }
}
