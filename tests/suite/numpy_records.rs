//! At every commit a file is, byte for byte, what `np.save` writes for the array in it.

use std::{fmt::Debug, fs, path::Path};

use npyrec::{
    AppendOptions, Appender, Bytes, Datetime64, Header, NpyRecord, Str, Timedelta64, Void, unit,
};
use npyrec::{half::bf16, half::f16, num_complex::Complex};
use serde_json::{Value, json};

use crate::{
    generated::*,
    numpy::{Numpy, numpy},
    records::*,
    sample::{Random, Sample},
};

/// Appends `rows` in uneven batches, by each way of appending, and calls `committed` after commits.
fn append_unevenly<R: NpyRecord + Clone>(
    appender: &mut Appender<R>,
    mut rows: &[R],
    mut committed: impl FnMut(u64),
) {
    let mut random = Random(rows.len() as u64);
    while !rows.is_empty() {
        let (batch, rest) = rows.split_at(1 + random.below(rows.len().min(9) as u64) as usize);
        match random.below(3) {
            0 => batch.iter().for_each(|row| appender.append(row).unwrap()),
            1 => appender.append_slice(batch).unwrap(),
            _ => appender.extend(batch.iter().cloned()).unwrap(),
        }
        appender.commit().unwrap();
        committed(appender.committed_rows());
        rows = rest;
    }
}

fn encoded<R: NpyRecord>(rows: &[R]) -> Vec<u8> {
    let mut bytes = vec![0; R::ITEMSIZE];
    let encode = |row: &R| {
        row.encode(&mut bytes).unwrap();
        bytes.clone()
    };
    rows.iter().flat_map(encode).collect()
}

pub fn check<R: NpyRecord + Sample + Clone + Debug>(numpy: &mut Numpy, dir: &Path) {
    let mut random = Random(R::ITEMSIZE as u64 + 7);
    let rows: Vec<R> = (0..29).map(|_| R::sample(&mut random)).collect();
    let shown: Vec<Value> = rows.iter().map(R::json).collect();
    let path = dir.join("appended.npy");

    let mut appender = AppendOptions::new()
        .buffer_capacity(3 * R::ITEMSIZE)
        .create::<R>(&path)
        .unwrap();
    assert_eq!(fs::read(&path).unwrap(), numpy.resave(&path), "no rows");
    append_unevenly(&mut appender, &rows, |rows| {
        assert_eq!(fs::read(&path).unwrap(), numpy.resave(&path), "{rows} rows");
    });
    appender.close().unwrap();
    numpy.ask(json!({"ask": "values", "path": path, "rows": shown}));

    let read = npyrec::read::<R>(&path).unwrap();
    assert_eq!(encoded(&read), encoded(&rows), "read back");

    continue_a_file_of_numpys(numpy, dir, &rows, &shown);
}

/// Appending to a file of `np.save` gives the file of `np.save(np.concatenate(…))`.
fn continue_a_file_of_numpys<R: NpyRecord + Clone>(
    numpy: &mut Numpy,
    dir: &Path,
    rows: &[R],
    shown: &[Value],
) {
    let (path, whole) = (dir.join("continued.npy"), dir.join("concatenated.npy"));
    let split = rows.len() / 3;
    let descr = Header::for_record::<R>(0).dtype().to_string();
    let descr = if descr.starts_with('[') {
        descr
    } else {
        format!("'{descr}'")
    };
    let shape = |rows: usize| Header::for_record::<R>(rows as u64).shape().to_vec();
    numpy.ask(json!({
        "ask": "save", "descr": descr, "shape": shape(split), "rows": shown[..split], "out": path,
    }));
    let mut appender = Appender::<R>::open(&path).unwrap();
    assert_eq!(appender.rows(), split as u64);
    append_unevenly(&mut appender, &rows[split..], |_| {});
    appender.close().unwrap();
    numpy.ask(json!({
        "ask": "concatenate", "descr": descr, "shape": shape(rows.len()), "rows": shown,
        "split": split, "out": whole,
    }));
    if !descr.contains("('', '|V") {
        assert!(
            fs::read(&path).unwrap() == fs::read(&whole).unwrap(),
            "continued"
        );
        return;
    }
    // What NumPy leaves in the padding when it concatenates is not specified.
    let header = Header::for_record::<R>(rows.len() as u64).to_bytes();
    assert!(fs::read(&path).unwrap().starts_with(&header));
    assert!(fs::read(&whole).unwrap().starts_with(&header));
    numpy.ask(json!({"ask": "values", "path": path, "rows": shown}));
}

/// One test a record, named for it.
macro_rules! same_as_numpy {
    ($($name:ident: $record:ty,)+) => {$(
        #[test]
        fn $name() {
            let Some(mut numpy) = numpy() else { return };
            let dir = tempfile::tempdir().unwrap();
            check::<$record>(&mut numpy, dir.path());
        }
    )+};
}

same_as_numpy! {
    bools: bool,
    int8: i8,
    int16: i16,
    int32: i32,
    int64: i64,
    uint8: u8,
    uint16: u16,
    uint32: u32,
    uint64: u64,
    float16: f16,
    bfloat16: bf16,
    float32: f32,
    float64: f64,
    complex64: Complex<f32>,
    complex128: Complex<f64>,
    byte_strings: Bytes<7>,
    texts: Str<4>,
    voids: Void<3>,
    datetimes: Datetime64<unit::Millisecond>,
    timedeltas: Timedelta64<unit::Week>,
    rows_of_an_array: [f32; 3],
    rows_of_a_matrix: [[u16; 2]; 3],
    rows_of_nothing: [f64; 0],
    rows_of_structs: [Ints; 2],
    pairs: (u8, f64),
    one_tuple: (u16,),
    twelve: (u8, i8, u16, i16, u32, i32, u64, i64, f32, f64, bool, Bytes<2>),
    nested_tuples: ((u8, (f32, [i16; 2])), bool),
    empty: Empty,
    one_bool: OneBool,
    ints: Ints,
    uints: Uints,
    floats: Floats,
    brain_floats: Brain,
    complexes: Complexes,
    text_fields: Texts,
    empty_text_fields: EmptyTexts,
    time_fields: Times,
    array_fields: Arrays,
    arrays_that_are_not_plain: BoolArrays,
    tuple_fields: Tuples,
    copied_whole: Whole,
    copied_whole_small: WholeSmall,
    padded_in_memory: Padded,
    newtypes: Meters,
    newtypes_of_arrays: Frame,
    newtypes_of_structs: WrappedStruct,
    newtype_fields: NewtypeFields,
    tuple_struct: Triple,
    enums: Side,
    signed_enums: Signal,
    wide_enums: Wide,
    deep_enums: Deep,
    enum_fields: Enums,
    renamed: Renamed,
    camel_case: Camel,
    kebab_case: Kebab,
    raw_identifiers: Raw,
    latin1_names: Latin1,
    unicode_names: Unicode,
    titles: Titled,
    unicode_titles: TitledUnicode,
    skipped: Skipping,
    defaulted: Defaulted,
    flattened: Flattened,
    flattened_twice: FlattenedTwice,
    aligned: Aligned,
    aligned_mixed: AlignedMixed,
    aligned_whole: AlignedWhole,
    aligned_nested: AlignedNested,
    aligned_around_packed: AlignedAroundPacked,
    packed_around_aligned: PackedAroundAligned,
    big_endian: BigEndians,
    little_endian: LittleEndians,
    narrowed: Narrowed,
    widened: Widened,
    stored_texts: StoredTexts,
    stored_times: StoredTimes,
    stored_arrays: StoredArrays,
    aligned_stored: AlignedStored,
    three_deep: Level1,
    tick: Tick,
    generic: Generic<f32, 3>,
    generic_struct: Generic<Level3, 2, String>,
    a_thousand_fields: Thousand,
    a_header_over_64_kib: Long,
    generated_0: Generated0,
    generated_1: Generated1,
    generated_2: Generated2,
    generated_3: Generated3,
    generated_4: Generated4,
    generated_5: Generated5,
    generated_6: Generated6,
    generated_7: Generated7,
    generated_8: Generated8,
    generated_9: Generated9,
    generated_10: Generated10,
    generated_11: Generated11,
    generated_12: Generated12,
    generated_13: Generated13,
    generated_14: Generated14,
    generated_15: Generated15,
    generated_16: Generated16,
    generated_17: Generated17,
    generated_18: Generated18,
    generated_19: Generated19,
    generated_20: Generated20,
    generated_21: Generated21,
    generated_22: Generated22,
    generated_23: Generated23,
    generated_24: Generated24,
    generated_25: Generated25,
    generated_26: Generated26,
    generated_27: Generated27,
    generated_28: Generated28,
    generated_29: Generated29,
    generated_30: Generated30,
    generated_31: Generated31,
    generated_32: Generated32,
    generated_33: Generated33,
    generated_34: Generated34,
    generated_35: Generated35,
    generated_36: Generated36,
    generated_37: Generated37,
    generated_38: Generated38,
    generated_39: Generated39,
}
