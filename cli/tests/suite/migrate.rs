//! `npyrec migrate`.

use serde_json::json;

use crate::{
    numpy::{self, python},
    run::npyrec,
    sample::folder,
};

#[test]
fn rows_are_written_with_the_dtype_of_another_file() {
    let Some(python) = python() else { return };
    let dir = folder();
    let program = "import numpy as np
dtype = np.dtype([('size', '<u4'), ('price', '<f8'), ('at', [('open', '?'), ('zone', 'S3')]), ('new', '<M8[s]'),
                  ('depth', '>f8', (2,)), ('many', '<i2', (2, 2))])
np.save('like.npy', np.zeros(1, dtype))
a = np.load('ticks.npy')
b = np.zeros(len(a), dtype)
for name in ['size', 'price', 'depth']: b[name] = a[name]
b['at']['open'] = a['at']['open']
np.save('wanted.npy', b)";
    numpy::run(python, dir.path(), program);
    let run = npyrec(
        dir.path(),
        &["migrate", "ticks.npy", "new.npy", "--like", "like.npy"],
    );
    assert_eq!((run.code, &*run.out), (0, ""));
    assert_eq!(
        run.err,
        "size: from <u2 to <u4\nat.zone: added\nnew: added\ndepth: from ('<f4', (2,)) to ('>f8', (2,))\n\
         many: added\ntime: removed\nsymbol: removed\nat.city: removed\n"
    );
    let bytes = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    assert!(bytes("new.npy") == bytes("wanted.npy"));

    let json = npyrec(
        dir.path(),
        &[
            "migrate", "--json", "new.npy", "same.npy", "--like", "new.npy",
        ],
    );
    assert_eq!(
        (&json.json()["changes"], &json.json()["rows"]),
        (&json!([]), &json!(40))
    );
    assert!(bytes("same.npy") == bytes("wanted.npy"));
    let run = npyrec(
        dir.path(),
        &[
            "migrate",
            "ticks.npy",
            "levels2.npy",
            "--like",
            "levels.npy",
        ],
    );
    assert_eq!(run.code, 2, "{run:?}");
    assert!(!dir.path().join("levels2.npy").exists());
}
