//! The memory cap: without a sanitiser libFuzzer sees no allocation of Rust's, only the whole process.

use std::alloc::{GlobalAlloc, Layout, System};

/// Far above what 4 KiB of input can need, blocks of rows and threads included, and far below what a length
/// that was believed asks for.
const MOST_AT_ONCE: usize = 16 << 20;

/// The system's allocator, which ends the run where one allocation is over the cap.
struct Bounded;

/// Ends the process: unwinding out of an allocator is not allowed, and libFuzzer keeps the input either way.
fn require(size: usize) {
    if size > MOST_AT_ONCE {
        eprintln!("an allocation of {size} bytes");
        std::process::abort();
    }
}

// SAFETY: every call goes to the system's allocator with the caller's own arguments, or the process ends.
unsafe impl GlobalAlloc for Bounded {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        require(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        require(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        require(size);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;
