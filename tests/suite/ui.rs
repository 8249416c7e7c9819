//! What the compiler says to each misuse of the macro.

use std::process::Command;

use crate::numpy::skipped;

#[test]
fn a_misuse_of_the_macro_is_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

#[test]
fn a_crate_that_forbids_unsafe_code_derives_records() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}

/// The compiler that worded the messages under `tests/ui/rustc`.
const WORDED_BY: &str = "rustc 1.95.";

#[test]
fn a_field_of_the_wrong_type_is_explained() {
    let version = Command::new("rustc")
        .arg("--version")
        .output()
        .unwrap()
        .stdout;
    let version = String::from_utf8_lossy(&version);
    if version.starts_with(WORDED_BY) {
        trybuild::TestCases::new().compile_fail("tests/ui/rustc/*.rs");
    } else {
        skipped(&format!(
            "the messages of {WORDED_BY}, as this is {version}"
        ));
    }
}
