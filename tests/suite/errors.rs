//! What every error says.

use std::{fs, io, path::Path};

use npyrec::{
    AppendOptions, Appender, ArrayAppender, DecodeError, EncodeAs, EncodeError, Error, ErrorKind,
    Header, NpyRecord, Order, ReadOptions, Str,
};

use crate::{format::file, headers::header_of};

/// Returns the kind of an error, and the results of its methods that are not empty.
fn details(error: &Error) -> String {
    let mut details = vec![format!("{:?}", error.kind())];
    let mut note = |name: &str, value: Option<u64>| {
        details.extend(value.map(|value| format!("{name} {value}")));
    };
    note("array", error.array());
    note("at byte", error.array_offset());
    note("row", error.row());
    note("byte", error.byte());
    note("expected rows", error.expected_rows());
    note("found rows", error.found_rows());
    note("torn bytes", error.torn_bytes());
    note("max rows", error.max_rows());
    let differences = error.differences().len() as u64;
    note("differences", Some(differences).filter(|count| *count > 0));
    let flags = [
        ("retryable", error.is_retryable()),
        ("repeat", error.is_repeat()),
        ("source", std::error::Error::source(error).is_some()),
    ];
    let flags = flags.into_iter().filter(|(_, is_set)| *is_set);
    details.extend(flags.map(|(name, _)| name.to_owned()));
    if !error.index().is_empty() {
        details.push(format!("index {:?}", error.index()));
    }
    details.extend(error.field().map(|field| format!("field {field}")));
    details.extend(error.member().map(|member| format!("member {member}")));
    details.join(", ")
}

/// Returns the text without the name of the temporary folder.
fn text(error: &Error, dir: &Path) -> String {
    error.to_string().replace(
        &format!("{}{}", dir.display(), std::path::MAIN_SEPARATOR),
        "",
    )
}

#[derive(NpyRecord, Clone, Debug)]
struct Quote {
    time: i64,
    price: f64,
    size: u16,
    level: Level,
}

#[derive(NpyRecord, Clone, Debug)]
struct Level {
    bid: [f32; 2],
    #[npy(dtype = "S4")]
    venue: String,
}

mod other {
    use npyrec::NpyRecord;

    #[derive(NpyRecord)]
    pub struct Quote {
        pub size: u16,
        pub time: i64,
        pub price: f32,
        pub level: Level,
        pub flags: u8,
    }

    #[derive(NpyRecord)]
    pub struct Level {
        pub bid: [f32; 3],
        pub ask: f32,
    }
}

#[test]
fn every_kind_of_error_says_what_where_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("quotes.npy");
    let mut texts = Vec::new();
    let mut say = |case: &str, error: Error| {
        let text = text(&error, dir.path());
        texts.push(format!("# {case}\n{text}\n({})", details(&error)));
    };
    let read = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        npyrec::read::<u32>(&path).unwrap_err()
    };
    let array = |dtype: &str, order, shape: &[u64]| {
        Header::new(dtype.parse().unwrap(), order, shape)
            .unwrap()
            .to_bytes()
    };

    say("Header: not npy", read(b"time,price\n"));
    say(
        "Header: text",
        read(&file(
            1,
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3)}",
            64,
            &[],
        )),
    );
    say(
        "Header: dtype",
        read(&file(1, "{'descr': [('a', [('b', '<bool')])]}", 64, &[])),
    );
    say("DType", {
        npyrec::write::<other::Quote>(&path, &[]).unwrap();
        Appender::<Quote>::open(&path).unwrap_err()
    });
    say("DType: order", {
        npyrec::write::<Reordered>(&path, &[]).unwrap();
        Appender::<Level>::open(&path).unwrap_err()
    });
    say("DType: padding", {
        npyrec::write::<Padded>(&path, &[]).unwrap();
        Appender::<Packed>::open(&path).unwrap_err()
    });
    say("DType: shape", {
        fs::write(&path, array("<u4", Order::C, &[5, 3])).unwrap();
        Appender::<u32>::open(&path).unwrap_err()
    });
    say(
        "Objects",
        read(&file(
            1,
            "{'descr': '|O', 'fortran_order': False, 'shape': (3,)}",
            64,
            &[],
        )),
    );
    say("NoRows", {
        fs::write(&path, array("<u4", Order::C, &[])).unwrap();
        Appender::<u32>::open(&path).unwrap_err()
    });
    say("FortranOrder", {
        let bytes = array("<u4", Order::Fortran, &[5, 3]);
        fs::write(&path, [bytes, vec![0; 60]].concat()).unwrap();
        crate::mapped::map::<[u32; 3]>(&path).unwrap_err()
    });
    let fortran = AppendOptions::new().order(Order::Fortran);
    say(
        "Shape",
        fortran
            .open_or_create_array::<u32>(&path, &[4])
            .unwrap_err(),
    );
    say(
        "Order",
        ArrayAppender::<u32>::open_or_create(&path, &[5]).unwrap_err(),
    );
    say(
        "PartialRow",
        fortran
            .open_array::<u32>(&path)
            .and_then(|mut array| array.append_rows(&[0; 7]))
            .unwrap_err(),
    );
    say(
        "NoRow",
        npyrec::NpyFile::open(&path).unwrap().row(5).unwrap_err(),
    );
    say("Itemsize", Appender::<Wrong>::create(&path).unwrap_err());
    say("Encode", {
        let mut quotes = Appender::<Quote>::create(&path).unwrap();
        let level = Level {
            bid: [0.0; 2],
            venue: "XETRA".into(),
        };
        quotes
            .append(&Quote {
                time: 1,
                price: 2.0,
                size: 3,
                level,
            })
            .unwrap_err()
    });
    say("Decode", {
        let mut bytes = Header::for_record::<Level>(1).to_bytes();
        bytes.extend(b"........X\xffXX");
        fs::write(&path, bytes).unwrap();
        npyrec::read::<Level>(&path).unwrap_err()
    });
    say(
        "Truncated",
        read(&[array("<u4", Order::C, &[3]), vec![0; 7]].concat()),
    );
    say("Locked", {
        let _first = Appender::<u32>::create(&path).unwrap();
        Appender::<u32>::open(&path).unwrap_err()
    });
    say("AnotherArray", {
        fs::write(&path, array("<u4", Order::C, &[0]).repeat(2)).unwrap();
        Appender::<u32>::open(&path).unwrap_err()
    });
    say("NoGrowthRoom", {
        let full = "{'descr':'<u4','fortran_order':False,'shape':(0,)}    ";
        fs::write(&path, file(1, full, 1, &[])).unwrap();
        Appender::<u32>::open(&path).unwrap_err()
    });
    say("NeedsRecovery", {
        fs::write(&path, [array("<u4", Order::C, &[3]), vec![0; 17]].concat()).unwrap();
        npyrec::recover(&path, npyrec::Recovery::Refuse).unwrap_err()
    });
    say("NeedsRecovery: damaged", {
        let damaged = "{'descr': '<u4', 'fortran_order': False, 'shape': (***,), }";
        fs::write(&path, file(1, damaged, 64, &[0; 8])).unwrap();
        npyrec::make_appendable(&path).unwrap_err()
    });
    say("CutShort", {
        npyrec::write(&path, &[1_u32, 2]).unwrap();
        let mut follow = npyrec::Follow::<u32>::open(&path).unwrap();
        follow.poll().unwrap();
        fs::write(&path, array("<u4", Order::C, &[0])).unwrap();
        follow.poll().unwrap_err()
    });
    say("Removed", {
        let mut follow = npyrec::Follow::<u32>::open(&path).unwrap();
        fs::rename(&path, dir.path().join("rotated.npy")).unwrap();
        follow.poll().unwrap_err()
    });
    say("TooManyRows", {
        fs::write(&path, Header::for_record::<[u8; 0]>(1 << 60).to_bytes()).unwrap();
        npyrec::read::<[u8; 0]>(&path).unwrap_err()
    });
    say("Objects: field", {
        let descr = "{'descr': [('a', '|O'), ('b', '<u4')], 'fortran_order': False, 'shape': (3,)}";
        read(&file(1, descr, 64, &[]))
    });
    say("Decode: index", {
        let mut bytes = Header::for_record::<[Str<1>; 2]>(2).to_bytes();
        bytes.extend(
            [65_u32, 66, 67, 0xd800]
                .map(u32::to_le_bytes)
                .as_flattened(),
        );
        fs::write(&path, bytes).unwrap();
        npyrec::read::<[Str<1>; 2]>(&path).unwrap_err()
    });
    map_errors(&mut say, &path);
    array_errors(&mut say, &path);
    stream_errors(&mut say, &path);
    say("Closed", {
        let log = Appender::<u8>::create(&path).unwrap();
        let (log, guard) = log.into_background(npyrec::BackgroundOptions::new());
        guard.close().unwrap();
        log.log(1).unwrap_err()
    });
    archive_errors(&mut say, dir.path());
    insta::assert_snapshot!(texts.join("\n\n"));
}

#[allow(unsafe_code)]
fn map_errors(say: &mut dyn FnMut(&str, Error), path: &Path) {
    npyrec::write(path, &[1_u32, 2, 3]).unwrap();
    // SAFETY: nobody else knows of the file.
    let mut mapped = unsafe { npyrec::Mapped::<u32>::open(path) }.unwrap();
    let column = mapped.column::<u32>("price");
    say("NoField", column.unwrap_err());
    let mut header = fs::read(path).unwrap();
    let at = header.windows(3).position(|text| text == b"<u4").unwrap();
    header[at + 1] = b'i';
    // Windows cuts no file that is mapped.
    let mut file = fs::File::options().write(true).open(path).unwrap();
    io::Write::write_all(&mut file, &header).unwrap();
    say("HeaderChanged", mapped.refresh().unwrap_err());
}

fn array_errors(say: &mut dyn FnMut(&str, Error), path: &Path) {
    npyrec::write(path, &[[1_u8, 2], [3, 4]]).unwrap();
    let one_axis = npyrec::read_array_dim::<u8, ndarray::Ix1>(path);
    say("Axes", one_axis.unwrap_err());
    let elements = ReadOptions::new().flat(true);
    let mut reader = elements.open::<u8>(path).unwrap();
    reader.next().unwrap().unwrap();
    say("AlreadyRead", reader.read_array().unwrap_err());
    let shape = [0, 1 << 62, 1 << 62];
    fs::write(path, crate::format::empty("'|u1'", Order::C, &shape)).unwrap();
    let too_large = npyrec::read_array::<u8>(path);
    say("ArrayTooLarge", too_large.unwrap_err());
}

fn stream_errors(say: &mut dyn FnMut(&str, Error), path: &Path) {
    use npyrec::stream::{Index, RecordWriter, Writer, concatenate};

    let mut arrays = Writer::new(Vec::new());
    arrays.write(&[1_u8]).unwrap();
    arrays.write(&[1_u16]).unwrap();
    fs::write(path, arrays.get_ref()).unwrap();
    let mut index = Index::build(path).unwrap();
    say("NoArray", index.array(2).unwrap_err());
    let joined = concatenate(path, path.with_extension("joined"));
    say("ArrayDiffers", joined.unwrap_err());
    let records = RecordWriter::<[u8; 2], _>::with_header(
        Vec::new(),
        &header_of::<[u8; 2]>(&[3], Order::Fortran),
    );
    say("FortranRecords", records.unwrap_err());
    drop(arrays.records::<u8>(3).unwrap());
    say("Unfinished", arrays.write(&[1_u8]).unwrap_err());
}

fn archive_errors(say: &mut dyn FnMut(&str, Error), dir: &Path) {
    use npyrec::npz::{Compression, Reader, Writer};

    let path = dir.join("quotes.npz");
    say("Archive", {
        fs::write(&path, b"time,price\n").unwrap();
        Reader::open(&path).unwrap_err()
    });
    let mut archive = Writer::create(&path).unwrap();
    say("NoMember: none", {
        Writer::create(&path).unwrap().finish().unwrap();
        Reader::open(&path)
            .unwrap()
            .read::<u8>("volume")
            .unwrap_err()
    });
    archive.write("price", &[1.5_f64]).unwrap();
    say(
        "MemberExists",
        archive.write("price", &[1.5_f64]).unwrap_err(),
    );
    say("MemberName", archive.write("../price", &[1]).unwrap_err());
    let shaped = archive.write_with("size", &header_of::<u8>(&[2, 3], Order::C), &[1_u8; 5]);
    say("Elements: member", shaped.unwrap_err());
    let mut size = archive
        .records_with::<u16>("size", &Header::for_record::<u16>(3))
        .unwrap();
    size.append(&1).unwrap();
    say("RowsPromised: member", size.finish().unwrap_err());
    archive = archive.compression(Compression::Deflated);
    for name in 0..30 {
        archive.write(&format!("level {name}"), &[1_u8]).unwrap();
    }
    archive.finish().unwrap();
    let mut archive = Reader::open(&path).unwrap();
    say("NoMember", archive.by_name("size").unwrap_err());
    say("DType: member", archive.read::<u8>("price").unwrap_err());
    #[allow(unsafe_code)]
    // SAFETY: nobody else knows of the file.
    let mapped = unsafe {
        archive
            .by_name("level 1")
            .and_then(|array| array.map::<u8>())
    };
    say("NotStored", mapped.unwrap_err());
}

/// A record that contradicts itself.
struct Wrong;

impl EncodeAs<Wrong> for Wrong {
    fn encode_as(&self, (): &(), out: &mut [u8]) -> Result<(), EncodeError> {
        self.encode(out)
    }
}

impl NpyRecord for Wrong {
    const ITEMSIZE: usize = 8;

    fn dtype() -> npyrec::DType {
        u32::dtype()
    }

    fn encode(&self, _: &mut [u8]) -> Result<(), EncodeError> {
        Ok(())
    }

    fn decode(_: &[u8]) -> Result<Self, DecodeError> {
        Ok(Wrong)
    }
}

#[derive(NpyRecord)]
#[allow(dead_code)]
struct Reordered {
    #[npy(dtype = "S4")]
    venue: String,
    bid: [f32; 2],
}

#[derive(NpyRecord)]
#[npy(align)]
#[allow(dead_code)]
struct Padded {
    a: u8,
    b: u32,
}

#[derive(NpyRecord)]
#[allow(dead_code)]
struct Packed {
    a: u8,
    b: u32,
}

/// NumPy has no element of more than two gigabytes, and a machine of 32 bits no such type.
#[cfg(target_pointer_width = "64")]
#[test]
fn a_record_that_has_no_header_leaves_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.npy");
    Appender::<[u8; 1 << 31]>::create(&path).unwrap_err();
    assert!(!path.exists());
}

#[test]
fn an_error_of_the_system_says_what_was_to_be_done() {
    let dir = tempfile::tempdir().unwrap();
    let error = npyrec::read::<u32>(dir.path()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("0.npy: cannot open the file: "), "{text}");
    assert!(text.ends_with("and `0.npy` is the first"), "{text}");
    assert_eq!(error.kind(), ErrorKind::Io);
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.downcast_ref::<io::Error>().is_some());
    let error = Appender::<u32>::open(dir.path().join("no/such/folder.npy")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("folder.npy: cannot open the file: "),
        "{error}"
    );
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::NotFound);
}

#[test]
fn an_error_is_one_pointer_wide() {
    assert_eq!(size_of::<npyrec::Result<()>>(), size_of::<usize>());
    assert_eq!(size_of::<Result<(), EncodeError>>(), size_of::<usize>());
}
