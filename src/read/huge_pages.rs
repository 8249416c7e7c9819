#![allow(unsafe_code)] // Linux takes advice on memory by its address.

/// Asks for huge pages for large memory that is about to be filled, as NumPy does: one page fault instead of
/// 512.
#[cfg(target_os = "linux")]
pub(super) fn advise<T>(memory: &[T]) {
    use rustix::mm::{Advice, madvise};

    /// The smallest size for which NumPy asks.
    const LARGE: usize = 4 << 20;
    const PAGE: usize = 4096;
    let len = size_of_val(memory);
    if len < LARGE {
        return;
    }
    let start: *mut u8 = memory.as_ptr().cast_mut().cast();
    let to_page = start.align_offset(PAGE);
    let len = (len - to_page) / PAGE * PAGE;
    // An error, for example where pages are larger, only costs time.
    // SAFETY: the range is within `memory`, which is borrowed, and the advice does not change its bytes.
    let _ = unsafe {
        madvise(
            start.wrapping_add(to_page).cast(),
            len,
            Advice::LinuxHugepage,
        )
    };
}

#[cfg(not(target_os = "linux"))]
pub(super) fn advise<T>(_: &[T]) {}
