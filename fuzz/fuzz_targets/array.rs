//! Any sequence of calls: an array holds the rows that were appended to it, as they are committed, in
//! any order of its elements, through any buffer or map.
#![no_main]

use std::{fs, path::Path};

use libfuzzer_sys::{
    arbitrary::{self, Arbitrary},
    fuzz_target,
};
use npyrec::{AppendOptions, ArrayAppender, Error, ErrorKind, Header, NpyRecord, Order, ndarray::{ArrayD, Axis, IxDyn, ShapeBuilder, Slice}};
use npyrec_fuzz::{
    element::{Element, Labelled, Nothing, Rgb, Tick},
    kill, temporary_path,
};

#[derive(Arbitrary, Debug)]
struct Input {
    element: ElementType,
    is_fortran: bool,
    dims: Vec<u8>,
    steps: Vec<Step>,
}

#[derive(Arbitrary, Debug)]
enum ElementType {
    Byte,
    Float,
    Rgb,
    Tick,
    Labelled,
    Nothing,
}

#[derive(Arbitrary, Debug)]
enum Step {
    Open { options: Options, has_shape: bool },
    Create { options: Options },
    One,
    Rows { rows: u16, bad: Option<u16> },
    Partial(u8),
    Array { rows: u8, memory: Memory },
    Commit,
    Check,
    Close,
    Kill,
}

#[derive(Arbitrary, Debug)]
struct Options {
    buffer: Capacity,
    commit_every: u8,
    is_mapped: bool,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Capacity {
    Small(u8),
    Any(u16),
}

/// The memory layout of an array.
#[derive(Arbitrary, Debug)]
enum Memory {
    AsInTheFile,
    InTheOtherOrder,
    Apart,
    /// It has other axes than the file.
    Misshapen,
}

impl Capacity {
    fn bytes(self) -> usize {
        match self {
            Capacity::Small(bytes) => bytes.into(),
            Capacity::Any(bytes) => bytes.into(),
        }
    }
}

impl Options {
    fn build(&self, order: Order) -> AppendOptions {
        AppendOptions::new()
            .buffer_capacity(self.buffer.bytes())
            .commit_every(self.commit_every.into())
            .mapped(self.is_mapped)
            .order(order)
    }
}

/// The most bytes that are appended at once, and to one file. Zero-sized elements count as one byte.
const MANY: usize = 1 << 17;
const MOST: usize = 1 << 18;

/// The shape and order of rows.
#[derive(Clone, Debug)]
struct Rows {
    order: Order,
    shape: Vec<u64>,
}

impl Rows {
    fn of(input: &Input) -> Self {
        let dims = input.dims.iter().take(3);
        let most = [256, 256, 20, 7][dims.len()];
        let shape: Vec<u64> = dims.map(|&dim| u64::from(dim) % most).collect();
        let order = match input.is_fortran && !shape.is_empty() {
            true => Order::Fortran,
            false => Order::C,
        };
        Rows { order, shape }
    }

    /// The elements of a row.
    fn len(&self) -> usize {
        self.shape.iter().product::<u64>() as usize
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns all axes of an array of `rows` rows.
    fn shape_of(&self, rows: usize) -> Vec<u64> {
        match self.order {
            Order::C => [&[rows as u64], &self.shape[..]].concat(),
            Order::Fortran => [&self.shape[..], &[rows as u64]].concat(),
        }
    }

    fn header<T: Element>(&self, rows: usize) -> Vec<u8> {
        let header = Header::new(T::dtype(), self.order, &self.shape_of(rows));
        header.expect("there are such arrays").to_bytes()
    }

    /// Returns an array of `rows` rows of elements, which are in the order of the file.
    fn array<T: Element>(&self, rows: usize, elements: &[T]) -> ArrayD<T> {
        let shape = self.shape_of(rows).into_iter().map(|dim| dim as usize);
        let shape = IxDyn(&shape.collect::<Vec<_>>());
        let shape = shape.set_f(self.order == Order::Fortran);
        ArrayD::from_shape_vec(shape, elements.to_vec()).expect("they fill it")
    }
}

/// The content of a closed file.
struct File<T> {
    rows: usize,
    elements: Vec<T>,
    data: Vec<u8>,
}

impl<T> File<T> {
    fn empty() -> Self {
        File {
            rows: 0,
            elements: Vec::new(),
            data: Vec::new(),
        }
    }
}

/// An array that is open, and what it holds.
struct Model<'a, T: NpyRecord> {
    array: ArrayAppender<T>,
    options: &'a Options,
    row: &'a Rows,
    rows: usize,
    committed: usize,
    elements: Vec<T>,
    /// The bytes of the elements.
    data: Vec<u8>,
}

impl<'a, T: Element> Model<'a, T> {
    fn new(array: ArrayAppender<T>, options: &'a Options, row: &'a Rows, file: File<T>) -> Self {
        let model = Model {
            array,
            options,
            row,
            rows: file.rows,
            committed: file.rows,
            elements: file.elements,
            data: file.data,
        };
        model.check();
        model
    }

    fn row_bytes(&self) -> usize {
        self.row.len() * T::ITEMSIZE
    }

    /// Returns the number of wanted rows that may be appended at once.
    fn room(&self, wanted: usize) -> usize {
        let size = T::ITEMSIZE.max(1);
        let left = MOST.saturating_sub(self.elements.len() * size);
        wanted.min(left.min(MANY) / (size * self.row.len().max(1)))
    }

    /// Returns the elements of the next rows.
    fn next(&self, rows: usize) -> Vec<T> {
        let start = self.elements.len();
        (start..start + rows * self.row.len()).map(T::at).collect()
    }

    /// Notes that `rows` rows were appended by one call.
    fn appended(&mut self, rows: usize, elements: &[T]) {
        self.elements.extend_from_slice(elements);
        elements
            .iter()
            .for_each(|element| element.put(&mut self.data));
        let every = usize::from(self.options.commit_every);
        self.rows += rows;
        if rows > 0 && every > 0 && self.rows - self.committed >= every {
            self.committed = self.rows;
        }
    }

    fn append(&mut self, rows: usize, bad: Option<usize>) {
        let mut elements = self.next(rows);
        let place = bad.and_then(|bad| bad.checked_rem(elements.len()));
        let Some((place, bad)) = place.zip(T::bad()) else {
            let appended = self.array.append_rows(&elements);
            appended.expect("the disk is not full");
            let rows = if self.row.is_empty() { 0 } else { rows };
            return self.appended(rows, &elements);
        };
        elements[place] = bad;
        let error = self.array.append_rows(&elements);
        let error = error.expect_err("an element does not fit");
        let whole = place / self.row.len();
        assert_eq!(error.kind(), ErrorKind::Encode, "{error}");
        assert_eq!(error.row(), Some((self.rows + whole) as u64));
        self.appended(whole, &elements[..whole * self.row.len()]);
    }

    fn append_partial(&mut self, elements: usize) {
        let elements: Vec<T> = (0..elements).map(T::at).collect();
        if elements.is_empty() || elements.len().checked_rem(self.row.len()) == Some(0) {
            return;
        }
        let error = self.array.append_rows(&elements);
        let error = error.expect_err("they are no whole rows");
        assert!(error.to_string().contains("append whole rows"), "{error}");
    }

    fn append_array(&mut self, rows: usize, memory: &Memory) {
        let elements = self.next(rows);
        let array = self.row.array(rows, &elements);
        let other: ArrayD<T>;
        let array = match memory {
            Memory::AsInTheFile => array.view(),
            Memory::InTheOtherOrder => {
                let shape = IxDyn(array.shape()).set_f(self.row.order == Order::C);
                other = ArrayD::from_shape_fn(shape, |place| array[place].clone());
                other.view()
            }
            Memory::Apart => {
                let axis = Axis(array.ndim() - 1);
                let mut shape = array.shape().to_vec();
                shape[axis.0] *= 2;
                other = ArrayD::from_shape_fn(shape, |mut place| {
                    place[axis.0] /= 2;
                    array[place].clone()
                });
                other.slice_axis(axis, Slice::from(..).step_by(2))
            }
            Memory::Misshapen => {
                other = array.insert_axis(Axis(0));
                let error = self.array.append_array(other.view());
                let error = error.expect_err("it has an axis more");
                return assert_eq!(error.kind(), ErrorKind::Shape, "{error}");
            }
        };
        let appended = self.array.append_array(array);
        appended.expect("the disk is not full");
        self.appended(rows, &elements);
    }

    /// Compares the file to the model.
    fn check(&self) {
        assert_eq!(self.array.rows(), self.rows as u64);
        assert_eq!(self.array.committed_rows(), self.committed as u64);
        assert_eq!(self.array.shape(), self.row.shape_of(self.rows));
        assert_eq!(self.array.order(), self.row.order);
        self.check_bytes(&fs::read(self.array.path()).expect("it is there"));
    }

    /// Returns the number of complete rows in the file, or `None` if room for more rows follows them.
    fn check_bytes(&self, file: &[u8]) -> Option<usize> {
        let header = self.row.header::<T>(self.committed);
        let found = file.strip_prefix(&*header);
        let found = found.expect("the header counts what is committed");
        let expected = &self.data;
        let committed = self.committed * self.row_bytes();
        if self.options.is_mapped {
            assert!(found[..committed] == expected[..committed]);
            return (!is_room(file)).then_some(self.committed);
        }
        assert!(expected.starts_with(found), "what is there was appended");
        assert!(found.len() >= committed);
        let most = self.options.buffer.bytes().max(T::ITEMSIZE);
        assert!(
            expected.len() - found.len() <= most,
            "what is lost was in the buffer"
        );
        let rows = found.len().checked_div(self.row_bytes());
        Some(rows.unwrap_or(self.committed))
    }

    /// Checks that readers see the committed rows.
    fn check_read(&self) {
        let len = self.committed * self.row.len();
        let file = (self.committed, &self.elements[..len]);
        check_read(self.array.path(), self.row, file);
    }

    fn close(self) -> File<T> {
        let path = self.array.path().to_owned();
        self.array.close().expect("the disk is not full");
        let expected = [self.row.header::<T>(self.rows), self.data.clone()].concat();
        assert!(fs::read(&path).expect("it is there") == expected);
        check_read(&path, self.row, (self.rows, &self.elements));
        File {
            rows: self.rows,
            elements: self.elements,
            data: self.data,
        }
    }

    /// Ends as a killed program, and returns the content of the file.
    fn kill(self) -> File<T> {
        let path = self.array.path().to_owned();
        let Model { array, .. } = &self;
        let file = fs::read(array.path()).expect("it is there");
        let rows = self.check_bytes(&file).unwrap_or(self.committed);
        let (mut elements, mut data) = (self.elements, self.data);
        elements.truncate(rows * self.row.len());
        data.truncate(rows * self.row.len() * T::ITEMSIZE);
        kill(self.array, &path);
        File {
            rows,
            elements,
            data,
        }
    }
}

/// Returns true if a file ends in the mark of a mapped appender.
fn is_room(file: &[u8]) -> bool {
    file.ends_with(b"there is room.\n\0")
}

fn check_read<T: Element>(path: &Path, row: &Rows, (rows, elements): (usize, &[T])) {
    let flat = npyrec::ReadOptions::new().flat(true);
    let read: Vec<T> = flat.read(path).expect("an array is readable");
    assert!(read == elements);
    let read = npyrec::read_array::<T>(path).expect("an array is readable");
    assert!(read == row.array(rows, elements));
}

fn open<T: Element>(
    path: &Path,
    options: &Options,
    row: &Rows,
    has_shape: bool,
) -> Result<ArrayAppender<T>, Error> {
    let options = options.build(row.order);
    match has_shape {
        true => options.open_or_create_array::<T>(path, &row.shape),
        false => options.open_array::<T>(path),
    }
}

fn run<T: Element>(input: &Input) {
    let (_dir, path) = temporary_path();
    let row = Rows::of(input);
    let mut file: Option<File<T>> = None;
    let mut model: Option<Model<T>> = None;
    for step in &input.steps {
        let Some(open_model) = &mut model else {
            match step {
                Step::Open { options, has_shape } => {
                    let before = file.take();
                    match open(&path, options, &row, *has_shape) {
                        Ok(array) => {
                            let before = before.unwrap_or_else(File::empty);
                            model = Some(Model::new(array, options, &row, before));
                        }
                        Err(error) => {
                            let is_there = before.is_some() || *has_shape;
                            assert!(!is_there, "{error}");
                        }
                    }
                }
                Step::Create { options } => {
                    let array = options.build(row.order).create_array::<T>(&path, &row.shape);
                    let array = array.expect("any file is replaced");
                    model = Some(Model::new(array, options, &row, File::empty()));
                }
                _ => {}
            }
            continue;
        };
        match step {
            Step::One => open_model.append(open_model.room(1), None),
            Step::Rows { rows, bad } => {
                let rows = open_model.room((*rows).into());
                open_model.append(rows, bad.map(usize::from));
            }
            Step::Partial(elements) => open_model.append_partial((*elements).into()),
            Step::Array { rows, memory } => {
                let rows = open_model.room((*rows).into());
                open_model.append_array(rows, memory);
            }
            Step::Commit => {
                open_model.array.commit().expect("the disk is not full");
                open_model.committed = open_model.rows;
            }
            Step::Check => open_model.check_read(),
            Step::Close => file = model.take().map(Model::close),
            Step::Kill => file = model.take().map(Model::kill),
            Step::Open { options, has_shape } => {
                let error = open::<T>(&path, options, &row, *has_shape);
                let error = error.expect_err("it is locked");
                assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
            }
            Step::Create { .. } => {}
        }
        if let Some(model) = &model {
            model.check();
        }
    }
    if let Some(model) = model {
        model.close();
    }
}

fuzz_target!(|input: Input| {
    match input.element {
        ElementType::Byte => run::<u8>(&input),
        ElementType::Float => run::<f64>(&input),
        ElementType::Rgb => run::<Rgb>(&input),
        ElementType::Tick => run::<Tick>(&input),
        ElementType::Labelled => run::<Labelled>(&input),
        ElementType::Nothing => run::<Nothing>(&input),
    }
});
