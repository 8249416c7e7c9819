use std::{
    cell::RefCell,
    fs::File,
    io::{self, Read, Seek, Write},
    path::Path,
};

use super::index::{Entry, Index};
use crate::{
    convert::Plan,
    dtype::{Casting, DType},
    error::{Cause, Error, Result},
    header::{Header, Order, Shape},
    literal::{self, Tuple},
    record::Mismatch,
    storage::{Content, Options, is_final, write_whole, zeroed},
};

/// Makes one proper array of a file of several one after another, as `np.concatenate` and `np.save`
/// would, and gives the number of its rows.
///
/// The arrays have one dtype, but for padding and the order of bytes, and one shape, but for the first
/// axis; where they are in Fortran order, but for the last one, along which they are then put together,
/// and stay in that order (for which NumPy takes C order if one of them has no elements). What they
/// hold is copied a block at a time. The target gets its name when it is whole, in place of a file that
/// exists.
///
/// # Errors
///
/// If the source cannot be read, or is anything but whole arrays; if one of them is a single element or
/// [does not go on](crate::ErrorKind::Shape) with those before it: the error says which
/// [array](Error::array) it is, what was expected and what was found. If the target cannot be written,
/// or an appender has it open ([`Locked`](crate::ErrorKind::Locked)). A file under that name is then as it
/// was.
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (old, new) = (dir.path().join("saves.npy"), dir.path().join("log.npy"));
/// use npyrec::{Appender, stream};
///
/// let mut saves = stream::Writer::open(&old)?;
/// saves.write(&[1.5, 2.5])?;
/// saves.write(&[3.5])?;
///
/// assert_eq!(stream::concatenate(&old, &new)?, 3);
/// let mut log = Appender::<f64>::open(&new)?; // From now on it grows, and is valid at any instant.
/// log.append(&4.5)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn concatenate(source: impl AsRef<Path>, target: impl AsRef<Path>) -> Result<u64> {
    let (source, target) = (source.as_ref(), target.as_ref());
    if is_same_file(source, target) {
        let error = io::Error::other("the source is the target; write to a file of another name");
        return Err(Error::io("put its arrays together", error).at_path(source));
    }
    let index = Index::build(source)?;
    let joined = Joined::of(&index).map_err(|e| e.at_path(source))?;
    let header = joined.header().map_err(|e| e.at_path(source))?;
    let header = header.to_bytes();
    let index = RefCell::new(index);
    let write = |mut target: &File| joined.copy_all(&mut index.borrow_mut(), &mut target);
    let content = Content::new(&header, &write);
    write_whole(target, Options::USUAL, &content).map_err(|error| match error.path() {
        Some(_) => error,
        None => error.at_path(target),
    })?;
    Ok(joined.rows)
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let id = |path: &Path| path.metadata().map(|file| (file.dev(), file.ino()));
        matches!((id(a), id(b)), (Ok(a), Ok(b)) if a == b)
    }
    #[cfg(not(unix))]
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// The array that all arrays of a file make together.
pub(super) struct Joined {
    dtype: DType,
    shape: Shape,
    rows: u64,
}

impl Joined {
    pub(super) fn of<S: Read + Seek>(index: &Index<S>) -> Result<Self> {
        let Some(first) = index.get(0) else {
            // An empty file has the same error as at every reader.
            Header::read_from(&mut io::empty())?;
            return Err(Mismatch::NoRows.into());
        };
        // Arrays that are in both orders take the order of the others.
        let mut orders = index
            .iter()
            .filter(|entry| !entry.header().array_shape().is_in_both_orders());
        let order = orders.next().map(|entry| entry.header().order());
        let dtype = first.header().base_dtype().canonical();
        let mut joined = Joined {
            dtype: dtype.map_err(Error::from)?,
            shape: in_order(order.unwrap_or_default(), first),
            rows: 0,
        };
        for (number, entry) in index.iter().enumerate() {
            let rows = joined.rows_of(entry);
            joined.rows = rows.map_err(|e| e.in_array(number as u64, entry.offset()))?;
        }
        Ok(joined)
    }

    /// Returns the number of rows with one more array.
    fn rows_of(&self, entry: &Entry) -> Result<u64> {
        let (dtype, order) = (entry.header().base_dtype(), entry.header().order());
        let canonical = dtype.canonical().map_err(Error::from)?;
        let shape = in_order(self.shape.order(), entry);
        let rows = shape.rows().ok_or(Mismatch::NoRows)?;
        let is_same = self.dtype.is_equivalent(&canonical)
            && (shape.is_in_both_orders() || order == self.shape.order())
            && shape.has_rows_of(&self.shape);
        if !is_same {
            let found = literal::to_string(&Tuple(shape.axes())).unwrap_or_default();
            return Err(Error::new(Cause::ArrayDiffers {
                expected: self.described(),
                found: described(dtype, &found, order),
            }));
        }
        let rows = self.rows.checked_add(rows);
        rows.ok_or_else(|| Error::new(Cause::TooManyRows(u64::MAX)))
    }

    pub(super) fn header(&self) -> Result<Header> {
        let shape = self.shape.with_rows(self.rows);
        let header = Header::new(self.dtype.clone(), shape.order(), shape.axes())?;
        Ok(header.as_saved())
    }

    /// Returns the dtype and the shape of an array that can follow the others: `<f8 of shape (_, 3)`.
    fn described(&self) -> String {
        let dims = self.shape.dims_of_any_rows().into_iter();
        let dims = dims.map(|dim| dim.map_or("_".to_owned(), |dim| dim.to_string()));
        let dims: Vec<_> = dims.collect();
        let shape = match &*dims {
            [only] => format!("({only},)"),
            dims => format!("({})", dims.join(", ")),
        };
        described(&self.dtype, &shape, self.shape.order())
    }

    /// Writes the data of all arrays.
    pub(super) fn copy_all<S: Read + Seek>(
        &self,
        index: &mut Index<S>,
        target: &mut impl Write,
    ) -> Result<()> {
        (0..index.len()).try_for_each(|number| self.copy(index, number, target))
    }

    /// Writes the data of an array, in the dtype of all.
    fn copy<S: Read + Seek>(
        &self,
        index: &mut Index<S>,
        number: usize,
        target: &mut impl Write,
    ) -> Result<()> {
        let (len, dtype) = match index.get(number) {
            Some(entry) => (
                entry.header().data_len().unwrap_or_default(),
                entry.header().base_dtype().clone(),
            ),
            None => return Ok(()),
        };
        // There may be no memory for an element of a dtype that is only promised.
        if len == 0 {
            return Ok(());
        }
        let plan = Plan::writing(&dtype, &self.dtype, Casting::Equiv);
        let plan = plan.map_err(|differences| Error::from(Mismatch::DType(differences)))?;
        let data = index.data(number)?.take(len);
        let copied = match plan {
            None => io::copy(&mut { data }, target),
            Some(plan) => self.convert(&plan, dtype.itemsize(), data, target),
        };
        let failed = |e| match is_final(&e) {
            // It is the target that is too large.
            true => Error::io("write the data", e),
            false => index.at(number, Error::io("copy the data", e)),
        };
        match copied.map_err(failed)? {
            copied if copied < len => Err(index.at(
                number,
                Error::io("copy the data", io::ErrorKind::UnexpectedEof.into()),
            )),
            _ => Ok(()),
        }
    }

    /// Writes elements in the dtype of all arrays. Returns the number of their bytes in the source.
    fn convert(
        &self,
        plan: &Plan,
        itemsize: usize,
        mut data: impl Read,
        target: &mut impl Write,
    ) -> io::Result<u64> {
        let new_itemsize = self.dtype.itemsize();
        let at_once = (BLOCK / itemsize.max(new_itemsize).max(1)).max(1);
        let mut converted = zeroed(at_once * new_itemsize)?;
        let mut block = Vec::new();
        let mut copied = 0;
        loop {
            // The block grows with the bytes that are read.
            block.clear();
            let len = at_once.saturating_mul(itemsize) as u64;
            let read = data.by_ref().take(len).read_to_end(&mut block)? as u64;
            let count = block.len().checked_div(itemsize).unwrap_or_default();
            let elements = block.get(..count * itemsize).unwrap_or_default();
            let converted = converted.get_mut(..count * new_itemsize);
            let converted = converted.unwrap_or_default();
            let fits = plan.convert_all(elements, (itemsize, new_itemsize), converted);
            fits.map_err(|(_, e)| io::Error::new(io::ErrorKind::InvalidData, e))?;
            target.write_all(converted)?;
            copied += elements.len() as u64;
            if read < len || len == 0 {
                break;
            }
        }
        Ok(copied)
    }
}

/// The number of bytes per read and write of data that is converted.
const BLOCK: usize = 64 * 1024;

/// Returns the shape of an array, with its growth axis in an order.
fn in_order(order: Order, entry: &Entry) -> Shape {
    Shape::new(entry.header().array_shape().axes().to_vec(), order)
}

fn described(dtype: &DType, shape: &str, order: Order) -> String {
    let order = match order {
        Order::C => "",
        Order::Fortran => " in Fortran order",
    };
    format!("{dtype} of shape {shape}{order}")
}
