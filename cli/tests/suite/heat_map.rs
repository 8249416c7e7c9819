//! Heat maps of `npyrec plot`.

use std::{fs, path::Path};

use insta::assert_snapshot;
use npyrec::{Datetime64, ndarray::Array2, unit::Second};
use serde_json::json;

use crate::{
    run::{command, finish, npyrec},
    sample::folder,
};

fn save(dir: &Path, shape: (usize, usize), value: impl Fn((usize, usize)) -> f32) {
    npyrec::write_array(dir.join("grid.npy"), &Array2::from_shape_fn(shape, value)).unwrap();
}

#[test]
fn an_array_of_two_axes_is_drawn_as_a_heat_map() {
    let dir = tempfile::tempdir().unwrap();
    save(dir.path(), (6, 40), |(y, x)| match (y, x) {
        (2, 5) => f32::NAN,
        _ => (x as f32 / 8.0).sin() + y as f32 / 3.0,
    });
    assert_snapshot!(npyrec(dir.path(), &["plot", "grid.npy"]).answer());
    let rows = npyrec(dir.path(), &["plot", "grid.npy", "--rows", "4:1:-1"]).answer();
    assert!(rows.starts_with("4 ") && rows.contains("\n2 "), "{rows}");
}

#[test]
fn a_heat_map_has_two_rows_in_a_line_where_there_are_colours() {
    let dir = tempfile::tempdir().unwrap();
    save(dir.path(), (4, 3), |(y, x)| (3 * y + x) as f32);
    let mut coloured = command(dir.path(), &["plot", "grid.npy"]);
    let coloured = finish(coloured.env("CLICOLOR_FORCE", "1")).answer();
    assert_eq!(coloured.lines().count(), 4, "{coloured}");
    assert_eq!(coloured.matches('▀').count(), 2 * 3 * 4, "{coloured}");
    // The ends of the colours: dark violet and yellow.
    assert!(
        coloured.contains("[38;5;53m") && coloured.contains("[48;5;220m"),
        "{coloured:?}"
    );
}

/// One of ten million values.
#[test]
fn a_spike_stays_visible_in_a_heat_map() {
    let dir = tempfile::tempdir().unwrap();
    save(dir.path(), (3000, 3000), |place| match place {
        (1234, 2345) => -7.5,
        (y, _) => (y % 2) as f32,
    });
    let map = npyrec(dir.path(), &["plot", "grid.npy", "--json"]).json();
    assert_eq!(
        (&map["rows"], &map["columns"]),
        (&json!(3000), &json!(3000))
    );
    let cells = map["cells"].as_array().unwrap();
    assert!(cells.len() <= 20, "{} rows of cells", cells.len());
    let found = cells.iter().flat_map(|row| row.as_array().unwrap());
    assert_eq!(found.filter(|cell| **cell == -7.5).count(), 1);
}

#[test]
fn a_picture_of_a_heat_map_has_a_scale_of_its_values() {
    let dir = tempfile::tempdir().unwrap();
    let row = |start: i64| [0, 1, 2, 3, 4, 5, 6, 7].map(|x| Datetime64::<Second>::new(start + x));
    let times = [0, 8, 16, 24, 32].map(row);
    npyrec::write(dir.path().join("times.npy"), &times).unwrap();
    npyrec(dir.path(), &["plot", "times.npy", "-o", "out.svg"]).answer();
    let svg = fs::read_to_string(dir.path().join("out.svg")).unwrap();
    for text in [
        "\nrow\n",
        "\ncolumn\n",
        "\n1970-01-01T00:00:00\n",
        "\n1970-01-01T00:00:39\n",
    ] {
        assert!(svg.contains(text), "{text}: {svg}");
    }
    // The picture, 40 cells, and 64 steps of the scale.
    assert_eq!(svg.matches("<rect ").count(), 1 + 40 + 64, "{svg}");
}

#[test]
fn a_subarray_is_drawn_as_a_heat_map_where_it_is_asked_for() {
    let dir = folder();
    let plot =
        |arguments: &[&str]| npyrec(dir.path(), &[&["plot", "ticks.npy"], arguments].concat());
    let map = plot(&["-c", "depth", "--kind", "heatmap", "--json", "--rows", ":3"]).json();
    assert_eq!(map["cells"], json!([[0.0, 0.25], [1.0, 1.25], [2.0, 2.25]]));
    for (arguments, reason) in [
        (
            &["--kind", "heatmap"][..],
            "the column `symbol` has no numbers",
        ),
        (
            &["--kind", "heatmap", "-c", "time,size"],
            "a heat map is of numbers, or of times of one unit",
        ),
        (
            &["--kind", "heatmap", "-x", "size"],
            "a heat map has no column along an axis",
        ),
    ] {
        let run = plot(arguments);
        assert!(run.code == 2 && run.err.contains(reason), "{run:?}");
    }
}

#[test]
fn an_array_without_values_is_an_empty_heat_map() {
    let dir = tempfile::tempdir().unwrap();
    for shape in [(0, 5), (5, 0), (0, 0)] {
        save(dir.path(), shape, |_| 0.0);
        let map = npyrec(dir.path(), &["plot", "grid.npy"]).answer();
        assert!(map.ends_with("0 .:-=+*#%@ 1\n"), "{map}");
        npyrec(
            dir.path(),
            &["plot", "grid.npy", "-o", "out.svg", "--force"],
        )
        .answer();
    }
}
