//! Descriptions of arrays for other programs: a dtype as source code, and shards as a reference of kerchunk.

mod kerchunk;
mod name;
mod python;
mod rust;

pub(crate) use self::{kerchunk::kerchunk, python::python, rust::rust};
