//! Some fields of the rows, without a type for them.

use std::{fs::File, time::Duration};

use npyrec::{ErrorKind, Follow, NpyFile, NpyRecord, Reader, Shards, Value};
use serde_json::json;

use crate::numpy::numpy;

const CODE: &str = "
dtype = np.dtype([('time', '<M8[s]'), ('a.b', 'u1'), ('at', [('x', '>f4'), ('y', '<i2', (2, 3))])], align=True)
a = np.zeros(100, dtype)
a['time'] = np.arange(100)
a['a.b'] = np.arange(100)
a['at']['x'] = np.arange(100) / 4
a['at']['y'] = np.arange(600).reshape(100, 2, 3)
np.save(path, a)
part = a[7:9]
answer = [list(row) for row in zip(
    part['at']['y'][:, 1, 2].tolist(), part['at']['y'][:, 1].tolist(), part['a.b'].tolist(),
    part['at']['x'].tolist(), part['time'].astype(str).tolist())]";

const FIELDS: [&str; 5] = ["at.y[1,2]", "at.y[1]", "a.b", "at.x", "time"];

#[test]
fn selected_fields_are_those_of_numpy_at_every_door() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    let expected = numpy.python(&path, CODE);

    let file = NpyFile::open(&path).unwrap().select(&FIELDS).unwrap();
    let rows = file.read_range::<Value>(7..9).unwrap();
    let shown = |rows: &[Value]| -> serde_json::Value {
        let row = |row: &Value| {
            row.as_record()
                .unwrap()
                .iter()
                .map(|(_, v)| json!(v))
                .collect()
        };
        rows.iter()
            .map(row)
            .collect::<Vec<serde_json::Value>>()
            .into()
    };
    assert_eq!(shown(&rows), expected);
    let names: Vec<_> = rows[0]
        .as_record()
        .unwrap()
        .iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, FIELDS);
    assert_eq!([file.row(7).unwrap(), file.row(8).unwrap()], *rows);
    assert_eq!(file.rows().nth(7).unwrap().unwrap(), rows[0]);

    let from_file = Reader::<Value>::open(&path)
        .unwrap()
        .select(&FIELDS)
        .unwrap();
    let from_pipe = Reader::<Value, _>::new(File::open(&path).unwrap()).unwrap();
    let from_pipe = from_pipe.select(&FIELDS).unwrap();
    let seven_and_eight = |rows: &mut dyn Iterator<Item = npyrec::Result<Value>>| {
        rows.skip(7)
            .take(2)
            .collect::<npyrec::Result<Vec<_>>>()
            .unwrap()
    };
    assert_eq!(seven_and_eight(&mut { from_file }), rows);
    assert_eq!(seven_and_eight(&mut { from_pipe }), rows);

    let mut follow = Follow::<Value>::open(&path)
        .unwrap()
        .select(&FIELDS)
        .unwrap();
    assert!(follow.wait(Duration::ZERO).unwrap());
    assert_eq!(follow.poll().unwrap()[7..9], rows);
}

#[test]
fn an_entry_of_a_row_of_several_axes_is_selected() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    npyrec::write(&path, &[[[1_u8, 2], [3, 4]], [[5, 6], [7, 8]]]).unwrap();
    let file = NpyFile::open(&path)
        .unwrap()
        .select(&["[1,0]", "[0]"])
        .unwrap();
    assert_eq!(
        json!(file.row(1).unwrap()),
        json!({"[1,0]": 7, "[0]": [5, 6]})
    );
}

/// A typed record is read from the selected fields alone, by their names.
#[test]
fn a_record_is_read_from_selected_fields() {
    #[derive(NpyRecord, Debug, PartialEq)]
    struct Point {
        x: u8,
        y: u16,
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    npyrec::write(&path, &[Point { x: 1, y: 2 }]).unwrap();
    let file = NpyFile::open(&path).unwrap().select(&["y", "x"]).unwrap();
    assert_eq!(
        file.read_range::<Point>(0..1).unwrap(),
        [Point { x: 1, y: 2 }]
    );
    let reader = Reader::<Point>::open(&path).unwrap();
    assert_eq!(reader.select(&["x"]).unwrap_err().kind(), ErrorKind::DType);
}

#[test]
fn a_field_that_does_not_exist_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    npyrec::write(&path, &[(1_u8, [2_u8, 3])]).unwrap();
    for (field, found) in [
        ("f2", false),
        ("f1[2]", false),
        ("f1[0,0]", false),
        ("f1[-1]", false),
        ("f1[0", false),
        ("f0[0]", false),
        ("f1.", false),
        ("", false),
        ("f1[]", false),
        ("f1x", false),
        ("f1[1]", true),
    ] {
        let selected = NpyFile::open(&path).unwrap().select(&[field]);
        assert_eq!(selected.is_ok(), found, "{field}");
        if let Err(error) = selected {
            let expected = format!("there is no field `{field}`; there is f0, f1");
            assert!(error.to_string().ends_with(&expected), "{error}");
        }
    }
}

/// The selection holds in each shard, also in those that come later.
#[test]
fn fields_of_a_directory_of_shards_are_selected() {
    let dir = tempfile::tempdir().unwrap();
    let options = npyrec::AppendOptions::new().rows_per_shard(3);
    let mut log = options.open_dir::<(u8, u16)>(dir.path()).unwrap();
    log.extend((0..4).map(|n| (n, 10 * u16::from(n)))).unwrap();
    log.commit().unwrap();
    let mut shards = Shards::<Value>::open(dir.path())
        .unwrap()
        .select(&["f1"])
        .unwrap();
    let mut follow = Follow::<Value>::open(dir.path())
        .unwrap()
        .select(&["f1"])
        .unwrap();
    let mut followed = follow.poll().unwrap();
    log.extend((4..8).map(|n| (n, 10 * u16::from(n)))).unwrap();
    log.close().unwrap();
    assert_eq!(shards.refresh().unwrap(), 8);
    while follow.wait(Duration::ZERO).unwrap() {
        followed.extend(follow.poll().unwrap());
    }
    let expected: Vec<_> = (0..8).map(|n| json!({"f1": 10 * n})).collect();
    assert_eq!(json!(followed), json!(expected));
    assert_eq!(
        json!(shards.iter().collect::<npyrec::Result<Vec<_>>>().unwrap()),
        json!(expected)
    );
    assert_eq!(
        json!(shards.read_range(2..8).unwrap()),
        json!(expected[2..])
    );
    assert_eq!(json!(shards.row(7).unwrap()), expected[7]);
    assert!(
        Shards::<Value>::open(dir.path())
            .unwrap()
            .select(&["f2"])
            .is_err()
    );
}
