use super::storage_trait::Storage;
use crate::header::{Header, HeaderError};

/// The number of bytes of the first read. Few headers are longer.
const USUAL: usize = 4096;

/// The maximum number of reads of a header that changes each time.
const MOST_TIMES: usize = 100;

/// Reads the header at an offset. Returns the header and its bytes, even if they are not a valid header.
///
/// The bytes are read at once, as several reads could mix the digits of two commits.
pub(crate) fn read_header(
    storage: &dyn Storage,
    offset: u64,
) -> (Result<Header, HeaderError>, Vec<u8>) {
    read_header_with_limit(storage, offset, Header::DEFAULT_MAX_SIZE)
}

/// Does the same as [`read_header`], for a header that is not longer than `limit`.
///
/// A slow read may see a part of a concurrent write by an appender. An invalid text is read again until two
/// reads are equal.
pub(crate) fn read_header_with_limit(
    storage: &dyn Storage,
    offset: u64,
    limit: u32,
) -> (Result<Header, HeaderError>, Vec<u8>) {
    let mut read = read_once(storage, offset, limit);
    for _ in 0..MOST_TIMES {
        if !matches!(&read.0, Err(error) if error.is_of_text()) {
            break;
        }
        let again = read_once(storage, offset, limit);
        let is_same = again.1 == read.1;
        read = again;
        if is_same {
            break;
        }
    }
    read
}

fn read_once(
    storage: &dyn Storage,
    offset: u64,
    limit: u32,
) -> (Result<Header, HeaderError>, Vec<u8>) {
    let mut bytes = vec![0; USUAL];
    loop {
        let len = match storage.read_all_at(&mut bytes, offset) {
            Ok(len) => len,
            Err(error) => return (Err(HeaderError::io(error)), Vec::new()),
        };
        let mut rest = bytes.get(..len).unwrap_or_default();
        let header = Header::read_from_with_max_size(&mut rest, limit);
        let header_len = len - rest.len();
        let missing = header.as_ref().err().and_then(HeaderError::missing);
        match missing.map(usize::try_from) {
            // The header is not longer than the limit, and the buffer was filled.
            Some(Ok(missing)) if missing > bytes.len() && len == bytes.len() => {
                bytes.resize(missing, 0);
            }
            _ => {
                bytes.truncate(header_len);
                return (header, bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;
    use crate::{
        header::Order,
        storage::{Change, Disk},
    };

    #[test]
    fn a_header_that_is_seen_in_halves_is_looked_at_again() {
        let header = |rows| Header::new("<f8".parse().unwrap(), Order::C, &[rows]).unwrap();
        let whole = header(100).to_bytes();
        let mut halves = header(9).to_bytes();
        halves[80..].copy_from_slice(&[b'2'; 48]);
        halves[127] = b'\n';
        let disk = Disk::new(halves.clone());
        let (read, _) = read_header(&disk, 0);
        assert!(read.unwrap_err().is_of_text(), "one that stays so is none");

        // The header is written during the first read.
        let disk = Disk::new(halves);
        let (reads, other) = (AtomicUsize::new(0), Arc::clone(&disk));
        let storage = Watched(
            disk,
            Box::new(move || {
                if reads.fetch_add(1, Ordering::Relaxed) == 2 {
                    let (offset, bytes) = (0, whole.clone());
                    other.change(Change::Write { offset, bytes });
                }
            }),
        );
        let (read, _) = read_header(&storage, 0);
        assert_eq!(read.unwrap(), header(100));
    }

    /// A disk, and a function that is called before each read.
    struct Watched(Arc<Disk>, Box<dyn Fn() + Send + Sync>);

    impl std::fmt::Debug for Watched {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.0.fmt(f)
        }
    }

    impl Storage for Watched {
        fn len(&self) -> std::io::Result<u64> {
            self.0.len()
        }

        fn set_len(&self, len: u64) -> std::io::Result<()> {
            self.0.set_len(len)
        }

        fn read_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
            (self.1)();
            self.0.read_at(buffer, offset)
        }

        fn write_at(&self, bytes: &[u8], offset: u64) -> std::io::Result<usize> {
            self.0.write_at(bytes, offset)
        }

        fn sync_data(&self) -> std::io::Result<()> {
            self.0.sync_data()
        }

        fn sync_all(&self) -> std::io::Result<()> {
            self.0.sync_all()
        }
    }
}
