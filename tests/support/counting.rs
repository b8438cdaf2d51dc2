//! An allocator that counts. Not in `mod.rs`: a test program that includes this one has it as its allocator.
#![allow(unsafe_code, reason = "a global allocator that counts can only be an unsafe impl")]
#![allow(unreachable_pub, reason = "each test file includes it by itself")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, which counts for each thread.
struct Counting;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<u64> = const { Cell::new(0) };
}

fn note(bytes: usize) {
    CALLS.set(CALLS.get() + 1);
    BYTES.set(BYTES.get() + bytes as u64);
}

// SAFETY: every call goes to the system's allocator with the caller's own arguments; beside that only
// constant-initialised thread-local cells are written, which allocate nothing and need no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations and their bytes on this thread during `work`.
pub fn counted<T>(work: impl FnOnce() -> T) -> ((u64, u64), T) {
    let before = (CALLS.get(), BYTES.get());
    let result = work();
    ((CALLS.get() - before.0, BYTES.get() - before.1), result)
}
