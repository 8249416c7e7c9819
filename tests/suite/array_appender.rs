//! Arrays that grow, of any number of axes.

use std::{fs, path::Path, thread};

use ndarray::{Array, ArrayD, Axis, ShapeBuilder, Slice, array};
use npyrec::{
    AppendOptions, Appender, ArrayAppender, Durability, EncodeAs, EncodeError, ErrorKind, Header,
    NpyRecord, Order, Recovery, num_complex::Complex32,
};
use serde_json::json;

use crate::numpy::{has_numpy, numpy};

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
fn a_killed_append_is_recovered_as_npy_append_array_does() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("torn.npy");
    for order in [Order::C, Order::Fortran] {
        let shape = match order {
            Order::C => [2, 3],
            Order::Fortran => [3, 2],
        };
        let header = Header::new("<i4".parse().unwrap(), order, &shape).unwrap();
        let elements = (0..11_i32).flat_map(i32::to_le_bytes);
        let torn: Vec<u8> = header.to_bytes().into_iter().chain(elements).collect();
        for (recovery, zero_fill, rows, elements) in [
            (
                None,
                "False",
                3,
                vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 20, 21, 22],
            ),
            (
                Some(Recovery::ZeroFill),
                "True",
                4,
                vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 20, 21, 22],
            ),
        ] {
            fs::write(&path, &torn).unwrap();
            let mut options = AppendOptions::new();
            if let Some(recovery) = recovery {
                options = options.recover(recovery);
            }
            let mut array = options.open_array::<i32>(&path).unwrap();
            let report = array.recovery().unwrap();
            assert_eq!(
                (report.header_rows(), report.recovered_rows()),
                (Some(2), Some(rows))
            );
            let recovered = fs::read(&path).unwrap();
            array.append_rows(&[20, 21, 22]).unwrap();
            array.close().unwrap();
            let flat = npyrec::ReadOptions::new().flat(true);
            assert_eq!(flat.read::<i32>(&path).unwrap(), elements);
            let Some(mut numpy) = numpy() else { continue };
            let code = "answer = np.load(path).ravel(order='K').tolist()";
            assert_eq!(numpy.python(&path, code), json!(elements));

            fs::write(&path, &torn).unwrap();
            let code = format!(
                "from npy_append_array import recover\n\
                 answer = recover(path, zerofill_incomplete={zero_fill})"
            );
            assert_eq!(numpy.python(&path, &code), json!(true));
            assert_eq!(fs::read(&path).unwrap(), recovered);
        }

        fs::write(&path, &torn).unwrap();
        let options = AppendOptions::new().recover(Recovery::Refuse);
        let error = options.open_array::<i32>(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NeedsRecovery, "{error}");
        assert_eq!(fs::read(&path).unwrap(), torn);
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

/// Threads share an appender with a mutex; a second appender of the file is refused meanwhile.
#[test]
fn many_threads_append_to_one_file() {
    const THREADS: u32 = 8;
    const APPENDS: u32 = 50;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("threads.npy");
    let shared = AppendOptions::new()
        .buffer_capacity(1_000)
        .create_array::<u32>(&path, &[2])
        .map(std::sync::Mutex::new)
        .unwrap();
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (shared, path) = (&shared, &path);
            scope.spawn(move || {
                for nth in 0..APPENDS {
                    let rows = [number, nth, number, nth + 1_000];
                    shared.lock().unwrap().append_rows(&rows).unwrap();
                    let error = ArrayAppender::<u32>::open(path).unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::Locked);
                }
            });
        }
    });
    shared.into_inner().unwrap().close().unwrap();
    let Some(mut numpy) = numpy() else { return };
    let code = "\
a = np.load(path)
assert (a[::2, 0] == a[1::2, 0]).all() and (a[::2, 1] + 1000 == a[1::2, 1]).all()
answer = [a.shape, [a[a[:, 0] == n][::2, 1].tolist() == list(range(50)) for n in range(8)]]";
    let expected = json!([[THREADS * APPENDS * 2, 2], vec![true; THREADS as usize]]);
    assert_eq!(numpy.python(&path, code), expected);
}

/// NpyAppendArray and this crate append in turn.
#[test]
fn files_go_back_and_forth_to_npy_append_array() {
    let dir = tempfile::tempdir().unwrap();
    for order in [Order::C, Order::Fortran] {
        for starts in ["we", "they"] {
            let path = dir.path().join(format!("{order:?}-{starts}.npy"));
            let shape = match order {
                Order::C => "(rows, 2, 3)",
                Order::Fortran => "(2, 3, rows)",
            };
            let is_fortran = if order == Order::Fortran { "F" } else { "C" };
            let theirs = format!(
                "from npy_append_array import NpyAppendArray\n\
                 rows, start = 2, 6 * len\n\
                 a = np.arange(start, start + 6 * rows, dtype='<i4').reshape({shape}, order='{is_fortran}')\n\
                 with NpyAppendArray(path) as file: file.append(a)\n\
                 answer = True"
            );
            let options = AppendOptions::new().order(order);
            let mut rows = 0;
            for turn in 0..6 {
                if (turn % 2 == 0) == (starts == "we") {
                    let mut array = options.open_or_create_array::<i32>(&path, &[2, 3]).unwrap();
                    assert_eq!(array.rows(), rows);
                    let elements: Vec<i32> = (rows as i32 * 6..).take(18).collect();
                    array.append_rows(&elements).unwrap();
                    array.close().unwrap();
                    rows += 3;
                } else {
                    let Some(mut numpy) = numpy() else { return };
                    numpy.python(&path, &format!("len = {rows}\n{theirs}"));
                    rows += 2;
                }
            }
            let Some(mut numpy) = numpy() else { return };
            let code = format!(
                "a = np.load(path)\nrows = {rows}\n\
                 e = np.arange(6 * rows).reshape({shape}, order='{is_fortran}')\n\
                 answer = [a.shape == e.shape, bool((a == e).all())]"
            );
            assert_eq!(numpy.python(&path, &code), json!([true, true]));
            assert_eq!(fs::read(&path).unwrap(), numpy.resave(&path));
        }
    }
}

/// A file of zeros that take no room, where the file system leaves them out.
fn sparse(path: &Path, header: &Header) {
    fs::write(path, header.to_bytes()).unwrap();
    let file = fs::File::options().write(true).open(path).unwrap();
    let len = header.to_bytes().len() as u64 + header.data_len().unwrap();
    file.set_len(len).unwrap();
}

#[test]
fn more_elements_than_31_bits_number_are_continued() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.npy");
    for (order, shape) in [
        (Order::C, [1 << 20, 1 << 12]),
        (Order::Fortran, [1 << 12, 1 << 20]),
    ] {
        let header = Header::new("|u1".parse().unwrap(), order, &shape).unwrap();
        sparse(&path, &header);
        let mut array = ArrayAppender::<u8>::open(&path).unwrap();
        assert_eq!(array.rows(), 1 << 20);
        array.append_rows(&[7; 1 << 12]).unwrap();
        array.close().unwrap();
        let Some(mut numpy) = numpy() else { return };
        let code = "\
a = np.load(path, mmap_mode='r')
last = a[:, -1] if a.flags.f_contiguous else a[-1]
answer = [max(a.shape), int(last.sum())]";
        assert_eq!(numpy.python(&path, code), json!([(1 << 20) + 1, 7 << 12]));
    }
}

/// A sparse file of 2^33 rows of one byte: nothing overflows, and only the wanted rows are read.
#[test]
#[allow(unsafe_code)]
fn a_file_of_more_than_32_bits_of_rows_is_appended_to_and_mapped() {
    const ROWS: u64 = 1 << 33;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    sparse(&path, &Header::for_record::<u8>(ROWS));
    let mut rows = AppendOptions::new()
        .durability(Durability::Cached)
        .open::<u8>(&path)
        .unwrap();
    assert_eq!(rows.rows(), ROWS);
    rows.append(&200).unwrap();
    rows.append_slice(&[201; 100_000]).unwrap();
    rows.commit().unwrap();
    rows.close().unwrap();
    // SAFETY: the file is in a folder of the test's own, and nothing changes it.
    let mapped = unsafe { npyrec::Mapped::<u8>::open(&path) };
    match usize::try_from(ROWS) {
        Ok(last) => {
            let mapped = mapped.unwrap();
            assert_eq!(mapped.len(), last + 100_001);
            assert_eq!(mapped.get(last).unwrap().unwrap(), 200);
            assert_eq!(
                mapped.as_slice().unwrap()[last - 1..last + 2],
                [0, 200, 201]
            );
        }
        Err(_) => assert!(mapped.is_err(), "the address space is too small"),
    }
    let file = npyrec::NpyFile::open(&path).unwrap();
    assert_eq!(file.row(ROWS).unwrap().to_string(), "200");
    if has_numpy() {
        let code = "a = np.load(path, mmap_mode='r')\nanswer = [len(a), int(a[-100001])]";
        let answer = numpy().unwrap().python(&path, code);
        assert_eq!(answer, json!([ROWS + 100_001, 200]));
    }
}
