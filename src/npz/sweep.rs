//! Every call of a writer that adds to an archive, failing alone, with another one, and with all that follow.

use std::{collections::HashSet, io::Cursor};

use super::{Reader, Writer};
use crate::{
    error::Result,
    header::Header,
    storage::{Call, Disk, FailingMemory, sweep},
};

const OLD: [u16; 3] = [1, 2, 3];
const ROWS: [u64; 4] = [4, 5, 6, 7];

/// The bytes of an archive with one array.
fn old() -> Vec<u8> {
    let mut archive = Writer::new(Cursor::new(Vec::new()));
    archive.write("old", &OLD).unwrap();
    archive.finish().unwrap().into_inner()
}

/// Writes a member record by record.
fn add_records(archive: &mut Writer<FailingMemory>) -> Result<()> {
    let mut records = archive.records_with::<u64>("rows", &Header::for_record::<u64>(4))?;
    let appended = records
        .append(&ROWS[0])
        .and_then(|()| records.append_slice(&ROWS[1..]));
    match appended {
        Ok(()) => records.finish(),
        error => error,
    }
}

#[test]
fn whichever_calls_fail_an_archive_has_the_members_that_were_reported() {
    let (mut finished, mut failed, mut without) = (0, 0, 0);
    let cases = sweep(
        3,
        |_: &Call| false,
        |plan| {
            let disk = Disk::new(Vec::new());
            let seen = plan.start(&disk, |_, _| {});
            let names = HashSet::from([b"old.npy".as_slice().into()]);
            let Ok(mut archive) = Writer::adding_to(FailingMemory::new(old(), &disk), names) else {
                failed += 1;
                return seen;
            };
            let rows = add_records(&mut archive).is_ok();
            let more = archive.write("more", &[8_u8; 100]).is_ok();
            let Ok(archive) = archive.finish() else {
                failed += 1;
                return seen;
            };
            let mut archive = Reader::new(Cursor::new(archive.into_bytes())).unwrap();
            assert_eq!(archive.read::<u16>("old").unwrap(), OLD, "{plan:?}");
            let expected = [(true, "old"), (rows, "rows"), (more, "more")];
            let expected = expected.into_iter().filter(|(is_there, _)| *is_there);
            let expected: Vec<_> = expected.map(|(_, name)| name).collect();
            assert_eq!(archive.names(), expected, "{plan:?}");
            if rows {
                assert_eq!(archive.read::<u64>("rows").unwrap(), ROWS, "{plan:?}");
            }
            if more {
                assert_eq!(archive.read::<u8>("more").unwrap(), [8; 100], "{plan:?}");
            }
            finished += 1;
            without += u32::from(!rows || !more);
            seen
        },
    );
    println!("npz: {cases:?}, {} in all", cases.all());
    assert!(finished > 20 && failed > 100, "{finished}, {failed}");
    assert!(without > 5, "{without}");
}
