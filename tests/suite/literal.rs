//! Python literals: read as `ast.literal_eval` reads them, written as `repr` writes them.

use std::collections::BTreeMap;

use npyrec::{
    DType, Header,
    literal::{self, Limits},
};
use proptest::{prelude::*, strategy::ValueTree};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::numpy::numpy;

/// Any literal; its variants are the names that the format knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Literal {
    None,
    Bool(bool),
    Int(i64),
    Str(String),
    List(Vec<Literal>),
    Tuple(Vec<Literal>),
    Dict(BTreeMap<String, Literal>),
}

/// Any literal of strings that match a pattern.
fn any_literal(strings: &'static str) -> impl Strategy<Value = Literal> {
    let leaf = prop_oneof![
        Just(Literal::None),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(Literal::Int),
        strings.prop_map(Literal::Str),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Literal::List),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Literal::Tuple),
            prop::collection::btree_map(strings, inner, 0..4).prop_map(Literal::Dict),
        ]
    })
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    literal::from_str(text).map_err(|e| e.to_string())
}

proptest! {
    #[test]
    fn any_literal_is_read_back_from_its_text(value in any_literal("\\PC*")) {
        let text = literal::to_string(&value).unwrap();
        prop_assert_eq!(literal::from_str::<Literal>(&text), Ok(value), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[\\[\\](){}',:0-9LTrue\\\\xN \"-]{0,40}") {
        let _ = literal::from_str::<Literal>(&text);
        let _ = literal::from_str::<serde::de::IgnoredAny>(&text);
    }

    #[test]
    fn any_string_is_read_or_refused(text in any::<String>()) {
        let _ = literal::from_str::<Literal>(&text);
    }
}

#[test]
fn literals_are_written_as_repr_writes_them() {
    let Some(mut numpy) = numpy() else { return };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..300 {
        let value = any_literal("[a-z'\"\\\\\n\u{a0}\u{301}é日\u{1f600}]{0,6}")
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let text = literal::to_string(&value).unwrap();
        assert_eq!(
            numpy.ask(json!({"ask": "literal", "text": text})),
            json!(text)
        );
    }
}

/// Every character that Unicode had when the Python at hand was made; later ones it would escape.
#[test]
fn every_character_is_escaped_where_repr_escapes_it() {
    let Some(mut numpy) = numpy() else { return };
    let code = "import unicodedata\n\
                chars = [c for c in map(chr, range(0x110000)) if not 0xd800 <= ord(c) < 0xe000]\n\
                answer = [[c, repr(c)] for c in chars if unicodedata.category(c) != 'Cn']";
    let answer = numpy.ask(json!({"ask": "python", "code": code}));
    let pairs: Vec<(String, String)> = serde_json::from_value(answer).unwrap();
    assert!(pairs.len() > 250_000);
    for (c, repr) in pairs {
        assert_eq!(literal::to_string(&c).unwrap(), repr);
    }
}

#[test]
fn literals_are_read_as_literal_eval_reads_them() {
    let Some(mut numpy) = numpy() else { return };
    let texts = [
        r"'a'",
        r#""a""#,
        r#"'"'"#,
        r#""'""#,
        r"'\''",
        r"'\\'",
        r"'\n\r\t\a\b\f\v\0'",
        r"'\x41\xe9'",
        r"'\u65e5'",
        r"'\U0001f600'",
        r"'\101\7\08'",
        r"'\d\ '",
        "'a\\\nb'",
        "u'a'",
        "' é日 '",
        "''",
        "-5",
        "+5",
        "0",
        "00",
        "(1, 2)",
        "(1,)",
        "()",
        "[1, 2, ]",
        "[ ]",
        "{ 'a' : 1 , }",
        "{}",
        "(((1,),),)",
        "[(1, [2]), {'a': (3,)}]",
        "None",
        "[True,False]",
        " [1,\n 2] \t\n",
        "\n\n[1]\n\n  \n",
        "\x0c[1]\x0c",
        "# before\n[1] # after\n# and after",
        "[ # one\n1, # two\r\n2\r]\r",
        "{'a'\n:\n1\n}\n  # end",
        "\\\n[1, \\\n2]",
        "'a' \\\n'b'",
        "(3)",
        "((3),)",
        "(((3)))",
        "('a' \"b\"\n'c')",
        r#"'a' r'\n' u'b' R"\"" U'''c'''"#,
        "r'a\\\nb'",
        "'''it's\n\"it\"\r\nis''\\''''",
        r#""""a""""#,
        "''''''",
        "'a\\\r\nb'",
        r"'\777\400'",
        "0x1F",
        "0X_f",
        "0b1_0",
        "0o17",
        "1_000",
        "0_0",
        "000",
        "- 3",
        "-(3)",
        "+ ((3))",
        "-0",
        "1, 2",
        "1,",
        "[(), ((),)]",
        "{'a': 1, 'b': 2, 'a': 3}",
        "{'a': [1], 'a': 'x',}",
        "-9223372036854775808",
    ];
    for text in texts {
        let ours = read::<Literal>(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let ours = literal::to_string(&ours).unwrap();
        assert_eq!(
            json!(ours),
            numpy.ask(json!({"ask": "literal", "text": text})),
            "{text}"
        );
    }
}

#[test]
fn a_text_that_literal_eval_refuses_is_refused_at_its_byte() {
    let texts = [
        "",
        "(",
        "[1",
        "[1 2]",
        "(3",
        "{'a'}",
        "{'a': 1",
        "{'a' 1}",
        "'a",
        "'a\nb'",
        r"'\x4'",
        r"'\ud800'",
        r"'\U00110000'",
        r"'\N{DASH}'",
        "01",
        "-",
        "--1",
        "-(-1)",
        "-(1,)",
        "+True",
        "0_3",
        "0x",
        "0x_",
        "0b12",
        "1_",
        "1__0",
        "_1",
        "1.5",
        ".5",
        "1j",
        "1+2j",
        "3 l",
        "...",
        "1e3",
        "18446744073709551616",
        "-9223372036854775809",
        "True1",
        "true",
        "nan",
        "a",
        "1 2",
        "[,]",
        "(,)",
        "[1,,2]",
        "b'a'",
        "'a' b'b'",
        "f'a'",
        "ur'a'",
        "r 'a'",
        r"r'\'",
        "'''a''",
        "'a'\n'b'",
        "1\n2",
        "\n 1",
        "# a\n 1",
        "1 \\",
        "[1\x0b]",
        "[1]\u{a0}",
        "\u{feff}1",
        "['\0']",
        "1 # \0",
        "{[1]: 2}",
        "{({},): 2}",
        "{**{}}",
        "{1, 2}",
        "é",
        "[1)",
        "u",
        "3LL",
    ];
    let errors: Vec<String> = texts
        .iter()
        .map(|text| format!("{text:?}: {}", read::<Literal>(text).unwrap_err()))
        .collect();
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn a_list_is_no_tuple_in_a_header_or_a_dtype_either() {
    let header = |descr: &str, shape: &str| {
        let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}");
        read::<Header>(&text).map(|header| header.to_string())
    };
    let read_as_written = [
        ("'<f8'", "(3,)"),
        ("[('x', '<i2'), ('y', '<f4', (2, 3))]", "(2, 3)"),
        ("[('x', 'int4')]", "()"),
    ];
    for (descr, shape) in read_as_written {
        let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}");
        assert_eq!(header(descr, shape), Ok(text));
    }
    for (descr, shape) in [
        ("'<f8'", "[3]"),
        ("['<f8', (2,)]", "(3,)"),
        ("(('x', '<i2'), ('y', '<f4'))", "(3,)"),
    ] {
        assert!(header(descr, shape).is_err(), "{descr}, {shape}");
        let bytes = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}");
        let file = crate::format::file(1, &bytes, 64, &[]);
        assert!(
            Header::read_from(&mut &file[..]).is_err(),
            "{descr}, {shape}"
        );
    }
    assert!(read::<DType>("(('x', '<i2'), ('y', '<f4'))").is_err());
    assert!(read::<DType>("[('x', '<i2'), ('y', '<f4')]").is_ok());
}

#[test]
fn a_list_is_never_taken_for_a_tuple() {
    assert_eq!(read::<(u8, u8)>("(1, 2)"), Ok((1, 2)));
    assert_eq!(read::<Vec<u8>>("[1, 2]"), Ok(vec![1, 2]));
    let errors = [
        read::<(u8, u8)>("[1, 2]").unwrap_err(),
        read::<Vec<u8>>("(1, 2)").unwrap_err(),
        read::<(u8,)>("(1)").unwrap_err(),
        read::<(u8, u8)>("(1, 2, 3)").unwrap_err(),
        read::<(u8, u8)>("(1,)").unwrap_err(),
        read::<u8>("300").unwrap_err(),
        read::<bool>("1").unwrap_err(),
        read::<BTreeMap<String, u8>>("{'a': 'b'}").unwrap_err(),
    ];
    insta::assert_snapshot!(errors.join("\n"), @r#"
    byte 0: expected a tuple, found `[`
    byte 0: expected a list, found `(`
    byte 0: a tuple of one item has a comma: `(3,)`; `(3)` is only 3 in brackets
    byte 7: expected `)`, found `3`
    byte 0: invalid length 1, expected a tuple of size 2
    byte 0: invalid value: integer `300`, expected u8
    byte 0: invalid type: integer `1`, expected a boolean
    byte 6: invalid type: string "b", expected u8
    "#);
}

#[test]
fn python_2_integers_have_an_l() {
    assert_eq!(read::<(u64, u64)>("(10L, 0x1f L)"), Ok((10, 31)));
    for text in ["10l", "10LL", "10L0", "10\nL", "'a'L"] {
        assert!(read::<Literal>(text).is_err(), "{text}");
    }
}

#[test]
fn the_last_of_equal_keys_counts() {
    let few = read::<BTreeMap<String, u8>>("{'a': 'x', 'b': 2, 'a': 3}");
    assert_eq!(few, Ok([("a".into(), 3), ("b".into(), 2)].into()));
    let many: String = (0..100_000).map(|n| format!("{}:1,", n % 1_000)).collect();
    let many = literal::from_str::<BTreeMap<u64, u8>>(&format!("{{{many}}}")).unwrap();
    assert_eq!(many.len(), 1_000);
}

#[test]
fn depth_and_length_are_limited() {
    let deep = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(read::<Literal>(&deep(128)).is_ok());
    assert_eq!(
        read::<Literal>(&deep(129)).unwrap_err(),
        "byte 128: brackets nest deeper than 128 levels"
    );
    assert!(read::<Literal>(&deep(1_000_000)).is_err());
    let limits = Limits {
        length: 3,
        ..Limits::default()
    };
    let error = literal::from_str_with_limits::<Literal>("'ab'", limits).unwrap_err();
    assert_eq!(
        error.to_string(),
        "byte 3: the text is 4 bytes long, the limit is 3"
    );
}

#[test]
fn only_the_sequence_of_a_tuple_variant_is_a_tuple() {
    #[derive(Serialize)]
    enum Kinds {
        Tuple(BTreeMap<String, Vec<u8>>),
        Str(String),
        List(Vec<Kinds>),
    }
    let map = BTreeMap::from([("a".to_owned(), vec![1])]);
    let value = Kinds::List(vec![
        Kinds::Tuple(map),
        Kinds::Str("b".into()),
        Kinds::List(vec![]),
    ]);
    assert_eq!(literal::to_string(&value).unwrap(), "[{'a': [1]}, 'b', []]");
}

#[test]
fn what_has_no_literal_is_refused() {
    #[derive(Serialize)]
    enum Other {
        Unit,
        Newtype(u8),
        Struct { a: u8 },
    }
    let errors = [
        literal::to_string(&1.5).unwrap_err(),
        literal::to_string(&Other::Unit).unwrap_err(),
        literal::to_string(&Other::Newtype(1)).unwrap_err(),
        literal::to_string(&Other::Struct { a: 1 }).unwrap_err(),
    ];
    insta::assert_snapshot!(errors.map(|e| e.to_string()).join("\n"), @r"
    a float has no literal here
    a variant that is not a kind of literal has no literal here
    a variant that is not a kind of literal has no literal here
    a variant with named fields has no literal here
    ");
}
