//! Programs that fill a disk, and go on when there is room.
#![cfg(target_os = "linux")]

use std::path::Path;

use npyrec::{AppendOptions, Appender};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::process::{Numbered, say};

/// Appends until no file may grow any longer, and on when it may.
pub fn fill(path: &Path) {
    let all = getrlimit(Resource::Fsize);
    let current = Some(100_000);
    let limit = |current| {
        let limit = Rlimit { current, ..all };
        setrlimit(Resource::Fsize, limit).unwrap();
    };
    limit(current);
    let mut log = AppendOptions::new()
        .buffer_capacity(1_000)
        .create_new::<Numbered>(path)
        .unwrap();
    let (mut number, mut errors) = (0, 0);
    while number < 4_000 {
        match log.append(&Numbered::new(number)) {
            Ok(()) => number += 1,
            Err(error) => {
                let Some(io) = error.io_error() else {
                    panic!("{error}");
                };
                assert_eq!(io.kind(), std::io::ErrorKind::FileTooLarge);
                assert!(error.to_string().contains("rows before are in the file"));
                assert_eq!(log.rows(), number);
                errors += 1;
                // The rows in the file are committed; the buffer still does not fit.
                log.commit().unwrap_err();
                let rows = npyrec::read::<Numbered>(path).unwrap();
                assert_eq!(rows.len() as u64, log.committed_rows());
                assert!(
                    rows.into_iter()
                        .eq((0..log.committed_rows()).map(Numbered::new))
                );
                let other = path.with_extension("other.npy");
                npyrec::write(&other, &[1_u8]).unwrap();
                limit(Some(50));
                Appender::<u8>::create(&other).unwrap_err();
                assert_eq!(
                    npyrec::read::<u8>(&other).unwrap(),
                    [1],
                    "the old one is there"
                );
                let new = path.with_extension("new.npy");
                Appender::<u8>::create(&new).unwrap_err();
                assert!(!new.exists(), "nor is a part of a new one");
                limit(all.current);
            }
        }
    }
    assert_eq!(errors, 1);
    log.close().unwrap();
    say(number);
}

/// Fills a disk through a map, which extends the file in larger pieces.
pub fn fill_mapped(path: &Path) {
    let all = getrlimit(Resource::Fsize);
    let current = Some(200_000);
    setrlimit(Resource::Fsize, Rlimit { current, ..all }).unwrap();
    let options = AppendOptions::new().buffer_capacity(1_000);
    let mut log = options.mapped(true).create_new::<Numbered>(path).unwrap();
    let (mut number, mut errors) = (0, 0);
    while number < 10_000 {
        match log.append(&Numbered::new(number)) {
            Ok(()) => number += 1,
            Err(error) => {
                let Some(io) = error.io_error() else {
                    panic!("{error}");
                };
                assert_eq!(io.kind(), std::io::ErrorKind::FileTooLarge);
                assert_eq!(log.rows(), number);
                // All rows that fit are in the file, except for the rows of a buffer.
                assert!(
                    number * 32 > 200_000 - 128 - 2_000,
                    "room for {number} was found"
                );
                errors += 1;
                log.commit().unwrap_err();
                let rows = npyrec::read::<Numbered>(path).unwrap();
                assert!(rows.len() as u64 == log.committed_rows() && rows.len() > 6_100);
                assert!(
                    rows.into_iter()
                        .eq((0..log.committed_rows()).map(Numbered::new))
                );
                setrlimit(Resource::Fsize, all).unwrap();
            }
        }
    }
    assert_eq!(errors, 1);
    log.close().unwrap();
    say(number);
}
