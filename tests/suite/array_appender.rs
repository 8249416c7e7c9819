//! Arrays that grow, of any number of axes.

use std::{fs, path::Path};

use ndarray::{Array, ArrayD, Axis, ShapeBuilder, Slice, array};
use npyrec::{
    AppendOptions, Appender, ArrayAppender, EncodeAs, EncodeError, ErrorKind, Header, NpyRecord,
    Order, num_complex::Complex32,
};
use serde_json::json;

use crate::numpy::numpy;

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Labelled {
    number: u16,
    #[npy(dtype = "S3")]
    label: String,
}

/// The element that stands at a place in a file of the tests.
trait Element: NpyRecord + Clone {
    fn at(place: u8) -> Self;
}

impl Element for u8 {
    fn at(place: u8) -> Self {
        place
    }
}

impl Element for f64 {
    fn at(place: u8) -> Self {
        place.into()
    }
}

impl Element for Complex32 {
    fn at(place: u8) -> Self {
        Complex32::new(place.into(), 0.0)
    }
}

impl Element for Labelled {
    fn at(place: u8) -> Self {
        Labelled {
            number: place.into(),
            label: place.to_string(),
        }
    }
}

/// Every shape of 1 to 5 axes of lengths 0 to 3.
fn shapes() -> Vec<Vec<u64>> {
    let mut shapes = Vec::new();
    let mut last = vec![vec![]];
    for _ in 0..5 {
        last = (last.iter())
            .flat_map(|shape| (0..4).map(move |dim| [&shape[..], &[dim]].concat()))
            .collect();
        shapes.extend_from_slice(&last);
    }
    shapes
}

fn split_rows(shape: &[u64], order: Order) -> (u64, Vec<u64>) {
    let (rows, inner) = match order {
        Order::C => shape.split_first().unwrap(),
        Order::Fortran => shape.split_last().unwrap(),
    };
    (*rows, inner.to_vec())
}

/// Appends an array in random pieces, as slices and as views, in one life of the file or two.
fn append_in_pieces<T: Element>(
    path: &Path,
    shape: &[u64],
    order: Order,
    random: &mut fastrand::Rng,
) {
    let (rows, row_shape) = split_rows(shape, order);
    let row_len = row_shape.iter().product::<u64>() as usize;
    let elements: Vec<T> = (0..rows as usize * row_len)
        .map(|place| T::at(place as u8))
        .collect();
    let dims: Vec<usize> = shape.iter().map(|&dim| dim as usize).collect();
    let whole = match order {
        Order::C => ArrayD::from_shape_vec(dims, elements.clone()),
        Order::Fortran => ArrayD::from_shape_vec(dims.f(), elements.clone()),
    }
    .unwrap();
    let axis = match order {
        Order::C => Axis(0),
        Order::Fortran => Axis(shape.len() - 1),
    };
    let options = AppendOptions::new()
        .buffer_capacity([0, 10, 64, 1_000][random.usize(..4)])
        .commit_every(random.u64(..3))
        .order(order);
    let mut array = options.create_array::<T>(path, &row_shape).unwrap();
    let mut done = 0;
    while done < rows {
        let more = random.u64(1..=rows - done);
        let range = done as usize..(done + more) as usize;
        match random.usize(..3) {
            0 if row_len > 0 => {
                let elements = &elements[range.start * row_len..range.end * row_len];
                array.append_rows(elements).unwrap();
            }
            1 => array
                .append_array(whole.slice_axis(axis, Slice::from(range)))
                .unwrap(),
            // In an order that differs from the order of the file.
            _ => {
                let piece = whole.slice_axis(axis, Slice::from(range)).to_owned();
                let mut other = match order {
                    Order::C => Array::from_elem(piece.raw_dim().f(), T::at(0)),
                    Order::Fortran => Array::from_elem(piece.raw_dim(), T::at(0)),
                };
                other.assign(&piece);
                array.append_array(&other).unwrap();
            }
        }
        done += more;
        if random.bool() {
            drop(array);
            array = match random.bool() {
                true => options.open_array::<T>(path).unwrap(),
                false => options.open_or_create_array::<T>(path, &row_shape).unwrap(),
            };
        }
    }
    assert_eq!(array.shape(), shape);
    assert_eq!(array.rows(), rows);
    array.close().unwrap();
}

/// Python: an array of the shape, order and dtype that the test wrote, saved by NumPy and compared.
const COMPARE: &str = "\
from pathlib import Path
folder, count = Path(path), 0
for name, dtype, fortran, shape in cases:
    size = int(np.prod(shape, dtype=int))
    places = np.arange(size, dtype='u1')
    if dtype == 'labelled':
        flat = np.zeros(size, [('number', '<u2'), ('label', 'S3')])
        flat['number'], flat['label'] = places, places.astype('S3')
    else:
        flat = places.astype(dtype)
    expected = flat.reshape(shape, order='F' if fortran else 'C')
    out = io.BytesIO()
    np.save(out, expected)
    found = (folder / name).read_bytes()
    # What is in both orders at once NumPy saves as in C order.
    if fortran and not expected.flags.c_contiguous or not fortran:
        assert found == out.getvalue(), (name, dtype, fortran, shape, found)
    loaded = np.load(folder / name)
    assert loaded.shape == expected.shape and loaded.dtype == expected.dtype
    assert np.array_equal(loaded, expected), (name, found)
    count += 1
answer = count
";

#[test]
fn every_small_array_in_random_pieces_is_what_np_save_writes() {
    let dir = tempfile::tempdir().unwrap();
    let mut random = fastrand::Rng::with_seed(4);
    let mut cases = Vec::new();
    for (nth, shape) in shapes().into_iter().enumerate() {
        for order in [Order::C, Order::Fortran] {
            let is_fortran = order == Order::Fortran;
            let name = format!("{nth}-{is_fortran}.npy");
            let path = dir.path().join(&name);
            // The largest is of 243 elements, so that a place is one byte.
            let dtype = match random.usize(..4) {
                0 => {
                    append_in_pieces::<u8>(&path, &shape, order, &mut random);
                    "u1"
                }
                1 => {
                    append_in_pieces::<f64>(&path, &shape, order, &mut random);
                    "<f8"
                }
                2 => {
                    append_in_pieces::<Complex32>(&path, &shape, order, &mut random);
                    "<c8"
                }
                _ => {
                    append_in_pieces::<Labelled>(&path, &shape, order, &mut random);
                    "labelled"
                }
            };
            cases.push(json!([name, dtype, is_fortran, shape]));
        }
    }
    let Some(mut numpy) = numpy() else { return };
    let code = format!(
        "import json\ncases = json.loads({:?})\n{COMPARE}",
        json!(cases).to_string()
    );
    assert_eq!(numpy.python(dir.path(), &code), json!(cases.len()));
}

#[test]
fn a_partial_row_is_refused_and_says_what_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("frames.npy");
    let mut frames = ArrayAppender::<f32>::create(&path, &[2, 3]).unwrap();
    let error = frames.append_rows(&[0.0; 13]).unwrap_err();
    insta::assert_snapshot!(error.to_string().replace(&path.display().to_string(), "frames.npy"), @"frames.npy: 13 elements are 2 rows of 6 elements, and 1 is left over; append whole rows");
    assert_eq!(frames.rows(), 0);
    frames.append_rows(&[0.0; 12]).unwrap();
    assert_eq!(frames.shape(), [2, 2, 3]);
}

#[test]
fn other_axes_are_refused_and_shown() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("frames.npy");
    let shown = |error: npyrec::Error| {
        error
            .to_string()
            .replace(&path.display().to_string(), "frames.npy")
    };
    let mut frames = ArrayAppender::<u8>::create(&path, &[64, 128]).unwrap();
    let other = Array::<u8, _>::zeros((32, 64, 127));
    let error = frames.append_array(&other).unwrap_err();
    insta::assert_snapshot!(shown(error), @"frames.npy: the shape does not match the rows of the file: expected (_, 64, 128), got (32, 64, 127)");
    let row = Array::<u8, _>::zeros((64, 128));
    let error = frames.append_array(&row).unwrap_err();
    insta::assert_snapshot!(shown(error), @"frames.npy: the shape does not match the rows of the file: expected (_, 64, 128), got (64, 128)");
    frames
        .append_array(row.insert_axis(Axis(0)).view())
        .unwrap();
    frames.close().unwrap();

    let error = ArrayAppender::<u8>::open_or_create(&path, &[64]).unwrap_err();
    insta::assert_snapshot!(shown(error), @"frames.npy: the shape does not match the rows of the file: expected (_, 64), got (1, 64, 128)");
    let fortran = AppendOptions::new().order(Order::Fortran);
    let error = fortran
        .open_or_create_array::<u8>(&path, &[64, 128])
        .unwrap_err();
    insta::assert_snapshot!(shown(error), @"frames.npy: the file holds an array in C order, which grows along its first axis; expected an array in Fortran order, which grows along its last axis");
    // Without a shape, it is what the file says.
    assert_eq!(fortran.open_array::<u8>(&path).unwrap().order(), Order::C);
    let error = ArrayAppender::<u16>::open(&path).unwrap_err();
    insta::assert_snapshot!(shown(error), @"
    frames.npy: the dtype of the file is not that of the record:
      file has |u1, record has <u2
      to convert, use `AppendOptions::casting(Casting::SameKind)`
    ");
}

#[test]
fn a_single_element_does_not_grow() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("scalar.npy");
    let header = Header::new("<f8".parse().unwrap(), Order::C, &[]).unwrap();
    fs::write(&path, [header.to_bytes(), vec![0; 8]].concat()).unwrap();
    let error = ArrayAppender::<f64>::open(&path).unwrap_err();
    assert!(
        error.to_string().contains("no rows to read or append to"),
        "{error}"
    );
    assert!(error.to_string().contains("a single element of shape ()"));
}

#[test]
fn where_there_is_no_file_a_shape_is_needed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new.npy");
    let error = ArrayAppender::<f64>::open(&path).unwrap_err();
    assert_eq!(
        error.io_error().unwrap().kind(),
        std::io::ErrorKind::NotFound
    );
    assert!(!path.exists());
    fs::write(&path, "").unwrap();
    let error = ArrayAppender::<f64>::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Header, "{error}");
    let array = ArrayAppender::<f64>::open_or_create(&path, &[2]).unwrap();
    assert_eq!(array.shape(), [0, 2]);
    drop(array);
    ArrayAppender::<f64>::create_new(&path, &[2]).unwrap_err();
    let none = [u64::MAX, 3];
    assert!(ArrayAppender::<f64>::create(&path, &none).is_err());
    assert_eq!(ArrayAppender::<f64>::open(&path).unwrap().shape(), [0, 2]);
}

#[test]
fn an_element_that_does_not_fit_is_named_by_row_and_index() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("labels.npy");
    let mut labels = ArrayAppender::<Labelled>::create(&path, &[2, 2]).unwrap();
    labels.append_rows(&[1, 2, 3, 4].map(Labelled::at)).unwrap();
    let mut more: Vec<Labelled> = (5..13).map(Labelled::at).collect();
    more[6].label = "long".to_owned();
    let error = labels.append_rows(&more).unwrap_err();
    assert_eq!(error.row(), Some(2));
    assert_eq!((error.index(), error.field()), (&[1, 0][..], Some("label")));
    let text = error.to_string();
    assert!(
        text.ends_with(
            "row 2, index (1, 0): field `label`: \"long\" is 4 bytes long, the dtype holds 3"
        ),
        "{text}"
    );
    assert_eq!(labels.rows(), 2);
    labels.append_rows(&more[..4]).unwrap();
    labels.close().unwrap();
    let rows = npyrec::read::<[[Labelled; 2]; 2]>(&path).unwrap();
    let flat: Vec<u16> = rows.iter().flatten().flatten().map(|l| l.number).collect();
    assert_eq!(flat, [1, 2, 3, 4, 5, 6, 7, 8, 5, 6, 7, 8]);
}

/// A panic in the middle of a row leaves no part of it.
#[test]
fn a_row_that_panics_is_not_there() {
    struct Moody(u8);
    impl EncodeAs<Moody> for Moody {
        fn encode_as(&self, (): &(), out: &mut [u8]) -> Result<(), EncodeError> {
            self.encode(out)
        }
    }

    impl NpyRecord for Moody {
        const ITEMSIZE: usize = 1;
        fn dtype() -> npyrec::DType {
            u8::dtype()
        }
        fn encode(&self, out: &mut [u8]) -> Result<(), npyrec::EncodeError> {
            assert!(self.0 < 100, "in a mood");
            self.0.encode(out)
        }
        fn decode(bytes: &[u8]) -> Result<Self, npyrec::DecodeError> {
            u8::decode(bytes).map(Moody)
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("moods.npy");
    let options = AppendOptions::new().buffer_capacity(2);
    let mut moods = options.create_array::<Moody>(&path, &[4]).unwrap();
    moods.append_rows(&[1, 2, 3, 4].map(Moody)).unwrap();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        moods.append_rows(&[5, 6, 7, 100].map(Moody))
    }));
    assert!(panic.is_err());
    moods.append_rows(&[8, 9, 10, 11].map(Moody)).unwrap();
    moods.close().unwrap();
    let rows = npyrec::read::<[u8; 4]>(&path).unwrap();
    assert_eq!(rows, [[1, 2, 3, 4], [8, 9, 10, 11]]);
    assert_eq!(fs::metadata(&path).unwrap().len(), 128 + 8);
}

#[test]
fn records_with_axes_of_their_own_are_elements() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("points.npy");
    let mut points = ArrayAppender::<[f32; 3]>::create(&path, &[2]).unwrap();
    points
        .append_rows(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        .unwrap();
    assert_eq!(points.shape(), [1, 2]);
    points.close().unwrap();
    let header = Header::read_from(&mut fs::File::open(&path).unwrap()).unwrap();
    assert_eq!(header.shape(), [1, 2, 3]);
    // The same file, by its numbers and by its rows.
    let mut numbers = ArrayAppender::<f32>::open(&path).unwrap();
    assert_eq!(numbers.shape(), [1, 2, 3]);
    numbers.append_rows(&[7.0; 6]).unwrap();
    numbers.close().unwrap();
    let mut rows = Appender::<[[f32; 3]; 2]>::open(&path).unwrap();
    rows.append(&[[8.0; 3]; 2]).unwrap();
    rows.close().unwrap();
    assert_eq!(npyrec::read::<[[f32; 3]; 2]>(&path).unwrap().len(), 3);

    let fortran = AppendOptions::new().order(Order::Fortran);
    let error = fortran.create_array::<[f32; 3]>(&path, &[2]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("not contiguous in Fortran order"),
        "{error}"
    );
    assert_eq!(npyrec::read::<[[f32; 3]; 2]>(&path).unwrap().len(), 3);
}

#[test]
fn elements_are_cast_if_that_is_allowed() {
    use npyrec::Casting;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("big.npy");
    let header = Header::new(">f8".parse().unwrap(), Order::Fortran, &[2, 0]).unwrap();
    fs::write(&path, header.to_bytes()).unwrap();
    let options = AppendOptions::new().casting(Casting::Safe);
    let mut array = options.open_array::<f32>(&path).unwrap();
    array.append_rows(&[1.0, 2.0, 3.0, 4.0]).unwrap();
    array.append_array(&array![[5.0, 7.0], [6.0, 8.0]]).unwrap();
    assert_eq!(array.shape(), [2, 4]);
    array.close().unwrap();
    let Some(mut numpy) = numpy() else { return };
    let answer = numpy.python(&path, "answer = np.load(path).tolist()");
    assert_eq!(answer, json!([[1.0, 3.0, 5.0, 7.0], [2.0, 4.0, 6.0, 8.0]]));
}

/// A huge row in a header takes no memory.
#[test]
fn rows_that_no_memory_holds_take_none() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.npy");
    for shape in [
        &[0, 1 << 40, 1 << 20][..],
        &[0, u64::MAX >> 1, 1 << 40],
        &[0, 0, 1 << 40],
    ] {
        let file = crate::format::empty("'|u1'", Order::C, shape);
        fs::write(&path, &file).unwrap();
        let mut array = ArrayAppender::<u8>::open(&path).unwrap();
        let error = array.append_rows(&[1, 2, 3]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape, "{error}");
        array.close().unwrap();
        assert_eq!(fs::read(&path).unwrap(), file);
    }
}

#[test]
fn a_header_without_room_is_made_appendable() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("narrow.npy");
    let text = "{'descr': '<i4', 'fortran_order': True, 'shape': (3, 9), }\n";
    let header = [
        b"\x93NUMPY\x01\x00",
        &[text.len() as u8, 0][..],
        text.as_bytes(),
    ]
    .concat();
    let data = (0..27_i32).flat_map(i32::to_le_bytes);
    fs::write(&path, header.into_iter().chain(data).collect::<Vec<_>>()).unwrap();
    let error = ArrayAppender::<i32>::open(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NoGrowthRoom), "{error}");
    let options = AppendOptions::new().make_appendable(true);
    let mut array = options.open_array::<i32>(&path).unwrap();
    array.append_rows(&[27, 28, 29]).unwrap();
    assert_eq!(array.shape(), [3, 10]);
    array.close().unwrap();
    let Some(mut numpy) = numpy() else { return };
    let code = "answer = bool((np.load(path).ravel(order='F') == np.arange(30)).all())";
    assert_eq!(numpy.python(&path, code), json!(true));
    assert_eq!(fs::read(&path).unwrap(), numpy.resave(&path));
}
