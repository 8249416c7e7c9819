//! Members that are mapped.

use super::*;

#[test]
fn stored_members_are_mapped_and_aligned() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mapped.npz");
    let numbers: Vec<u64> = (0..1000).collect();
    let mut archive = Writer::create(&path).unwrap();
    for name in ["a", "ab", "nested/abc", "größe"] {
        archive.write(name, &numbers).unwrap();
        archive
            .write(&format!("{name} bytes"), &[1_u8; 13])
            .unwrap();
    }
    let mut log = archive.records::<u64>("log").unwrap();
    log.append_slice(&numbers).unwrap();
    log.finish().unwrap();
    let fortran = Array::from_shape_fn((3, 2).f(), |(i, j)| (i * 10 + j) as u16);
    archive.write_array("fortran", &fortran).unwrap();
    archive.write("none", &[0_u64; 0]).unwrap();
    archive = archive.compression(Compression::Deflated);
    archive.write("deflated", &numbers).unwrap();
    archive.finish().unwrap();
    for name in ["a", "ab", "nested/abc", "größe", "log"] {
        let mut mapped = map::<u64>(&path, name).unwrap();
        assert_eq!(rows(&mapped), numbers);
        if let Some(slice) = mapped.as_slice() {
            assert_eq!(slice.as_ptr().align_offset(64), 0);
        }
        assert_eq!(mapped.refresh().unwrap(), 0);
        assert_eq!(mapped.get(999).unwrap().unwrap(), 999);
        assert!(mapped.get(1000).is_none());
    }
    let flat = ReadOptions::new().flat(true);
    #[allow(unsafe_code)]
    // SAFETY: the archive is left alone while it is mapped.
    let mapped = unsafe {
        Reader::open(&path)
            .unwrap()
            .by_name("fortran")
            .and_then(|array| array.with(flat).map::<u16>())
    }
    .unwrap();
    match HAS_SLICES {
        true => assert_eq!(mapped.view().unwrap(), fortran.into_dyn()),
        false => assert!(fortran.t().iter().copied().eq(rows(&mapped))),
    }
    assert!(map::<u64>(&path, "none").unwrap().is_empty());
    let error = map::<u64>(&path, "deflated").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("only an uncompressed member can be mapped"),
        "{error}"
    );
    let error = map::<u32>(&path, "a").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType, "{error}");
    assert_eq!(error.member(), Some("a"));
    // A new archive in its place leaves the old one mapped.
    let mapped = map::<u64>(&path, "a").unwrap();
    let replaced = Writer::create(&path).unwrap().finish();
    // Windows may refuse it, and then keeps the old one.
    assert!(replaced.is_ok() || cfg!(windows));
    assert_eq!(rows(&mapped), numbers);
    // A source of another kind.
    let other = dir.path().join("other.npz");
    let mut archive = Writer::create(&other).unwrap();
    archive.write("a", &numbers).unwrap();
    archive.finish().unwrap();
    let file = fs::File::open(&other).unwrap();
    #[allow(unsafe_code)]
    // SAFETY: nothing is mapped.
    let error = unsafe {
        Reader::new(file)
            .unwrap()
            .by_name("a")
            .and_then(|array| array.map::<u64>())
    }
    .unwrap_err();
    assert!(
        error.to_string().contains("not opened by its path"),
        "{error}"
    );
}

#[test]
fn a_member_of_numpys_is_mapped_where_it_lies() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("numpy.npz");
    let Some(mut numpy) = numpy() else { return };
    let mut aligned = 0;
    for len in 1..=8 {
        let name = "x".repeat(len);
        let code = format!("np.savez(path, {name}=np.arange(5.))\nanswer = 0");
        numpy.python(&path, &code);
        let mapped = map::<f64>(&path, &name).unwrap();
        let values: Vec<f64> = mapped.iter().map(Result::unwrap).collect();
        assert_eq!(values, [0.0, 1.0, 2.0, 3.0, 4.0]);
        match mapped.as_slice() {
            Some(_) => aligned += 1,
            None if !HAS_SLICES => {
                assert_eq!(mapped.layout_mismatch(), Some(LayoutMismatch::Record));
            }
            None => assert!(matches!(
                mapped.layout_mismatch(),
                Some(LayoutMismatch::Alignment { alignment, .. }) if alignment == align_of::<f64>()
            )),
        }
    }
    assert_eq!(aligned, usize::from(HAS_SLICES) * 8 / align_of::<f64>());
}

/// The header of an array that is longer than its member.
#[test]
fn a_map_ends_with_its_member() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long.npz");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("a.npy", options).unwrap();
    zip.write_all(&npyrec::Header::for_record::<u8>(30).to_bytes())
        .unwrap();
    zip.write_all(&[1; 20]).unwrap();
    zip.start_file("b.npy", options).unwrap();
    zip.finish().unwrap();
    let error = map::<u8>(&path, "a").unwrap_err();
    assert_eq!(
        (error.kind(), error.expected_rows(), error.found_rows()),
        (ErrorKind::Truncated, Some(30), Some(20)),
        "{error}"
    );
    assert!(map::<u8>(&path, "b").is_err());
}
