use super::{DamagedRows, shape_text::NUMPY_INTEGERS, torn::END};
use crate::{
    dtype::DType,
    header::{Header, Order, growing::LINE, shape::Shape},
};

/// Returns the header with a text, with NumPy's padding.
fn bytes_of(text: &str) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    let len = (11 + text.len()).next_multiple_of(64);
    bytes.extend(u16::try_from(len - 10).unwrap().to_le_bytes());
    bytes.extend(text.bytes());
    bytes.resize(len - 1, b' ');
    bytes.push(b'\n');
    bytes
}

fn read(order: Order, shape: &str) -> Option<(Vec<u64>, DamagedRows)> {
    let fortran = if order == Order::Fortran {
        "True"
    } else {
        "False"
    };
    let text = format!("{{'descr': '<f8', 'fortran_order': {fortran}, 'shape': {shape}, }}");
    let damaged = Header::damaged(&bytes_of(&text))?;
    Some((damaged.header.shape().to_vec(), damaged.rows))
}

#[test]
fn a_placeholder_for_the_rows_keeps_the_other_axes() {
    let stars = "********************";
    for growth in [
        "", "      ", stars, "12**", "12*4", "1\0\0", "\0", "??", "-1",
    ] {
        let illegible = |shape: &[u64]| Some((shape.to_vec(), DamagedRows::Illegible));
        let c = |shape: &str| read(Order::C, &shape.replace('N', growth));
        assert_eq!(c("(N,)"), illegible(&[0]), "{growth:?}");
        assert_eq!(c("(N, 3)"), illegible(&[0, 3]), "{growth:?}");
        assert_eq!(c("(N,3,4)"), illegible(&[0, 3, 4]), "{growth:?}");
        assert_eq!(c("( N , 3, 4, )"), illegible(&[0, 3, 4]), "{growth:?}");
        let f = |shape: &str| read(Order::Fortran, &shape.replace('N', growth));
        assert_eq!(f("(N,)"), illegible(&[0]), "{growth:?}");
        assert_eq!(f("(3, 4, N,)"), illegible(&[3, 4, 0]), "{growth:?}");
        if !growth.trim().is_empty() {
            assert_eq!(f("(3, 4, N)"), illegible(&[3, 4, 0]), "{growth:?}");
        }
    }
}

#[test]
fn axes_as_numpy_shows_its_scalars_are_read() {
    for name in NUMPY_INTEGERS {
        let shape = format!("(np.{name}(2), np.{name}(3), 4)");
        for order in [Order::C, Order::Fortran] {
            let rows = if order == Order::C { 2 } else { 4 };
            let spelled = Some((vec![2, 3, 4], DamagedRows::Spelled(rows)));
            assert_eq!(read(order, &shape), spelled);
        }
    }
    let spelled = Some((vec![2, 3], DamagedRows::Spelled(2)));
    assert_eq!(read(Order::C, "(2, np.int64(3))"), spelled);
    assert_eq!(read(Order::C, "(np.int64(2), 3)"), spelled);
    assert_eq!(read(Order::C, "(numpy.int64( 2 ), 3,)"), spelled);
    assert_eq!(read(Order::C, "[2, 3]"), spelled);
    assert_eq!(read(Order::C, "[2, np.int64(3),]"), spelled);
    let placeholder = Some((vec![0, 3], DamagedRows::Illegible));
    assert_eq!(read(Order::C, "(***, np.int64(3))"), placeholder);
}

#[test]
fn one_integer_is_one_axis() {
    let six = Some((vec![6], DamagedRows::Spelled(6)));
    for shape in ["6", "(6)", "[6]", "np.int64(6)", "(np.int64(6))"] {
        assert_eq!(read(Order::C, shape), six, "{shape}");
        assert_eq!(read(Order::Fortran, shape), six, "{shape}");
    }
}

#[test]
fn a_number_of_rows_too_large_for_an_array_is_reported() {
    for rows in [
        "9223372036854775808",
        "18446744073709551616",
        "99999999999999999999999",
    ] {
        let too_many = |shape: &[u64]| Some((shape.to_vec(), DamagedRows::TooMany));
        assert_eq!(read(Order::C, &format!("({rows},)")), too_many(&[0]));
        assert_eq!(read(Order::C, &format!("({rows}, 3)")), too_many(&[0, 3]));
        let fortran = read(Order::Fortran, &format!("(3, {rows})"));
        assert_eq!(fortran, too_many(&[3, 0]));
    }
}

#[test]
fn no_axis_is_guessed() {
    for shape in [
        "(3, 4*, 5)",
        "(3, , 5)",
        "(3, -1)",
        "(***, ***)",
        "(10* 4, 5)",
        "(3 4)",
        "(3 4, 5)",
        "(***)",
        "***",
        "(-1)",
        "-1",
        "3, 4",
        "(3",
        "(3,",
        "(100, 64, 64",
        "(1,024, 3)",
        "(0012, 3)",
        "(3_0,)",
        "(3.0, 4)",
        "(3e1,)",
        "((30),)",
        "((***), 3)",
        "(-3,)",
        "(None, 3)",
        "(1\u{7f}3,)",
        "(np.int64(***), 3)",
        "(np.float64(2), 3)",
        "(np.int64(-2), 3)",
        "(np.int64(2, 3), 3)",
        "(np.int64(2) np.int64(3))",
        "[]",
        "()",
        "(****, 9223372036854775808)",
        "(****, 9223372036854775807)",
        "(99,)), ",
        "(***,)}",
        "(***,), 'shape': (***,)",
    ] {
        assert_eq!(read(Order::C, shape), None, "{shape}");
    }
    assert_eq!(read(Order::Fortran, "(*, 4, 5)"), None);
}

#[test]
fn damage_elsewhere_is_not_mended() {
    for text in [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (***,), } x",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (np.int64(3),), }}",
        "{'descr': '<f8', 'fortran_order': Falsch, 'shape': (***,), }",
        "{'descr': '<q9', 'fortran_order': False, 'shape': (***,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (6,), } x",
        "{'fortran_order': False, 'shape': (***,), }",
    ] {
        assert!(Header::damaged(&bytes_of(text)).is_none(), "{text}");
    }
    let mut name = b"\x93NUMPY\x03\x00\x50\0\0\0".to_vec();
    name.extend(b"{'descr': [('\xe9', '<f8')], 'fortran_order': False, 'shape': (***,), }");
    name.resize(11 + 80, b' ');
    name.push(b'\n');
    assert!(Header::damaged(&name).is_none());
}

/// A line ends at each offset in and after the end of the dictionary.
#[test]
fn an_end_that_is_torn_between_two_lines_is_mended() {
    let (mut torn, mut guarded, mut refused) = (0, 0, 0);
    for (order, inner) in [
        (Order::C, &[][..]),
        (Order::C, &[3, 64]),
        (Order::Fortran, &[3, 64]),
    ] {
        for name in 0..LINE {
            let dtype = format!("[('{}', '<f8')]", "x".repeat(name));
            let dtype: DType = dtype.parse().unwrap();
            let shape = Shape::of_rows(0, inner, order);
            let header = Header::of_elements(&dtype, shape).with_order(order);
            let header = |rows| header.with_rows(rows);
            for (old, new) in [(9, 10), (99, 100), (9, 100), (99, 12_345)] {
                let (before, after) = (header(old).to_bytes(), header(new).to_bytes());
                let end = before
                    .trim_ascii_end()
                    .len()
                    .min(after.trim_ascii_end().len());
                for line in (LINE..before.len()).step_by(LINE) {
                    // A rewrite bridges a bound that is inside both shapes.
                    if line + END.len() <= end {
                        continue;
                    }
                    for mixed in [
                        [&before[..line], &after[line..]].concat(),
                        [&after[..line], &before[line..]].concat(),
                    ] {
                        if Header::read_from(&mut &mixed[..]).is_ok() {
                            continue;
                        }
                        let Some(damaged) = Header::damaged(&mixed) else {
                            refused += 1;
                            continue;
                        };
                        let rows = match damaged.rows {
                            DamagedRows::Torn(rows) => rows,
                            DamagedRows::TornInShape { digits, is_whole } => {
                                let data = header(new).data_len().unwrap();
                                let found = damaged.header.row_size();
                                let rows = data / found;
                                let is_number = match is_whole {
                                    true => rows == digits && data % found == 0,
                                    false => rows.to_string().starts_with(&digits.to_string()),
                                };
                                let is_right = damaged.header == header(digits) && rows == new;
                                assert_eq!(is_number, is_right, "{}", mixed.escape_ascii());
                                guarded += 1;
                                continue;
                            }
                            other => panic!("{other:?}"),
                        };
                        let text = mixed.escape_ascii();
                        assert!([old, new].contains(&rows), "{text}");
                        assert_eq!(damaged.header, header(rows), "{text}");
                        torn += 1;
                    }
                }
            }
        }
    }
    assert!(torn > 20 && guarded > 5, "{torn}, {guarded}, {refused}");
}
