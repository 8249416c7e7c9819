//! Reading records back.

#[cfg(feature = "mmap")]
mod mapped;
mod read_all;
mod reader;

#[cfg(feature = "mmap")]
pub use self::mapped::Mapped;
pub use self::{read_all::read, reader::Reader};
