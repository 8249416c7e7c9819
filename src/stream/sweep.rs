//! Every call of those who write several arrays, failing alone, with another one, and with all that follow.

use std::{io::Write, path::Path};

use super::{
    append_file::{AppendFile, cut_torn_of},
    concatenate::Joined,
    index::Index,
    writer::Writer,
};
use crate::{
    error::Result,
    header::{Header, Order},
    storage::{Call, Cases, Disk, FailingMemory, MARK, sweep},
};

const PATH: &str = "arrays.npy";

/// The bytes of an array of big-endian or little-endian numbers.
fn array(dtype: &str, data: &[u8]) -> Vec<u8> {
    let rows = data.len() as u64 / 2;
    let header = Header::new(dtype.parse().unwrap(), Order::C, &[rows]).unwrap();
    [&header.to_bytes(), data].concat()
}

fn old() -> Vec<u8> {
    [array("<u2", &[1, 0, 2, 0]), array(">u2", &[0, 3])].concat()
}

fn is_never_whole(_: &Call) -> bool {
    false
}

/// Appends arrays in each way, and returns those that were reported to be in the file.
fn append(writer: &mut Writer<AppendFile>) -> Vec<Vec<u8>> {
    let mut written = Vec::new();
    let mut note = |result: Result<()>, numbers: &[u16]| {
        if result.is_ok() {
            let data = numbers.iter().flat_map(|n| n.to_le_bytes());
            written.push(array("<u2", &data.collect::<Vec<_>>()));
        }
    };
    note(writer.write(&[4_u16, 5, 6]), &[4, 5, 6]);
    let records = writer.records::<u16>(3).and_then(|mut records| {
        records.append(&7)?;
        records.append_slice(&[8, 9])?;
        records.finish().map(drop)
    });
    note(records, &[7, 8, 9]);
    note(writer.write(&[10_u16]), &[10]);
    written
}

#[test]
fn whichever_calls_fail_the_arrays_of_a_stream_are_those_that_were_reported() {
    let path = Path::new(PATH);
    let room = [&[0; 500][..], &MARK].concat();
    let mut all = Cases::default();
    for start in [old(), [old(), room].concat(), Vec::new()] {
        let whole = if start.is_empty() { Vec::new() } else { old() };
        all += sweep(1, is_never_whole, |plan| {
            let disk = Disk::new(start.clone());
            let seen = plan.start(&disk, |_, _| {});
            let open = || Writer::append_to(Box::new(disk.clone()), path);
            let mut written = Vec::new();
            let opened = (0..3).find_map(|_| open().ok());
            assert!(opened.is_some() || plan.is_for_ever(), "{plan:?}");
            if let Some(mut writer) = opened {
                written = append(&mut writer);
            }
            disk.heal();
            cut_torn_of(Box::new(disk.clone()), path).unwrap();
            let expected = [whole.clone(), written.concat()].concat();
            assert!(disk.bytes() == expected, "{plan:?}");
            seen
        });
    }
    println!("streams: {all:?}, {} in all", all.all());
    assert!(all.all() > 800, "{all:?}");
}

/// An error of reading is never taken for a torn array, which would be lost.
#[test]
fn whichever_calls_fail_only_a_torn_array_is_cut_off() {
    let path = Path::new(PATH);
    let torn = array("<u2", &[4, 0, 5, 0]);
    let torn_data = &torn[..torn.len() - 1];
    let room = [&[0; 500][..], &MARK].concat();
    let mut all = Cases::default();
    for end in [torn_data, &torn[..100], &torn[..3], &room, &[]] {
        let start = [&old(), end].concat();
        all += sweep(1, is_never_whole, |plan| {
            let disk = Disk::new(start.clone());
            let seen = plan.start(&disk, |_, _| {});
            let cut = cut_torn_of(Box::new(disk.clone()), path);
            disk.heal();
            match cut {
                Ok(_) => assert!(disk.bytes() == old(), "{plan:?}"),
                Err(_) => {
                    assert!(disk.bytes() == start, "{plan:?}");
                    cut_torn_of(Box::new(disk.clone()), path).unwrap();
                    assert!(disk.bytes() == old(), "{plan:?}");
                }
            }
            seen
        });
    }
    println!("cut_torn: {all:?}, {} in all", all.all());
    assert!(all.all() > 500, "{all:?}");
}

/// Makes one array of several, as [`concatenate`](super::concatenate()) does.
fn concatenate(source: FailingMemory, target: &mut FailingMemory) -> Result<()> {
    let mut index = Index::build_from(source)?;
    let joined = Joined::of(&index)?;
    let header = joined.header()?.to_bytes();
    let written = target.write_all(&header);
    written.map_err(|e| crate::error::Error::io("write the header", e))?;
    joined.copy_all(&mut index, target)
}

#[test]
fn whichever_calls_fail_arrays_are_put_together_whole_or_it_is_reported() {
    let expected = array("<u2", &[1, 0, 2, 0, 3, 0]);
    let (mut done, mut failed) = (0, 0);
    let cases = sweep(1, is_never_whole, |plan| {
        let disk = Disk::new(Vec::new());
        let seen = plan.start(&disk, |_, _| {});
        let source = FailingMemory::new(old(), &disk);
        let mut target = FailingMemory::new(Vec::new(), &disk);
        match concatenate(source, &mut target) {
            Ok(()) => {
                assert!(target.into_bytes() == expected, "{plan:?}");
                done += 1;
            }
            Err(_) => failed += 1,
        }
        seen
    });
    println!("concatenate: {cases:?}, {} in all", cases.all());
    assert!(done > 20 && failed > 100, "{done}, {failed}");
}
