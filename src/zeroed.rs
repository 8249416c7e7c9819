use std::{fs::File, path::Path};

use crate::{
    error::{Error, Result},
    header::Header,
    record::Mismatch,
    storage::{Content, Options, Storage, write_whole},
};

/// Creates a file with an array of zeros, or replaces an old file, byte for byte as
/// `np.save(path, np.zeros(shape, dtype, order))` would.
///
/// Only the header is written: on a file system with sparse files, the zeros take no room. The array can thus
/// be larger than memory. [`MappedMut`](crate::MappedMut) fills it later. An array that is in both orders, such
/// as an array of one axis, is saved in C order, as in NumPy. The file gets its name when it is complete.
///
/// # Errors
///
/// - the file cannot be created, or the array is larger than the file system allows
/// - an [`Appender`](crate::Appender) has the file open ([`ErrorKind::Locked`](crate::ErrorKind::Locked))
/// - the dtype holds Python objects, or is an array itself
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("frames.npy");
/// use npyrec::{Header, MappedMut, NpyFile, Order};
///
/// let header = Header::new("<f4".parse()?, Order::C, &[1_000, 64, 128])?;
/// npyrec::create_zeroed(&path, &header)?;
/// // SAFETY: nobody else reads or writes the file while it is mapped.
/// let mut frames = unsafe { MappedMut::<[[f32; 128]; 64]>::open(&path)? };
/// frames.set(7, &[[1.5; 128]; 64])?;
/// assert_eq!(NpyFile::open(&path)?.read_range::<[[f32; 128]; 64]>(7..8)?[0][63][127], 1.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn create_zeroed(path: impl AsRef<Path>, header: &Header) -> Result<()> {
    let path = path.as_ref();
    create(path, header).map_err(|e| e.at_path(path))
}

fn create(path: &Path, header: &Header) -> Result<()> {
    if header.dtype().has_objects() {
        return Err(Mismatch::objects(header.dtype()).into());
    }
    header.check_for_numpy()?;
    let header = header.as_saved();
    let (start, data) = (header.to_bytes(), header.data_len().unwrap_or(u64::MAX));
    let len = data.saturating_add(start.len() as u64);
    let extend = |file: &File| {
        let extended = Storage::set_len(file, len);
        extended.map_err(|e| Error::io("extend the file", e))
    };
    write_whole(path, Options::USUAL, &Content::new(&start, &extend)).map(drop)
}
