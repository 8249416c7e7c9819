use std::{fs::File, path::Path};

use crate::{
    dtype::DType,
    error::{Error, Result},
    header::{Header, Order, Shape},
    record::Misfit,
    storage::{Content, Options, Storage, write_whole},
};

/// Creates a file of an array of zeros, or puts it in the place of an old one, byte for byte as
/// `np.save(path, np.zeros(shape, dtype))` would, whatever its size: what is not yet written takes no room
/// where the file system has sparse files. [`MappedMut`](crate::MappedMut) fills it later.
///
/// The file gets its name when it is whole.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("frames.npy");
/// npyrec::create_zeroed(&path, &"<f4".parse()?, &[1_000, 64, 128])?;
/// // SAFETY: nobody else reads or writes the file while it is mapped.
/// let mut frames = unsafe { npyrec::MappedMut::<[[f32; 128]; 64]>::open(&path)? };
/// frames.set(7, &[[1.5; 128]; 64])?;
/// assert_eq!(npyrec::NpyFile::open(&path)?.read_range_as::<[[f32; 128]; 64]>(7..8)?[0][63][127], 1.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the file cannot be created, an [`Appender`](crate::Appender) has it open
/// ([`ErrorKind::Locked`](crate::ErrorKind::Locked)), the dtype holds objects, or the array would be larger
/// than 2^63 - 1 bytes, or than the file system allows.
pub fn create_zeroed(path: impl AsRef<Path>, dtype: &DType, shape: &[u64]) -> Result<()> {
    create_zeroed_in(path, dtype, shape, Order::C)
}

/// [`create_zeroed`] of an array in an order, as of `np.zeros(shape, dtype, order="F")`. An array that is the
/// same in both, as one of a single axis is, is one in C order, as in NumPy.
///
/// # Errors
///
/// As [`create_zeroed`].
pub fn create_zeroed_in(
    path: impl AsRef<Path>,
    dtype: &DType,
    shape: &[u64],
    order: Order,
) -> Result<()> {
    let path = path.as_ref();
    create(path, dtype, order, shape).map_err(|e| e.at_path(path))
}

fn create(path: &Path, dtype: &DType, order: Order, shape: &[u64]) -> Result<()> {
    if dtype.has_objects() {
        return Err(Misfit::objects(dtype).into());
    }
    dtype.check()?;
    // The axes of a subarray are axes of the array.
    let (base, inner) = dtype.base_and_shape();
    let inner: Vec<u64> = inner.iter().map(|&dim| dim as u64).collect();
    let shape = [shape, &inner].concat();
    let header = Header::new(
        base.clone(),
        Shape::new(shape.clone(), order).saved_order(),
        &shape,
    )?;
    let (start, data) = (header.to_bytes(), header.data_len().unwrap_or(u64::MAX));
    let len = data.saturating_add(start.len() as u64);
    let extend = |file: &File| {
        let extended = Storage::set_len(file, len);
        extended.map_err(|e| Error::io("extend the file", e))
    };
    write_whole(path, Options::USUAL, &Content::new(&start, &extend)).map(drop)
}
