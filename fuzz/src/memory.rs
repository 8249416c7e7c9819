//! An allocator that refuses what a file does not vouch for.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

/// The system's allocator, which counts what each thread has and gives it no more than its limit. A
/// program that is refused memory is aborted where it asked, so that the stack shows who did.
pub struct Limited;

thread_local! {
    static NOW: Cell<usize> = const { Cell::new(0) };
    static LIMIT: Cell<usize> = const { Cell::new(usize::MAX) };
}

impl Limited {
    fn take(size: usize) -> bool {
        let now = NOW.get().saturating_add(size);
        if now > LIMIT.get() {
            // What reports it needs memory as well.
            LIMIT.set(usize::MAX);
            return false;
        }
        NOW.set(now);
        true
    }
}

// SAFETY: every call is passed on as it is, or refused with a null pointer.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match Limited::take(layout.size()) {
            // SAFETY: the caller has the same duties as a caller of `System`.
            true => unsafe { System.alloc(layout) },
            false => std::ptr::null_mut(),
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match Limited::take(layout.size()) {
            // SAFETY: the caller has the same duties as a caller of `System`.
            true => unsafe { System.alloc_zeroed(layout) },
            false => std::ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.set(NOW.get().saturating_sub(layout.size()));
        // SAFETY: the caller has the same duties as a caller of `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// The memory allowed for buffers and for zero-sized elements. An array has at most 2^16 such elements, of up
/// to 64 bytes each in memory.
const CONSTANT: usize = 4 << 20;

/// For every byte of a header: the literal, the dtype and what follows from it, for which
/// `tests/allocation.rs` has the same bound. A byte of data takes less: a `Value` is smaller.
const MULTIPLE: usize = 100;

/// Does `work`, for which `len` bytes were read. Each byte becomes at most `bytes_each` bytes in memory. More
/// memory aborts the program.
pub fn limited<T>(len: usize, bytes_each: usize, work: impl FnOnce() -> T) -> T {
    let allowed = len.saturating_mul(MULTIPLE.saturating_add(bytes_each));
    LIMIT.set(NOW.get().saturating_add(allowed.saturating_add(CONSTANT)));
    let done = work();
    LIMIT.set(usize::MAX);
    done
}
