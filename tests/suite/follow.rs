//! Reading on while a file grows.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use npyrec::{Appender, ErrorKind, Follow, Header, NpyRecord, Order};

use crate::{
    process::LONG,
    system::{removes_open_files, replaces_open_files},
};

fn new_path() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("growing.npy");
    (dir, path)
}

fn is_removed<T: std::fmt::Debug>(result: npyrec::Result<T>) -> bool {
    result.unwrap_err().kind() == ErrorKind::Removed
}

#[test]
fn each_committed_row_is_given_once_in_order() {
    let (_dir, path) = new_path();
    let mut log = Appender::<(u32, f32)>::create(&path).unwrap();
    let mut follow = Follow::<(u32, f32)>::open(&path).unwrap();
    assert!(follow.poll().unwrap().is_empty());
    let mut next = 0_u32;
    for count in [1, 1, 8, 90, 30_000, 2] {
        let rows: Vec<(u32, f32)> = (next..next + count).map(|n| (n, 0.5)).collect();
        log.append_slice(&rows).unwrap();
        assert!(
            follow.poll().unwrap().is_empty(),
            "rows that are not committed are not seen"
        );
        log.commit().unwrap();
        assert_eq!(follow.committed_rows().unwrap(), log.committed_rows());
        assert_eq!(follow.poll().unwrap(), rows);
        next += count;
        assert_eq!(follow.next_row(), u64::from(next));
    }
}

#[test]
fn it_may_start_anywhere() {
    let (_dir, path) = new_path();
    npyrec::write(&path, &[0_u8, 1, 2, 3]).unwrap();
    let mut follow = Follow::<u8>::open(&path).unwrap();
    follow.skip_to(2);
    assert_eq!(follow.poll().unwrap(), [2, 3]);
    follow.skip_to(0);
    assert_eq!(follow.poll().unwrap(), [0, 1, 2, 3]);
    let end = follow.committed_rows().unwrap();
    follow.skip_to(end + 1);
    assert!(follow.poll().unwrap().is_empty());
    let mut log = Appender::<u8>::open(&path).unwrap();
    log.extend([4, 5]).unwrap();
    log.close().unwrap();
    assert_eq!(
        follow.poll().unwrap(),
        [5],
        "the row that was skipped is not given"
    );
}

#[test]
fn waiting_ends_when_a_row_is_committed() {
    let (_dir, path) = new_path();
    let mut log = Appender::<u32>::create(&path).unwrap();
    let mut follow = Follow::<u32>::open(&path).unwrap();
    assert!(!follow.wait(Duration::ZERO).unwrap());
    assert!(!follow.wait(Duration::from_millis(3)).unwrap());
    thread::scope(|scope| {
        scope.spawn(|| {
            for row in 0..100 {
                log.append(&row).unwrap();
                log.commit().unwrap();
            }
        });
        let mut rows = Vec::new();
        while rows.len() < 100 {
            assert!(follow.wait(LONG).unwrap());
            assert!(follow.poll_into(&mut rows).unwrap() > 0);
        }
        assert_eq!(rows, Vec::from_iter(0..100));
    });
}

#[test]
fn a_file_that_is_removed_or_replaced_ends_it_after_its_last_row() {
    let (dir, path) = new_path();
    type Act = fn(&Path, &Path);
    let acts: [(bool, Act); 3] = [
        (removes_open_files(), |path, _| {
            fs::remove_file(path).unwrap();
        }),
        (true, |path, folder| {
            fs::rename(path, folder.join("rotated.npy")).unwrap();
        }),
        (replaces_open_files(), |path, _| {
            drop(Appender::<u32>::create(path).unwrap());
        }),
    ];
    for (_, act) in acts.into_iter().filter(|(is_possible, _)| *is_possible) {
        npyrec::write(&path, &[1_u32]).unwrap();
        let mut follow = Follow::<u32>::open(&path).unwrap();
        assert_eq!(follow.poll().unwrap(), [1]);
        let mut log = Appender::<u32>::open(&path).unwrap();
        log.extend([2, 3]).unwrap();
        log.close().unwrap();
        act(&path, dir.path());
        assert!(follow.wait(LONG).unwrap(), "rows of before are left");
        assert_eq!(follow.poll().unwrap(), [2, 3]);
        assert!(is_removed(follow.poll()));
        assert!(is_removed(follow.wait(LONG)), "and again");
    }
}

#[test]
fn waiting_ends_when_the_file_goes_away() {
    let (_dir, path) = new_path();
    npyrec::write::<u32>(&path, &[]).unwrap();
    let mut follow = Follow::<u32>::open(&path).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| follow.wait(LONG));
        match removes_open_files() {
            true => fs::remove_file(&path).unwrap(),
            false => fs::rename(&path, path.with_extension("old")).unwrap(),
        }
        assert!(is_removed(waiting.join().unwrap()));
    });
}

#[test]
fn a_file_that_is_cut_ends_it() {
    let (_dir, path) = new_path();
    for len in [0, 100, 128, 131] {
        npyrec::write(&path, &[1_u32, 2, 3]).unwrap();
        let mut follow = Follow::<u32>::open(&path).unwrap();
        assert_eq!(follow.poll().unwrap(), [1, 2, 3]);
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(len)
            .unwrap();
        for _ in 0..2 {
            let error = follow.poll().unwrap_err();
            assert_eq!(
                (error.kind(), error.expected_rows(), error.found_rows()),
                (ErrorKind::CutShort, Some(3), Some(0)),
                "{error}"
            );
        }
    }
}

#[test]
fn the_rows_that_a_cut_leaves_are_given() {
    let (_dir, path) = new_path();
    npyrec::write(&path, &Vec::from_iter(0..10_u32)).unwrap();
    let mut follow = Follow::<u32>::open(&path).unwrap();
    assert!(follow.wait(LONG).unwrap());
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(128 + 5 * 4).unwrap();
    assert_eq!(follow.poll().unwrap(), [0, 1, 2, 3, 4]);
    let error = follow.poll().unwrap_err();
    assert_eq!(
        (error.kind(), error.expected_rows(), error.found_rows()),
        (ErrorKind::CutShort, Some(10), Some(5)),
        "{error}"
    );
}

/// Its rows are no longer where they were.
#[test]
fn a_header_of_another_length_ends_it() {
    let (_dir, path) = new_path();
    npyrec::write(&path, &[1_u32, 2, 3]).unwrap();
    let mut follow = Follow::<u32>::open(&path).unwrap();
    assert_eq!(follow.poll().unwrap(), [1, 2, 3]);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, [vec![0; 4096], bytes].concat()).unwrap();
    assert!(is_removed(follow.poll()));
}

/// A reader of a header that is half written, or damaged.
#[test]
fn a_number_that_is_not_whole_is_not_believed() {
    let (_dir, path) = new_path();
    let header = |rows| Header::for_record::<u32>(rows).to_bytes();
    let text = |from: &str, to: &str| {
        let bytes = header(20);
        let at = bytes
            .windows(from.len())
            .position(|part| part == from.as_bytes())
            .unwrap();
        [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
    };
    let data: Vec<u8> = (0..25_u32).flat_map(u32::to_le_bytes).collect();
    let write = |header: &[u8]| fs::write(&path, [header, &data].concat()).unwrap();
    write(&header(12));
    let mut follow = Follow::<u32>::open(&path).unwrap();
    assert_eq!(follow.poll().unwrap().len(), 12);
    let seen = [
        header(29), // more than there are
        header(10), // fewer than before
        text("(20,)", "(2*,)"),
        text("(20,)", "(20 )"),
        text("(20,), }", "(20,)), "),
        text("<u4", "<f4"),
    ];
    for seen in seen {
        write(&seen);
        assert!(follow.poll().unwrap().is_empty(), "{}", seen.escape_ascii());
    }
    // What an appender writes where the digits lie across a line.
    write(&text("(20,), }              ", "(20,),'shape': (22,)} "));
    assert_eq!(follow.poll().unwrap(), Vec::from_iter(12..22));
    write(&header(25));
    assert_eq!(follow.poll().unwrap(), [22, 23, 24]);
}

#[test]
fn a_row_that_is_no_value_is_told_between_the_others() {
    #[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
    #[repr(u8)]
    enum Side {
        Bid,
        Ask,
    }
    use Side::{Ask, Bid};
    let (_dir, path) = new_path();
    npyrec::write(&path, &[1_u8, 0, 7, 1, 9, 9, 0]).unwrap();
    let mut follow = Follow::<Side>::open(&path).unwrap();
    assert_eq!(follow.poll().unwrap(), [Ask, Bid]);
    assert_eq!(follow.poll().unwrap_err().row(), Some(2));
    assert_eq!(follow.poll().unwrap(), [Ask]);
    assert_eq!(follow.poll().unwrap_err().row(), Some(4));
    let mut rows = vec![Bid; 3];
    assert_eq!(follow.poll_into(&mut rows).unwrap_err().row(), Some(5));
    assert_eq!(follow.poll_into(&mut rows).unwrap(), 1);
    assert_eq!(rows, [Bid; 4]);
}

#[test]
fn fields_with_a_default_may_be_missing() {
    #[derive(NpyRecord, Debug, PartialEq)]
    struct Old {
        time: u64,
    }
    #[derive(NpyRecord, Debug, PartialEq)]
    struct New {
        #[npy(default)]
        channel: u16,
        time: u64,
    }
    let (_dir, path) = new_path();
    let mut log = Appender::<Old>::create(&path).unwrap();
    let mut follow = Follow::<New>::open(&path).unwrap();
    log.append(&Old { time: 3 }).unwrap();
    log.commit().unwrap();
    assert_eq!(
        follow.poll().unwrap(),
        [New {
            channel: 0,
            time: 3
        }]
    );
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let (_dir, path) = new_path();
    assert!(Follow::<u32>::open(&path).is_err());
    fs::write(&path, b"time,price\n").unwrap();
    assert!(matches!(
        Follow::<u32>::open(&path).unwrap_err().kind(),
        ErrorKind::Header
    ));
    npyrec::write(&path, &[1.0_f64]).unwrap();
    assert!(matches!(
        Follow::<u32>::open(&path).unwrap_err().kind(),
        ErrorKind::DType
    ));
    let header = Header::new("<u4".parse().unwrap(), Order::Fortran, &[2, 3]).unwrap();
    fs::write(&path, header.to_bytes()).unwrap();
    let error = Follow::<[u32; 3]>::open(&path).unwrap_err();
    assert!(
        error.to_string().contains("in Fortran order, so that"),
        "{error}"
    );
    fs::write(&path, Header::for_record::<[u8; 0]>(1 << 60).to_bytes()).unwrap();
    let error = Follow::<[u8; 0]>::open(&path).unwrap().poll().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("more than a file or the memory can hold"),
        "{error}"
    );
}

/// A header without room to grow is another writer's, who may write it anew all the same.
#[test]
fn a_file_of_another_writer_is_followed_too() {
    let (_dir, path) = new_path();
    let dense = |rows: usize| {
        let text = format!("{{'descr':'<u2','fortran_order':False,'shape':({rows},)}}");
        let data: Vec<u8> = (0..u16::try_from(rows).unwrap())
            .flat_map(u16::to_le_bytes)
            .collect();
        crate::format::file(1, &text, 1, &data)
    };
    fs::write(&path, dense(3)).unwrap();
    let mut follow = Follow::<u16>::open(&path).unwrap();
    assert_eq!(follow.poll().unwrap(), [0, 1, 2]);
    fs::write(&path, dense(5)).unwrap();
    assert_eq!(follow.poll().unwrap(), [3, 4]);
}
