//! Arrays of the crate `ndarray`, against NumPy's.

use std::{fs, io::Read, path::Path};

use ndarray::{Array, Array2, ArrayD, Dimension, Ix1, Ix2, IxDyn, s};
use npyrec::{
    Appender, Bytes, Datetime64, ErrorKind, Header, LayoutMismatch, NpyFile, NpyRecord, Order,
    ReadOptions, Reader, num_complex::Complex, unit,
};

use crate::{
    mapped::map_flat,
    mapped_mut::{is_locked, map_mut, map_mut_flat},
    numpy::{Numpy, numpy},
    system::replaces_open_files,
};

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Sample {
    id: u16,
    at: [f32; 2],
    ok: bool,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[repr(u8)]
pub enum Side {
    Buy = 0,
    Sell = 1,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
pub struct Big(#[npy(dtype = ">f8")] f64);

/// A type whose values can be counted.
trait Nth: NpyRecord + Clone + PartialEq + std::fmt::Debug {
    /// The dtype, and what makes it of `n`, a flat array of numbers.
    const NUMPY: &str;

    fn nth(nth: usize) -> Self;
}

macro_rules! nth {
    ($($t:ty, $numpy:literal, $nth:expr;)+) => {$(
        impl Nth for $t {
            const NUMPY: &str = $numpy;

            fn nth(nth: usize) -> Self {
                ($nth)(nth)
            }
        }
    )+};
}

nth! {
    u8, "n.astype('u1')", |nth| nth as u8;
    i32, "n.astype('<i4')", |nth| nth as i32;
    f64, "n.astype('<f8')", |nth| nth as f64;
    bool, "n % 2 == 1", |nth| nth % 2 == 1;
    Complex<f32>, "n.astype('<c8') * 1j", |nth| Complex::new(0.0, nth as f32);
    Big, "n.astype('>f8')", |nth| Big(nth as f64);
    Datetime64<unit::Nanosecond>, "n.astype('<M8[ns]')", |nth| Datetime64::new(nth as i64);
    Bytes<3>, "n.astype('S3')", |nth: usize| Bytes::new(nth.to_string().as_bytes()).unwrap();
    Sample, "np.array([(i, (i, -i), i % 2) for i in n], [('id', '<u2'), ('at', '<f4', (2,)), ('ok', '?')])",
        |nth| Sample { id: nth as u16, at: [nth as f32, -(nth as f32)], ok: nth % 2 == 1 };
}

/// Returns all shapes of `axes` axes of length 0 to 3, in the order of `itertools.product`.
fn shapes(axes: usize) -> Vec<Vec<usize>> {
    let mut shapes = vec![Vec::new()];
    for _ in 0..axes {
        let longer = shapes.iter().flat_map(|shape: &Vec<usize>| {
            (0..4)
                .map(|dim| [&shape[..], &[dim]].concat())
                .collect::<Vec<_>>()
        });
        shapes = longer.collect();
    }
    shapes
}

/// Reads and writes arrays of all shapes in both orders, and compares them to NumPy's arrays.
fn check_all_shapes<T: Nth>(numpy: &mut Numpy, dir: &Path, most_axes: usize) {
    let path = dir.join("all.npy");
    let code = format!(
        "import itertools, math
with open(path, 'wb') as out:
    for axes in range({}):
        for shape in itertools.product(range(4), repeat=axes):
            n = np.arange(math.prod(shape))
            array = ({}).reshape(shape)
            for order in 'CF':
                np.save(out, np.array(array, order=order))
answer = None",
        most_axes + 1,
        T::NUMPY
    );
    numpy.python(&path, &code);
    let all = fs::read(&path).unwrap();
    let mut rest = &all[..];
    for shape in (0..=most_axes).flat_map(shapes) {
        for order in [Order::C, Order::Fortran] {
            let start = rest;
            let array = elements::<T>(&mut rest).unwrap();
            let saved = &start[..start.len() - rest.len()];
            assert_eq!(array.shape(), shape);
            assert!(
                array.iter().cloned().eq((0..array.len()).map(T::nth)),
                "{shape:?}"
            );
            match order {
                Order::C => assert!(array.is_standard_layout(), "{shape:?}"),
                Order::Fortran => assert!(array.t().is_standard_layout(), "{shape:?}"),
            }
            let mut written = Vec::new();
            npyrec::write_array_to(&mut written, &array).unwrap();
            assert_eq!(written, saved, "{shape:?} {order:?}");
        }
    }
    assert!(rest.is_empty());
}

#[test]
fn arrays_of_every_shape_are_read_and_written_as_numpy_has_them() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    check_all_shapes::<u8>(&mut numpy, dir.path(), 5);
    check_all_shapes::<f64>(&mut numpy, dir.path(), 5);
    check_all_shapes::<Sample>(&mut numpy, dir.path(), 3);
    check_all_shapes::<i32>(&mut numpy, dir.path(), 3);
    check_all_shapes::<bool>(&mut numpy, dir.path(), 3);
    check_all_shapes::<Complex<f32>>(&mut numpy, dir.path(), 3);
    check_all_shapes::<Big>(&mut numpy, dir.path(), 3);
    check_all_shapes::<Datetime64<unit::Nanosecond>>(&mut numpy, dir.path(), 3);
    check_all_shapes::<Bytes<3>>(&mut numpy, dir.path(), 3);
}

/// The bytes that NumPy saves for an expression of `a`, which is 0 to 119 in the shape (2, 3, 4, 5).
fn saved(numpy: &mut Numpy, dir: &Path, dtype: &str, expression: &str) -> Vec<u8> {
    let path = dir.join("expression.npy");
    let code = format!(
        "a = np.arange(120).reshape(2, 3, 4, 5).astype('{dtype}')
np.save(path, {expression})
answer = None"
    );
    numpy.python(&path, &code);
    fs::read(&path).unwrap()
}

/// Reads a whole array from a source.
fn elements<T: NpyRecord>(source: impl Read) -> npyrec::Result<ArrayD<T>> {
    let flat = ReadOptions::new().flat(true);
    flat.from_reader::<T>(source)?.read_array()
}

fn written<T: NpyRecord, D: Dimension>(array: &ndarray::ArrayRef<T, D>) -> Vec<u8> {
    let mut bytes = Vec::new();
    npyrec::write_array_to(&mut bytes, array).unwrap();
    bytes
}

#[test]
fn arrays_of_any_strides_are_written_as_numpy_saves_them() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut saved = |expression| saved(&mut numpy, dir.path(), "<i4", expression);
    let a = Array::from_iter(0..120_i32)
        .into_shape_with_order((2, 3, 4, 5))
        .unwrap();
    assert_eq!(written(&a), saved("a"));
    assert_eq!(written(&a.t()), saved("a.T"));
    assert_eq!(written(&a.slice(s![..;-1, .., .., ..])), saved("a[::-1]"));
    assert_eq!(written(&a.slice(s![.., ..;2, .., ..])), saved("a[:, ::2]"));
    assert_eq!(written(&a.slice(s![1.., .., .., ..])), saved("a[1:]"));
    assert_eq!(
        written(&a.slice(s![1, 1.., .., 3])),
        saved("a[1, 1:, :, 3]")
    );
    assert_eq!(
        written(&a.slice(s![.., .., .., ..;-2])),
        saved("a[..., ::-2]")
    );
    assert_eq!(written(&a.slice(s![.., .., .., ..0])), saved("a[..., :0]"));
    assert_eq!(written(&a.t().slice(s![1.., .., .., ..])), saved("a.T[1:]"));
    assert_eq!(
        written(&a.t().slice(s![.., .., .., 1..])),
        saved("a.T[..., 1:]")
    );
    assert_eq!(
        written(&a.slice(s![..1;-1, .., .., ..]).t()),
        saved("a[:1][::-1].T")
    );
    assert_eq!(
        written(&a.slice(s![.., ..1, ..1, ..])),
        saved("a[:, :1, :1]")
    );
    assert_eq!(
        written(&a.slice(s![.., ..1, ..1, 3..4])),
        saved("a[:, :1, :1, 3:4]")
    );
    assert_eq!(
        written(&a.view().permuted_axes([0, 2, 1, 3])),
        saved("a.transpose(0, 2, 1, 3)")
    );
    let line = a.slice(s![0, 0, .., ..]);
    assert_eq!(
        written(&line.broadcast((6, 4, 5)).unwrap()),
        saved("np.broadcast_to(a[0, 0], (6, 4, 5))")
    );
    assert_eq!(
        written(&ndarray::aview0(&7_i32).broadcast(3).unwrap()),
        saved("np.broadcast_to(np.int32(7), 3)")
    );
    assert_eq!(written(&ndarray::arr0(7_i32)), saved("np.int32(7)"));
}

#[test]
fn records_that_are_arrays_make_the_last_axes() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut saved = |expression| saved(&mut numpy, dir.path(), "<f4", expression);
    let rows = Array::from_shape_fn((2, 3), |(i, j)| {
        [0, 1, 2, 3].map(|k| [0, 1, 2, 3, 4].map(|l| (((i * 3 + j) * 4 + k) * 5 + l) as f32))
    });
    assert_eq!(written(&rows), saved("a"));
    assert_eq!(written(&rows.t()), saved("a.transpose(1, 0, 2, 3)"));
    assert_eq!(written(&rows.slice(s![..;-1, ..])), saved("a[::-1]"));
    // An axis of length 1 is the last one in either order.
    let ones = Array::from_shape_fn((2, 3), |(i, j)| [[(60 * i + 20 * j) as f32]]);
    assert_eq!(
        written(&ones),
        saved("np.ascontiguousarray(a[..., :1, :1])")
    );
    let transposed = written(&ones.t());
    assert_eq!(
        transposed,
        saved("np.ascontiguousarray(a[..., :1, :1]).transpose(1, 0, 2, 3)")
    );
    let read = elements::<[[f32; 1]; 1]>(&transposed[..]).unwrap();
    assert_eq!(read, ones.t().into_dyn());
}

#[test]
fn a_large_array_is_encoded_block_by_block() {
    let flags = Array::from_shape_fn((700, 300), |(i, j)| Sample::nth(i * 300 + j));
    let every_other = flags.slice(s![.., ..;2]);
    let bytes = written(&every_other);
    let read = elements::<Sample>(&bytes[..]).unwrap();
    assert_eq!(read, every_other.into_dyn());
}

#[test]
fn a_value_that_cannot_be_written_leaves_the_old_file() {
    #[derive(NpyRecord, Clone)]
    struct Name(#[npy(dtype = "S2")] String);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("names.npy");
    let names = |last: &str| ndarray::arr1(&["a", "b", last].map(|name| Name(name.to_owned())));
    let error = npyrec::write_array(&path, &names("long")).unwrap_err();
    assert_eq!((error.row(), error.path()), (Some(2), Some(&*path)));
    assert!(!path.exists());
    npyrec::write_array(&path, &names("c")).unwrap();
    let before = fs::read(&path).unwrap();
    npyrec::write_array(&path, &names("long")).unwrap_err();
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(crate::recover::names(dir.path()), ["names.npy"]);
}

#[test]
fn a_file_that_is_replaced_is_there_until_the_new_one_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("array.npy");
    npyrec::write_array(&path, &ndarray::arr1(&[1_u64, 2])).unwrap();
    let old = Reader::<u64>::open(&path).unwrap();
    if !replaces_open_files() {
        let error = npyrec::write_array(&path, &ndarray::arr2(&[[3_u64], [4]])).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io), "{error}");
        assert_eq!(old.read_all().unwrap(), [1, 2]);
        assert_eq!(crate::recover::names(dir.path()), ["array.npy"]);
        return;
    }
    npyrec::write_array(&path, &ndarray::arr2(&[[3_u64], [4]])).unwrap();
    assert_eq!(old.read_all().unwrap(), [1, 2]);
    let read = npyrec::read_array_dim::<u64, Ix2>(&path).unwrap();
    assert_eq!(read, ndarray::arr2(&[[3], [4]]));
    npyrec::create_zeroed(&path, &Header::for_record::<u64>(3)).unwrap();
    assert_eq!(npyrec::read::<u64>(&path).unwrap(), [0; 3]);
    assert_eq!(crate::recover::names(dir.path()), ["array.npy"]);
    let file = dir.path().join("empty.npy");
    fs::write(&file, []).unwrap();
    npyrec::write_array(&file, &ndarray::arr0(4_u8)).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().len(), 129);
    let missing = dir.path().join("no/array.npy");
    let error = npyrec::write_array(&missing, &ndarray::arr0(4_u8)).unwrap_err();
    assert_eq!(
        error.io_error().unwrap().kind(),
        std::io::ErrorKind::NotFound
    );
}

#[cfg(unix)]
#[test]
fn replacing_keeps_permissions_follows_links_and_leaves_devices_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = tempfile::tempdir().unwrap();
    let (path, link) = (dir.path().join("file.npy"), dir.path().join("link.npy"));
    symlink(&path, &link).unwrap();
    npyrec::write_array(&link, &ndarray::arr0(1_u8)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
    npyrec::write_array(&link, &ndarray::arr0(2_u8)).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o604
    );
    assert_eq!(npyrec::read::<u8>(&path).unwrap(), [2]);
    npyrec::write_array("/dev/null", &ndarray::arr1(&[3_u8; 100])).unwrap();
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn no_array_is_written_over_a_file_that_is_appended_to() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npy");
    let mut log = Appender::<u64>::create(&path).unwrap();
    log.append(&7).unwrap();
    assert!(is_locked(npyrec::write_array(&path, &ndarray::arr0(1_u64))));
    log.close().unwrap();
    assert_eq!(npyrec::read::<u64>(&path).unwrap(), [7]);
    let mapped = map_mut::<u64>(&path).unwrap();
    assert!(is_locked(npyrec::write_array(&path, &ndarray::arr0(1_u64))));
    drop(mapped);
    npyrec::write_array(&path, &ndarray::arr0(1_u64)).unwrap();
}

/// Shapes that are larger than the data, also with an axis of length 0.
#[test]
fn no_shape_makes_an_array_of_more_than_is_there() {
    const HUGE: u64 = 1 << 62;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("hostile.npy");
    let shapes: [&[u64]; 9] = [
        &[0, HUGE],
        &[HUGE, 0],
        &[0, HUGE, HUGE],
        &[HUGE, HUGE, 0],
        &[HUGE, 0, HUGE],
        &[HUGE],
        &[1 << 31, 1 << 31],
        &[1, HUGE, 1],
        &[0, i64::MAX as u64, 3],
    ];
    for shape in shapes {
        for order in [Order::C, Order::Fortran] {
            let bytes = [crate::format::empty("'|u1'", order, shape), vec![7; 5]].concat();
            fs::write(&path, &bytes).unwrap();
            let is_fine = |array: npyrec::Result<ArrayD<u8>>| match array {
                Ok(array) => array.len() <= 5,
                Err(error) => matches!(error.kind(), ErrorKind::Shape | ErrorKind::Truncated),
            };
            assert!(is_fine(npyrec::read_array(&path)), "{shape:?}");
            assert!(is_fine(elements(&bytes[..])), "{shape:?}");
            assert!(is_fine(
                NpyFile::open(&path).and_then(|file| file.read_array(0..1.min(shape[0])))
            ));
            let mapped = map_flat::<u8>(&path).map(|mapped| mapped.view().map(|view| view.len()));
            assert!(matches!(
                mapped,
                Err(_) | Ok(Ok(0) | Err(LayoutMismatch::Shape(_)))
            ));
            let mapped = map_mut_flat::<u8>(&path)
                .map(|mut mapped| mapped.view_mut().map(|view| view.len()));
            assert!(matches!(
                mapped,
                Err(_) | Ok(Ok(0) | Err(LayoutMismatch::Shape(_)))
            ));
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }
}

#[test]
fn a_source_is_read_to_the_end_of_the_array_and_no_further() {
    let array = Array2::from_shape_fn((3, 5), |(i, j)| (i * 5 + j) as f64);
    let mut bytes = written(&array.t());
    bytes.extend(b"and more");
    let mut source = &bytes[..];
    let read = elements::<f64>(&mut source).unwrap();
    assert_eq!(read, array.t().into_dyn());
    let mut rest = String::new();
    source.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "and more");
}

#[test]
fn errors_about_arrays_say_what_there_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("array.npy");
    npyrec::write_array(&path, &ArrayD::<u8>::zeros(IxDyn(&[4, 3, 2]))).unwrap();
    let axes = npyrec::read_array_dim::<u8, Ix1>(&path).unwrap_err();
    assert_eq!(axes.kind(), ErrorKind::Shape, "{axes}");
    let mut reader = ReadOptions::new().flat(true).open::<u8>(&path).unwrap();
    reader.next().unwrap().unwrap();
    let read_before = reader.read_array().unwrap_err();
    let file = crate::format::empty("'|u1'", Order::C, &[0, 1 << 62, 1 << 62]);
    fs::write(&path, file).unwrap();
    let too_large = npyrec::read_array::<u8>(&path).unwrap_err();
    let mapped = map_flat::<u8>(&path).unwrap();
    let no_view = mapped.view().unwrap_err().to_string();
    let folder = format!("{}{}", dir.path().display(), std::path::MAIN_SEPARATOR);
    let texts = [axes, read_before, too_large].map(|error| error.to_string().replace(&folder, ""));
    insta::assert_snapshot!([&texts[..], &[no_view]].concat().join("\n"), @r"
    array.npy: the number of axes of the shape (4, 3, 2) is 3, expected 1
    array.npy: an array is read whole, but 1 of its records were read before; read it before any record
    array.npy: no memory holds an array of shape (0, 4611686018427387904, 4611686018427387904): its axes longer than 0 have more elements than can be addressed
    no memory holds an array of shape (0, 4611686018427387904, 4611686018427387904): its axes longer than 0 have more elements than can be addressed
    ");
}
