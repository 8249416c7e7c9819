//! Records one by one, to a file and to nowhere.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    sync::Arc,
};

use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{Float32Builder, Float64Builder, Int64Builder, UInt32Builder, UInt64Builder},
};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Field, Schema};
use npyrec::{AppendOptions, Appender};
use npyz::WriterBuilder;

use crate::{
    record::{Encoded, Whole},
    workload::{Job, Way, Workload},
};

const NULL: &str = "/dev/null";

/// Rows of a batch of Arrow's.
const BATCH: u64 = 8 * 1024;

pub(crate) static TO_FILE: Workload = Workload {
    name: "append",
    title: "append single records",
    unit: "record",
    ops: 10e6,
    rows: 0.0,
    prepare: None,
    waits: false,
    ways: &[
        Way::new("`BufWriter<File>` of 64 KiB and bytemuck", |job| {
            buffered(&job.out(), job.ops)
        }),
        Way::new("npyrec", |job| npyrec(&job.out(), job.ops)),
        Way::new("npyrec, field by field", |job| {
            let mut rows = Appender::<Encoded>::create(job.out()).unwrap();
            (0..job.ops).for_each(|row| rows.append(&Encoded::nth(row)).unwrap());
            rows.close().unwrap();
        }),
        Way::new("npyrec, mapped", |job| {
            let mut rows = AppendOptions::new()
                .mapped(true)
                .create::<Whole>(job.out())
                .unwrap();
            (0..job.ops).for_each(|row| rows.append(&Whole::nth(row)).unwrap());
            rows.close().unwrap();
        }),
        Way::new("npyz", |job| npyz(&job.out(), job.ops)).share(0.25),
        Way::new("Arrow IPC, by builders", arrow),
        Way::new("postcard", postcard).share(0.5),
        Way::new("csv and serde", csv).share(0.05),
        Way::python("PyTables `Row.append`", "append_pytables_row").share(0.02),
        Way::python("PyTables", "append_pytables").share(0.001),
        Way::python("h5py", "append_h5py").share(0.001),
        Way::python("NpyAppendArray", "append_npy_append_array").share(0.001),
        Way::python("zarr", "append_zarr").share(0.000_05),
    ],
};

/// The records are made before, so that their bytes are not still on the way to memory when they are copied.
pub(crate) static FROM_MEMORY: Workload = Workload {
    name: "append-made",
    title: "append single records that were made before",
    unit: "record",
    ops: 10e6,
    rows: 0.0,
    prepare: None,
    waits: false,
    ways: &[
        Way::new("`BufWriter<File>` of 64 KiB and bytemuck", |job| {
            let mut file = file(&job.out());
            for_each_made(job, |record| {
                file.write_all(bytemuck::bytes_of(record)).unwrap()
            });
            file.flush().unwrap();
        }),
        Way::new("npyrec", |job| {
            let mut rows = Appender::<Whole>::create(job.out()).unwrap();
            for_each_made(job, |record| rows.append(record).unwrap());
            rows.close().unwrap();
        }),
        Way::new("npyrec, mapped", |job| {
            let options = AppendOptions::new().mapped(true);
            let mut rows = options.create::<Whole>(job.out()).unwrap();
            for_each_made(job, |record| rows.append(record).unwrap());
            rows.close().unwrap();
        }),
        Way::new("npyz", |job| {
            let mut rows = npyz_writer(&job.out(), job.ops);
            for_each_made(job, |record| rows.push(record).unwrap());
            rows.finish().unwrap();
        })
        .share(0.25),
    ],
};

pub(crate) static TO_NULL: Workload = Workload {
    name: "null",
    title: "append single records to `/dev/null`",
    unit: "record",
    ops: 200e6,
    rows: 0.0,
    prepare: None,
    waits: false,
    ways: &[
        Way::new("`BufWriter<File>` of 64 KiB and bytemuck", |job| {
            buffered(NULL.as_ref(), job.ops)
        }),
        Way::new("npyrec", |job| npyrec(NULL.as_ref(), job.ops)),
        Way::new("npyz", |job| npyz(NULL.as_ref(), job.ops)).share(0.025),
    ],
};

pub(super) fn file(path: &Path) -> BufWriter<File> {
    BufWriter::with_capacity(64 * 1024, File::create(path).unwrap())
}

/// Gives as many records as there are operations, from 32 KiB of them.
fn for_each_made(job: &Job, take: impl FnMut(&Whole)) {
    let made: Vec<Whole> = (0..1024).map(Whole::nth).collect();
    made.iter().cycle().take(job.ops as usize).for_each(take);
}

fn buffered(path: &Path, rows: u64) {
    let mut file = file(path);
    for row in 0..rows {
        file.write_all(bytemuck::bytes_of(&Whole::nth(row)))
            .unwrap();
    }
    file.flush().unwrap();
}

fn npyrec(path: &Path, count: u64) {
    let mut rows = Appender::<Whole>::create(path).unwrap();
    (0..count).for_each(|row| rows.append(&Whole::nth(row)).unwrap());
    rows.close().unwrap();
}

/// Its header is written first, as where the number of rows is known before.
pub(super) fn npyz_writer(path: &Path, rows: u64) -> npyz::NpyWriter<Whole, BufWriter<File>> {
    npyz::WriteOptions::new()
        .default_dtype()
        .shape(&[rows])
        .writer(file(path))
        .begin_nd()
        .unwrap()
}

fn npyz(path: &Path, count: u64) {
    let mut rows = npyz_writer(path, count);
    (0..count).for_each(|row| rows.push(&Whole::nth(row)).unwrap());
    rows.finish().unwrap();
}

fn postcard(job: &Job) {
    let mut file = file(&job.out());
    let mut bytes = [0; 64];
    for row in 0..job.ops {
        let bytes = postcard::to_slice(&Whole::nth(row), &mut bytes).unwrap();
        file.write_all(bytes).unwrap();
    }
    file.flush().unwrap();
}

fn csv(job: &Job) {
    let mut options = csv::WriterBuilder::new();
    let mut rows = options
        .buffer_capacity(64 * 1024)
        .from_path(job.out())
        .unwrap();
    (0..job.ops).for_each(|row| rows.serialize(Whole::nth(row)).unwrap());
    rows.flush().unwrap();
}

pub(super) fn schema() -> Arc<Schema> {
    let field = |name: &str, of| Field::new(name, of, false);
    Arc::new(Schema::new(vec![
        field("time", DataType::Int64),
        field("price", DataType::Float64),
        field("size", DataType::Float32),
        field("side", DataType::UInt32),
        field("order", DataType::UInt64),
    ]))
}

#[derive(Default)]
pub(super) struct Builders {
    time: Int64Builder,
    price: Float64Builder,
    size: Float32Builder,
    side: UInt32Builder,
    order: UInt64Builder,
}

impl Builders {
    pub(super) fn append(&mut self, record: Whole) {
        self.time.append_value(record.time);
        self.price.append_value(record.price);
        self.size.append_value(record.size);
        self.side.append_value(record.side);
        self.order.append_value(record.order);
    }

    pub(super) fn finish(&mut self, schema: &Arc<Schema>) -> RecordBatch {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.time.finish()),
            Arc::new(self.price.finish()),
            Arc::new(self.size.finish()),
            Arc::new(self.side.finish()),
            Arc::new(self.order.finish()),
        ];
        RecordBatch::try_new(Arc::clone(schema), columns).unwrap()
    }
}

fn arrow(job: &Job) {
    let schema = schema();
    let mut file = FileWriter::try_new(file(&job.out()), &schema).unwrap();
    let mut rows = Builders::default();
    for start in (0..job.ops).step_by(BATCH as usize) {
        (start..job.ops.min(start + BATCH)).for_each(|row| rows.append(Whole::nth(row)));
        file.write(&rows.finish(&schema)).unwrap();
    }
    file.finish().unwrap();
    file.get_mut().flush().unwrap();
}
