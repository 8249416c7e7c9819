//! Rows of an array of three axes, 32 KiB each.

use std::{fs::File, io::Write};

use memmap2::MmapMut;
use ndarray::{ArrayView2, ArrayViewMut3};
use ndarray_npy::{ViewMutNpyExt, write_zeroed_npy};
use npyrec::AppendOptions;
use npyz::WriterBuilder;

use super::append::file;
use crate::workload::{Job, Way, Workload};

const SHAPE: [usize; 2] = [64, 128];

pub(crate) static WORKLOAD: Workload = Workload {
    name: "chunks",
    title: "append N-D chunks of 32 KiB",
    unit: "chunk",
    ops: 20_000.0,
    rows: 0.0,
    prepare: None,
    waits: false,
    ways: &[
        Way::new("one `write` a chunk", |job| {
            let chunk = chunk();
            let mut file = File::create(job.out()).unwrap();
            for _ in 0..job.ops {
                file.write_all(bytemuck::cast_slice(&chunk)).unwrap();
            }
        }),
        Way::new("npyrec", |job| npyrec(job, false)),
        Way::new("npyrec, mapped", |job| npyrec(job, true)),
        Way::new("ndarray-npy into a map", ndarray_npy),
        Way::new("npyz", |job| {
            let chunk = chunk();
            let [rows, columns] = SHAPE.map(|len| len as u64);
            let mut file = npyz::WriteOptions::new()
                .default_dtype()
                .shape(&[job.ops, rows, columns])
                .writer(file(&job.out()))
                .begin_nd()
                .unwrap();
            for _ in 0..job.ops {
                file.extend(chunk.iter().copied()).unwrap();
            }
            file.finish().unwrap();
        })
        .share(0.2),
        Way::python("PyTables", "chunks_pytables").share(0.25),
        Way::python("NpyAppendArray", "chunks_npy_append_array").share(0.25),
        Way::python("h5py", "chunks_h5py").share(0.25),
        Way::python("zarr", "chunks_zarr").share(0.02),
    ],
};

fn chunk() -> Vec<f32> {
    let [rows, columns] = SHAPE;
    (0..rows * columns).map(|element| element as f32).collect()
}

fn npyrec(job: &Job, mapped: bool) {
    let chunk = chunk();
    let options = AppendOptions::new().mapped(mapped);
    let shape = SHAPE.map(|len| len as u64);
    let mut rows = options.create_array::<f32>(job.out(), &shape).unwrap();
    for _ in 0..job.ops {
        rows.append_rows(&chunk).unwrap();
    }
    rows.close().unwrap();
}

/// The number of chunks has to be known before.
fn ndarray_npy(job: &Job) {
    let chunk = chunk();
    let chunk = ArrayView2::from_shape(SHAPE, &chunk).unwrap();
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(true);
    let file = options.open(job.out()).unwrap();
    let [rows, columns] = SHAPE;
    write_zeroed_npy::<f32, _>(&file, [job.ops as usize, rows, columns]).unwrap();
    // SAFETY: nobody else knows the file.
    let mut map = unsafe { MmapMut::map_mut(&file) }.unwrap();
    let mut array = ArrayViewMut3::<f32>::view_mut_npy(&mut map).unwrap();
    for mut place in array.outer_iter_mut() {
        place.assign(&chunk);
    }
}
