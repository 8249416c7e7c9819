#![allow(unsafe_code)] // The caller of `open` vouches for the file.

use std::{fmt, ops::Deref, path::Path};

use super::{mapped::Mapped, options::ReadOptions};
use crate::{
    convert::Plan,
    dtype::Casting,
    error::{Cause, Error, Result},
    header::Header,
    record::{Element, EncodeAs, Layout, Mismatch, elements, fixed_dtype, items},
    storage::{FileStorage, read_header_with_limit, zeroed},
};

/// A file mapped into memory to change its rows in place, as `np.load(path, mmap_mode="r+")` maps it.
///
/// The header and the length of the file never change. Use an [`Appender`](crate::Appender) to add rows, and
/// [`create_zeroed`](crate::create_zeroed()) to create a file that is filled by index. A mapped file is locked as
/// by an appender, if the file system has locks.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("squares.npy");
/// use npyrec::MappedMut;
///
/// npyrec::write(&path, &[0_u64, 1, 0, 9])?;
/// // SAFETY: nobody else reads or writes the file while it is mapped.
/// let mut squares = unsafe { MappedMut::<u64>::open(&path)? };
/// squares.set(2, &4)?;
/// if let Some(squares) = squares.as_mut_slice() {
///     squares[3] += 7;
/// }
/// squares.flush()?;
/// assert_eq!(npyrec::read::<u64>(&path)?, [0, 1, 4, 16]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It dereferences to [`Mapped`], and so has all its methods.
pub struct MappedMut<E: Element> {
    mapped: Mapped<E>,
    /// Locked as long as it is mapped.
    _storage: FileStorage,
    /// Converts a record to an element, if their bytes differ.
    plan: Option<Plan>,
    /// A record, and the element that it becomes.
    record: Vec<u8>,
    element: Vec<u8>,
}

impl<E: Element> MappedMut<E> {
    /// Maps all rows of a file, whose fields must be the fields of `E`, in any order and byte order.
    ///
    /// # Safety
    ///
    /// As long as the file is mapped, no other code may do the following, in this process or another:
    ///
    /// - write the rows that the header counts now
    /// - cut the file shorter
    /// - hold a borrow of a [`Mapped`](crate::Mapped) of the file
    ///
    /// That would be undefined behaviour, or end the program with `SIGBUS`. Rows that are added to the file later
    /// are never mapped. The lock keeps out only programs that ask for it, as appenders do.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened to write it or mapped, an appender or another `MappedMut` has it open
    /// ([`Locked`](crate::ErrorKind::Locked)), it is not an `.npy` file of the dtype of `E`, or it is shorter than
    /// its header says.
    pub unsafe fn open(path: impl AsRef<Path>) -> Result<Self> {
        let () = E::READABLE;
        // SAFETY: the caller vouches for the file.
        unsafe { ReadOptions::new().map_mut(path) }
    }

    /// # Safety
    ///
    /// As for [`open`](Self::open).
    unsafe fn map(path: &Path, options: ReadOptions) -> Result<Self> {
        let storage = FileStorage::open_to_mend(path)?;
        let file = storage.file().try_clone();
        let file = file.map_err(|e| Error::io("map the file", e))?;
        // SAFETY: the caller vouches for the file.
        let mapped = unsafe { Mapped::<E>::map_file(file, path, options, true) };
        let least = |header: &Header| least_casting::<E>(header, options);
        let mapped = mapped.map_err(|e| {
            match read_header_with_limit(&storage, 0, options.max_header_size).0 {
                Ok(header) => e.converted_by("ReadOptions", least(&header)),
                Err(_) => e,
            }
        })?;
        let stored = mapped.rows.element_dtype();
        let plan = match fixed_dtype::<E>()? {
            Some(record) => {
                Plan::writing(&record, &stored, options.casting).map_err(|differences| {
                    let error = Error::from(Mismatch::DType(differences));
                    error.converted_by("ReadOptions", least(&mapped.rows.header))
                })?
            }
            None => None,
        };
        let element = plan.as_ref().map_or(0, |_| stored.itemsize());
        Ok(MappedMut {
            _storage: storage,
            record: zeroed(E::itemsize_of(mapped.rows.decoder.codec()))?,
            element: zeroed(element)?,
            mapped,
            plan,
        })
    }

    /// Replaces a row.
    ///
    /// # Errors
    ///
    /// If the row is out of range, or a value does not fit the dtype of its field. The old row then stays.
    pub fn set<B: EncodeAs<E> + ?Sized>(&mut self, row: usize, record: &B) -> Result<()> {
        if row >= self.len() {
            let (row, rows) = (row as u64, self.len() as u64);
            return Err(self
                .mapped
                .context
                .add_to(Error::new(Cause::NoRow { row, rows })));
        }
        let encoded = record
            .encode_as(self.mapped.rows.decoder.codec(), &mut self.record)
            .and_then(|()| match &self.plan {
                None => Ok(&self.record),
                Some(plan) => {
                    plan.convert(&self.record, &mut self.element)?;
                    Ok(&self.element)
                }
            });
        match encoded {
            Ok(element) => {
                let start = row * element.len();
                let place = self.mapped.map.bytes_mut();
                if let Some(place) = place.get_mut(start..start + element.len()) {
                    place.copy_from_slice(element);
                }
                Ok(())
            }
            Err(error) => Err(self.mapped.failed(error.into(), row)),
        }
    }

    /// Returns the rows in place, to change them, under the conditions of [`Mapped::as_slice`]. Otherwise
    /// [`layout_mismatch`](Mapped::layout_mismatch) returns the reason; use [`set`](Self::set) then.
    pub fn as_mut_slice(&mut self) -> Option<&mut [E]> {
        match self.mapped.rows.decoder.needs_no_conversion() {
            true => Layout::cast_mut(self.mapped.map.bytes_mut()),
            false => None,
        }
    }

    /// Waits until all changes are on the device. Without this call, the system writes them later: they survive
    /// the program, but not a power cut.
    ///
    /// # Errors
    ///
    /// If the changes cannot be written.
    pub fn flush(&self) -> Result<()> {
        let flushed = self.mapped.map.flush();
        flushed.map_err(|e| self.mapped.context.add_to(Error::io("sync the file", e)))
    }
}

/// Returns the least casting with which elements of a file can be read and changed.
fn least_casting<E: Element>(header: &Header, options: ReadOptions) -> Option<Casting> {
    let record = fixed_dtype::<E>().ok()??;
    let shape = match options.flat {
        true => elements(header, &record, false),
        false => items(header),
    };
    let stored = header.element_dtype(&shape.ok()?);
    Plan::least_changing(&stored, &record, options.casting, E::attributes_of)
}

impl<E: Element> Deref for MappedMut<E> {
    type Target = Mapped<E>;

    #[inline]
    fn deref(&self) -> &Mapped<E> {
        &self.mapped
    }
}

impl ReadOptions {
    /// Maps a file into memory to change it, as [`MappedMut::open`](crate::MappedMut::open).
    ///
    /// # Safety
    ///
    /// As for [`MappedMut::open`](crate::MappedMut::open).
    ///
    /// # Errors
    ///
    /// As [`MappedMut::open`](crate::MappedMut::open).
    pub unsafe fn map_mut<E: Element>(&self, path: impl AsRef<Path>) -> Result<MappedMut<E>> {
        let () = E::READABLE;
        let path = path.as_ref();
        // SAFETY: the caller vouches for the file.
        let mapped = unsafe { MappedMut::map(path, *self) };
        mapped.map_err(|e| e.at_path(path))
    }
}

impl<E: Element> fmt::Debug for MappedMut<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MappedMut").field(&self.mapped).finish()
    }
}
