//! Fields that a file may lack.

use npyrec::{ErrorKind, NpyRecord, Reader};

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Old {
    id: u32,
    at: OldPosition,
    levels: [OldLevel; 2],
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct OldPosition {
    x: f32,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct OldLevel {
    price: f64,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct New {
    #[npy(default)]
    version: Version,
    id: u32,
    #[npy(default, dtype = "S4")]
    venue: String,
    at: NewPosition,
    levels: [NewLevel; 2],
    #[npy(default)]
    flags: [bool; 3],
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct NewPosition {
    x: f32,
    #[npy(default, dtype = ">f8")]
    y: f64,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct NewLevel {
    price: f64,
    #[npy(default)]
    size: u16,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Version(u8);

impl Default for Version {
    fn default() -> Self {
        Version(7)
    }
}

#[test]
fn a_field_with_a_default_may_be_missing_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    let old = |id: u32| Old {
        id,
        at: OldPosition { x: 1.5 },
        levels: [
            OldLevel { price: 2.5 },
            OldLevel {
                price: f64::from(id),
            },
        ],
    };
    npyrec::write(&path, &(0..5000).map(old).collect::<Vec<_>>()).unwrap();
    let new = |id: u32| New {
        version: Version(7),
        id,
        venue: String::new(),
        at: NewPosition { x: 1.5, y: 0.0 },
        levels: [(2.5, 0), (f64::from(id), 0)].map(|(price, size)| NewLevel { price, size }),
        flags: [false; 3],
    };
    let expected: Vec<New> = (0..5000).map(new).collect();
    assert_eq!(npyrec::read::<New>(&path).unwrap(), expected);
    let rows: npyrec::Result<Vec<New>> = Reader::<New>::open(&path).unwrap().collect();
    assert_eq!(rows.unwrap(), expected);
}

#[test]
fn a_field_without_a_default_may_not() {
    #[derive(NpyRecord, Debug)]
    #[allow(dead_code)]
    struct Newer {
        id: u32,
        #[npy(default)]
        optional: u8,
        required: u8,
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    #[derive(NpyRecord)]
    struct Id {
        id: u32,
    }
    npyrec::write(&path, &[Id { id: 1 }]).unwrap();
    let error = npyrec::read::<Newer>(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType, "{error}");
    assert!(npyrec::read::<(u8, u32)>(&path).is_err());
}

/// A file is continued only with the fields that it has.
#[test]
fn an_appender_fills_in_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    npyrec::write::<Old>(&path, &[]).unwrap();
    let error = npyrec::Appender::<New>::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType, "{error}");
}

/// Rows of no bytes vouch for nothing, however many the header counts.
#[test]
fn defaults_alone_are_no_file() {
    #[derive(NpyRecord, Debug)]
    #[allow(dead_code)]
    struct AllDefault {
        #[npy(default)]
        values: [f64; 8],
    }
    #[derive(NpyRecord)]
    struct Nothing {}
    let bytes = npyrec::Header::for_record::<Nothing>(8_000_000).to_bytes();
    let error = Reader::<AllDefault>::new(&bytes[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType, "{error}");
}

/// A text of 5 bytes that its field does not hold, and a struct with such a text.
#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Venue {
    id: u16,
    #[npy(default = "too_long", dtype = "S4")]
    name: String,
}

fn too_long() -> String {
    "XNASX".to_owned()
}

impl Default for Venue {
    fn default() -> Self {
        let name = too_long();
        Venue { id: 1, name }
    }
}

#[test]
fn a_default_that_cannot_be_stored_is_an_error_that_names_the_field() {
    #[derive(NpyRecord, Debug)]
    #[allow(dead_code)]
    struct Newer {
        id: u32,
        #[npy(default)]
        venue: Venue,
        #[npy(default)]
        all: [Venue; 2],
        #[npy(flatten)]
        position: Flattened,
        other: u8,
    }
    #[derive(NpyRecord, Debug)]
    #[npy(default = "flattened")]
    #[allow(dead_code)]
    struct Flattened {
        #[npy(dtype = "S4")]
        label: String,
        x: f32,
    }
    fn flattened() -> Flattened {
        let label = too_long();
        Flattened { label, x: 1.5 }
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    #[derive(NpyRecord)]
    struct Id {
        id: u32,
    }
    npyrec::write(&path, &[Id { id: 1 }]).unwrap();
    let error = npyrec::read::<Newer>(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType);
    let text = error.to_string().replace(path.to_str().unwrap(), "old.npy");
    insta::assert_snapshot!(text);
    let migrated = npyrec::migrate::<Newer>(&path).unwrap_err();
    assert_eq!(migrated.to_string(), error.to_string());
    assert_eq!(npyrec::check(&path).unwrap().rows(), 1);
}

/// A file that has the field needs no default, nor does one whose field is within a struct with a default.
#[test]
fn a_default_that_is_not_needed_may_be_impossible() {
    #[derive(NpyRecord, Clone, Debug, PartialEq)]
    struct OldVenue {
        id: u16,
    }
    #[derive(NpyRecord, Clone, Debug, PartialEq)]
    struct Quote {
        #[npy(default = "of_nasdaq")]
        venue: Venue,
    }
    fn of_nasdaq() -> Venue {
        let name = "XNAS".to_owned();
        Venue { id: 7, name }
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("venues.npy");
    let venue = of_nasdaq();
    npyrec::write(&path, std::slice::from_ref(&venue)).unwrap();
    assert_eq!(
        npyrec::read::<Venue>(&path).unwrap(),
        std::slice::from_ref(&venue)
    );
    npyrec::write(&path, &[OldVenue { id: 7 }]).unwrap();
    let error = npyrec::read::<Venue>(&path).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("name: not in the file, and its default cannot be stored"),
        "{error}"
    );

    #[derive(NpyRecord)]
    struct OldQuote {
        venue: OldVenue,
    }
    let quote = OldQuote {
        venue: OldVenue { id: 9 },
    };
    npyrec::write(&path, &[quote]).unwrap();
    let name = venue.name.clone();
    let expected = Quote {
        venue: Venue { id: 9, name },
    };
    assert_eq!(npyrec::read::<Quote>(&path).unwrap(), [expected]);
}
