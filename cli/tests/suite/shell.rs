//! Completions and manual pages.

use crate::run::npyrec;

#[test]
fn every_shell_has_completions_of_every_command() {
    let dir = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let text = npyrec(dir.path(), &["completions", shell]).answer();
        for command in ["info", "tail", "make-appendable"] {
            assert!(text.contains(command), "{shell}: {text}");
        }
    }
}

#[test]
fn every_command_has_a_page() {
    let dir = tempfile::tempdir().unwrap();
    let page = npyrec(dir.path(), &["man"]).answer();
    assert!(page.contains(".TH npyrec 1"), "{page}");
    npyrec(dir.path(), &["man", "--dir", "."]).answer();
    let page = std::fs::read_to_string(dir.path().join("npyrec-tail.1")).unwrap();
    assert!(
        page.contains(".TH npyrec-tail 1") && page.contains("Print the last rows"),
        "{page}"
    );
    assert_eq!(npyrec(dir.path(), &["man", "--dir", "."]).code, 2);
    npyrec(dir.path(), &["man", "--dir", ".", "--force"]).answer();
}

#[test]
fn every_command_tells_what_it_does() {
    let dir = tempfile::tempdir().unwrap();
    let help = npyrec(dir.path(), &["--help"]).answer();
    insta::assert_snapshot!(help);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.map_while(|line| line.split_whitespace().next());
    for command in commands.filter(|command| *command != "help") {
        let help = npyrec(dir.path(), &[command, "--help"]).answer();
        assert!(help.contains("Usage: npyrec"), "{command}: {help}");
        let arguments = help.lines().skip_while(|line| *line != "Arguments:");
        let arguments = arguments.take_while(|line| *line != "Options:");
        // Each has a description, on the same line or the next.
        for pair in arguments.collect::<Vec<_>>().windows(2) {
            let words = pair[0].split_whitespace();
            let is_alone = words.clone().count() == 1
                && words.clone().all(|word| word.starts_with(['<', '[']));
            assert!(!is_alone || !pair[1].trim().is_empty(), "{command}: {help}");
        }
    }
}
