//! `npyrec info`.

use std::{fs::File, time::Instant};

use insta::assert_snapshot;

use crate::{
    run::{npyrec, npyrec_with_input},
    sample::folder,
};

#[test]
fn a_file_of_records_is_shown_as_a_table_of_fields() {
    let dir = folder();
    assert_snapshot!(npyrec(dir.path(), &["info", "ticks.npy"]).answer());
    assert_snapshot!(
        "info_json",
        npyrec(dir.path(), &["info", "--json", "ticks.npy"]).answer()
    );
}

#[test]
fn many_files_are_shown_in_a_line_each() {
    let dir = folder();
    let arguments = [
        "info",
        "ticks.npy",
        "cube.npy",
        "one.npy",
        "all.npz",
        "all.npz:levels",
    ];
    assert_snapshot!(npyrec(dir.path(), &arguments).answer());
}

#[test]
fn an_archive_is_shown_with_its_arrays() {
    let dir = folder();
    assert_snapshot!(npyrec(dir.path(), &["info", "all.npz"]).answer());
    let json = npyrec(dir.path(), &["info", "--json", "all.npz"]).json();
    assert_eq!(json["arrays"][1]["path"], "all.npz:levels");
}

#[test]
fn a_pipe_is_read_as_far_as_its_header() {
    let dir = folder();
    let bytes = std::fs::read(dir.path().join("ticks.npy")).unwrap();
    let info = npyrec_with_input(dir.path(), &["info", "-", "--json"], &bytes[..256]).json();
    assert_eq!(
        (&info["shape"][0], &info["itemsize"]),
        (&40.into(), &59.into())
    );
}

#[test]
fn other_files_are_shown_after_one_that_cannot_be_read() {
    let dir = folder();
    let run = npyrec(dir.path(), &["info", "none.npy", "cube.npy"]);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("(2, 3, 4)"), "{run:?}");
    assert!(run.err.starts_with("error: none.npy: "), "{run:?}");
}

#[test]
fn data_are_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.npy");
    npyrec::write::<[f64; 4]>(&path, &[]).unwrap();
    // 100 GB of which nothing is stored.
    let rows: u64 = 100 << 30 >> 5;
    let header = npyrec::Header::for_record::<[f64; 4]>(rows).to_bytes();
    std::fs::write(&path, &header).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(header.len() as u64 + (rows << 5)).unwrap();
    let start = Instant::now();
    let info = npyrec(dir.path(), &["info", "--json", "large.npy"]).json();
    let taken = start.elapsed();
    assert_eq!(info["data_bytes"], 100_u64 << 30);
    assert!(taken.as_millis() < 2000, "{taken:?}");
    let tail = npyrec(dir.path(), &["tail", "-n", "1", "large.npy"]).answer();
    assert_eq!(tail, "[[0. 0. 0. 0.]]\n");
}
