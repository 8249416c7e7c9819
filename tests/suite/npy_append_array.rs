//! Arrays that NpyAppendArray appends to as well.

use crate::numpy::numpy;
use npyrec::{AppendOptions, ErrorKind, Header, Order, Recovery};
use serde_json::json;
use std::fs;

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
