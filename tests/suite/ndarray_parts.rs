//! Parts of files, and views of maps, as arrays of ndarray.

use crate::{
    mapped::{HAS_SLICES, map_flat},
    mapped_mut::{map_mut, map_mut_flat},
    ndarray::{Big, Side},
    numpy::numpy,
};
use ndarray::{Array, Array2, Axis, Ix2, s};
use npyrec::{ErrorKind, Header, LayoutMismatch, NpyFile, Order};
use serde_json::json;
use std::fs;

#[test]
fn slices_of_a_mapped_file_are_those_of_numpy() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("grid.npy");
    for order in ["C", "F"] {
        let code = format!(
            "a = np.array(np.arange(30 * 40, dtype='<f4').reshape(30, 40), order='{order}')
np.save(path, a)
answer = [x.tolist() for x in (a[1:10, 2:20], a[::7, 3], a[-1:4:-5, ::13])]"
        );
        let expected = numpy.python(&path, &code);
        let mapped = map_flat::<f32>(&path).unwrap();
        if !HAS_SLICES {
            assert_eq!(mapped.view().unwrap_err(), LayoutMismatch::Record);
            continue;
        }
        let grid = mapped.view().unwrap().into_dimensionality::<Ix2>().unwrap();
        let rows = |array: &ndarray::ArrayRef<f32, Ix2>| {
            let rows = array.rows().into_iter().map(|row| json!(row.to_vec()));
            json!(rows.collect::<Vec<_>>())
        };
        assert_eq!(rows(&grid.slice(s![1..10, 2..20])), expected[0]);
        assert_eq!(json!(grid.slice(s![..;7, 3]).to_vec()), expected[1]);
        assert_eq!(rows(&grid.slice(s![5..;-5, ..;13])), expected[2]);
    }
}

#[test]
fn a_view_of_a_map_changes_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("grid.npy");
    for order in [Order::C, Order::Fortran] {
        let header = Header::new("<i4".parse().unwrap(), order, &[4, 3]).unwrap();
        npyrec::create_zeroed(&path, &header).unwrap();
        let mut expected = Array2::<i32>::zeros((4, 3));
        let mut mapped = map_mut_flat::<i32>(&path).unwrap();
        if !HAS_SLICES {
            assert_eq!(mapped.view().unwrap_err(), LayoutMismatch::Record);
            assert_eq!(mapped.view_mut().unwrap_err(), LayoutMismatch::Record);
            continue;
        }
        for grid in [mapped.view_mut().unwrap(), expected.view_mut().into_dyn()] {
            let mut grid = grid.into_dimensionality::<Ix2>().unwrap();
            grid[[1, 2]] = 5;
            grid.slice_mut(s![2.., ..;2]).fill(6);
        }
        assert_eq!(mapped.view().unwrap(), expected.view().into_dyn());
        drop(mapped);
        assert_eq!(npyrec::read_array_dim::<i32, Ix2>(&path).unwrap(), expected);
        let error = map_mut_flat::<Big>(&path)
            .err()
            .map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.contains("file has <i4, record has >f8")));
    }
    npyrec::write_array(&path, &ndarray::arr1(&[true])).unwrap();
    let mut mapped = map_mut::<bool>(&path).unwrap();
    assert!(matches!(mapped.view_mut(), Err(LayoutMismatch::Record)));
    assert!(matches!(mapped.view(), Err(LayoutMismatch::Record)));
}

#[test]
fn rows_as_an_array_are_those_of_the_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("grid.npy");
    let grid = Array::from_shape_fn((50, 4, 3), |(i, j, k)| (100 * i + 10 * j + k) as i32);
    for array in [grid.view(), grid.t()] {
        npyrec::write_array(&path, &array).unwrap();
        let rows = NpyFile::open(&path)
            .unwrap()
            .read_array::<i32>(1..3)
            .unwrap();
        assert_eq!(rows, array.slice_axis(Axis(0), (1..3).into()).into_dyn());
        assert!(rows.is_standard_layout());
    }
}

#[test]
fn rows_as_an_array_have_the_axes_that_the_element_does_not_have() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    let grid = Array::from_shape_fn((5, 4, 3), |(i, j, k)| (100 * i + 10 * j + k) as u16);
    npyrec::write_array(&path, &grid).unwrap();
    let file = NpyFile::open(&path).unwrap();
    let rows = file.read_array::<[u16; 3]>(1..3).unwrap();
    assert_eq!((rows.shape(), rows[[1, 2]]), (&[2, 4][..], [220, 221, 222]));
    let rows = file.read_array::<[[u16; 3]; 4]>(4..5).unwrap();
    assert_eq!((rows.shape(), rows[[0]][3][1]), (&[1][..], 431));
    assert_eq!(file.read_array::<u16>(5..5).unwrap().shape(), [0, 4, 3]);
    let error = file.read_array::<u16>(4..6).unwrap_err();
    assert_eq!(
        (error.kind(), error.row(), error.found_rows()),
        (ErrorKind::Shape, Some(5), Some(5)),
        "{error}"
    );
    let error = file.read_array::<[[[u16; 3]; 4]; 5]>(0..1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType, "{error}");
    let error = file.read_array::<f32>(0..1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType, "{error}");
    let mut bytes = Header::for_record::<[u8; 2]>(2).to_bytes();
    bytes.extend([0, 1, 1, 2]);
    fs::write(&path, bytes).unwrap();
    let file = NpyFile::open(&path).unwrap();
    let sides = file.read_array::<Side>(0..1).unwrap();
    assert_eq!(sides, ndarray::arr2(&[[Side::Buy, Side::Sell]]).into_dyn());
    let error = file.read_array::<Side>(0..2).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    assert_eq!((error.row(), error.path()), (Some(1), Some(&*path)));
    let path = dir.path().join("one.npy");
    npyrec::write_array(&path, &ndarray::arr0(7_u8)).unwrap();
    let file = NpyFile::open(&path).unwrap();
    assert_eq!(
        file.read_array::<u8>(0..1).unwrap(),
        ndarray::arr1(&[7]).into_dyn()
    );
}
