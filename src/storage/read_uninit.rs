//! Reading to memory that is not initialized.

use std::{fs::File, io, mem::MaybeUninit};

/// Reads to memory that need not be initialized. Returns the bytes that were read.
pub(crate) type ReadUninit<S> =
    for<'a> fn(&mut S, &'a mut [MaybeUninit<u8>]) -> io::Result<&'a mut [u8]>;

/// The function that does so for a file, where the system has one.
#[cfg(target_os = "linux")]
pub(crate) const READ_UNINIT: Option<ReadUninit<File>> = Some(read);

#[cfg(not(target_os = "linux"))]
pub(crate) const READ_UNINIT: Option<ReadUninit<File>> = None;

#[cfg(target_os = "linux")]
fn read<'a>(file: &mut File, memory: &'a mut [MaybeUninit<u8>]) -> io::Result<&'a mut [u8]> {
    let (read, _) = rustix::io::read(file, memory)?;
    Ok(read)
}
