//! Archives that arrays are added to.

use super::*;

#[test]
fn an_archive_of_anybody_is_added_to() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("added.npz");
    let Some(mut numpy) = numpy() else { return };
    let write = "import io, zipfile\n\
                 a = np.arange(1000)\n\
                 class Pipe(io.RawIOBase):\n    \
                     def __init__(self, file): self.file = file\n    \
                     def writable(self): return True\n    \
                     def write(self, b): return self.file.write(b)\n";
    for save in [
        "np.savez(path, a=a, b=a[::-1])",
        "np.savez_compressed(path, a=a, b=a[::-1])",
        // With sizes after the data, a comment, and other bytes before the archive.
        "with open(path, 'wb') as file: np.savez(Pipe(file), a=a, b=a[::-1])",
        "np.savez(path, a=a, b=a[::-1])\nwith zipfile.ZipFile(path, 'a') as z: z.comment = b'a comment'",
        "np.savez(path, a=a, b=a[::-1])\nold = open(path, 'rb').read()\nopen(path, 'wb').write(b'#!/bin/sh\\n' + old)",
    ] {
        numpy.python(&path, &format!("{write}{save}\nanswer = 0"));
        let before = whole(&mut Reader::open(&path).unwrap());
        assert_eq!(before.len(), 2);
        let mut archive = Writer::open(&path)
            .unwrap()
            .compression(Compression::Deflated);
        archive.write("c", &ticks(100)).unwrap();
        let error = archive.write("a", &[1_u8]).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("already has a member of this name"),
            "{error}"
        );
        let mut log = archive.records::<u16>("d").unwrap();
        log.extend(0..1000_u16).unwrap();
        log.finish().unwrap();
        archive.finish().unwrap();
        let mut archive = Reader::open(&path).unwrap();
        assert_eq!(archive.names(), ["a", "b", "c", "d"]);
        assert_eq!(whole(&mut archive)[..2], before);
        assert_eq!(archive.read::<Tick>("c").unwrap(), ticks(100));
        // NumPy takes an archive that starts with something else for a pickle.
        let strip = "import zipfile\n\
                     data = open(path, 'rb').read()\n\
                     archive = zipfile.ZipFile(path)\n\
                     assert archive.testzip() is None\n\
                     if not data.startswith(b'PK'):\n    \
                         zipped = [(info, archive.read(info)) for info in archive.infolist()]\n    \
                         with zipfile.ZipFile(path, 'w') as new:\n        \
                             for info, member in zipped: new.writestr(info, member)\n\
                     answer = 0";
        numpy.python(&path, strip);
        let checked = checked_by_numpy(&mut numpy, &path);
        assert_eq!(checked.as_object().unwrap().len(), 4, "{save}");
    }
}

#[test]
fn adding_nothing_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("same.npz");
    let mut archive = Writer::create(&path).unwrap();
    write_all(&mut archive);
    archive.finish().unwrap();
    let before = fs::read(&path).unwrap();
    Writer::open(&path).unwrap().finish().unwrap();
    assert_eq!(fs::read(&path).unwrap(), before);
    let error = Writer::open(dir.path().join("none.npz")).unwrap_err();
    assert_eq!(error.io_error().unwrap().kind(), io::ErrorKind::NotFound);
    fs::write(&path, "no archive").unwrap();
    let error = Writer::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Archive, "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"no archive");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn one_writer_adds_to_an_archive_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("locked.npz");
    Writer::create(&path).unwrap().finish().unwrap();
    let first = Writer::open(&path).unwrap();
    let error = Writer::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
    assert!(Reader::open(&path).unwrap().names().is_empty());
    first.finish().unwrap();
    Writer::open(&path).unwrap();
    Writer::open(&path).unwrap();
}
