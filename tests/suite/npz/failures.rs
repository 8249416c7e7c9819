//! Devices that fill up or fail while an archive is written.

use super::*;

/// A file on a device that gets full.
struct Full {
    file: Cursor<Vec<u8>>,
    room: usize,
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.room.saturating_sub(self.file.position() as usize);
        match bytes.len().min(room) {
            0 if !bytes.is_empty() => Err(io::ErrorKind::StorageFull.into()),
            len => self.file.write(&bytes[..len]),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Full {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// A full disk is an error at every byte, and a finished archive is complete.
#[test]
fn a_full_device_is_told_and_loses_no_other_member() {
    for compression in [Compression::Stored, Compression::Deflated] {
        for room in (0..3_000).step_by(17) {
            let file = Cursor::new(Vec::new());
            let mut archive = Writer::new(Full { file, room }).compression(compression);
            let mut written = Vec::new();
            let numbers: Vec<u64> = (0..100).map(|n| n * n * 0x1234_5678_9abc).collect();
            for name in ["a", "b"] {
                if archive.write(name, &numbers).is_ok() {
                    written.push(name);
                }
                if let Ok(mut log) = archive.records::<u64>(&format!("{name} log"))
                    && log.append_slice(&numbers).is_ok()
                    && log.finish().is_ok()
                {
                    written.push(if name == "a" { "a log" } else { "b log" });
                }
            }
            let Ok(full) = archive.finish() else { continue };
            let mut archive = Reader::new(full.file).unwrap();
            assert_eq!(archive.names(), written);
            for name in written {
                assert_eq!(archive.read::<u64>(name).unwrap(), numbers);
            }
        }
    }
}

/// A file of which one call fails.
struct Flaky {
    file: Cursor<Vec<u8>>,
    left: usize,
}

impl Flaky {
    fn call(&mut self) -> io::Result<&mut Cursor<Vec<u8>>> {
        self.left = self.left.wrapping_sub(1);
        match self.left {
            0 => Err(io::ErrorKind::TimedOut.into()),
            _ => Ok(&mut self.file),
        }
    }
}

impl Write for Flaky {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.call()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Flaky {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.call()?.seek(to)
    }
}

/// After any failed call, a finished archive has exactly the members whose write succeeded.
#[test]
fn a_call_that_fails_is_told_and_harms_no_other_member() {
    let numbers: Vec<u64> = (0..1000)
        .map(|n: u64| n.wrapping_mul(n * 0x1234_5678_9abc))
        .collect();
    for compression in [Compression::Stored, Compression::Deflated] {
        let (mut finished, mut failed) = (0, 0);
        for left in 1.. {
            let file = Cursor::new(Vec::new());
            let mut archive = Writer::new(Flaky { file, left }).compression(compression);
            let mut written = Vec::new();
            for name in ["a", "b", "c"] {
                if archive.write(name, &numbers).is_ok() {
                    written.push(name);
                }
                // One that is taken back.
                if let Ok(mut log) =
                    archive.records_with::<u64>("log", &Header::for_record::<u64>(2000))
                {
                    let _ = log.append_slice(&numbers);
                    let _ = log.finish();
                }
            }
            let Ok(flaky) = archive.finish() else {
                failed += 1;
                continue;
            };
            finished += 1;
            let mut archive = Reader::new(flaky.file).unwrap();
            assert_eq!(archive.names(), written, "call {left}");
            for name in written {
                assert_eq!(archive.read::<u64>(name).unwrap(), numbers, "call {left}");
            }
            if flaky.left > 1 << 20 {
                continue;
            }
            break;
        }
        assert!(finished > 5 && failed > 5, "{finished} and {failed}");
    }
}
