//! Writers of which every call fails: alone, with another one, and with all that follow.

use std::{
    cell::RefCell,
    io::{self, Read, Seek, SeekFrom, Write},
    rc::Rc,
};

use npyrec::{
    Result,
    stream::{RecordWriter, Writer},
};

/// The calls that fail: one or two by their number, or all from one on. A call may be short instead.
#[derive(Clone, Copy, Debug)]
struct Plan {
    first: u64,
    second: Option<u64>,
    is_for_ever: bool,
    is_short: bool,
}

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    position: usize,
    calls: u64,
    plan: Option<Plan>,
}

/// Bytes in memory, shared with the test.
#[derive(Clone, Default)]
struct Failing(Rc<RefCell<State>>);

impl Failing {
    /// The bytes that a call of `len` may read or write.
    fn call(&self, len: usize) -> io::Result<usize> {
        let mut state = self.0.borrow_mut();
        let nth = state.calls;
        state.calls += 1;
        let Some(plan) = state.plan else {
            return Ok(len);
        };
        if nth == plan.first && plan.is_short && len > 1 {
            return Ok(len / 2);
        }
        let fails =
            nth == plan.first || Some(nth) == plan.second || plan.is_for_ever && nth > plan.first;
        match fails {
            true => Err(io::Error::other("it fails")),
            false => Ok(len),
        }
    }
}

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.call(bytes.len())?;
        let state = &mut *self.0.borrow_mut();
        let end = state.position + len;
        state.bytes.resize(state.bytes.len().max(end), 0);
        state.bytes[state.position..end].copy_from_slice(&bytes[..len]);
        state.position = end;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.call(0).map(drop)
    }
}

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.call(buffer.len())?;
        let state = &mut *self.0.borrow_mut();
        let rest = state.bytes.get(state.position..).unwrap_or_default();
        let len = len.min(rest.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        state.position += len;
        Ok(len)
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.call(0)?;
        let state = &mut *self.0.borrow_mut();
        let position = match to {
            SeekFrom::Start(position) => position as i64,
            SeekFrom::End(by) => state.bytes.len() as i64 + by,
            SeekFrom::Current(by) => state.position as i64 + by,
        };
        state.position = usize::try_from(position).map_err(io::Error::other)?;
        Ok(state.position as u64)
    }
}

const ROWS: [u64; 5] = [1, 2, 3, 4, 5];

/// More than a writer holds back.
fn many() -> Vec<u32> {
    (0..40_000).collect()
}

/// A way to write, which returns the first error.
type Way = (&'static str, fn(Failing) -> Result<()>);

const WAYS: &[Way] = &[
    ("arrays", |out| {
        let mut writer = Writer::new(out);
        let first = writer.write(&ROWS);
        let second = writer.write(&many());
        let mut third = writer.records::<u64>(2)?;
        let appended = third.append(&6).and(third.append_slice(&[7]));
        let finished = third.finish().map(drop);
        first.and(second).and(appended).and(finished)
    }),
    ("records", |out| {
        let mut writer = RecordWriter::<u64, _>::new(out, 6)?;
        let appended = writer.append_slice(&ROWS).and(writer.append(&6));
        let finished = writer.finish().map(drop);
        appended.and(finished)
    }),
    ("many records", |out| {
        let mut writer = RecordWriter::<u32, _>::new(out, 40_000)?;
        let rows = many();
        let appended = rows.iter().map(|row| writer.append(row));
        let appended = appended.filter(Result::is_err).last();
        let finished = writer.finish().map(drop);
        appended.unwrap_or(Ok(())).and(finished)
    }),
    ("records that are counted at the end", |out| {
        let mut writer = RecordWriter::<u32, _>::seekable(out)?;
        let appended = writer.append_slice(&many()).and(writer.append(&6));
        let finished = writer.finish().map(drop);
        appended.and(finished)
    }),
    #[cfg(feature = "npz")]
    ("npz", |out| {
        let mut archive = npyrec::npz::Writer::new(out);
        let first = archive.write("first", &ROWS);
        let second = archive.write("second", &many());
        let finished = archive.finish().map(drop);
        first.and(second).and(finished)
    }),
    #[cfg(feature = "npz")]
    ("records of an npz", |out| {
        let mut archive = npyrec::npz::Writer::new(out);
        let records = archive.records_with::<u64>("rows", &npyrec::Header::for_record::<u64>(5));
        let appended = records.and_then(|mut records| {
            records.append_slice(&ROWS)?;
            records.finish()
        });
        appended.and(archive.finish().map(drop))
    }),
];

/// Runs a way under a plan, and returns its bytes, its number of calls, and whether it succeeded.
fn run(way: Way, plan: Option<Plan>) -> (Vec<u8>, u64, bool) {
    let out = Failing::default();
    out.0.borrow_mut().plan = plan;
    let is_ok = (way.1)(out.clone()).is_ok();
    let state = out.0.borrow();
    (state.bytes.clone(), state.calls, is_ok)
}

#[test]
fn whichever_calls_of_a_writer_fail_what_is_lost_is_reported() {
    let [mut single, mut pairs, mut for_ever] = [0; 3];
    for &way in WAYS {
        let (expected, calls, is_ok) = run(way, None);
        assert!(is_ok && !expected.is_empty());
        let check = |plan: Plan| {
            let (bytes, calls, is_ok) = run(way, Some(plan));
            assert!(!is_ok || bytes == expected, "{}: {plan:?}", way.0);
            // Of arrays that follow one another, those before the failure are as they should be.
            let is_stream = !matches!(way.0, "npz" | "records of an npz");
            assert!(!is_stream || is_ok || bytes.len() <= expected.len());
            (calls, is_ok)
        };
        for first in 0..calls {
            for is_short in [false, true] {
                let plan = Plan {
                    first,
                    second: None,
                    is_for_ever: false,
                    is_short,
                };
                let (calls, is_ok) = check(plan);
                assert!(is_short || !is_ok, "{}: {plan:?} is not reported", way.0);
                single += 1;
                for second in first + 1..calls {
                    let second = Some(second);
                    check(Plan { second, ..plan });
                    pairs += 1;
                }
                let is_for_ever = true;
                check(Plan {
                    is_for_ever,
                    ..plan
                });
                for_ever += 1;
            }
        }
    }
    let all = single + pairs + for_ever;
    println!("writers: {single} single, {pairs} pairs, {for_ever} for ever, {all} in all");
    assert!(all > 500, "{all}");
}
