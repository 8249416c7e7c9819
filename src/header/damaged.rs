use super::{
    model::{Header, Order},
    version::Version,
};
use crate::literal;

/// What may stand between the digits of a tuple.
const BLANKS: [char; 3] = [' ', '\t', '\n'];

impl Header {
    /// The header of a file whose number of rows cannot be read, though the rest of the text can: a
    /// writer was stopped before it knew the number, or while it wrote it. The growth axis is 0 then.
    ///
    /// `bytes` are those of the file, to the end of the header.
    pub(crate) fn with_damaged_rows(bytes: &[u8]) -> Option<Self> {
        let &[_, _, _, _, _, _, major, minor, ..] = bytes else {
            return None;
        };
        let version = Version::from_bytes([major, minor])?;
        let text = bytes.get(version.text_start()..)?;
        let text: String = match version.is_latin1() {
            true => text.iter().copied().map(char::from).collect(),
            false => String::from_utf8_lossy(text).into_owned(),
        };
        // While the shape is given twice, it is the first one that may be damaged beyond reading.
        let mut shapes = splits_at_shape(&text);
        let first = shapes.next()?;
        let last = shapes.last().unwrap_or(first);
        // Without a bracket behind it, other axes may be lost as well.
        let (axes, behind) = last.1.split_at_checked(last.1.find([')', '}'])?)?;
        // Where no other key follows, it is known what does.
        let behind = behind.strip_prefix(')').filter(|rest| rest.contains(':'));
        let behind = behind.unwrap_or("}");
        let with_shape = |shape: &str| -> Option<Header> {
            let read = |before| literal::from_str(&format!("{before}({shape}){behind}")).ok();
            read(last.0).or_else(|| read(first.0))
        };

        let axes = axes.split(',').map(|axis| axis.trim_matches(BLANKS));
        let axes: Vec<&str> = axes.filter(|axis| !axis.is_empty()).collect();
        // A comma between two axes may be lost as well.
        if axes.iter().any(|axis| axis.contains(BLANKS)) {
            return None;
        }
        let flat = with_shape("0,")?;
        let header = match (flat.order, &*axes) {
            (_, [] | [_]) => flat,
            (Order::C, [_, inner @ ..]) => with_shape(&format!("0, {}", inner.join(",")))?,
            (Order::Fortran, [inner @ .., _]) => with_shape(&format!("{}, 0", inner.join(",")))?,
        };
        Some(Header { version, ..header })
    }
}

/// For each key `shape`: the text up to its value, and behind the bracket that opens this.
fn splits_at_shape(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let keys = ["'shape'", "\"shape\""];
    let found = keys.into_iter().flat_map(|key| text.match_indices(key));
    found.filter_map(|(at, key)| {
        let (_, rest) = text.split_at_checked(at + key.len())?;
        let value = rest.trim_start_matches(BLANKS).strip_prefix(':')?;
        let axes = value.trim_start_matches(BLANKS).strip_prefix('(')?;
        Some((text.strip_suffix(value)?, axes))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(order: Order, shape: &str) -> Option<Vec<u64>> {
        let fortran = if order == Order::Fortran {
            "True"
        } else {
            "False"
        };
        let text = format!("{{'descr': '<f8', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
        bytes.extend(text.as_bytes());
        assert!(Header::read_from(&mut &bytes[..]).is_err(), "{text}");
        Some(Header::with_damaged_rows(&bytes)?.shape)
    }

    #[test]
    fn the_other_axes_survive_damage_to_the_number_of_rows() {
        let stars = "********************";
        for growth in [stars, "12*4", "1\0\0", "-1", "99999999999999999999999"] {
            assert_eq!(mended(Order::C, &format!("({growth},)")), Some(vec![0]));
            assert_eq!(mended(Order::C, &format!("({growth})")), Some(vec![0]));
            assert_eq!(
                mended(Order::C, &format!("({growth}, 3, 4)")),
                Some(vec![0, 3, 4])
            );
            assert_eq!(
                mended(Order::Fortran, &format!("(3, 4, {growth})")),
                Some(vec![3, 4, 0])
            );
        }
    }

    #[test]
    fn a_lost_bracket_or_comma_is_mended() {
        assert_eq!(mended(Order::C, "(100)"), Some(vec![0]));
        assert_eq!(mended(Order::C, "(100,"), Some(vec![0]));
        assert_eq!(mended(Order::C, "(99,))"), Some(vec![0]));
        assert_eq!(mended(Order::C, "(99,),"), Some(vec![0]));
        assert_eq!(mended(Order::C, "(100, 64, 64"), Some(vec![0, 64, 64]));
    }

    #[test]
    fn of_a_shape_given_twice_the_second_one_counts() {
        let twice = "(9,)0,),'shape':(100, 3*)";
        assert_eq!(mended(Order::C, twice), None);
        let twice = "(9,)0,),'shape':(100, 3)";
        assert_eq!(mended(Order::C, twice), Some(vec![0, 3]));
    }

    #[test]
    fn damage_to_another_axis_is_not_mended() {
        assert_eq!(mended(Order::C, "(3, 4*, 5)"), None);
        assert_eq!(mended(Order::Fortran, "(*, 4, 5)"), None);
        assert_eq!(mended(Order::C, "3, 4"), None);
        assert_eq!(mended(Order::C, "(10* 4, 5)"), None);
    }
}
