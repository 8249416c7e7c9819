//! A file that is extended ahead of its rows, and whose rows are stored through maps.

mod mappable;
mod mapped_storage;
mod room;
mod window;

#[cfg(test)]
pub(super) use self::mappable::Mappable;
pub(crate) use self::mapped_storage::MappedStorage;
