//! Any text is a literal that is read back from its own text, or refused.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use npyrec::{DType, literal};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Literal {
    None,
    Bool(bool),
    Int(i64),
    Str(String),
    List(Vec<Literal>),
    Tuple(Vec<Literal>),
    Dict(BTreeMap<String, Literal>),
}

fuzz_target!(|text: &str| {
    if let Ok(value) = literal::from_str::<Literal>(text) {
        let text = literal::to_string(&value).expect("a literal has a text");
        assert_eq!(literal::from_str::<Literal>(&text).as_ref(), Ok(&value));
    }
    if let Ok(dtype) = text.parse::<DType>() {
        assert_eq!(dtype.to_string().parse().as_ref(), Ok(&dtype));
    }
});
