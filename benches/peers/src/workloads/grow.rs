//! One record more, to a file that has many.

use std::{
    fs::{self, File},
    os::unix::fs::{FileExt, MetadataExt},
};

use npyrec::AppendOptions;

use super::header::{Digits, count, count_place, header};
use crate::{
    record::Whole,
    workload::{Job, Way, Workload},
};

pub(crate) static WORKLOAD: Workload = Workload {
    name: "grow",
    title: "open a file of 1 GB, append one record, close",
    unit: "record",
    ops: 50e3,
    rows: 31.25e6,
    prepare: Some(prepare),
    waits: false,
    ways: &[
        Way::new("open, read the header, `pwrite`, `pwrite`, close", |job| {
            raw(job, false)
        }),
        Way::new("the same, locked", |job| raw(job, true)),
        Way::new("npyrec", |job| npyrec(job, true)),
        Way::new("npyrec, not locked", |job| npyrec(job, false)),
        Way::python("NpyAppendArray", "grow_npy_append_array").share(0.05),
        Way::python("h5py", "grow_h5py").share(0.01),
        Way::python("PyTables", "grow_pytables").share(0.01),
        Way::python("zarr", "grow_zarr").share(0.001),
        Way::python("`np.load`, `concatenate`, `np.save`", "grow_concatenate").share(0.000_02),
    ],
};

const FILE: &str = "big.npy";

/// A sparse file; each run starts with the same.
fn prepare(job: &Job) {
    let (header, _) = header(job.rows);
    let file = File::create(job.path(FILE)).unwrap();
    file.write_all_at(&header, 0).unwrap();
    let size = job.rows * size_of::<Whole>() as u64;
    file.set_len(header.len() as u64 + size).unwrap();
}

fn npyrec(job: &Job, lock: bool) {
    for row in 0..job.ops {
        let options = AppendOptions::new().lock(lock);
        let mut rows = options.open::<Whole>(job.path(FILE)).unwrap();
        rows.append(&Whole::nth(row)).unwrap();
        rows.close().unwrap();
    }
}

/// A lock keeps other appenders out, if the file is still the one of that name when it is held.
fn raw(job: &Job, lock: bool) {
    let mut digits = Digits::new();
    let size = size_of::<Whole>() as u64;
    for row in 0..job.ops {
        let mut options = File::options();
        let file = options.read(true).write(true).open(job.path(FILE)).unwrap();
        if lock {
            file.try_lock().unwrap();
            let named = fs::metadata(job.path(FILE)).unwrap();
            assert_eq!(file.metadata().unwrap().ino(), named.ino());
        }
        let mut header = [0; 256];
        let len = file.read_at(&mut header, 0).unwrap();
        assert!(len >= 10 && header.starts_with(b"\x93NUMPY\x01\x00"));
        let data_start = 10 + u16::from_le_bytes([header[8], header[9]]);
        let header = &header[..usize::from(data_start)];
        let rows = count(header);
        let record = Whole::nth(row);
        let end = u64::from(data_start) + rows * size;
        file.write_all_at(bytemuck::bytes_of(&record), end).unwrap();
        let place = count_place(header) as u64;
        file.write_all_at(digits.of(rows + 1), place).unwrap();
        if lock {
            file.unlock().unwrap();
        }
    }
}
