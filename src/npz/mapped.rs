#![allow(unsafe_code)] // The caller of `map` vouches for the file.

use std::{fs::File, io, ops::Range};

use super::reader::Reader;
use crate::{
    error::{Error, ErrorKind, Result},
    header::Header,
    read::{Mapped, ReadOptions},
    record::NpyRecord,
};

impl Reader {
    /// Maps an array into memory that is stored as it is, in an archive that was opened by its path.
    ///
    /// Its checksum is not looked at. [`Mapped::as_slice`] needs it to lie at a multiple of the alignment
    /// of `R`, as all arrays of a [`Writer`](super::Writer) do, and those of NumPy by chance;
    /// [`Mapped::layout_mismatch`] tells.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("squares.npz");
    /// use npyrec::npz::{Reader, Writer};
    ///
    /// let mut archive = Writer::create(&path)?;
    /// archive.write("squares", &[0_u64, 1, 4, 9])?;
    /// archive.finish()?;
    ///
    /// // SAFETY: nothing cuts or overwrites the archive while it is mapped.
    /// let squares = unsafe { Reader::open(&path)?.map::<u64>("squares")? };
    /// assert_eq!(squares.as_slice(), Some(&[0, 1, 4, 9][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Safety
    ///
    /// As for [`Mapped::open`], for the rows of this member. A [`Writer`](super::Writer) that adds to the archive, or makes a new one
    /// in its place, leaves the file alone that is mapped.
    ///
    /// # Errors
    ///
    /// If there is no member of that name, it is compressed ([`ErrorKind::NotStored`]), it cannot be
    /// mapped, it is no `.npy` file whose dtype can be read as that of `R`, or it is shorter than its
    /// header says.
    pub unsafe fn map<R: NpyRecord>(&mut self, name: &str) -> Result<Mapped<R>> {
        // SAFETY: the caller vouches for the file.
        unsafe { self.map_with(name, &ReadOptions::new()) }
    }

    /// Maps an array into memory, with options.
    ///
    /// # Safety
    ///
    /// As for [`map`](Self::map).
    ///
    /// # Errors
    ///
    /// As [`map`](Self::map).
    pub unsafe fn map_with<R: NpyRecord>(
        &mut self,
        name: &str,
        options: &ReadOptions<R>,
    ) -> Result<Mapped<R>> {
        let place = self.place(name);
        let stored = self.stored(name, options.header_limit());
        let mapped = stored.and_then(|stored| {
            let Stored { file, header, data } = stored;
            // SAFETY: the caller vouches for the file.
            unsafe { options.map_array(file, place.clone(), header, data) }
        });
        mapped.map_err(|e| place.of(e))
    }

    /// Where an array is in the file.
    fn stored(&mut self, name: &str, header_limit: u32) -> Result<Stored> {
        let file = match &self.file {
            Some(file) => file.try_clone(),
            None => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "the archive was not opened by its path",
            )),
        };
        let file = file.map_err(|e| Error::io("map the file", e))?;
        let mut member = self.member(name)?;
        let (start, len) = member
            .stored()
            .ok_or_else(|| Error::new(ErrorKind::NotStored))?;
        let header = Header::read_from_with_limit(&mut member, header_limit)?;
        Ok(Stored {
            file,
            header,
            data: start.saturating_add(member.position())..start.saturating_add(len),
        })
    }
}

/// An array that is a part of a file.
struct Stored {
    file: File,
    header: Header,
    /// The bytes behind the header.
    data: Range<u64>,
}
