//! Several arrays in one file.

use std::{
    fs::{self, File},
    io,
};

use npyrec::{Header, Order, Value};

use crate::{file, peak};

#[test]
fn an_index_takes_memory_in_proportion_to_the_headers() {
    use npyrec::stream::Index;

    let tiny = |dtype: &str| {
        file(&format!(
            "{{'descr':'{dtype}','fortran_order':False,'shape':(0,)}}"
        ))
    };
    let (one, other) = (tiny("|u1"), tiny("|V0"));
    let alike = one.repeat(100_000);
    let unlike = [one, other].concat().repeat(50_000);
    let index = |bytes| Index::build_from(io::Cursor::new(bytes)).unwrap();
    assert_eq!(index(&alike).len(), 100_000);
    let peak_of_alike = peak(|| index(&alike));
    assert!(peak_of_alike < 2 * alike.len(), "{peak_of_alike}");
    let peak_of_unlike = peak(|| index(&unlike));
    assert!(peak_of_unlike < 6 * unlike.len(), "{peak_of_unlike}");
}

#[test]
fn arrays_one_after_another_take_a_block() {
    use npyrec::stream;

    let dir = tempfile::tempdir().unwrap();
    let (path, one) = (dir.path().join("arrays.npy"), dir.path().join("one.npy"));
    let rows = vec![(1_u16, 2.5_f64); 200_000];
    let big_endian = Header::new(">f8".parse().unwrap(), Order::C, &[200_000]).unwrap();
    let peak_of_writing = peak(|| {
        let mut arrays = stream::Writer::open(&path).unwrap();
        (0..2).for_each(|_| arrays.write(&rows).unwrap());
        let mut records = arrays.records::<(u16, f64)>(200_000).unwrap();
        records.extend(&rows).unwrap();
        records.finish().unwrap();
    });
    assert!(peak_of_writing < 100_000, "{peak_of_writing}");
    let peak_of_values = peak(|| {
        let mut arrays = stream::Reader::new(File::open(&path).unwrap());
        arrays.next_array().unwrap().unwrap();
        let last = arrays
            .next_array()
            .unwrap()
            .unwrap()
            .rows::<Value>()
            .unwrap()
            .last();
        last.unwrap().unwrap()
    });
    assert!(peak_of_values < 100_000, "{peak_of_values}");
    assert!(peak(|| stream::concatenate(&path, &one).unwrap()) < 100_000);
    fs::write(&path, [big_endian.to_bytes(), vec![0; 1_600_000]].concat()).unwrap();
    let peak_of_converting = peak(|| stream::concatenate(&path, &one).unwrap());
    assert!(peak_of_converting < 300_000, "{peak_of_converting}");
    let no_texts = Header::new(">U10000000".parse().unwrap(), Order::C, &[0]).unwrap();
    fs::write(&path, no_texts.to_bytes()).unwrap();
    let peak_of_nothing = peak(|| stream::concatenate(&path, &one).unwrap());
    assert!(peak_of_nothing < 200_000, "{peak_of_nothing}");
}
