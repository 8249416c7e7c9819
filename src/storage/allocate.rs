//! Memory whose size depends on a file. If the allocator refuses it, this is an error, not an abort.

use std::io;

use crate::{
    error::{Error, Result},
    record::InPlace,
};

/// Allocates memory for more items.
pub(crate) fn reserve<T>(items: &mut Vec<T>, additional: usize) -> Result<()> {
    let reserved = items.try_reserve(additional);
    reserved.map_err(|_| refused::<T>(additional))
}

/// Allocates memory for exactly this number of additional items.
pub(crate) fn reserve_exact<T>(items: &mut Vec<T>, additional: usize) -> Result<()> {
    let reserved = items.try_reserve_exact(additional);
    reserved.map_err(|_| refused::<T>(additional))
}

/// Changes the length of a buffer. New bytes are zero.
pub(crate) fn resize(bytes: &mut Vec<u8>, len: usize) -> Result<()> {
    reserve(bytes, len.saturating_sub(bytes.len()))?;
    bytes.resize(len, 0);
    Ok(())
}

/// Returns zero bytes. The system provides large memory without touching it.
pub(crate) fn zeroed(len: usize) -> Result<Vec<u8>> {
    let bytes = match len {
        0 => Some(Vec::new()),
        len => InPlace::<u8>::new(&(), len).map(InPlace::into_whole),
    };
    bytes.ok_or_else(|| refused::<u8>(len))
}

#[cold]
fn refused<T>(items: usize) -> Error {
    let bytes = (size_of::<T>() as u128).saturating_mul(items as u128);
    Error::io("allocate memory", allocation_refused(bytes))
}

/// Returns the error of a failed allocation.
#[cold]
pub(crate) fn allocation_refused(bytes: u128) -> io::Error {
    io::Error::new(
        io::ErrorKind::OutOfMemory,
        format!(
            "the system refused an allocation of {bytes} bytes; read row by row with a `Reader` or \
             `NpyFile::rows`, or some of the rows with `NpyFile::read_range`"
        ),
    )
}
