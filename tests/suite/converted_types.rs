//! Types that are stored as another record, by `into` and `from` or `try_from`.

use npyrec::{Appender, DType, ErrorKind, NpyRecord};
use serde_json::Value;

use crate::{
    numpy::numpy,
    numpy_records::check,
    sample::{Random, Sample},
};

/// An enum whose variants hold values.
#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[npy(into = "StoredShape", try_from = "StoredShape")]
enum Shape {
    Circle { radius: f32 },
    Rectangle(f32, f32),
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct StoredShape {
    kind: u8,
    #[npy(default)]
    sizes: [f32; 2],
}

impl From<Shape> for StoredShape {
    fn from(shape: Shape) -> Self {
        let (kind, sizes) = match shape {
            Shape::Circle { radius } => (0, [radius, 0.0]),
            Shape::Rectangle(width, height) => (1, [width, height]),
        };
        StoredShape { kind, sizes }
    }
}

impl TryFrom<StoredShape> for Shape {
    type Error = String;

    fn try_from(stored: StoredShape) -> Result<Self, String> {
        let [first, second] = stored.sizes;
        match stored.kind {
            0 => Ok(Shape::Circle { radius: first }),
            1 => Ok(Shape::Rectangle(first, second)),
            other => Err(format!("{other} is not a kind of shape")),
        }
    }
}

impl Sample for Shape {
    fn sample(random: &mut Random) -> Self {
        match random.below(2) {
            0 => Shape::Circle { radius: 1.5 },
            _ => Shape::Rectangle(random.below(9) as f32, 2.5),
        }
    }

    fn json(&self) -> Value {
        let stored = StoredShape::from(self.clone());
        serde_json::json!([stored.kind, stored.sizes])
    }
}

#[test]
fn an_enum_with_values_is_stored_as_numpy_stores_its_struct() {
    let Some(mut numpy) = numpy() else { return };
    check::<Shape>(&mut numpy, tempfile::tempdir().unwrap().path());
}

#[test]
fn a_converted_type_is_a_field_like_any_other() {
    #[derive(NpyRecord, Clone, Debug, PartialEq)]
    struct Scene {
        id: u8,
        shapes: [Shape; 2],
        #[npy(flatten)]
        last: Shape,
    }

    assert_eq!(
        Scene::dtype().to_string(),
        "[('id', '|u1'), ('shapes', [('kind', '|u1'), ('sizes', '<f4', (2,))], (2,)), \
         ('kind', '|u1'), ('sizes', '<f4', (2,))]"
    );
    let scene = Scene {
        id: 1,
        shapes: [Shape::Circle { radius: 2.0 }, Shape::Rectangle(3.0, 4.0)],
        last: Shape::Circle { radius: 5.0 },
    };
    let mut bytes = [0; Scene::ITEMSIZE];
    scene.encode(&mut bytes).unwrap();
    assert_eq!(Scene::decode(&bytes).unwrap(), scene);
}

#[test]
fn an_error_of_try_from_names_the_row() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shapes.npy");
    let stored = [0, 7].map(|kind| StoredShape {
        kind,
        sizes: [1.0; 2],
    });
    npyrec::write(&path, &stored).unwrap();
    let error = npyrec::read::<Shape>(&path).unwrap_err();
    assert_eq!(error.row(), Some(1));
    assert!(
        error.to_string().contains("7 is not a kind of shape"),
        "{error}"
    );
}

#[test]
fn the_defaults_of_the_stored_struct_are_taken() {
    #[derive(NpyRecord)]
    struct Old {
        kind: u8,
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shapes.npy");
    npyrec::write(&path, &[Old { kind: 1 }]).unwrap();
    let shapes = npyrec::read::<Shape>(&path).unwrap();
    assert_eq!(shapes, [Shape::Rectangle(0.0, 0.0)]);
}

#[test]
fn a_log_of_converted_records_is_continued() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shapes.npy");
    for radius in [1.0, 2.0] {
        let mut shapes = Appender::<Shape>::open(&path).unwrap();
        shapes.append(&Shape::Circle { radius }).unwrap();
        shapes.close().unwrap();
    }
    assert_eq!(npyrec::read::<Shape>(&path).unwrap().len(), 2);
    let error = Appender::<u8>::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType);
}

#[test]
fn a_generic_type_is_converted() {
    #[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
    #[npy(into = "[T; 2]", from = "[T; 2]")]
    struct Range<T> {
        start: T,
        end: T,
    }

    impl<T> From<Range<T>> for [T; 2] {
        fn from(range: Range<T>) -> Self {
            [range.start, range.end]
        }
    }

    impl<T> From<[T; 2]> for Range<T> {
        fn from([start, end]: [T; 2]) -> Self {
            Range { start, end }
        }
    }

    let range = Range {
        start: 1.5,
        end: 2.5,
    };
    let mut bytes = [0; 16];
    range.encode(&mut bytes).unwrap();
    assert_eq!(Range::decode(&bytes).unwrap(), range);
    assert_eq!(
        Range::<u8>::dtype(),
        DType::subarray(u8::dtype(), &[2]).unwrap()
    );
}
