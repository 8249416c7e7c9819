//! Headers that are given room to grow.

use crate::{
    format::file,
    numpy::numpy,
    process::untested,
    recover::{Damaged, elements, header, names},
};
use npyrec::{AppendOptions, Appender, ErrorKind, Header, NpyRecord, Order, Recovery};
use serde_json::json;
use std::{
    fs::{self, File},
    path::Path,
};

/// Headers as old NumPy, cnpy and people write them, with no or little room.
fn narrow() -> Vec<Vec<u8>> {
    let text =
        |shape: &str| format!("{{'descr': '<u2', 'fortran_order': False, 'shape': {shape}, }}");
    let old = file(1, &text("(9,)"), 16, &elements(9, 0));
    let full = file(1, &text("(9,)"), 1, &elements(9, 0));
    let grid = file(1, &text("(3, 3)"), 16, &elements(9, 0));
    let dense = "{'descr':'<u2','fortran_order':False,'shape':(9,)}";
    let order = "{\"shape\": (9,), \"fortran_order\": False, \"descr\": \"<u2\"}";
    let fortran = "{'descr': '<u2', 'fortran_order': True, 'shape': (3, 3)}";
    let python2 = "{'descr': '<u2', 'fortran_order': False, 'shape': (9L,)}";
    let mut narrow = vec![old, full, grid];
    for text in [dense, order, fortran, python2] {
        narrow.push(file(1, text, 1, &elements(9, 0)));
    }
    narrow
}

#[test]
fn a_file_made_appendable_is_what_numpy_saves() {
    for bytes in narrow() {
        let damaged = Damaged::new(&bytes);
        let before = damaged.check();
        assert!(before.max_rows() < u64::MAX);
        assert!(npyrec::make_appendable(&damaged.path).unwrap());
        let after = damaged.check();
        assert!(after.is_sound() && after.max_rows() == u64::MAX);
        assert_eq!(after.shape(), before.shape());
        assert!(damaged.bytes().ends_with(&elements(9, 0)));
        assert!(
            !npyrec::make_appendable(&damaged.path).unwrap(),
            "once is enough"
        );
        let Some(mut numpy) = numpy() else { continue };
        assert_eq!(damaged.bytes(), numpy.resave(&damaged.path));
    }
}

#[test]
fn an_appender_makes_room_if_it_is_allowed_to() {
    let full = "{'descr': '<u2', 'fortran_order': False, 'shape': (9,), }";
    let bytes = file(1, full, 1, &elements(9, 0));
    let damaged = Damaged::new(&bytes);
    let error = Appender::<u16>::open(&damaged.path).unwrap_err();
    assert_eq!(error.max_rows(), Some(9), "{error}");
    assert_eq!(damaged.bytes(), bytes);
    let options = AppendOptions::new().make_appendable(true);
    let mut appender = options.open::<u16>(&damaged.path).unwrap();
    appender.extend(9..2_000).unwrap();
    appender.close().unwrap();
    assert_eq!(
        npyrec::read::<u16>(&damaged.path).unwrap(),
        Vec::from_iter(0..2_000)
    );
    let new = damaged.dir.path().join("new.npy");
    options.open::<u16>(&new).unwrap().append(&1).unwrap();
    assert_eq!(npyrec::read::<u16>(&new).unwrap(), [1]);
}

/// A file of more than 1 MiB, whose data are moved by the file system where it can do so.
#[test]
fn a_large_file_is_made_appendable_too() {
    let damaged = Damaged::new(&[]);
    let count = 700_000_u32;
    let data: Vec<u8> = (0..count).flat_map(u32::to_le_bytes).collect();
    let text = format!("{{'descr': '<u4', 'fortran_order': False, 'shape': ({count},), }}");
    fs::write(&damaged.path, file(1, &text, 16, &data)).unwrap();
    assert!(npyrec::make_appendable(&damaged.path).unwrap());
    assert!(!npyrec::make_appendable(&damaged.path).unwrap());
    let mut appender = Appender::<u32>::open(&damaged.path).unwrap();
    appender.extend(count..1_000_001).unwrap();
    appender.close().unwrap();
    assert_eq!(
        npyrec::read::<u32>(&damaged.path).unwrap(),
        Vec::from_iter(0..1_000_001)
    );
    let Some(mut numpy) = numpy() else { return };
    let code = "a = np.load(path, mmap_mode='r')\nanswer = [len(a), int(a[-1])]";
    assert_eq!(
        numpy.python(&damaged.path, code),
        json!([1_000_001, 1_000_000])
    );
}

/// A folder of a file system that can insert a block into a file; said aloud if none is at hand.
pub fn inserting_folder() -> Option<tempfile::TempDir> {
    let folders = [std::env::temp_dir(), env!("CARGO_TARGET_TMPDIR").into()];
    let mut folders = folders
        .iter()
        .map(|in_folder| tempfile::tempdir_in(in_folder).unwrap());
    let inserting = folders.find(|dir| can_insert(dir.path()));
    if inserting.is_none() {
        untested("what inserts a block into a file, as no file system at hand does");
    }
    inserting
}

#[cfg(target_os = "linux")]
fn can_insert(folder: &Path) -> bool {
    use rustix::fs::{FallocateFlags, fallocate};
    use std::os::unix::fs::MetadataExt;
    let path = folder.join("probe");
    fs::write(&path, [0; 1 << 16]).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    let block = file.metadata().unwrap().blksize();
    fs::remove_file(&path).unwrap();
    fallocate(file, FallocateFlags::INSERT_RANGE, 0, block).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn can_insert(_: &Path) -> bool {
    false
}

#[cfg(target_os = "linux")]
#[test]
fn a_block_is_inserted_into_a_large_file_where_the_file_system_can() {
    use std::os::unix::fs::MetadataExt;
    let Some(dir) = inserting_folder() else {
        return;
    };
    let path = dir.path().join("large.npy");
    let data: Vec<u8> = (0..700_000_u32).flat_map(u32::to_le_bytes).collect();
    let text = "{'descr': '<u4', 'fortran_order': False, 'shape': (700000,), }";
    let bytes = file(1, text, 16, &data);
    fs::write(&path, &bytes).unwrap();
    let before = fs::metadata(&path).unwrap();
    assert!(npyrec::make_appendable(&path).unwrap());
    let after = fs::metadata(&path).unwrap();
    assert_eq!(after.ino(), before.ino(), "it is the same file");
    assert_eq!(after.len(), before.len() + before.blksize());
    let header = bytes.len() - data.len() + usize::try_from(before.blksize()).unwrap();
    let bytes = fs::read(&path).unwrap();
    let mut rest = &bytes[..];
    Header::read_from(&mut rest).unwrap();
    assert_eq!(bytes.len() - rest.len(), header, "a block longer");
    assert!(rest == data);
    let report = npyrec::check(&path).unwrap();
    assert!(report.is_sound() && report.numpy_loads() && report.max_rows() == u64::MAX);
    assert_eq!(names(dir.path()), ["large.npy"]);
}

#[test]
fn room_is_made_only_for_records_of_the_file() {
    let damaged = Damaged::new(&narrow()[0]);
    let options = AppendOptions::new().make_appendable(true);
    let error = options.open::<u32>(&damaged.path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType, "{error}");
    assert_eq!(damaged.bytes(), narrow()[0]);
    // What a power cut leaves of a file that is started in place.
    fs::write(&damaged.path, [0; 128]).unwrap();
    assert_eq!(options.open::<u32>(&damaged.path).unwrap().rows(), 0);
}

/// A block was inserted, and then the program was killed, before or while the header was written.
#[test]
fn an_insertion_that_was_stopped_is_completed() {
    let text = "{'descr': '<u2', 'fortran_order': False, 'shape': (9,), }";
    let old = file(1, text, 16, &elements(9, 0));
    let room = {
        let header = header(Order::C, &[9]);
        let mut room = header[..].trim_ascii_end().to_vec();
        room.resize(4096, b' ');
        let len = u16::try_from(4096 + old.len() - 18 - 10).unwrap();
        room[8..10].copy_from_slice(&len.to_le_bytes());
        room
    };
    for filled in [0, 1, 10, 512, 1024, 4096] {
        let mut inserted = room.clone();
        inserted[filled..].fill(0);
        let bytes = [&inserted[..], &old].concat();
        let damaged = Damaged::new(&bytes);
        let report = damaged.check();
        assert!(!report.is_sound() && !report.numpy_loads());
        assert_eq!((report.header_rows(), report.rows()), (Some(9), 9));
        let open = |recovery| {
            AppendOptions::new()
                .recover(recovery)
                .open::<u16>(&damaged.path)
        };
        assert!(open(Recovery::Refuse).is_err());
        match filled {
            0 => drop(Appender::<u16>::open(&damaged.path).unwrap()),
            1 => drop(open(Recovery::Discard).unwrap()),
            10 => assert!(npyrec::make_appendable(&damaged.path).unwrap()),
            _ => drop(damaged.recover(Recovery::Adopt).unwrap()),
        }
        let after = damaged.check();
        assert!(after.is_sound() && after.numpy_loads() && after.max_rows() == u64::MAX);
        assert_eq!(
            npyrec::read::<u16>(&damaged.path).unwrap(),
            Vec::from_iter(0..9)
        );
        assert_eq!(damaged.bytes().len(), bytes.len());
    }
}

#[test]
fn a_header_of_version_1_that_grows_too_long_becomes_version_2() {
    let fields: Vec<String> = (0..3_000).map(|n| format!("('{n:07}', '|u1')")).collect();
    let dense = |shape: &str, len: usize| {
        let name = "x".repeat(len);
        format!(
            "{{'descr':[{},('{name}','|u1')],'fortran_order':False,'shape':{shape}}}",
            fields.join(",")
        )
    };
    let filling = 65_534 - dense("(2,)", 0).len();
    let bytes = file(1, &dense("(2,)", filling), 1, &[5; 6_002]);
    assert_eq!(bytes[6], 1);
    let damaged = Damaged::new(&bytes);
    assert!(npyrec::make_appendable(&damaged.path).unwrap());
    let after = damaged.bytes();
    assert_eq!(after[6], 2);
    assert!(after.ends_with(&[5; 6_002]));
    let report = damaged.check();
    assert!(report.is_sound() && report.max_rows() == u64::MAX);
    assert!(
        !report.numpy_loads(),
        "it is longer than NumPy takes without being asked"
    );
    let Some(mut numpy) = numpy() else { return };
    assert_eq!(after, numpy.resave(&damaged.path));
}

#[cfg(unix)]
#[test]
fn a_file_made_appendable_keeps_its_permissions_and_the_links_to_it() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let damaged = Damaged::new(&narrow()[0]);
    fs::set_permissions(&damaged.path, fs::Permissions::from_mode(0o640)).unwrap();
    let link = damaged.dir.path().join("link.npy");
    symlink(&damaged.path, &link).unwrap();
    assert!(npyrec::make_appendable(&link).unwrap());
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let metadata = fs::metadata(&damaged.path).unwrap();
    assert_eq!(
        metadata.permissions().mode() & 0o777,
        0o640,
        "and nobody else may read it"
    );
    assert_eq!(names(damaged.dir.path()), ["damaged.npy", "link.npy"]);
}

/// With `Synced` another's text is not replaced where it spans several sectors: power may be cut.
#[test]
fn a_synced_log_does_not_rewrite_a_long_foreign_header_in_place() {
    #[derive(NpyRecord)]
    struct Wide {
        #[npy(
            rename = "a_field_with_a_long_name_that_fills_its_header_quite_a_bit_more_than_usual"
        )]
        first: [u8; 2],
        #[npy(flatten)]
        rest: Rest,
    }
    #[derive(NpyRecord)]
    #[npy(rename_all = "SCREAMING_SNAKE_CASE")]
    struct Rest {
        and_another_one_with_a_name_that_is_just_as_long_as_the_first_or_longer: u8,
        and_a_third_one_with_a_name_that_is_just_as_long_as_the_first_or_longer: u8,
        and_a_fourth_one_with_a_name_that_is_just_as_long_as_the_first_or_longer: u8,
        and_a_fifth_one_with_a_name_that_is_just_as_long_as_the_first_or_longer: u8,
        and_a_sixth_one_with_a_name_that_is_just_as_long_as_the_first_or_longer: u8,
    }
    let text = Header::for_record::<Wide>(0)
        .to_string()
        .replace(", '", ",  '");
    let damaged = Damaged::new(&file(1, &text, 64, &[]));
    let options = AppendOptions::new().durability(npyrec::Durability::Synced);
    let error = options.open::<Wide>(&damaged.path).unwrap_err();
    assert_eq!(error.max_rows(), Some(0), "{error}");
    Appender::<Wide>::open(&damaged.path).unwrap();
    options
        .make_appendable(true)
        .open::<Wide>(&damaged.path)
        .unwrap();
    options.open::<Wide>(&damaged.path).unwrap();
}
