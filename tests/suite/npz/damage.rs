//! Archives that are truncated, damaged or of another kind.

use super::*;

fn archive(compression: Compression) -> Vec<u8> {
    let mut archive = Writer::new(Cursor::new(Vec::new())).compression(compression);
    archive
        .write("a", &[0x0123_4567_89ab_cdef_u64; 40])
        .unwrap();
    archive.write("b/c", &ticks(3)).unwrap();
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_truncated_archive_is_an_error() {
    for compression in COMPRESSIONS {
        let bytes = archive(compression);
        for len in 0..bytes.len() {
            let error = Reader::new(Cursor::new(&bytes[..len])).unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::Archive | ErrorKind::Io),
                "{error}"
            );
        }
    }
}

#[test]
fn a_flipped_bit_is_an_error_or_changes_nothing() {
    for compression in COMPRESSIONS {
        let bytes = archive(compression);
        let expected = whole(&mut Reader::new(Cursor::new(&bytes)).unwrap());
        let mut errors = 0;
        for at in 0..bytes.len() {
            for bit in [at % 8, 7] {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                let Ok(mut archive) = Reader::new(Cursor::new(&damaged)) else {
                    errors += 1;
                    continue;
                };
                for (name, values) in contents(&mut archive) {
                    match values {
                        // A name may be another one.
                        Ok(values) => assert!(
                            expected.iter().any(|(_, expected)| *expected == values),
                            "{name} is {values} by byte {at}"
                        ),
                        Err(error) => {
                            assert_eq!(error.member(), Some(&*name), "{error}");
                            errors += 1;
                        }
                    }
                }
            }
        }
        assert!(errors > bytes.len(), "only {errors} errors");
    }
}

/// A map has the bytes of the file, and no more.
#[test]
fn a_damaged_archive_is_mapped_within_its_bounds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("damaged.npz");
    let bytes = archive(Compression::Stored);
    let mut mapped = 0;
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        fs::remove_file(&path).unwrap_or_default();
        fs::write(&path, &damaged).unwrap();
        if let Ok(array) = map::<u64>(&path, "a") {
            let sum = array.iter().map(Result::unwrap).fold(0, u64::wrapping_add);
            mapped += usize::from(sum > 0);
        }
    }
    assert!(mapped > bytes.len() / 2, "only {mapped}");
}

/// A member with bytes after its array; they are read for the checksum.
#[test]
fn a_checksum_is_that_of_all_bytes() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for name in ["rest.npy", "none.npy"] {
        zip.start_file(name, options).unwrap();
        let rows = u64::from(name == "rest.npy");
        let header = npyrec::Header::for_record::<u64>(rows).to_bytes();
        zip.write_all(&header).unwrap();
        zip.write_all(&[7; 8][..8 * rows as usize]).unwrap();
        zip.write_all(b"more than the array").unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    let mut archive = Reader::new(Cursor::new(&bytes)).unwrap();
    assert_eq!(
        archive.read::<u64>("rest").unwrap(),
        [0x0707_0707_0707_0707]
    );
    assert_eq!(archive.read::<u64>("none").unwrap(), [0_u64; 0]);
    let mut damaged = bytes.clone();
    for at in 0..bytes.len() - 4 {
        if &bytes[at..at + 4] == b"more" {
            damaged[at..at + 4].copy_from_slice(b"less");
        }
    }
    let mut archive = Reader::new(Cursor::new(&damaged)).unwrap();
    for name in ["rest", "none"] {
        let error = archive.read::<u64>(name).unwrap_err();
        assert!(error.to_string().contains("checksum"), "{error}");
    }
}

#[test]
fn what_cannot_be_read_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("odd.npz");
    let Some(mut numpy) = numpy() else { return };
    let code = "import io, zipfile\n\
                file = io.BytesIO()\n\
                np.save(file, np.arange(10))\n\
                with zipfile.ZipFile(path, 'w', zipfile.ZIP_BZIP2) as archive:\n    \
                    archive.writestr('bzip2.npy', file.getvalue())\n\
                with zipfile.ZipFile(path, 'a') as archive:\n    \
                    archive.writestr('short.npy', file.getvalue()[:-20])\n    \
                    archive.writestr('secret.npy', file.getvalue())\n\
                with open(path, 'rb') as f: data = bytearray(f.read())\n\
                for magic, at in [(b'PK\\x03\\x04', 6), (b'PK\\x01\\x02', 8)]:\n    \
                    data[data.rindex(magic) + at] |= 1\n\
                with open(path, 'wb') as f: f.write(data)\n\
                answer = 0";
    numpy.python(&path, code);
    let mut archive = Reader::open(&path).unwrap();
    let mut texts = Vec::new();
    for name in ["bzip2", "short", "secret", "none"] {
        let error = archive.read::<i64>(name).unwrap_err();
        assert_eq!(error.path(), Some(&*path));
        texts.push(error.to_string().replace(path.to_str().unwrap(), "odd.npz"));
    }
    insta::assert_snapshot!(texts.join("\n"));
}
