//! Rows that are appended together, whose bytes are at hand or not.

use super::*;
use crate::header::Order;

/// The rows committed, and those in the header, after each of some slices.
fn committed(
    slices: &[u64],
    row_len: u64,
    settings: AppendOptions,
    append: impl Fn(&mut Rows, &[u16]) -> Result<()>,
) -> Vec<(u64, u64, u64)> {
    let disk = Disk::new(Vec::new());
    let target = match row_len {
        1 => Target::rows(&"<u2".parse().unwrap()).unwrap(),
        len => Target::array("<u2".parse().unwrap(), Some(&[len]), Some(Order::C)).unwrap(),
    };
    let mut rows = open_target(&disk, &target, settings).unwrap();
    let after = slices.iter().map(|&len| {
        let len = usize::try_from(len * row_len).unwrap();
        append(&mut rows, &vec![7; len]).unwrap();
        assert_eq!(rows_in_header(&disk), rows.committed());
        let writes = disk.trace().into_iter();
        let headers = writes
            .filter(|change| matches!(change, Change::Write { offset, .. } if *offset < HEADER));
        (rows.rows(), rows.committed(), headers.count() as u64)
    });
    after.collect()
}

#[test]
fn commits_come_after_the_same_rows_whatever_the_layout_of_the_record() {
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..500 {
        let commit_every = [1, 2, 3, 10, 1_000, u64::MAX][random.usize(..6)];
        let capacity = [0, 2, 30, 4096, 1 << 16][random.usize(..5)];
        let settings = settings(capacity, commit_every, Durability::Cached);
        let most = [3, 30, 5_000][random.usize(..3)];
        let slices: Vec<u64> = (0..10).map(|_| random.u64(..most)).collect();
        let row_len = random.u64(1..4);
        let copied = committed(&slices, row_len, settings, |rows, slice| {
            let bytes: Vec<u8> = slice.iter().flat_map(|n| n.to_le_bytes()).collect();
            rows.append_bytes(&bytes, slice.len() as u64)
        });
        let encoded = committed(&slices, row_len, settings, |rows, slice| {
            rows.append_each(&(), slice)
        });
        assert_eq!(copied, encoded, "{slices:?}, {commit_every}, {capacity}");
        let mut waiting = 0;
        for (slice, (rows, committed, _)) in slices.iter().zip(copied) {
            waiting += slice;
            waiting = if waiting >= commit_every { 0 } else { waiting };
            assert_eq!(rows - committed, waiting);
        }
    }
}

/// Refused, or a panic, in the middle of a slice.
#[derive(Clone, Copy)]
struct Fragile(u16);

crate::record::encode_as::encode_as_itself!(impl[] Fragile);

impl NpyRecord for Fragile {
    const ITEMSIZE: usize = 2;

    fn dtype() -> DType {
        u16::dtype()
    }

    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        match self.0 {
            100 => Err(EncodeError::new("it", "does not fit")),
            200 => std::panic::resume_unwind(Box::new("it panics")),
            number => number.encode(out),
        }
    }

    fn decode(bytes: &[u8]) -> Result<Self, crate::record::DecodeError> {
        u16::decode(bytes).map(Fragile)
    }
}

#[test]
fn after_a_slice_that_ended_early_single_rows_are_committed_in_time() {
    for bad in [100, 200] {
        let disk = Disk::new(Vec::new());
        let mut rows = open(&disk, 1 << 16, 3).unwrap();
        let slice = [1, 2, 3, 4, bad, 5].map(Fragile);
        let act = std::panic::AssertUnwindSafe(|| rows.append_each(&(), &slice));
        assert!(!matches!(std::panic::catch_unwind(act), Ok(Ok(()))));
        assert_eq!(rows.rows(), 4);
        if bad == 100 {
            assert_eq!(rows.committed(), 4, "those before it are due");
        }
        for row in 0..6 {
            append(&mut rows, row).unwrap();
            assert!(rows.rows() - rows.committed() < 3);
        }
    }
}

#[test]
fn rows_for_which_there_is_room_are_taken_whatever_the_layout() {
    let text = "{'descr': '<u2', 'fortran_order': False, 'shape': (5,), }\n";
    let header = [b"\x93NUMPY\x01\0", &[58, 0][..], text.as_bytes()].concat();
    let settings = AppendOptions {
        accept_little_room: true,
        ..AppendOptions::default()
    };
    let acts: [fn(&mut Rows) -> Result<()>; 2] = [
        |rows| rows.append_bytes(&[1; 20], 10),
        |rows| rows.append_each::<u16>(&(), &[0x101; 10]),
    ];
    for act in acts {
        let disk = Disk::new([header.clone(), vec![0; 10]].concat());
        let mut rows = open_as(&disk, &"<u2".parse().unwrap(), settings).unwrap();
        let error = act(&mut rows).unwrap_err();
        assert!(
            matches!(error.cause(), Cause::NoGrowthRoom { max_rows: 9 }),
            "{error}"
        );
        rows.close().unwrap();
        assert_eq!((rows.rows(), rows_in_header(&disk)), (9, 9));
        assert_eq!(disk.bytes().len(), 68 + 18);
    }
}
