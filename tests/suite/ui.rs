//! What the compiler says to each misuse of the macro.

use std::process::Command;

use crate::python::skipped;

#[test]
fn a_misuse_of_the_macro_is_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

#[test]
fn a_crate_that_forbids_unsafe_code_derives_records() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}

/// The compiler that worded the messages under `tests/ui/rustc` and `tests/ui/large`.
const WORDED_BY: &str = "rustc 1.95.";

/// Runs `test` if the compiler is the one that worded the messages.
fn if_worded_so(test: impl FnOnce(&trybuild::TestCases)) {
    let version = Command::new("rustc").arg("--version").output();
    let version = version.unwrap().stdout;
    let version = String::from_utf8_lossy(&version);
    match version.starts_with(WORDED_BY) {
        true => test(&trybuild::TestCases::new()),
        false => skipped(&format!(
            "the messages of {WORDED_BY}, as this is {version}"
        )),
    }
}

#[test]
fn a_field_of_the_wrong_type_is_explained() {
    if_worded_so(|cases| {
        cases.compile_fail("tests/ui/rustc/*.rs");
        // On 32 bits the compiler has no such type, and says so first.
        if cfg!(target_pointer_width = "64") {
            cases.compile_fail("tests/ui/large/*.rs");
        }
    });
}

/// The compiler checks what is read when it compiles the call. Beside a program that passes, each program is
/// compiled whole.
#[test]
fn a_record_that_borrows_is_written_and_not_read() {
    if_worded_so(|cases| {
        cases.pass("tests/ui/pass/borrowed_is_written.rs");
        cases.compile_fail("tests/ui/built/*.rs");
    });
}
