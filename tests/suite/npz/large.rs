//! Members and archives of more than 4 GiB.

use super::*;

/// A file in which zeros are holes.
struct Sparse(fs::File);

impl Write for Sparse {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        static ZEROS: [u8; 1 << 16] = [0; 1 << 16];
        let is_hole = bytes
            .chunks(ZEROS.len())
            .all(|part| part == &ZEROS[..part.len()]);
        match is_hole {
            true => self
                .0
                .seek_relative(bytes.len() as i64)
                .map(|()| bytes.len()),
            false => self.0.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_member_may_be_over_4_gib() {
    if !crate::process::is_full() {
        return;
    }
    const ROWS: u64 = (1 << 32) / 8 + 1_000;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.npz");
    let mut archive = Writer::new(Sparse(fs::File::create(&path).unwrap()));
    let zeros = vec![0_u64; 1 << 20];
    let mut log = archive
        .records_with::<u64>("zeros", &Header::for_record::<u64>(ROWS))
        .unwrap();
    while log.rows() < ROWS - 1 {
        let rows = (ROWS - 1 - log.rows()).min(1 << 20) as usize;
        log.append_slice(&zeros[..rows]).unwrap();
    }
    log.append(&7).unwrap();
    log.finish().unwrap();
    archive.write("behind", &[1_u16, 2]).unwrap();
    archive.finish().unwrap();
    let mut archive = Reader::open(&path).unwrap();
    assert_eq!(archive.read::<u16>("behind").unwrap(), [1, 2]);
    let mut reader = archive
        .by_name("zeros")
        .and_then(|array| array.rows::<u64>())
        .unwrap();
    let (mut block, mut rows) = (vec![1_u64; 1 << 20], 0);
    while reader.remaining() > 0 {
        let read = reader.read_into(&mut block).unwrap();
        let last = u64::from(rows + read as u64 == ROWS) * 7;
        assert_eq!(block[read - 1], last);
        assert!(block[..read - 1] == zeros[..read - 1]);
        rows += read as u64;
    }
    assert_eq!(rows, ROWS);
    let mapped = map::<u64>(&path, "zeros").unwrap();
    assert_eq!(mapped.as_slice().is_some(), HAS_SLICES);
    assert_eq!(mapped.iter().next_back().unwrap().unwrap(), 7);
    let Some(mut numpy) = numpy() else { return };
    let code = "import zipfile\n\
                archive = zipfile.ZipFile(path)\n\
                info, behind = archive.infolist()\n\
                with archive.open(info) as member:\n    \
                    version = np.lib.format.read_magic(member)\n    \
                    shape, _, dtype = np.lib.format.read_array_header_1_0(member)\n\
                answer = [info.file_size, info.compress_size, list(shape), dtype.str, np.load(path)['behind'].tolist(),\n\
                          archive.testzip()]";
    let len = 8 * ROWS + 128;
    assert_eq!(
        numpy.python(&path, code),
        json!([len, len, [ROWS], "<u8", [1, 2], null])
    );
}

#[test]
fn an_archive_may_be_over_4_gib() {
    if !crate::process::is_full() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sparse.npz");
    let mut file = fs::File::create(&path).unwrap();
    file.seek(SeekFrom::Start(5 << 30)).unwrap();
    let mut archive = Writer::new(file);
    archive.write("far", &[1_u64, 2, 3]).unwrap();
    archive.write("farther", &[4_u64]).unwrap();
    archive.finish().unwrap();
    let mut archive = Reader::open(&path).unwrap();
    assert_eq!(archive.read::<u64>("far").unwrap(), [1, 2, 3]);
    let mapped = map::<u64>(&path, "farther").unwrap();
    assert_eq!(rows(&mapped), [4]);
    let Some(mut numpy) = numpy() else { return };
    let code = "import zipfile, io\n\
                archive = zipfile.ZipFile(path)\n\
                answer = [np.load(io.BytesIO(archive.read(name))).tolist() for name in archive.namelist()]";
    assert_eq!(numpy.python(&path, code), json!([[1, 2, 3], [4]]));
}
