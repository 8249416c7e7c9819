#![allow(unsafe_code)] // Linux takes advice on memory by its address.

/// Asks for large memory that is about to be filled in huge pages, as NumPy does: each of them is one
/// page fault where there were 512.
#[cfg(target_os = "linux")]
pub(super) fn advise<T>(memory: &mut [T]) {
    use rustix::mm::{Advice, madvise};

    /// What NumPy asks for at the least.
    const LARGE: usize = 4 << 20;
    const PAGE: usize = 4096;
    let len = size_of_val(memory);
    if len < LARGE {
        return;
    }
    let start: *mut u8 = memory.as_mut_ptr().cast();
    let to_page = start.align_offset(PAGE);
    let len = (len - to_page) / PAGE * PAGE;
    // Whether it is taken, as where pages are larger, makes no difference but in time.
    // SAFETY: the range is within `memory`, which is borrowed; the advice changes none of it.
    let _ = unsafe {
        madvise(
            start.wrapping_add(to_page).cast(),
            len,
            Advice::LinuxHugepage,
        )
    };
}

#[cfg(not(target_os = "linux"))]
pub(super) fn advise<T>(_: &mut [T]) {}
