//! Any archive: its members are read as they are alone, a damaged one is an error, and nothing panics or
//! takes more memory than in proportion to what is read.
#![no_main]

use std::{
    fmt::Debug,
    fs,
    io::{Cursor, Read, Seek},
    path::Path,
};

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use npyrec::{Header, NpyRecord, npz::{Reader, Writer}};
use npyrec_fuzz::{
    memory::{Limited, limited},
    mutate::{DTYPES, mutate_archive},
    temporary_file,
    way::{Limits, Way},
};
use zip::{CompressionMethod, ZipArchive};

#[global_allocator]
static ALLOCATOR: Limited = Limited;

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate_archive(data, size, max_size, seed, &DTYPES)
});

fuzz_target!(|bytes: &[u8]| {
    let (_dir, path) = temporary_file(bytes);
    let members = members(bytes);
    let archive = limited(bytes.len(), 0, || Reader::new(Cursor::new(bytes)));
    let file = limited(bytes.len(), 0, || Reader::open(&path));
    let (Ok(mut archive), Ok(mut file)) = (archive, file) else {
        assert!(members.is_none());
        return assert!(Reader::open(&path).is_err_and(|error| error.path().is_some()));
    };
    let members = members.expect("it is an archive");
    let names = limited(bytes.len(), 0, || archive.names());
    assert_eq!(names.len(), members.len());
    assert_eq!(names, file.names());
    let number = bytes
        .iter()
        .fold(bytes.len(), |sum, &byte| sum + usize::from(byte));
    for (nth, name) in names.iter().enumerate().take(8) {
        let member = Member::of(&members, bytes, name);
        for nth in nth..nth + 2 {
            let way = Way::of(number.wrapping_mul(2 * nth + 1) + nth);
            member.check(&mut archive, way);
            member.check(&mut file, way);
        }
        member.check_mapped::<u8>(&mut file);
        member.check_mapped::<f64>(&mut file);
        member.check_mapped::<[i16; 2]>(&mut file);
    }
    check_no_member(&mut archive, "there is none");
    check_append(&path, bytes, &names);
});

/// The readable bytes of a member, and a flag that they are complete.
struct Content {
    name: String,
    bytes: Vec<u8>,
    is_whole: bool,
    is_stored: bool,
}

/// No more is read of a member.
const LONG: u64 = 1 << 22;

fn members(bytes: &[u8]) -> Option<Vec<Content>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let (mut content, mut is_whole) = (Vec::new(), false);
        let (mut name, mut is_stored) = (String::new(), false);
        if let Ok(file) = archive.by_index_data(index) {
            name = file
                .name()
                .map_or_else(|_| String::new(), |name| name.into_owned());
            is_stored = file.compression() == CompressionMethod::Stored;
        }
        if let Ok(mut file) = archive.by_index(index) {
            let read = file.by_ref().take(LONG).read_to_end(&mut content);
            is_whole = read.is_ok();
        }
        members.push(Content {
            name,
            bytes: content,
            is_whole,
            is_stored,
        });
    }
    Some(members)
}

/// A member of an archive, by its name as an array.
struct Member<'a> {
    name: &'a str,
    archive: &'a [u8],
    /// Its content, if it has only one member.
    content: Option<&'a Content>,
}

impl<'a> Member<'a> {
    fn of(members: &'a [Content], archive: &'a [u8], name: &'a str) -> Self {
        let array = |member: &Content| member.name.strip_suffix(".npy") == Some(name);
        // It is also found by its full name.
        let mut found = (members.iter()).filter(|member| array(member) || member.name == name);
        let content = match (found.next(), found.next()) {
            (Some(content), None) => Some(content),
            _ => None,
        };
        Member {
            name,
            archive,
            content,
        }
    }

    /// Returns the number of readable bytes, which limits the memory.
    fn len(&self) -> usize {
        let content = self
            .content
            .map_or(LONG as usize, |content| content.bytes.len());
        self.archive.len() + content
    }

    fn check<S: Read + Seek>(&self, archive: &mut Reader<S>, way: Way) {
        let header = limited(self.len(), 0, || {
            archive.by_name(self.name).map(|member| member.header().clone())
        });
        let is_placed = |error: &npyrec::Error| assert_eq!(error.member(), Some(self.name));
        let len = self.len();
        let error = &is_placed;
        let found = way.read((archive, self.name), &Limits { len, error });
        if let Err(error) = &header {
            is_placed(error);
        }
        let Some(content) = self.content else { return };
        if content.bytes.len() as u64 == LONG {
            return;
        }
        if !content.is_whole {
            let is_error = found.as_ref().is_err();
            return assert!(
                is_error || !way.reads_all(),
                "{found:?} of a damaged member"
            );
        }
        let alone = Header::read_from(&mut &content.bytes[..]);
        assert_eq!(header.ok(), alone.ok());
        let error = &|_: &npyrec::Error| {};
        assert_eq!(found, way.read(&content.bytes[..], &Limits { len, error }));
    }

    fn check_mapped<R: NpyRecord + Debug + PartialEq>(&self, archive: &mut Reader) {
        // SAFETY: nobody else knows of the file.
        let mapped = limited(self.len(), 0, || {
            archive.by_name(self.name).and_then(|member| unsafe { member.map::<R>() })
        });
        let text = |row: Result<R, npyrec::Error>| match row {
            Ok(row) => format!("{row:?}"),
            Err(error) => format!("{:?} {:?}", error.row(), error.kind()),
        };
        let content = self.content.filter(|content| content.is_whole);
        match mapped {
            Ok(mut mapped) => {
                let rows: Vec<_> = mapped.iter().map(text).collect();
                assert_eq!(rows.len(), mapped.len());
                if let Some(slice) = mapped.as_slice() {
                    assert_eq!(slice.len(), rows.len());
                }
                if let Some(content) = content {
                    let alone = npyrec::Reader::<R, _>::new(&content.bytes[..]);
                    let alone = alone.expect("it was mapped").map(text);
                    assert!(rows.iter().cloned().eq(alone));
                }
                assert_eq!(mapped.refresh().expect("it is as it was"), 0);
            }
            Err(error) => {
                assert_eq!(error.member(), Some(self.name));
                let Some(content) = content.filter(|content| content.is_stored) else {
                    return;
                };
                let alone = npyrec::Reader::<R, _>::new(&content.bytes[..]);
                if let Ok(Ok(_)) = alone.map(npyrec::Reader::read_all) {
                    let is_known = error
                        .to_string()
                        .contains("more than a file or the memory can hold");
                    assert!(is_known, "{error}");
                }
            }
        }
    }
}

fn check_no_member<S: Read + Seek>(archive: &mut Reader<S>, name: &str) {
    if let Err(error) = archive.read::<u8>(name) {
        assert!(error.member() == Some(name));
    }
}

/// An archive takes another member, or stays as it is.
fn check_append(path: &Path, before: &[u8], names: &[String]) {
    let append = || {
        let mut archive = Writer::open(path)?;
        archive.write("added", &[1.5_f64, 2.5])?;
        archive.finish().map(|_| ())
    };
    match append() {
        Ok(()) => {
            let mut archive = Reader::open(path).expect("it was just written");
            assert!(archive.names().starts_with(names));
            let added = archive.read::<f64>("added").expect("it was just written");
            assert_eq!(added, [1.5, 2.5]);
        }
        Err(_) => assert_eq!(fs::read(path).expect("it is there"), before),
    }
}
