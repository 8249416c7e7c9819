//! Closing an appender on a disk that is full.

use super::*;
use crate::write::append::Appender;

fn appender(disk: &Arc<Disk>) -> Appender<[u8; 2]> {
    Appender::from_rows(
        open_as(
            disk,
            &"('|u1', (2,))".parse().unwrap(),
            settings(100, u64::MAX, Durability::Cached),
        )
        .unwrap(),
        (),
    )
}

/// Lets the next write fail, and no other.
fn fail_once(disk: &Disk) {
    let mut is_left = true;
    disk.fail(move |_, call| match call {
        Call::Write { .. } if std::mem::take(&mut is_left) => {
            Fault::Error(io::ErrorKind::StorageFull)
        }
        _ => Fault::None,
    });
}

#[test]
fn after_a_failed_close_nothing_is_written_by_the_drop() {
    let disk = Disk::new(Vec::new());
    let mut log = appender(&disk);
    log.append(&[1, 2]).unwrap();
    log.commit().unwrap();
    log.append(&[3, 4]).unwrap();
    let before = disk.trace().len();
    fail_once(&disk);
    log.close().unwrap_err();
    assert_eq!(disk.trace().len(), before);

    let mut log = appender(&disk);
    log.append(&[3, 4]).unwrap();
    fail_once(&disk);
    drop(log.try_close().unwrap_err());
    assert_eq!(disk.trace().len(), before);

    let mut log = appender(&disk);
    log.append(&[3, 4]).unwrap();
    fail_once(&disk);
    let error = Error::from(log.try_close().unwrap_err());
    assert!(matches!(error.cause(), Cause::Io(_)), "{error}");
    assert_eq!(disk.trace().len(), before);
}

#[test]
fn an_appender_that_could_not_be_closed_is_given_back_with_all_its_rows() {
    let disk = Disk::new(Vec::new());
    let mut log = appender(&disk);
    log.append(&[1, 2]).unwrap();
    for _ in 0..3 {
        fail_once(&disk);
        let failed = log.try_close().unwrap_err();
        assert_eq!(failed.to_string(), failed.error().to_string());
        log = failed.into_appender();
        assert_eq!((log.rows(), log.committed_rows()), (1, 0));
    }
    log.append(&[3, 4]).unwrap();
    fail_once(&disk);
    let (error, log) = log.try_close().unwrap_err().into_parts();
    assert!(error.to_string().contains("cannot write rows"), "{error}");
    // One that was given back commits when it is dropped.
    drop(log);
    assert_eq!(rows_in_header(&disk), 2);
    assert_eq!(data(&disk), [1, 2, 3, 4]);
}
