//! Every call that the thread of a logger makes, failing alone, with another one, and with all that follow.

use std::collections::HashSet;

use super::{sweep::is_header, *};
use crate::{
    storage::{Cases, check_with_numpy, sweep},
    write::append::{Appender, BackgroundOptions},
};

/// Checks that each record of a logger is in the file, or that an error was returned.
#[test]
fn whichever_calls_fail_a_logger_reports_what_is_not_in_the_file() {
    let (mut cases, mut left) = (Cases::default(), HashSet::new());
    for durability in [Durability::Cached, Durability::Synced] {
        cases += sweep(1, is_header, |plan| {
            let disk = Disk::new(Vec::new());
            let dtype = "<u2".parse().unwrap();
            let rows = open_as(&disk, &dtype, settings(64, 400, durability)).unwrap();
            let seen = plan.start(&disk, |_, _| {});
            let appender = Appender::<u16>::from_rows(rows, ());
            let (log, guard) = appender.into_background(BackgroundOptions::new());
            let mut logged = Vec::new();
            let mut log_some = |numbers: std::ops::Range<u16>| {
                logged.extend(numbers.filter(|&number| log.log(number).is_ok()));
                log.flush().is_ok()
            };
            let flushed = [log_some(1..100), log_some(100..101), log_some(101..120)];
            let closed = guard.close().is_ok();
            let bytes = disk.bytes();
            let mut rest = &bytes[..];
            let header = Header::read_from(&mut rest).expect("NumPy reads it");
            let found = &rest[..usize::try_from(header.data_len().unwrap()).unwrap()];
            if closed && flushed == [true; 3] {
                let expected: Vec<u8> = logged.iter().flat_map(|n| n.to_le_bytes()).collect();
                assert!(found == expected, "{plan:?}");
            }
            let found = found.chunks_exact(2);
            let found: Vec<u16> = found.map(|n| u16::from_le_bytes([n[0], n[1]])).collect();
            assert!(found.is_sorted_by(|a, b| a < b), "{plan:?}");
            left.insert(bytes);
            seen
        });
    }
    println!(
        "loggers: {cases:?}, {} in all, {} files",
        cases.all(),
        left.len()
    );
    check_with_numpy(&left, 150);
    assert!(cases.all() > 300, "{cases:?}");
}
