//! An array in Fortran order, read into memory.

use std::hint::black_box;

use ndarray::{Array2, ShapeBuilder};
use npyrec::ReadOptions;

use crate::workload::{Job, Way, Workload};

const FILE: &str = "fortran.npy";
const COLUMNS: usize = 2000;

pub(crate) static C_ORDER: Workload = Workload {
    name: "fortran-c-order",
    title: "an array in Fortran order, `(1000, 2000)` of `<f8`, read in C order",
    unit: "element",
    ops: 20e6,
    rows: 2e6,
    prepare: Some(prepare),
    waits: false,
    ways: &[
        Way::new("npyrec", |job| {
            let options = ReadOptions::new().flat(true).in_c_order(true);
            for _ in 0..job.passes() {
                black_box(options.read::<f64>(job.path(FILE)).unwrap());
            }
        }),
        Way::python("NumPy, `ascontiguousarray`", "fortran_c_order"),
    ],
};

pub(crate) static AS_IT_IS: Workload = Workload {
    name: "fortran",
    title: "the same array, in its order",
    unit: "element",
    ops: 20e6,
    rows: 2e6,
    prepare: Some(prepare),
    waits: false,
    ways: &[
        Way::new("npyrec, `read_array`", |job| {
            for _ in 0..job.passes() {
                black_box(npyrec::read_array::<f64>(job.path(FILE)).unwrap());
            }
        }),
        Way::python("`np.load`", "fortran"),
    ],
};

fn prepare(job: &Job) {
    let shape = (job.rows as usize / COLUMNS, COLUMNS).f();
    let array = Array2::from_shape_fn(shape, |(row, column)| (row * COLUMNS + column) as f64);
    npyrec::write_array(job.path(FILE), &array).unwrap();
}
