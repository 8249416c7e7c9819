use std::{fs, path::Path};

use npyrec::{
    Appender, ErrorKind, Order,
    stream::{Writer, concatenate},
};
use serde_json::json;

use super::event;
use crate::{headers::header_of, numpy::numpy};

#[test]
fn arrays_become_one_as_numpy_concatenates_them() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("arrays.npy");
    let target = dir.path().join("one.npy");
    let saves = "def filled(shape, dtype='<f8', order='C'):\n\
                 \x20   size = int(np.prod(shape)) * np.dtype(dtype).itemsize\n\
                 \x20   return np.ndarray(shape, dtype, bytes(i % 2 for i in range(size)), order=order)\n\
                 def save(arrays, axis=0):\n\
                 \x20   with open(path, 'wb') as file:\n\
                 \x20       for array in arrays: np.save(file, array)\n\
                 \x20   with open(path, 'rb') as file: loaded = [np.load(file) for _ in arrays]\n\
                 \x20   one = np.concatenate(loaded, axis=axis)\n\
                 \x20   np.save(path + '.expected.npy', one)\n\
                 \x20   return one.shape[axis]\n\
                 rows = lambda dtype: [filled((n,), dtype) for n in (3, 0, 1, 40000)]\n";
    let cases = [
        "save([filled((3,))])",
        "save(rows('<f8'))",
        "save(rows('|b1'))",
        "save(rows('>i4'))",
        "save(rows('S3'))",
        "save(rows('>U2'))",
        "save(rows('V5'))",
        "save(rows('>M8[ns]'))",
        "save(rows([('a', 'u1'), ('b', '<f8')]))",
        "save(rows(np.dtype([('a', 'u1'), ('b', '>f8')], align=True)))",
        "save(rows([('a', 'u1'), ('b', [('c', '>i4')], (2,))]))",
        "save(rows([(('Title', 'a'), 'u1'), ('b', '>c8')]))",
        "save([filled((2,), '<i2'), filled((3,), '>i2')])",
        "save([filled((n, 3, 2)) for n in (1, 0, 4)])",
        "save([filled((n, 1)) for n in (1, 2)])",
        "save([filled((n, 0, 2)) for n in (1, 2)])",
        "save([filled((3, n), order='F') for n in (2, 4, 3)], -1)",
        "save([filled((2, 3, n), '>u2', order='F') for n in (2, 1, 4)], -1)",
    ];
    for case in cases {
        let rows = numpy.python(&path, &format!("{saves}answer = int({case})"));
        assert_eq!(json!(concatenate(&path, &target).unwrap()), rows, "{case}");
        let expected = fs::read(dir.path().join("arrays.npy.expected.npy")).unwrap();
        assert!(fs::read(&target).unwrap() == expected, "{case}");
    }
    // For an array of no elements among them, NumPy goes over to C order.
    let case = "save([filled((2, 3, n), order='F') for n in (2, 0, 4)], -1)";
    assert_eq!(
        numpy.python(&path, &format!("{saves}answer = int({case})")),
        json!(6)
    );
    assert_eq!(concatenate(&path, &target).unwrap(), 6);
    let code = "one, expected = np.load(path.replace('arrays', 'one')), np.load(path + '.expected.npy')\n\
                answer = [np.array_equal(one, expected), one.flags.f_contiguous]";
    assert_eq!(numpy.python(&path, code), json!([true, true]));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
}

fn saved(path: &Path, save: impl FnOnce(&mut Writer<Vec<u8>>) -> npyrec::Result<()>) {
    let mut arrays = Writer::new(Vec::new());
    save(&mut arrays).unwrap();
    fs::write(path, arrays.into_inner()).unwrap();
}

#[test]
fn an_array_that_does_not_go_on_is_named_and_the_target_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("arrays.npy");
    let target = dir.path().join("one.npy");
    fs::write(&target, b"as it was").unwrap();
    let six = [0_u8; 6];
    let mut texts = Vec::new();
    let mut refused = |save: &dyn Fn(&mut Writer<Vec<u8>>) -> npyrec::Result<()>| {
        saved(&path, save);
        let error = concatenate(&path, &target).unwrap_err();
        assert_eq!(error.path(), Some(path.as_path()));
        let folder = format!("{}{}", dir.path().display(), std::path::MAIN_SEPARATOR);
        texts.push(error.to_string().replace(&folder, ""));
    };
    refused(&|arrays| {
        arrays.write(&[1_i32])?;
        arrays.write(&[1_f32])
    });
    refused(&|arrays| {
        arrays.write(&[1_i32])?;
        arrays.write(&[event(1, "a")])
    });
    refused(&|arrays| {
        arrays.write_with(&header_of::<u8>(&[1, 2, 3], Order::C), &six)?;
        arrays.write_with(&header_of::<u8>(&[2, 3, 1], Order::C), &six)
    });
    refused(&|arrays| {
        arrays.write_with(&header_of::<u8>(&[2, 3], Order::Fortran), &six)?;
        arrays.write_with(&header_of::<u8>(&[3, 2], Order::Fortran), &six)
    });
    refused(&|arrays| {
        arrays.write_with(&header_of::<u8>(&[2, 3], Order::Fortran), &six)?;
        arrays.write_with(&header_of::<u8>(&[2, 3], Order::C), &six)
    });
    refused(&|arrays| {
        arrays.write(&six)?;
        arrays.write_with(&header_of::<u8>(&[6, 1], Order::C), &six)
    });
    refused(&|arrays| {
        arrays.write(&six)?;
        arrays.write_with(&header_of::<u8>(&[], Order::C), &six[..1])
    });
    refused(&|arrays| arrays.write_with(&header_of::<u8>(&[], Order::C), &six[..1]));
    refused(&|_| Ok(()));
    assert_eq!(fs::read(&target).unwrap(), b"as it was");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn a_target_that_an_appender_has_open_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("arrays.npy");
    let target = dir.path().join("one.npy");
    saved(&path, |arrays| arrays.write(&[1_u8]));
    let mut appender = Appender::<u8>::create(&target).unwrap();
    let error = concatenate(&path, &target).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    appender.append(&7).unwrap();
    appender.close().unwrap();
    assert_eq!(npyrec::read::<u8>(&target).unwrap(), [7]);
    assert_eq!(concatenate(&path, &target).unwrap(), 1);
    assert_eq!(npyrec::read::<u8>(&target).unwrap(), [1]);
}

#[test]
fn the_source_is_not_the_target() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("arrays.npy");
    saved(&path, |arrays| arrays.write(&[1_u8]));
    let before = fs::read(&path).unwrap();
    let mut names = vec![path.clone(), dir.path().join(".").join("arrays.npy")];
    #[cfg(unix)]
    {
        names.extend(["hard.npy", "soft.npy"].map(|name| dir.path().join(name)));
        fs::hard_link(&path, &names[2]).unwrap();
        std::os::unix::fs::symlink(&path, &names[3]).unwrap();
    }
    for name in names {
        let error = concatenate(&path, &name).unwrap_err();
        assert!(
            error.to_string().contains("the source is the target"),
            "{error}"
        );
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}
