//! Archives of arrays, as `np.savez` and `np.savez_compressed` write them and `np.load` reads them.
//!
//! An `.npz` file is a zip archive whose members are `.npy` files. A [`Writer`] creates an archive or adds to
//! one, and [logs records into it](Writer::records) without knowing their number. A [`Reader`] reads a member
//! at once or record by record, or [maps](crate::Member::map) a member that is not compressed.
//!
//! ```
//! # let dir = tempfile::tempdir()?;
//! # let path = dir.path().join("run.npz");
//! use npyrec::npz;
//!
//! let mut archive = npz::Writer::create(&path)?;
//! archive.write("levels", &[1.5_f64, 2.5])?;
//! archive.write("grid/height", &[[1_u16, 2, 3], [4, 5, 6]])?;
//! let mut ticks = archive.records::<(u64, f32)>("ticks")?;
//! ticks.append(&(7, 0.5))?;
//! ticks.finish()?;
//! archive.finish()?;
//!
//! let mut archive = npz::Reader::open(&path)?;
//! assert_eq!(archive.names(), ["levels", "grid/height", "ticks"]);
//! assert_eq!(archive.read::<f64>("levels")?, [1.5, 2.5]);
//! assert_eq!(archive.by_name("grid/height")?.header().shape(), [2, 3]);
//! for tick in archive.by_name("ticks")?.rows::<(u64, f32)>()? {
//!     assert_eq!(tick?, (7, 0.5));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ```python
//! >>> np.load("run.npz")["grid/height"].shape
//! (2, 3)
//! ```

#[cfg(feature = "ndarray")]
mod array;
mod compression;
mod contents;
mod damage;
mod limit;
mod name;
mod reader;
mod record_writer;
mod sink;
#[cfg(test)]
mod sweep;
mod target;
mod writer;

pub use self::{
    compression::Compression, reader::Reader, record_writer::RecordWriter, writer::Writer,
};
