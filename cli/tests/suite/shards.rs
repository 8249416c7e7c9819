//! Directories of shards: `npyrec split`, `concat`, `index`, and the commands that read them.

use std::fs;

use insta::assert_snapshot;
use npyrec::{Header, Order};

use crate::{run::npyrec, sample::folder};

fn split() -> tempfile::TempDir {
    let dir = folder();
    npyrec(dir.path(), &["split", "ticks.npy", "ticks", "--rows", "16"]).answer();
    dir
}

#[test]
fn an_array_is_divided_and_joined_again() {
    let dir = split();
    assert_snapshot!(npyrec(dir.path(), &["info", "ticks"]).answer());
    let parts = ["ticks/0.npy", "ticks/1.npy", "ticks/2.npy"];
    for (name, inputs) in [("a.npy", &["ticks"][..]), ("b.npy", &parts)] {
        let run = npyrec(dir.path(), &[&["concat", "-o", name], inputs].concat());
        assert_eq!((run.code, &*run.err), (0, ""));
        let bytes = fs::read(dir.path().join(name)).unwrap();
        // A title is not kept by shards of a dtype.
        assert!(
            bytes[bytes.len() - 40 * 59..]
                == fs::read(dir.path().join("ticks.npy")).unwrap()[256..]
        );
    }
    let run = npyrec(dir.path(), &["concat", "-o", "a.npy", "cube.npy"]);
    assert_eq!(
        (run.code, &*run.err),
        (2, "error: a.npy exists\nhint: `--force` replaces it\n")
    );
    let run = npyrec(
        dir.path(),
        &["concat", "-o", "c.npy", "cube.npy", "levels.npy"],
    );
    assert!(
        run.err
            .starts_with("error: levels.npy: its rows are <f8, those before ('<i4', (3, 4))"),
        "{run:?}"
    );
    let run = npyrec(dir.path(), &["split", "ticks.npy", "ticks", "--rows", "16"]);
    assert!(run.err.starts_with("error: ticks is not empty"), "{run:?}");
}

#[test]
fn a_directory_is_read_as_one_array() {
    let dir = split();
    for arguments in [
        &["cat", "--json"][..],
        &["tail", "-n", "20", "--json"],
        &["head", "-n", "17", "--json", "-c", "size,depth[1]"],
        &["stats", "--json", "-c", "size,time"],
        &["derive"],
    ] {
        let [shards, file] = ["ticks", "ticks.npy"].map(|name| {
            npyrec(dir.path(), &[arguments, &[name]].concat())
                .answer()
                .replace("ticks.npy", "ticks")
        });
        assert_eq!(shards, file, "{arguments:?}");
    }
    let back = npyrec(
        dir.path(),
        &["cat", "ticks", "::-13", "--json", "-c", "size"],
    )
    .json();
    assert_eq!(
        back,
        npyrec(
            dir.path(),
            &["cat", "ticks.npy", "::-13", "--json", "-c", "size"]
        )
        .json()
    );
    assert_eq!(
        npyrec(dir.path(), &["diff", "--equal-nan", "ticks", "ticks.npy"]).code,
        0
    );
    assert_eq!(npyrec(dir.path(), &["check", "ticks"]).code, 0);
}

#[test]
fn the_list_is_made_anew() {
    let dir = split();
    let list = dir.path().join("ticks/info");
    let before = fs::read(&list).unwrap();
    fs::remove_file(&list).unwrap();
    let run = npyrec(dir.path(), &["index", "ticks"]);
    assert_eq!((run.code, &*run.err), (0, ""));
    assert!(fs::read(&list).unwrap() == before);
    assert_eq!(npyrec(dir.path(), &["index", "ticks.npy"]).code, 2);
}

#[test]
fn a_shard_of_another_order_has_no_hint_that_does_not_help() {
    let dir = folder();
    let shards = dir.path().join("shards");
    fs::create_dir(&shards).unwrap();
    let header = Header::new("<f8".parse().unwrap(), Order::Fortran, &[4, 3]).unwrap();
    fs::write(
        shards.join("0.npy"),
        [header.to_bytes(), vec![0; 96]].concat(),
    )
    .unwrap();
    let run = npyrec(dir.path(), &["head", "shards"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("Fortran order"), "{run:?}");
    assert!(!run.err.contains("hint:"), "{run:?}");
}
