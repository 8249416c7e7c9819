//! Reading a directory as one array: rows, ranges, strides, iteration, and what is wrong with a shard.

use std::{fs, num::NonZero, path::Path};

use npyrec::{
    AppendOptions, Casting, Durability, ErrorKind, ReadOptions, Reader, Recovery, Shards, Value,
};
use serde_json::json;

use crate::numpy::numpy;

/// Shards of three rows, with the numbers from 0 on; the last one has fewer.
fn numbers(dir: &Path, rows: u64) {
    let mut log = AppendOptions::new()
        .rows_per_shard(3)
        .open_dir::<u64>(dir)
        .unwrap();
    log.extend(0..rows).unwrap();
    log.close().unwrap();
}

fn step(step: u64) -> NonZero<u64> {
    NonZero::new(step).unwrap()
}

#[test]
fn every_range_and_stride_is_that_of_one_array() {
    let dir = tempfile::tempdir().unwrap();
    numbers(dir.path(), 11);
    let shards = Shards::<u64>::open(dir.path()).unwrap();
    assert_eq!(
        (shards.len(), shards.is_empty(), shards.shape()),
        (11, false, vec![11])
    );
    assert_eq!(shards.dtype().to_string(), "<u8");
    let all: Vec<u64> = (0..11).collect();
    for start in 0..11 {
        assert_eq!(shards.row(start).unwrap(), start);
        for end in start..=11 {
            assert_eq!(
                shards.read_range(start..end).unwrap(),
                all[start as usize..end as usize]
            );
            for by in [1, 2, 3, 4, 7, 20, u64::MAX] {
                let strided = shards.read_strided(start..end, step(by)).unwrap();
                let by = usize::try_from(by).unwrap_or(usize::MAX);
                let expected: Vec<u64> = (start..end).step_by(by).collect();
                assert_eq!(strided, expected, "{start}..{end} by {by}");
            }
        }
    }
    for rows in [11..12, 5..12, 20..30] {
        let error = shards.read_range(rows).unwrap_err();
        assert_eq!(
            (error.kind(), error.found_rows()),
            (ErrorKind::Shape, Some(11))
        );
    }
    shards.row(11).unwrap_err();
}

#[test]
fn an_iterator_goes_over_all_shards_and_skips_within_them() {
    let dir = tempfile::tempdir().unwrap();
    numbers(dir.path(), 11);
    let shards = Shards::<u64>::open(dir.path()).unwrap();
    let all: Vec<u64> = (0..11).collect();
    let rows: Vec<u64> = shards.iter().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows, all);
    assert_eq!(npyrec::read::<u64>(dir.path()).unwrap(), all);
    for by in 1..13 {
        let rows: Vec<u64> = shards.iter().step_by(by).map(Result::unwrap).collect();
        assert_eq!(rows, (0..11).step_by(by).collect::<Vec<_>>());
        let rows: Vec<u64> = shards.iter().skip(by).map(Result::unwrap).collect();
        assert_eq!(rows, all.get(by..).unwrap_or_default());
    }
    let mut rows = shards.iter();
    assert!(rows.by_ref().take(3).all(|row| row.is_ok()));
    assert_eq!(rows.size_hint(), (1, Some(8)));
}

#[test]
fn each_shard_is_read_by_itself_on_a_thread() {
    let dir = tempfile::tempdir().unwrap();
    numbers(dir.path(), 11);
    let shards = Shards::<u64>::open(dir.path()).unwrap();
    assert_eq!(shards.shards().len(), 4);
    std::thread::scope(|scope| {
        for shard in shards.shards() {
            scope.spawn(move || {
                let expected: Vec<u64> = shard.rows().collect();
                let rows: Vec<u64> = shard.reader().unwrap().collect::<Result<_, _>>().unwrap();
                assert_eq!(rows, expected);
                // SAFETY: nobody cuts or overwrites the file.
                #[allow(unsafe_code)]
                let mapped = unsafe { shard.map() }.unwrap();
                assert_eq!(mapped.as_slice().unwrap(), expected);
            });
        }
    });
}

#[test]
fn options_and_values_are_as_for_a_file() {
    let dir = tempfile::tempdir().unwrap();
    numbers(dir.path(), 4);
    let values = npyrec::read::<Value>(dir.path()).unwrap();
    assert_eq!(values, [0_u64, 1, 2, 3].map(Value::from));
    let options = ReadOptions::new().casting(Casting::SameKind);
    assert_eq!(options.read::<u8>(dir.path()).unwrap(), [0, 1, 2, 3]);
    assert_eq!(
        options.open_dir::<u8>(dir.path()).unwrap().row(3).unwrap(),
        3
    );
    let error = Shards::<f32>::open(dir.path()).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::DType, Some(&*dir.path().join("0.npy")))
    );
    ReadOptions::new()
        .flat(true)
        .open_dir::<u64>(dir.path())
        .unwrap_err();

    let arrays = dir.path().join("arrays");
    let mut log = AppendOptions::new()
        .rows_per_shard(2)
        .open_array_dir::<f32>(&arrays, &[2])
        .unwrap();
    log.append_rows(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
    log.close().unwrap();
    let shards = Shards::<[f32; 2]>::open(&arrays).unwrap();
    assert_eq!(shards.shape(), [3, 2]);
    assert_eq!(shards.row(2).unwrap(), [4.0, 5.0]);
}

#[test]
fn an_open_directory_shows_rows_when_it_is_refreshed() {
    for (mapped, durability) in [
        (false, Durability::Cached),
        (true, Durability::Cached),
        (true, Durability::Synced),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let options = AppendOptions::new()
            .rows_per_shard(3)
            .mapped(mapped)
            .durability(durability);
        let mut log = options.open_dir::<u64>(dir.path()).unwrap();
        let mut shards = Shards::<u64>::open(dir.path()).unwrap();
        for row in 0..20 {
            log.append(&row).unwrap();
            log.commit().unwrap();
            assert_eq!(shards.len(), row);
            assert_eq!(shards.refresh().unwrap(), row + 1);
            assert_eq!(shards.row(row).unwrap(), row);
            assert_eq!(shards.read_range(0..row + 1).unwrap().len() as u64, row + 1);
        }
        log.close().unwrap();
        let mut log = options.open_dir::<u64>(dir.path()).unwrap();
        assert_eq!(shards.refresh().unwrap(), 20);
        log.extend(20..25_u64).unwrap();
        log.commit().unwrap();
        assert_eq!(shards.refresh().unwrap(), 25);
    }
}

/// What `Shards::open`, an appender and `read` say about a directory, and the shard that they name.
fn named(dir: &Path) -> (ErrorKind, String) {
    let errors = [
        Shards::<u64>::open(dir).unwrap_err(),
        npyrec::read::<u64>(dir).unwrap_err(),
    ];
    let [first, second] = errors.map(|error| {
        let path = error.path().unwrap().file_name().unwrap();
        (error.kind(), path.to_str().unwrap().to_owned())
    });
    assert_eq!(first, second);
    first
}

#[test]
fn a_shard_that_is_not_right_is_named() {
    type Damage = fn(&Path);
    let cases: [(&str, Damage, ErrorKind, &str); 10] = [
        (
            "missing between others",
            |dir| fs::remove_file(dir.join("1.npy")).unwrap(),
            ErrorKind::Io,
            "1.npy",
        ),
        (
            "missing at the start",
            |dir| fs::remove_file(dir.join("0.npy")).unwrap(),
            ErrorKind::Io,
            "0.npy",
        ),
        (
            "missing at the end",
            |dir| fs::remove_file(dir.join("3.npy")).unwrap(),
            ErrorKind::Io,
            "3.npy",
        ),
        (
            "all missing",
            |dir| (0..4).for_each(|n| fs::remove_file(dir.join(format!("{n}.npy"))).unwrap()),
            ErrorKind::Io,
            "0.npy",
        ),
        (
            "two more than listed",
            |dir| {
                (4..6).for_each(|n| {
                    npyrec::write(dir.join(format!("{n}.npy")), &[n as u64]).unwrap();
                });
            },
            ErrorKind::NeedsRecovery,
            "4.npy",
        ),
        (
            "of another dtype",
            |dir| npyrec::write(dir.join("1.npy"), &[1_i64, 2, 3]).unwrap(),
            ErrorKind::Shape,
            "1.npy",
        ),
        (
            "of another shape",
            |dir| npyrec::write(dir.join("1.npy"), &[[1_u64], [2], [3]]).unwrap(),
            ErrorKind::Shape,
            "1.npy",
        ),
        (
            "not an array",
            |dir| fs::write(dir.join("2.npy"), b"some text").unwrap(),
            ErrorKind::Header,
            "2.npy",
        ),
        (
            "cut",
            |dir| {
                fs::File::options()
                    .write(true)
                    .open(dir.join("2.npy"))
                    .unwrap()
                    .set_len(130)
                    .unwrap();
            },
            ErrorKind::Truncated,
            "2.npy",
        ),
        (
            "with fewer rows than listed",
            |dir| npyrec::write(dir.join("1.npy"), &[1_u64]).unwrap(),
            ErrorKind::NeedsRecovery,
            "1.npy",
        ),
    ];
    for (case, damage, kind, name) in cases {
        let dir = tempfile::tempdir().unwrap();
        numbers(dir.path(), 11);
        damage(dir.path());
        assert_eq!(named(dir.path()), (kind, name.to_owned()), "{case}");
    }
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("info"), b"text").unwrap();
    npyrec::write(dir.path().join("0.npy"), &[1_u64]).unwrap();
    assert_eq!(
        named(dir.path()),
        (ErrorKind::NeedsRecovery, "info".to_owned())
    );
}

#[test]
fn without_a_list_the_files_are_the_array() {
    let dir = tempfile::tempdir().unwrap();
    numbers(dir.path(), 11);
    fs::remove_file(dir.path().join("info")).unwrap();
    assert_eq!(
        npyrec::read::<u64>(dir.path()).unwrap(),
        (0..11).collect::<Vec<_>>()
    );
    fs::write(dir.path().join("notes.txt"), b"other files are no shards").unwrap();
    fs::write(dir.path().join("01.npy"), b"nor is this").unwrap();
    assert_eq!(Shards::<u64>::open(dir.path()).unwrap().len(), 11);
}

#[test]
fn what_dask_wrote_is_read() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let code = "import pickle\n\
                for n in range(3): np.save(f'{path}/{n}.npy', np.arange(4 * n, 4 * n + 4, dtype='>i4'))\n\
                info = {'chunks': ((4, 4, 4),), 'dtype': np.dtype('>i4'), 'axis': 0}\n\
                pickle.dump(info, open(f'{path}/info', 'wb'))\n\
                answer = 12";
    assert_eq!(numpy.python(dir.path(), code), json!(12));
    assert_eq!(
        npyrec::read::<i32>(dir.path()).unwrap(),
        (0..12).collect::<Vec<_>>()
    );
}

#[test]
fn check_and_recover_treat_a_directory_as_a_file() {
    let dir = tempfile::tempdir().unwrap();
    numbers(dir.path(), 11);
    let path = |name: &str| dir.path().join(name);
    let report = npyrec::check(dir.path()).unwrap();
    assert!(
        report.is_sound() && report.numpy_loads() && report.advice().is_none(),
        "{report}"
    );
    assert_eq!(
        (report.shards(), report.rows(), report.shape()),
        (Some(4), 11, &[11][..])
    );

    // Killed in the last shard, cut in a sealed one, and the list is lost.
    let file = fs::File::options().write(true).open(path("3.npy")).unwrap();
    file.set_len(128 + 2 * 8 + 8 + 3).unwrap();
    let file = fs::File::options().write(true).open(path("1.npy")).unwrap();
    file.set_len(128 + 8).unwrap();
    fs::remove_file(path("info")).unwrap();
    let report = npyrec::check(dir.path()).unwrap();
    assert!(!report.is_sound() && !report.numpy_loads());
    assert_eq!(
        (report.header_rows(), report.rows(), report.torn_bytes()),
        (Some(11), 10, 3)
    );
    let unsound: Vec<_> = report
        .unsound_shards()
        .iter()
        .map(|shard| shard.path())
        .collect();
    assert_eq!(unsound, [path("1.npy"), path("3.npy")]);
    let text = report
        .to_string()
        .replace(dir.path().to_str().unwrap(), "ticks");
    insta::assert_snapshot!(text.replace('\\', "/"), @r"
    ticks
      rows   10 in 4 shards and 3 bytes of a torn one, the header counts 11
      dtype  <u8
      shape  (10,), C order
      room   for any number of rows
      NumPy  does not load it as it was found
      info   is missing
      shard  ticks/1.npy: 1 rows, the header counts 3
      shard  ticks/3.npy: 3 rows, the header counts 2
      to do  `recover` mends each shard, and lists all of them in `info`
    ");

    let error = npyrec::recover(dir.path(), Recovery::Refuse).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::NeedsRecovery, Some(&*path("1.npy")))
    );
    let report = npyrec::recover(dir.path(), Recovery::Adopt).unwrap();
    assert_eq!(report.recovered_rows(), Some(10));
    assert_eq!(serde_json::to_value(&report).unwrap()["shards"], json!(4));
    assert!(npyrec::check(dir.path()).unwrap().is_sound());
    super::assert_listed(dir.path(), &[3, 1, 3, 3]);
    assert_eq!(
        npyrec::read::<u64>(dir.path()).unwrap(),
        [0, 1, 2, 3, 6, 7, 8, 9, 10, 0]
    );
}

#[test]
fn recover_lists_the_shards_that_are_left() {
    let dir = tempfile::tempdir().unwrap();
    numbers(dir.path(), 11);
    fs::remove_file(dir.path().join("3.npy")).unwrap();
    let report = npyrec::check(dir.path()).unwrap();
    assert!(!report.is_sound() && report.unsound_shards().is_empty());
    let error = npyrec::recover(dir.path(), Recovery::Refuse).unwrap_err();
    assert_eq!(error.path(), Some(&*dir.path().join("info")));
    let error = AppendOptions::new()
        .open_dir::<u64>(dir.path())
        .unwrap_err();
    assert_eq!(error.path(), Some(&*dir.path().join("3.npy")));
    npyrec::recover(dir.path(), Recovery::Adopt).unwrap();
    super::assert_listed(dir.path(), &[3, 3, 3]);
    assert_eq!(
        Reader::<u64>::open(dir.path().join("2.npy"))
            .unwrap()
            .count(),
        3
    );

    let log = AppendOptions::new().open_dir::<u64>(dir.path()).unwrap();
    fs::remove_file(dir.path().join("info")).unwrap();
    let error = npyrec::recover(dir.path(), Recovery::Adopt).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::Locked, Some(log.path()))
    );
}
