use super::{
    damaged_header::{Damaged, DamagedRows},
    shape_text::{AxisText, ShapeText, split_at_shape},
    torn::{left_of_bridge, torn},
};
use crate::{
    header::{Header, shape::Shape, version::Version},
    literal,
};

impl Header {
    /// Reads a header whose shape NumPy refuses. Only the number of rows is guessed, never another axis.
    ///
    /// These kinds of damage are understood:
    ///
    /// - The number of rows is a placeholder (blanks, `****`, `-1`) or a part of a number.
    /// - An axis is spelled as NumPy 2 shows its scalars: `np.int64(3)`.
    /// - The shape is a list or one integer.
    /// - A part of the end of the dictionary is from before a rewrite, and the other part from after it.
    ///
    /// Returns `None` for other damage.
    ///
    /// `bytes` is the file up to the end of the header.
    pub(crate) fn damaged(bytes: &[u8]) -> Option<Damaged> {
        let &[_, _, _, _, _, _, major, minor, ..] = bytes else {
            return None;
        };
        let version = Version::from_bytes([major, minor])?;
        let text = bytes.get(version.text_start()..)?;
        let text: String = match version.is_latin1() {
            true => text.iter().copied().map(char::from).collect(),
            false => str::from_utf8(text).ok()?.to_owned(),
        };
        if let Some(torn) = torn(version, &text).or_else(|| left_of_bridge(version, &text)) {
            return Some(torn);
        }
        let (before, value) = split_at_shape(&text)?;
        let shape = ShapeText::parse(value, version.is_latin1())?;
        let read = |dims: &[u64]| -> Option<Header> {
            let dims: String = dims.iter().map(|dim| format!("{dim}, ")).collect();
            literal::from_str(&format!("{before}({dims}){}", shape.rest)).ok()
        };
        let order = read(&[0])?.order();
        let (growth, inner) = order.split(&shape.axes)?;
        let inner = inner.iter().map(|axis| match axis {
            AxisText::Number(dim) => *dim,
            AxisText::Placeholder => None,
        });
        let inner: Vec<u64> = inner.collect::<Option<_>>()?;
        let with_rows = |rows: u64| {
            let shape = Shape::of_rows(rows, &inner, order);
            let header = read(shape.axes()).filter(|header| header.shape == shape)?;
            Some(Header { version, ..header })
        };
        // The other axes must make a row that an array can have.
        with_rows(1)?;
        let (rows, header) = match *growth {
            AxisText::Placeholder => (DamagedRows::Illegible, with_rows(0)?),
            AxisText::Number(number) => {
                let rows = number.and_then(|rows| Some((rows, with_rows(rows)?)));
                match rows {
                    Some((rows, header)) => (DamagedRows::Spelled(rows), header),
                    None => (DamagedRows::TooMany, with_rows(0)?),
                }
            }
        };
        Some(Damaged { header, rows })
    }
}
