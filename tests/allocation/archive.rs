//! Archives: reading, writing, and those that expand to much.

use npyrec::{Header, Order, Value};

use crate::{file, peak};

/// An archive of one member, of these bytes.
fn zipped(bytes: &[u8], method: zip::CompressionMethod) -> Vec<u8> {
    use std::io::{Cursor, Write};

    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    zip.start_file("a.npy", options).unwrap();
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_member_takes_memory_for_what_it_gives() {
    use std::io::Cursor;

    use npyrec::npz::Reader;

    const LEN: usize = 1 << 22;
    for method in [
        zip::CompressionMethod::Stored,
        zip::CompressionMethod::Deflated,
    ] {
        for rows in [LEN as u64 / 8, 1 << 40] {
            let mut bytes = Header::for_record::<u64>(rows).to_bytes();
            bytes.resize(bytes.len() + LEN, 0);
            let archive = zipped(&bytes, method);
            let open = || Reader::new(Cursor::new(&archive)).unwrap();
            let took = peak(|| {
                open()
                    .by_name("a")
                    .and_then(|array| array.rows::<u64>())
                    .unwrap()
                    .flatten()
                    .count()
            });
            assert!(took < 300_000, "{method}: records took {took}");
            let took = peak(|| {
                open()
                    .by_name("a")
                    .and_then(|array| array.rows::<Value>())
                    .unwrap()
                    .flatten()
                    .count()
            });
            assert!(took < 300_000, "{method}: values took {took}");
            let took = peak(|| open().read::<u64>("a").is_ok());
            assert!(took < 3 * LEN + 300_000, "{method}: all took {took}");
        }
        let huge = [
            Header::for_record::<[u64; 1 << 13]>(1 << 40).to_bytes(),
            Header::new("|V2147483647".parse().unwrap(), Order::Fortran, &[3, 3])
                .unwrap()
                .to_bytes(),
            file("{'descr': '|u1', 'fortran_order': True, 'shape': (4294967296, 1024), }"),
            b"\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr'".to_vec(),
        ];
        for bytes in huge {
            let archive = zipped(&bytes, method);
            let took = peak(|| {
                let mut archive = Reader::new(Cursor::new(&archive)).unwrap();
                let options = npyrec::ReadOptions::new().flat(true).in_c_order(true);
                let read = archive
                    .by_name("a")
                    .and_then(|array| array.with(options).rows::<u8>())
                    .is_ok();
                let header = archive.by_name("a").is_ok();
                let rows = archive
                    .by_name("a")
                    .and_then(|array| array.rows::<[u64; 1 << 13]>())
                    .map(|mut rows| rows.next().is_some());
                let values = archive
                    .by_name("a")
                    .and_then(|array| array.rows::<Value>())
                    .map(|mut rows| rows.next().is_some());
                (read, header, rows.is_ok(), values.is_ok())
            });
            assert!(took < 300_000, "{method}: {took} for {bytes:?}");
        }
    }
}

/// An archive of one member that expands to a bit less than `len` zeros, and to at least 512 KiB, from about a
/// thousandth of them. The number of rows is true, the checksum is not. The archive says that the member
/// has `told` bytes, or the truth.
fn zeros_in_an_archive(len: usize, told: Option<u32>) -> Vec<u8> {
    const SHORT: usize = 512 << 10;
    // A byte in the middle is four times two bits, each of which stands for 258 zeros.
    const ZEROS: usize = 4 * 258;
    let more = len.saturating_sub(SHORT) / ZEROS;
    let rows = SHORT + more * ZEROS;
    let mut bytes = Header::for_record::<u8>(rows as u64).to_bytes();
    let size = (bytes.len() + rows) as u32;
    bytes.resize(bytes.len() + SHORT, 0);
    let mut archive = zipped(&bytes, zip::CompressionMethod::Deflated);

    let find = |archive: &[u8], signature: &[u8]| {
        let found = archive.windows(4).rposition(|bytes| bytes == signature);
        found.unwrap()
    };
    let equal = |run: &[u8]| run.iter().all(|byte| *byte == run[0]);
    let run = archive.windows(100).position(equal).unwrap();
    let (at, byte) = (run + 50, archive[run]);
    archive.splice(at..at, std::iter::repeat_n(byte, more));
    let (entry, end) = (find(&archive, b"PK\x01\x02"), find(&archive, b"PK\x05\x06"));
    let mut change = |at: usize, change: &dyn Fn(u32) -> u32| {
        let place = archive[at..].first_chunk_mut::<4>().unwrap();
        *place = change(u32::from_le_bytes(*place)).to_le_bytes();
    };
    // The compressed size and the size: in the member's header, and in its entry in the directory.
    for at in [18, entry + 20] {
        change(at, &|compressed| compressed + more as u32);
        change(at + 4, &|_| told.unwrap_or(size));
    }
    // Where the directory starts.
    change(end + 16, &|start| start + more as u32);
    archive
}

/// No way to read the member `a` takes the memory that it expands to.
fn is_refused_at_every_door(archive: &[u8], limit: Option<u64>, expected: &str) {
    use std::io::Cursor;

    use npyrec::npz::Reader;

    let open = || {
        let archive = Reader::new(Cursor::new(archive)).unwrap();
        match limit {
            Some(limit) => archive.max_expanded_size(limit),
            None => archive,
        }
    };
    let check = |door: &str, error: npyrec::Error| {
        assert!(error.to_string().contains(expected), "{door}: {error}");
    };
    let by_name = peak(
        || match open().by_name("a").and_then(|array| array.rows::<u8>()) {
            Ok(mut rows) => check("by_name", rows.find_map(Result::err).unwrap()),
            Err(error) => check("by_name", error),
        },
    );
    let values = peak(
        || match open().by_name("a").and_then(|array| array.rows::<Value>()) {
            Ok(mut rows) => check("values", rows.find_map(Result::err).unwrap()),
            Err(error) => check("values", error),
        },
    );
    let read = peak(|| check("read", open().read::<u8>("a").unwrap_err()));
    let took = [by_name, values, read];
    assert!(took.iter().all(|&took| took < 4 << 20), "{took:?}");
}

#[test]
fn an_archive_that_expands_a_thousandfold_is_refused_without_the_memory() {
    use std::io::Cursor;

    use npyrec::npz::Reader;

    const GIB: usize = 1 << 30;
    const MIB: usize = 1 << 20;
    let archive = zeros_in_an_archive(GIB, None);
    assert!(archive.len() < 1_100_000, "{}", archive.len());
    let by_default = "expands to more than 268435456 bytes";
    is_refused_at_every_door(&archive, None, by_default);
    let by_limit = "expands to more than 1048576 bytes";
    is_refused_at_every_door(&archive, Some(MIB as u64), by_limit);
    // A size may be told that is not true: too small, or too large.
    let archive = zeros_in_an_archive(GIB, Some(1000));
    is_refused_at_every_door(&archive, None, "larger than its declared");
    is_refused_at_every_door(&archive, Some(u64::MAX), "larger than its declared");
    let archive = zeros_in_an_archive(0, Some(GIB as u32));
    is_refused_at_every_door(&archive, None, by_default);

    // The member expands to the right size; only the checksum is wrong.
    let archive = zeros_in_an_archive(4 * MIB, None);
    let open = |limit| {
        let archive = Reader::new(Cursor::new(&archive)).unwrap();
        archive.max_expanded_size(limit)
    };
    let error = open(u64::MAX).read::<u8>("a").unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");

    // What is within the limit is read, to the byte.
    let bytes = [Header::for_record::<u8>(1 << 20).to_bytes(), vec![0; MIB]].concat();
    let archive = zipped(&bytes, zip::CompressionMethod::Deflated);
    let size = bytes.len() as u64;
    let limit = format!("expands to more than {} bytes", size - 1);
    is_refused_at_every_door(&archive, Some(size - 1), &limit);
    for limit in [size, u64::MAX] {
        let archive = Reader::new(Cursor::new(&archive)).unwrap();
        let mut archive = archive.max_expanded_size(limit);
        assert!(archive.read::<u8>("a").unwrap() == vec![0; MIB]);
    }
}

/// Writing and logging take a buffer.
#[test]
fn logging_into_an_archive_takes_a_buffer() {
    use npyrec::npz::{Compression, Writer};

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npz");
    for compression in [Compression::Stored, Compression::Deflated] {
        let took = peak(|| {
            let mut archive = Writer::create(&path).unwrap().compression(compression);
            let mut log = archive.records::<(u8, u64)>("log").unwrap();
            log.extend((0..1_000_000).map(|n| (7, n))).unwrap();
            log.finish().unwrap();
            archive.finish().unwrap();
        });
        assert!(took < 1 << 20, "{took}");
    }
}

/// A directory that promises many members.
#[test]
fn a_directory_takes_memory_in_proportion_to_the_archive() {
    use std::io::Cursor;

    use npyrec::npz::Reader;

    const LEN: usize = 4 << 20;
    let mut bytes = vec![0; LEN];
    let (directory, end) = (bytes.len() as u64 / 2, bytes.len() as u64);
    // The number of members that would have room.
    let members = (end - directory) / 46;
    bytes.extend(b"PK\x06\x06");
    bytes.extend(44_u64.to_le_bytes());
    bytes.extend([45, 0, 45, 0]);
    bytes.extend([0; 8]);
    for number in [members, members, u64::from(u32::MAX) * 46, directory] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(b"PK\x06\x07");
    bytes.extend(0_u32.to_le_bytes());
    bytes.extend(end.to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 4]);
    bytes.extend([0xff; 12]);
    bytes.extend([0; 2]);
    let took = peak(|| Reader::new(Cursor::new(&bytes)).unwrap_err());
    assert!(took < 20 * LEN, "{took}");
}
