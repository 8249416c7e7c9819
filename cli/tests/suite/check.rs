//! `npyrec check`, `recover` and `make-appendable`.

use std::{fs, io::Write};

use insta::assert_snapshot;

use crate::{run::npyrec, sample::folder};

fn torn() -> tempfile::TempDir {
    let dir = folder();
    let mut file = fs::File::options()
        .append(true)
        .open(dir.path().join("levels.npy"))
        .unwrap();
    // A row that the header does not count, and a part of another.
    file.write_all(&[0; 11]).unwrap();
    dir
}

#[test]
fn a_file_that_is_not_sound_has_its_own_exit_code() {
    let dir = torn();
    let sound = npyrec(dir.path(), &["check", "ticks.npy", "one.npy"]);
    assert_snapshot!(sound.answer());
    let run = npyrec(dir.path(), &["check", "ticks.npy", "levels.npy"]);
    assert_eq!((run.code, &*run.err), (1, ""));
    assert_snapshot!("torn", run.out);
    let json = npyrec(dir.path(), &["check", "--json", "levels.npy"]);
    assert_eq!(
        (json.code, json.json()["torn_bytes"].as_u64()),
        (1, Some(3))
    );
    assert_eq!(
        npyrec(dir.path(), &["check", "none.npy", "levels.npy"]).code,
        2
    );
}

#[test]
fn a_damaged_archive_names_the_array() {
    let dir = folder();
    assert_eq!(npyrec(dir.path(), &["check", "all.npz"]).code, 0);
    let path = dir.path().join("all.npz");
    let mut bytes = fs::read(&path).unwrap();
    bytes[400] ^= 1;
    fs::write(&path, bytes).unwrap();
    let run = npyrec(dir.path(), &["check", "--json", "all.npz"]);
    let arrays = run.json()["arrays"].clone();
    assert_eq!(
        (run.code, arrays[0]["is_sound"].as_bool()),
        (1, Some(false))
    );
    assert_eq!(
        (&arrays[1]["name"], &arrays[1]["rows"]),
        (&"levels".into(), &2.into())
    );
}

#[test]
fn a_file_is_mended_only_when_it_is_not_a_trial() {
    for (mode, rows) in [("adopt", 5), ("discard", 4), ("zero-fill", 6)] {
        let dir = torn();
        let before = fs::read(dir.path().join("levels.npy")).unwrap();
        let trial = npyrec(
            dir.path(),
            &["recover", "levels.npy", "--dry-run", "--rows", mode],
        );
        assert_eq!(
            (trial.code, fs::read(dir.path().join("levels.npy")).unwrap()),
            (1, before)
        );
        let run = npyrec(
            dir.path(),
            &["recover", "levels.npy", "--rows", mode, "--json"],
        );
        assert_eq!(
            (run.code, run.json()["recovered_rows"].as_u64()),
            (0, Some(rows)),
            "{mode}"
        );
        assert_eq!(npyrec(dir.path(), &["check", "levels.npy"]).code, 0);
        assert_eq!(
            npyrec::read::<f64>(dir.path().join("levels.npy"))
                .unwrap()
                .len() as u64,
            rows
        );
    }
}

#[test]
fn a_header_without_room_gets_some() {
    let dir = folder();
    let path = dir.path().join("old.npy");
    let text = "{'descr': '<u4', 'fortran_order': False, 'shape': (1,), }\n";
    let header = [
        b"\x93NUMPY\x01\x00",
        &[text.len() as u8, 0][..],
        text.as_bytes(),
    ]
    .concat();
    fs::write(&path, [header, vec![7, 0, 0, 0]].concat()).unwrap();
    let info = npyrec(dir.path(), &["info", "old.npy"]).answer();
    assert!(
        info.contains("room     for 9 rows; `make-appendable` makes more"),
        "{info}"
    );

    let trial = npyrec(dir.path(), &["make-appendable", "old.npy", "--dry-run"]);
    assert_eq!((trial.code, &*trial.out), (1, "old.npy: lacks room\n"));
    let done = npyrec(dir.path(), &["make-appendable", "old.npy"]).answer();
    assert_eq!(done, "old.npy: has room now\n");
    let json = npyrec(
        dir.path(),
        &["make-appendable", "old.npy", "--dry-run", "--json"],
    );
    assert_eq!(
        (json.code, json.json()["needed_room"].as_bool()),
        (0, Some(false))
    );
    assert_eq!(npyrec::read::<u32>(&path).unwrap(), [7]);
}
