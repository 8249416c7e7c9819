//! Every call that mends a file or gives it room, failing alone, with another one, and with all that
//! follow.

use super::{super::mend::insert, *};
use crate::storage::{Cases, Plan, Seen, sweep};

/// Returns whether a call writes within a line of a header, where no system stops.
fn is_whole(call: &Call) -> bool {
    matches!(call, Call::Write { len, .. } if *len <= 64)
}

/// Returns whether a plan leaves a part of such a call for ever.
fn is_torn(plan: &Plan, calls: &[Call]) -> bool {
    let Plan::Some(faults) = plan else {
        return false;
    };
    let [(first, Fault::Short(_)), (second, Fault::Error(_))] = faults[..] else {
        return false;
    };
    let call = calls.get(usize::try_from(first).unwrap());
    second == first + 1 && call.is_some_and(is_whole)
}

/// Returns whether NumPy reads a file.
fn is_readable(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let header = Header::read_from(&mut rest);
    header.is_ok_and(|header| header.data_len().unwrap() <= rest.len() as u64)
}

#[test]
fn whichever_calls_fail_the_next_recovery_does_the_same() {
    let mut sum = Cases::default();
    for (case, bytes, recovery, mended) in cases() {
        let was_readable = is_readable(&bytes);
        sum += sweep(1, is_whole, |plan| {
            let disk = disk_of(bytes.clone());
            let seen = plan.start(&disk, |_, _| {});
            let result = mend_disk(&disk, recovery);
            disk.heal();
            if is_torn(plan, &seen.calls()) {
                assert!(result.is_err());
                return seen;
            }
            let case = format!("{case}, {plan:?}");
            assert!(
                !was_readable || plan.tears() || is_readable(&disk.bytes()),
                "{case}"
            );
            if result.is_err() {
                mend_disk(&disk, recovery).expect(&case);
            }
            assert!(array(&disk) == array(&mended), "{case}");
            seen
        });
    }
    println!("recover: {sum:?}, {} in all", sum.all());
    assert!(sum.all() > 4_000, "{sum:?}");
}

/// A file with little room in its header, and `len` bytes of rows.
fn narrow(len: usize) -> Vec<u8> {
    let text = format!(
        "{{'descr': '<u2', 'fortran_order': False, 'shape': ({},), }}\n",
        len / 2
    );
    let size = u8::try_from(text.len()).unwrap();
    let header = [b"\x93NUMPY\x01\0", &[size, 0][..], text.as_bytes()].concat();
    let rows = (0..len).map(|at| u8::try_from(at % 251).unwrap());
    header.into_iter().chain(rows).collect()
}

/// Gives a header room, as [`make_appendable`] does where a block can be inserted.
fn give_room(disk: &Arc<Disk>) -> Result<bool> {
    let inspection = Inspection::of(disk)?;
    match RepairPlan::make_appendable(&inspection)? {
        RepairPlan::InPlace(steps) => mend(disk, &steps).map(|()| true),
        plan => {
            assert!(matches!(plan, RepairPlan::Replace { may_insert, .. } if may_insert));
            insert(disk, &inspection)
        }
    }
}

#[test]
fn whichever_calls_fail_a_file_without_room_is_as_it_was_or_complete() {
    const LEN: usize = (1 << 20) + 2;
    let old = narrow(LEN);
    let rows = old[old.len() - LEN..].to_vec();
    let (mut undone, mut left) = (0, 0);
    let cases = sweep(1, is_whole, |plan| -> Seen {
        let disk = Disk::new(old.clone());
        let seen = plan.start(&disk, |_, _| {});
        let result = give_room(&disk);
        let case = format!("{plan:?}: {result:?}");
        disk.heal();
        let bytes = disk.bytes();
        let is_old = bytes == old;
        let is_new = !is_old && is_readable(&bytes) && bytes.ends_with(&rows);
        match result {
            Ok(true) => assert!(is_new, "{case}"),
            Ok(false) => assert!(is_old, "{case}"),
            Err(_) if is_old => undone += 1,
            // Only the last sync failed, and the old header cannot be written again.
            Err(_) if is_new => {}
            Err(error) => {
                let calls = seen.calls();
                let is_stuck = matches!(plan, Plan::From(..)) || plan.tears();
                assert!(is_stuck || calls.last() == Some(&Call::Remove), "{case}");
                assert!(error.to_string().ends_with("completes what was begun"));
                mend_disk(&disk, Recovery::Refuse).unwrap_err();
                mend_disk(&disk, Recovery::Adopt).expect(&case);
                left += 1;
            }
        }
        if !is_old {
            assert!(disk.bytes().ends_with(&rows), "{case}");
            assert!(give_room(&disk).unwrap() && is_readable(&disk.bytes()));
        }
        seen
    });
    println!("make_appendable: {cases:?}, {} in all", cases.all());
    assert!(undone > 20 && left > 0, "{undone}, {left}");
    assert!(cases.all() > 80, "{cases:?}");
}

/// The undoing of an insertion takes no write.
#[test]
fn an_insertion_is_undone_though_nothing_can_be_written() {
    let old = narrow((1 << 20) + 2);
    let mut undone = 0;
    for nth in 0.. {
        let disk = Disk::new(old.clone());
        let calls = Plan::Writing(nth).start(&disk, |_, _| {});
        let result = give_room(&disk);
        if let Ok(is_done) = result {
            assert!(is_done || disk.bytes() == old, "{nth}");
            if is_done {
                break;
            }
            continue;
        }
        let last_sync = calls
            .calls()
            .iter()
            .filter(|call| **call == Call::Sync)
            .count()
            == 4;
        assert!(last_sync || disk.bytes() == old, "{nth}");
        undone += 1;
    }
    assert!(undone > 3, "{undone}");
}
