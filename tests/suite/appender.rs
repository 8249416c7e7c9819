//! Appending: what is where after each call.

use std::fs;

use npyrec::{AppendOptions, Appender, EncodeAs, EncodeError, ErrorKind, Header, NpyRecord};

fn rows_in_header(path: &std::path::Path) -> u64 {
    let header = Header::read_from(&mut fs::File::open(path).unwrap()).unwrap();
    header.rows().unwrap()
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Trade {
    price: f64,
    #[npy(dtype = "S4")]
    symbol: String,
}

fn trade(price: f64, symbol: &str) -> Trade {
    Trade {
        price,
        symbol: symbol.to_owned(),
    }
}

#[test]
fn a_new_file_is_valid_before_the_first_row() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new.npy");
    let appender = Appender::<Trade>::create(&path).unwrap();
    assert_eq!(
        fs::read(&path).unwrap(),
        Header::for_record::<Trade>(0).to_bytes()
    );
    assert_eq!((appender.rows(), appender.committed_rows()), (0, 0));
    assert_eq!(appender.path(), path);
}

#[test]
fn rows_are_visible_from_the_commit_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    let mut appender = Appender::<u32>::create(&path).unwrap();
    appender.append(&7).unwrap();
    assert_eq!((appender.rows(), appender.committed_rows()), (1, 0));
    assert!(npyrec::read::<u32>(&path).unwrap().is_empty());
    appender.commit().unwrap();
    assert_eq!((appender.rows(), appender.committed_rows()), (1, 1));
    assert_eq!(npyrec::read::<u32>(&path).unwrap(), [7]);
}

#[test]
fn a_full_buffer_is_written_and_the_header_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("full.npy");
    let mut appender = AppendOptions::new()
        .buffer_capacity(16)
        .create::<u32>(&path)
        .unwrap();
    let start = fs::metadata(&path).unwrap().len();
    appender.extend(0..10_u32).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len() - start, 32);
    assert_eq!(rows_in_header(&path), 0);
    assert_eq!((appender.rows(), appender.committed_rows()), (10, 0));
}

#[test]
fn commit_every_commits_as_soon_as_so_many_rows_wait() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("every.npy");
    let mut appender = AppendOptions::new()
        .commit_every(3)
        .create::<u32>(&path)
        .unwrap();
    let mut seen = Vec::new();
    for row in 0..7 {
        appender.append(&row).unwrap();
        assert_eq!(appender.committed_rows(), rows_in_header(&path));
        seen.push(appender.committed_rows());
    }
    assert_eq!(seen, [0, 0, 3, 3, 3, 6, 6]);
    appender.append_slice(&[7, 8, 9, 10]).unwrap();
    assert_eq!(appender.committed_rows(), 11);
    appender.commit().unwrap();
    appender.append(&11).unwrap();
    appender.append(&12).unwrap();
    assert_eq!(appender.committed_rows(), 11);
    appender.append(&13).unwrap();
    assert_eq!(appender.committed_rows(), 14);
}

#[test]
fn commit_interval_commits_with_the_first_record_after_it() {
    use std::time::{Duration, Instant};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("interval.npy");
    let options = |interval| {
        AppendOptions::new()
            .buffer_capacity(1_000)
            .commit_interval(interval)
    };
    let mut each = options(Duration::ZERO).create::<u32>(&path).unwrap();
    for row in 0..700 {
        each.append(&row).unwrap();
        assert_eq!(each.committed_rows(), each.rows());
    }
    each.append_slice(&[0; 9]).unwrap();
    assert_eq!(rows_in_header(&path), 709);
    drop(each);

    let mut never = options(Duration::MAX).create::<u32>(&path).unwrap();
    never.extend(0..700_u32).unwrap();
    never.append_slice(&[0; 300]).unwrap();
    never.append_slice(&[0; 9]).unwrap();
    assert_eq!((never.rows(), never.committed_rows()), (1_009, 0));
    assert_eq!(rows_in_header(&path), 0);
    let written = fs::metadata(&path).unwrap().len() - 128;
    assert!(
        (2_800..=4_036).contains(&written),
        "the buffer holds the rest: {written}"
    );
    let mut both = options(Duration::MAX)
        .commit_every(3)
        .create::<u32>(path.with_extension("both.npy"));
    let both = both.as_mut().unwrap();
    both.extend(0..7_u32).unwrap();
    assert_eq!(both.committed_rows(), 6);

    let interval = Duration::from_millis(1);
    drop(never);
    let mut before_last = Instant::now();
    let mut some = options(interval).create::<u32>(&path).unwrap();
    for commits in 1..4 {
        let (mut before_append, committed) = (before_last, some.committed_rows());
        while some.committed_rows() == committed {
            before_append = Instant::now();
            some.append(&commits).unwrap();
        }
        assert!(before_last.elapsed() >= interval);
        before_last = before_append;
        assert_eq!(
            some.committed_rows(),
            some.rows(),
            "with the record that found it due"
        );
    }
    drop(some);
    let rows = npyrec::read::<u32>(&path).unwrap();
    assert!(rows.is_sorted() && rows.last() == Some(&3));
}

#[test]
fn commit_every_row_commits_every_row() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("each.npy");
    let mut appender = AppendOptions::new()
        .commit_every(1)
        .create::<[u8; 3]>(&path)
        .unwrap();
    for row in 0..12 {
        appender.append(&[row; 3]).unwrap();
        assert_eq!(rows_in_header(&path), u64::from(row) + 1);
    }
}

#[test]
fn dropping_commits() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dropped.npy");
    let mut appender = Appender::<u32>::create(&path).unwrap();
    appender.append(&1).unwrap();
    drop(appender);
    assert_eq!(npyrec::read::<u32>(&path).unwrap(), [1]);
}

#[test]
fn open_continues_and_creates() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("continued.npy");
    for row in 0..3_u32 {
        let mut appender = Appender::<u32>::open(&path).unwrap();
        assert_eq!(
            (appender.rows(), appender.committed_rows()),
            (row.into(), row.into())
        );
        appender.append(&row).unwrap();
        appender.close().unwrap();
    }
    assert_eq!(npyrec::read::<u32>(&path).unwrap(), [0, 1, 2]);
}

#[test]
fn a_row_that_cannot_be_encoded_is_left_out_and_the_log_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("refused.npy");
    for capacity in [0, 1 << 16] {
        let mut appender = AppendOptions::new()
            .buffer_capacity(capacity)
            .create::<Trade>(&path)
            .unwrap();
        let batch = [trade(1.0, "AAAA"), trade(2.0, "TOO LONG"), trade(3.0, "C")];
        let error = appender.append_slice(&batch).unwrap_err();
        assert_eq!(error.row(), Some(1));
        assert_eq!(error.kind(), ErrorKind::Encode, "{error}");
        assert_eq!(error.field(), Some("symbol"));
        appender.append(&batch[2]).unwrap();
        appender.close().unwrap();
        assert_eq!(
            npyrec::read::<Trade>(&path).unwrap(),
            [batch[0].clone(), batch[2].clone()]
        );
    }
}

#[test]
fn large_slices_and_single_rows_keep_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mixed.npy");
    let mut appender = AppendOptions::new()
        .buffer_capacity(100)
        .create::<u64>(&path)
        .unwrap();
    let mut next = 0..;
    let mut expected = 0;
    for size in [1, 3, 200, 2, 13, 12, 1_000, 1] {
        let batch: Vec<u64> = next.by_ref().take(size).collect();
        appender.append_slice(&batch).unwrap();
        appender.append(&next.next().unwrap()).unwrap();
        expected += size as u64 + 1;
        assert_eq!(appender.rows(), expected);
    }
    appender.close().unwrap();
    assert_eq!(
        npyrec::read::<u64>(&path).unwrap(),
        Vec::from_iter(0..expected)
    );
}

#[test]
fn rows_of_a_killed_program_are_kept_and_a_torn_one_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("killed.npy");
    npyrec::write(&path, &[1_u32, 2]).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let committed = bytes.len() as u64;
    bytes.extend([3, 0, 0, 0, 4, 0]);
    fs::write(&path, &bytes).unwrap();
    let mut appender = Appender::<u32>::open(&path).unwrap();
    assert_eq!((appender.rows(), appender.committed_rows()), (3, 3));
    assert_eq!(fs::metadata(&path).unwrap().len(), committed + 4);
    assert_eq!(rows_in_header(&path), 3);
    appender.append(&5).unwrap();
    appender.close().unwrap();
    assert_eq!(npyrec::read::<u32>(&path).unwrap(), [1, 2, 3, 5]);
}

#[test]
fn several_arrays_in_one_file_are_not_taken_for_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stream.npy");
    npyrec::write(&path, &[1_u32, 2]).unwrap();
    let twice = fs::read(&path).unwrap().repeat(2);
    fs::write(&path, &twice).unwrap();
    let error = Appender::<u32>::open(&path).unwrap_err();
    assert_eq!(
        (error.kind(), error.byte()),
        (ErrorKind::Header, Some(136)),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), twice);
}

#[test]
fn a_file_that_is_refused_is_not_changed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other.npy");
    npyrec::write(&path, &[1_u32, 2]).unwrap();
    let short = fs::read(&path).unwrap()[..134].to_vec();
    let text = b"time,price\n".to_vec();
    let scalar = Header::new("<u4".parse().unwrap(), npyrec::Order::C, &[])
        .unwrap()
        .to_bytes();
    let fortran = Header::new("<u4".parse().unwrap(), npyrec::Order::Fortran, &[2, 0])
        .unwrap()
        .to_bytes();
    for bytes in [
        short,
        text,
        scalar,
        fortran,
        Header::for_record::<f64>(0).to_bytes(),
    ] {
        fs::write(&path, &bytes).unwrap();
        Appender::<u32>::open(&path).unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

/// The axes of a dtype that is a subarray are axes of the array.
#[test]
fn rows_of_subarrays_in_fortran_order_are_not_one_after_another() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fortran.npy");
    let header = crate::format::empty("('<f4', (3,))", npyrec::Order::Fortran, &[2]);
    fs::write(&path, [header, vec![0; 24]].concat()).unwrap();
    let error = Appender::<[f32; 3]>::open(&path).unwrap_err();
    assert!(
        error.to_string().contains("in Fortran order, so that"),
        "{error}"
    );
}

/// In one dimension the order means nothing; `np.save` of a Fortran array has C order there.
#[test]
fn a_one_dimensional_file_in_fortran_order_is_continued() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fortran.npy");
    let header = Header::new("<u4".parse().unwrap(), npyrec::Order::Fortran, &[0]).unwrap();
    fs::write(&path, header.to_bytes()).unwrap();
    let mut appender = Appender::<u32>::open(&path).unwrap();
    appender.extend(0..12_u32).unwrap();
    appender.close().unwrap();
    assert_eq!(npyrec::read::<u32>(&path).unwrap(), Vec::from_iter(0..12));
    let new = Header::for_record::<u32>(12).to_bytes();
    assert!(fs::read(&path).unwrap().starts_with(&new));
}

#[test]
fn a_synced_log_reads_like_any_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("synced.npy");
    let options = AppendOptions::new()
        .durability(npyrec::Durability::Synced)
        .commit_every(2);
    let mut appender = options.create_new::<u32>(&path).unwrap();
    appender.extend(0..5_u32).unwrap();
    assert_eq!(npyrec::read::<u32>(&path).unwrap(), [0, 1, 2, 3]);
    appender.sync().unwrap();
    assert_eq!(appender.committed_rows(), 5);
    drop(appender);
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend([9; 8]);
    fs::write(&path, bytes).unwrap();
    assert_eq!(
        options.open::<u32>(&path).unwrap().rows(),
        5,
        "what was not synced is cut off"
    );
    assert_eq!(npyrec::read::<u32>(&path).unwrap(), [0, 1, 2, 3, 4]);
}

#[test]
fn a_file_has_one_appender_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("locked.npy");
    let mut first = Appender::<u32>::create(&path).unwrap();
    first.append(&1).unwrap();
    first.commit().unwrap();
    for second in [Appender::<u32>::open(&path), Appender::<u32>::create(&path)] {
        assert_eq!(second.unwrap_err().kind(), ErrorKind::Locked);
    }
    assert_eq!(
        npyrec::read::<u32>(&path).unwrap(),
        [1],
        "readers are not kept out"
    );
    let unlocked = AppendOptions::new().lock(false).open::<u32>(&path);
    match cfg!(windows) {
        true => assert_eq!(unlocked.unwrap_err().kind(), ErrorKind::Locked),
        false => assert_eq!(unlocked.unwrap().rows(), 1),
    }
    drop(first);
    Appender::<u32>::open(&path).unwrap();
}

/// Rows of a killed program may be more than the header has digits for.
#[test]
fn a_header_too_narrow_for_the_rows_in_the_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("narrow.npy");
    let text = "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }";
    let bytes = crate::format::file(1, text, 1, &[7; 5_000]);
    fs::write(&path, &bytes).unwrap();
    let error = Appender::<u8>::open(&path).unwrap_err();
    assert_eq!(error.max_rows(), Some(9), "{error}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_file_of_as_many_rows_as_there_can_be_takes_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("most.npy");
    fs::write(
        &path,
        Header::for_record::<[u8; 0]>(i64::MAX as u64 - 1).to_bytes(),
    )
    .unwrap();
    let mut appender = Appender::<[u8; 0]>::open(&path).unwrap();
    appender.append(&[]).unwrap();
    appender.append(&[]).unwrap_err();
    appender.close().unwrap();
    assert_eq!(rows_in_header(&path), i64::MAX as u64);
}

/// Half of NumPy's limit for the size of a record; it takes no memory.
struct Half;

impl EncodeAs<Half> for Half {
    fn encode_as(&self, (): &(), out: &mut [u8]) -> Result<(), EncodeError> {
        self.encode(out)
    }
}

impl NpyRecord for Half {
    const ITEMSIZE: usize = 1 << 30;

    fn dtype() -> npyrec::DType {
        <[u8; 1 << 30]>::dtype()
    }

    fn encode(&self, _: &mut [u8]) -> Result<(), npyrec::EncodeError> {
        Ok(())
    }

    fn decode(_: &[u8]) -> Result<Self, npyrec::DecodeError> {
        Ok(Half)
    }
}

#[test]
fn a_record_larger_than_numpy_allows_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.npy");
    let error = Appender::<(Half, Half)>::create(&path).unwrap_err();
    assert!(
        error.to_string().contains("limit of 2147483647 bytes"),
        "{error}"
    );
    assert!(!path.exists());
}

#[test]
fn a_file_to_which_nothing_is_appended_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("foreign.npy");
    let text = "{\"descr\": '<u4', 'shape': (0,), 'fortran_order': False}";
    let bytes = crate::format::file(1, text, 64, &[]);
    fs::write(&path, &bytes).unwrap();
    Appender::<u32>::open(&path).unwrap().close().unwrap();
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn rows_of_no_bytes_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("nothing.npy");
    let mut appender = AppendOptions::new()
        .buffer_capacity(4)
        .create::<[f64; 0]>(&path)
        .unwrap();
    for _ in 0..11 {
        appender.append(&[]).unwrap();
    }
    appender.append_slice(&[[]; 9]).unwrap();
    appender.close().unwrap();
    let mut appender = Appender::<[f64; 0]>::open(&path).unwrap();
    assert_eq!(appender.rows(), 20);
    appender.append(&[]).unwrap();
    appender.close().unwrap();
    assert_eq!(npyrec::read::<[f64; 0]>(&path).unwrap(), [[0.0; 0]; 21]);
}

#[test]
fn an_appender_goes_to_another_thread() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Appender<Trade>>();
    is_send_and_sync::<npyrec::Error>();
}
