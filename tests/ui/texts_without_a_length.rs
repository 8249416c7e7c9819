//! Texts and bytes that borrow or are in a pointer, without a dtype. Each is one error.

use std::{borrow::Cow, marker::PhantomData, rc::Rc, sync::Arc};

use npyrec::NpyRecord;

#[derive(NpyRecord)]
struct Line<'a> {
    text: &'a str,
    bytes: &'a [u8],
    number: &'a f64,
    texts: [&'a str; 2],
    pair: (u8, Cow<'a, str>),
    boxed: Box<str>,
    shared: Arc<[u8]>,
    numbers: Rc<[f64]>,
    #[npy(dtype = "U8")]
    stored: &'a str,
    #[npy(skip)]
    skipped: &'a str,
    unit: PhantomData<Box<str>>,
    #[npy(nan)]
    missing: f64,
}

fn main() {}
