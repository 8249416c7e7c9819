//! `npyrec plot`.

use std::fs;

use insta::assert_snapshot;

use crate::{
    run::{command, finish, npyrec},
    sample::folder,
};

#[test]
fn columns_are_drawn_in_the_terminal() {
    let dir = folder();
    for (name, arguments) in [
        ("line", &["-x", "time", "-y", "price"][..]),
        (
            "scatter",
            &["-x", "size", "-y", "depth[1]", "--kind", "scatter"],
        ),
        ("histogram", &["-y", "price", "--kind", "histogram"]),
    ] {
        let arguments = [&["plot", "ticks.npy"], arguments].concat();
        let mut narrow = command(dir.path(), &arguments);
        assert_snapshot!(name, finish(narrow.env("COLUMNS", "60")).answer());
    }
}

/// Of a million rows, one.
#[test]
fn a_spike_stays_visible() {
    let dir = tempfile::tempdir().unwrap();
    let mut values = vec![0.0; 1_000_000];
    values[123_456] = -7.5;
    npyrec::write(dir.path().join("spike.npy"), &values).unwrap();
    let plot = npyrec(dir.path(), &["plot", "--json", "spike.npy"]).json();
    let points = plot["series"][0]["points"].as_array().unwrap().clone();
    assert!(points.len() < 1000, "{}", points.len());
    let spike: Vec<_> = points.iter().filter(|point| point[1] != 0.0).collect();
    assert_eq!(spike, [&serde_json::json!([123_456.0, -7.5])]);
}

#[test]
fn a_picture_has_axes_with_dates_and_units() {
    let dir = folder();
    npyrec(
        dir.path(),
        &[
            "plot",
            "ticks.npy",
            "-x",
            "time",
            "-y",
            "price,size",
            "-o",
            "out.svg",
        ],
    )
    .answer();
    let svg = fs::read_to_string(dir.path().join("out.svg")).unwrap();
    assert!(
        svg.starts_with("<svg ") && svg.ends_with("</svg>\n"),
        "{svg}"
    );
    for text in [
        "\nprice\n",
        "\nsize\n",
        "\ntime\n",
        "\n2026-01-01T00:00:",
        "<polyline",
    ] {
        assert!(svg.contains(text), "{text}: {svg}");
    }
    let run = npyrec(dir.path(), &["plot", "ticks.npy", "-o", "out.svg"]);
    assert_eq!(
        (run.code, &*run.err),
        (2, "error: out.svg exists\nhint: `--force` replaces it\n")
    );
}

#[test]
fn what_has_no_numbers_is_not_drawn() {
    let dir = folder();
    let run = npyrec(dir.path(), &["plot", "ticks.npy", "-y", "symbol"]);
    assert_eq!(
        (run.code, &*run.err),
        (2, "error: the column `symbol` has no numbers\n")
    );
    let run = npyrec(dir.path(), &["plot", "ticks.npy", "-y", "prize"]);
    assert_eq!(run.code, 2);
}

#[test]
fn pictures_fit_the_terminal_and_are_plain_on_a_dumb_one() {
    let dir = folder();
    for name in ["levels.npy", "waves.npy"] {
        for width in ["80", "200"] {
            let mut sized = command(dir.path(), &["plot", name]);
            let shown = finish(sized.env("COLUMNS", width)).answer();
            let widest = shown
                .lines()
                .map(|line| line.chars().count())
                .max()
                .unwrap();
            assert!(
                widest <= width.parse().unwrap(),
                "{name}, {width}: {widest}"
            );
            assert!(widest >= 70, "{name}, {width}: {widest}");
        }
        let mut dumb = command(dir.path(), &["plot", name]);
        let shown = finish(dumb.env("TERM", "dumb")).answer();
        let is_braille = |c: char| ('\u{2800}'..='\u{28ff}').contains(&c);
        assert!(
            !shown.contains(is_braille) && !shown.contains('\x1b'),
            "{shown}"
        );
    }
}
