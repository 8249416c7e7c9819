//! Many arrays one after another, and arrays to and from pipes.

mod append;
mod concatenate;
mod read;
mod write;

use std::io::{self, Read};

use npyrec::{Header, NpyRecord, Order, stream::Writer};

use crate::headers::header_of;

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Event {
    time: i64,
    #[npy(dtype = "S4")]
    name: String,
    level: [f32; 2],
}

fn event(time: i64, name: &str) -> Event {
    let (name, level) = (name.to_owned(), [time as f32, 0.5]);
    Event { time, name, level }
}

/// Gives some bytes at a time, and is interrupted now and then.
struct Halting<S> {
    source: S,
    reads: usize,
}

impl<S: Read> Halting<S> {
    fn new(source: S) -> Self {
        Halting { source, reads: 0 }
    }
}

impl<S: Read> Read for Halting<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads += 1;
        if self.reads.is_multiple_of(5) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = buffer.len().min(1 + self.reads % 7);
        self.source.read(&mut buffer[..len])
    }
}

/// Arrays of all sorts: none, one and some rows, several axes in both orders, a single element, no bytes.
fn all_sorts() -> Vec<u8> {
    let mut arrays = Writer::new(Vec::new());
    arrays.write(&[1_u8, 2, 3]).unwrap();
    arrays.write::<f64>(&[]).unwrap();
    let matrix: Vec<i16> = (0..6).collect();
    arrays
        .write_with(&header_of::<i16>(&[2, 3], Order::C), &matrix)
        .unwrap();
    arrays
        .write_with(&header_of::<i16>(&[3, 2], Order::Fortran), &matrix)
        .unwrap();
    arrays
        .write_with(&header_of::<f32>(&[], Order::C), &[0.5_f32])
        .unwrap();
    arrays.write(&[event(1, "a"), event(2, "bcd")]).unwrap();
    arrays.write(&[[0_u8; 0]; 3]).unwrap();
    arrays
        .write_with::<u8>(&header_of::<u8>(&[2, 0, 3], Order::Fortran), &[])
        .unwrap();
    arrays.write(&[7_u64]).unwrap();
    arrays.into_inner()
}

/// Returns the offset of each array of [`all_sorts`], and the end.
fn starts(bytes: &[u8]) -> Vec<usize> {
    let mut rest = bytes;
    let mut starts = vec![0];
    while !rest.is_empty() {
        let header = Header::read_from(&mut rest).unwrap();
        rest = &rest[header.data_len().unwrap() as usize..];
        starts.push(bytes.len() - rest.len());
    }
    starts
}
