//! Arrays of any memory layout are appended as their copies in standard layout are.

use std::{fs, path::Path};

use ndarray::{Array3, ArrayView3, Axis, s};
use npyrec::{AppendOptions, NpyRecord, Order, num_complex::Complex};

/// Appends an array in two parts along the growth axis, and returns the bytes of the file.
fn appended<T: NpyRecord>(path: &Path, order: Order, array: ArrayView3<T>) -> Vec<u8> {
    let axis = match order {
        Order::C => Axis(0),
        Order::Fortran => Axis(2),
    };
    let row_shape: Vec<u64> = (0..3)
        .filter(|&other| other != axis.index())
        .map(|other| array.len_of(Axis(other)) as u64)
        .collect();
    let options = AppendOptions::new().order(order).commit_every(1);
    let mut file = options.create_array::<T>(path, &row_shape).unwrap();
    let (first, second) = array.split_at(axis, array.len_of(axis) / 3);
    for part in [first, second] {
        file.append_array(part).unwrap();
        let rows = file.shape()[axis.index()];
        assert_eq!(file.committed_rows(), rows, "committed with the last row");
    }
    file.close().unwrap();
    fs::read(path).unwrap()
}

fn compare<T: NpyRecord + Clone>(element: impl Fn(usize) -> T) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("array.npy");
    let mut random = fastrand::Rng::with_seed(9);
    for shape in [
        (70, 50, 33),
        (3, 5, 4),
        (300, 1, 40),
        (1, 1, 9),
        (2, 90, 90),
        (40, 3, 1),
    ] {
        let mut nth = 0..;
        let whole = Array3::from_shape_simple_fn(shape, || element(nth.next().unwrap()));
        for _ in 0..6 {
            let mut axes = [0, 1, 2];
            random.shuffle(&mut axes);
            let mut view = whole.view().permuted_axes(axes);
            for axis in 0..3 {
                if random.bool() {
                    view.invert_axis(Axis(axis));
                }
            }
            let steps = [1, 2, 3].map(|most| random.isize(1..=most));
            let view = view.slice(s![..;steps[0], ..;steps[1], ..;steps[2]]);
            let copied = view.to_owned();
            let standard = copied.as_standard_layout();
            for order in [Order::C, Order::Fortran] {
                let expected = appended(&path, order, standard.view());
                assert!(
                    appended(&path, order, view) == expected,
                    "{shape:?}, axes {axes:?}, steps {steps:?}, {order:?}"
                );
            }
        }
    }
}

#[test]
fn an_array_of_any_layout_is_appended_as_its_copy_in_standard_layout() {
    compare(|nth| nth as u8);
    compare(|nth| nth as f64);
    compare(|nth| Complex::new(nth as f64, -1.0));
    compare(|nth| nth % 3 == 0);
}

#[test]
fn an_array_of_any_layout_has_its_elements_in_their_places() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("array.npy");
    let whole = Array3::from_shape_fn((20, 30, 40), |(i, j, k)| (i * 10_000 + j * 100 + k) as u32);
    let view = whole.view().reversed_axes();
    let view = view.slice(s![..;-1, 1..;2, ..]);
    appended(&path, Order::C, view);
    assert_eq!(npyrec::read_array::<u32>(&path).unwrap(), view.into_dyn());
}
