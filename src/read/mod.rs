//! Reading records back.

mod decoder;
mod follow;
#[cfg(feature = "mmap")]
mod mapped;
mod read_all;
mod reader;
mod watch;

#[cfg(feature = "mmap")]
pub use self::mapped::Mapped;
pub use self::{follow::Follow, read_all::read, reader::Reader};
