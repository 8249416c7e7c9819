//! Headers, readers and followers.

use std::{fs, num::NonZero, path::Path};

use npyrec::{
    Appender, Casting, Follow, Header, NpyFile, NpyRecord, Order, ReadOptions, Reader, Value, Void,
};

use crate::{calls, file, peak};

#[test]
fn a_header_takes_memory_in_proportion_to_its_bytes() {
    let nested = |item: &str| format!("{{'descr': [{}]}}", item.repeat(50_000));
    let hostile = [
        file(&nested("1,")),
        file(&nested("[],")),
        file(&nested("'',")),
        file(&nested("('',''),")),
        file(&nested("('a','<i4'),")),
        file(&format!("{{'shape': ({})}}", "1,".repeat(50_000))),
        file(&format!("'{}'", "\\x41".repeat(50_000))),
        file(&"[".repeat(100_000)),
    ];
    for bytes in hostile {
        let peak = peak(|| Header::read_from(&mut &bytes[..]).unwrap_err());
        assert!(peak < 100 * bytes.len(), "{peak} for {} bytes", bytes.len());
    }
}

#[test]
fn a_header_that_claims_4_gib_takes_none() {
    let mut bytes = b"\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr'".to_vec();
    assert!(peak(|| Header::read_from(&mut &bytes[..])) < 1_000);
    bytes[8..12].copy_from_slice(&1_000_000_u32.to_le_bytes());
    assert!(peak(|| Header::read_from(&mut &bytes[..])) < 10_000);
    let unlimited = || Header::read_from_with_max_size(&mut &bytes[..], u32::MAX);
    assert!(peak(unlimited) < 10_000);
}

#[test]
fn a_reader_takes_its_buffer_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    npyrec::write(&path, &vec![(1_u8, 2.0_f32); 1_000_000]).unwrap();
    let peak_of_rows = peak(|| {
        Reader::<(u8, f32)>::open(&path)
            .unwrap()
            .map(Result::unwrap)
            .count()
    });
    assert!(peak_of_rows < 100_000, "{peak_of_rows}");
    let huge = Header::for_record::<[u64; 1 << 13]>(1 << 40).to_bytes();
    let peak_of_huge = peak(|| {
        Reader::<[u64; 1 << 13]>::new(&huge[..])
            .unwrap()
            .next()
            .is_some()
    });
    assert!(peak_of_huge < 200_000, "{peak_of_huge}");
}

/// As much as the documentation has it; no copy where there is one axis.
#[test]
fn elements_take_their_memory_again_to_be_put_into_c_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fortran.npy");
    let len = 1 << 20;
    for (shape, times) in [(&[1 << 10, 1 << 10][..], [2, 3]), (&[1 << 20], [0, 0])] {
        let header = Header::new("|u1".parse().unwrap(), Order::Fortran, shape).unwrap();
        let bytes = [header.to_bytes(), vec![7; len]].concat();
        std::fs::write(&path, &bytes).unwrap();
        let options = ReadOptions::new().flat(true).in_c_order(true);
        let of_file = peak(|| assert_eq!(options.open::<u8>(&path).unwrap().count(), len));
        let of_source =
            peak(|| assert_eq!(options.from_reader::<u8>(&bytes[..]).unwrap().count(), len));
        for (peak, times) in [of_file, of_source].into_iter().zip(times) {
            assert!(peak <= times * len + (1 << 17), "{shape:?}: {peak}");
        }
    }
}

/// By arithmetic, or because the file is shorter; not by trying.
#[test]
fn rows_that_no_memory_holds_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("huge.npy");
    let shapes = [
        "(9223372036854775807,)",
        "(9223372036854775808,)",
        "(18446744073709551615,)",
        "(4294967296, 2147483648)",
        "(2147483648, 4294967295, 3)",
        "(4294967296,)", // of 2^31 bytes each 2^63
        "(4294967295,)",
        "(1099511627776, 0)",
        "(3,)",
        "()",
    ];
    for descr in ["|V2147483648", "|u1"] {
        let text = format!(
            "{{'descr': '{descr}', 'fortran_order': False, 'shape': ({},), }}",
            1_u64 << 63
        );
        fs::write(&path, file(&text)).unwrap();
        assert!(Reader::<u8>::new(&file(&text)[..]).is_err());
        assert!(Reader::<u8>::open(&path).is_err());
        assert!(npyrec::read::<u8>(&path).is_err());
        assert!(NpyFile::open(&path).is_err());
        #[cfg(feature = "mmap")]
        // SAFETY: nobody else knows of the file.
        assert!(unsafe { npyrec::Mapped::<u8>::open(&path) }.is_err());
    }
    let orders = ["False", "True"];
    for (shape, order) in shapes
        .iter()
        .flat_map(|shape| orders.map(|order| (shape, order)))
    {
        for descr in [
            "'|V2147483648'",
            "'|V2147483647'",
            "[('f0', '|u1'), ('f1', '|V2147483646')]",
            "'|u1'",
        ] {
            let text =
                format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}");
            let mut bytes = file(&text);
            bytes.extend([7]);
            fs::write(&path, &bytes).unwrap();
            check_huge::<u8>(&path, &bytes, &text);
            check_huge::<(u8,)>(&path, &bytes, &text);
            check_huge::<Void<16>>(&path, &bytes, &text);
        }
    }
}

#[test]
fn values_take_memory_in_proportion_to_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("values.npy");
    let empty_fields: String = (0..1_000).map(|i| format!("('{i}', '|V0'), ")).collect();
    let deep = (0..40).fold("'|u1'".to_owned(), |inner, _| format!("[('a', {inner})]"));
    let axes = "1, ".repeat(60);
    let arrays = [
        ("[('a', [('b', [], (65536,))], (65536,))]", "(9,)"),
        ("[('a', [('b', '<f8', (0,))])]", "(65535, 65536)"),
        ("[('a', [], (65535,)), ('b', [], (65535,))]", "(2,)"),
        ("[('a', [], (60000,)), ('b', '|u1')]", "(1000,)"),
        ("'|S0'", "(16777216,)"),
        (&format!("[{empty_fields}('a', '|u1')]"), "(1000,)"),
        (&format!("[('a', '|u1', ({axes}))]"), "(1000,)"),
        (&deep, "(1000,)"),
    ];
    for (descr, shape) in arrays {
        let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}");
        let mut bytes = file(&text);
        bytes.extend([7; 1_000]);
        fs::write(&path, &bytes).unwrap();
        // Every level of nesting is a value and a vector for every byte.
        let allowed = (4 << 20) + 100 * bytes.len() + 48 * (1 + descr.matches('[').count()) * 1_000;
        let took = peak(|| NpyFile::open(&path)?.rows().next().transpose());
        assert!(took < allowed, "a row took {took} for {text}");
        let took = peak(|| -> npyrec::Result<_> {
            let file = NpyFile::open(&path)?;
            file.read_range::<Value>(0..file.len())
        });
        assert!(took < allowed, "all rows took {took} for {text}");
    }
}

fn check_huge<R: NpyRecord>(path: &Path, bytes: &[u8], text: &str) {
    let options = || ReadOptions::new().casting(Casting::SameKind);
    for in_c_order in [false, true] {
        let options = || options().in_c_order(in_c_order);
        let took = peak(|| -> npyrec::Result<_> {
            options()
                .from_reader::<R>(bytes)
                .map(|mut rows| rows.next().is_some())
        });
        assert!(took < 100_000, "a reader took {took} for {text}");
        let took = peak(|| -> npyrec::Result<_> {
            options()
                .open::<R>(path)
                .map(|mut rows| rows.nth(usize::MAX).is_some())
        });
        assert!(took < 100_000, "passing over took {took} for {text}");
        let took = peak(|| options().read::<R>(path).is_ok());
        assert!(took < 100_000, "reading all took {took} for {text}");
        #[cfg(feature = "ndarray")]
        let took = peak(|| options().read_array::<R>(path).is_ok());
        #[cfg(feature = "ndarray")]
        assert!(took < 100_000, "reading an array took {took} for {text}");
    }
    // SAFETY: nobody else knows of the file.
    #[cfg(feature = "mmap")]
    let took = peak(|| unsafe { options().map::<R>(path) }.map(|mapped| mapped.get(0).is_some()));
    #[cfg(feature = "mmap")]
    assert!(took < 100_000, "mapping took {took} for {text}");
    // SAFETY: nobody else knows of the file.
    #[cfg(feature = "mmap")]
    let took = peak(|| unsafe { npyrec::MappedMut::<R>::open(path) }.map(|mapped| mapped.len()));
    #[cfg(feature = "mmap")]
    assert!(took < 100_000, "mapping to change took {took} for {text}");
    let took = peak(|| -> npyrec::Result<_> {
        let file = NpyFile::open(path)?;
        let of_all = file.read_range::<Value>(0..file.len()).is_ok();
        let as_records = file.read_range::<R>(0..file.len()).is_ok();
        let one = file.row(file.len().saturating_sub(1)).is_ok();
        Ok((of_all, as_records, one, file.rows().next().is_some()))
    });
    assert!(took < 100_000, "values took {took} for {text}");
    let took = peak(|| -> npyrec::Result<_> {
        let file = NpyFile::open(path)?;
        let every_other = NonZero::new(2).unwrap();
        let as_records = file.read_strided::<R>(0..file.len(), every_other).is_ok();
        #[cfg(feature = "ndarray")]
        let as_array = file.read_array::<R>(0..file.len()).is_ok();
        #[cfg(not(feature = "ndarray"))]
        let as_array = false;
        Ok((
            as_records,
            as_array,
            file.read_strided::<Value>(0..file.len(), every_other)
                .is_ok(),
        ))
    });
    assert!(took < 100_000, "rows with a step took {took} for {text}");
}

#[test]
fn following_allocates_nothing_once_it_has_room() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("followed.npy");
    let mut log = Appender::<[u64; 4]>::create(&path).unwrap();
    let mut follow = Follow::<[u64; 4]>::open(&path).unwrap();
    let mut records = Vec::new();
    let mut round = |rows: u64, follow: &mut Follow<[u64; 4]>| {
        for row in 0..rows {
            log.append(&[row; 4]).unwrap();
        }
        log.commit().unwrap();
        records.clear();
        calls(|| assert_eq!(follow.poll_into(&mut records).unwrap() as u64, rows))
    };
    round(1_000, &mut follow);
    let calls: usize = (0..200).map(|rows| round(rows, &mut follow)).sum();
    // Windows takes a path as UTF-16, to be asked whether the file is still there.
    let per_poll = usize::from(cfg!(windows));
    assert!(calls <= 200 * per_poll, "{calls}");
}

#[cfg(feature = "mmap")]
#[test]
fn a_sparse_file_of_8_gib_of_rows_takes_a_buffer() {
    const ROWS: u64 = 1 << 33;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    npyrec::create_zeroed(&path, &npyrec::Header::for_record::<u8>(ROWS)).unwrap();
    let took = peak(|| {
        let mut rows = Appender::<u8>::open(&path).unwrap();
        rows.append(&200).unwrap();
        rows.commit().unwrap();
        // The address space of a 32-bit machine is too small for a map of it.
        if let Ok(last) = usize::try_from(ROWS) {
            // SAFETY: the file is in a folder of the test's own, and nothing cuts or overwrites its rows.
            let mapped = unsafe { npyrec::Mapped::<u8>::open(&path) }.unwrap();
            assert_eq!(mapped.get(last).unwrap().unwrap(), 200);
        }
        assert_eq!(
            NpyFile::open(&path).unwrap().row(ROWS).unwrap(),
            200_u64.into()
        );
    });
    assert!(took < 200_000, "{took}");
}

#[test]
fn values_of_a_header_that_promises_much_take_little() {
    for order in [Order::C, Order::Fortran] {
        let header = Header::new("|u1".parse().unwrap(), order, &[1 << 20, 1 << 40]).unwrap();
        let bytes = [header.to_bytes(), vec![0; 1000]].concat();
        let peak = peak(|| {
            Reader::<Value>::new(&bytes[..]).map(|mut rows| rows.next().unwrap().unwrap_err())
        });
        assert!(peak < 200_000, "{peak}");
    }
}
