//! An allocator that counts, and looks into what is given back. Not in `mod.rs`: a test program that includes this one has it as its allocator.
#![allow(unsafe_code, reason = "a global allocator that counts can only be an unsafe impl")]
#![allow(unreachable_pub, reason = "each test file includes it by itself")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, which counts for each thread.
struct Counting;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<u64> = const { Cell::new(0) };
    static NEEDLE: Cell<&'static [u8]> = const { Cell::new(&[]) };
    static GIVEN_BACK: Cell<u64> = const { Cell::new(0) };
}

fn note(bytes: usize) {
    CALLS.set(CALLS.get() + 1);
    BYTES.set(BYTES.get() + bytes as u64);
}

/// Whether something is looked for. Then new blocks are zeros: what was left in them by others is not found.
fn is_looking() -> bool {
    !NEEDLE.get().is_empty()
}

/// Looks for the needle in a block that is given back or moved.
///
/// # Safety
///
/// The block is the caller's.
unsafe fn look(memory: *const u8, layout: Layout) {
    if !is_looking() {
        return;
    }
    let needle = NEEDLE.get();
    // SAFETY: the byte lies within the block. It was written, since blocks begin with zeros while something is looked for. A block
    // from before may have bytes that nobody wrote. The language does not promise what is read there; a test needs no promise.
    let byte = |at: usize| unsafe { memory.add(at).read_volatile() };
    let is_at = |start: usize| needle.iter().enumerate().all(|(at, of)| byte(start + at) == *of);
    let starts = (layout.size() + 1).saturating_sub(needle.len());
    GIVEN_BACK.set(GIVEN_BACK.get() + u64::from((0..starts).any(is_at)));
}

// SAFETY: every call goes to the system's allocator with the caller's own arguments; beside that only
// constant-initialised thread-local cells are written, which allocate nothing and need no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_looking() {
            // SAFETY: the caller's promise.
            return unsafe { self.alloc_zeroed(layout) };
        }
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
        if !is_looking() {
            note(size);
            // SAFETY: the caller's promise.
            return unsafe { System.realloc(memory, layout, size) };
        }
        // SAFETY: the caller promises that the size fits the alignment.
        let new = unsafe { self.alloc_zeroed(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: both blocks are this long, and the old one is the caller's.
            unsafe {
                std::ptr::copy_nonoverlapping(memory, new, layout.size().min(size));
                self.dealloc(memory, layout);
            }
        }
        new
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the block is the caller's.
        unsafe { look(memory, layout) };
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

/// Number of blocks with these bytes that this thread gives back, or lets grow, during `work`.
pub fn given_back<T>(needle: &'static [u8], work: impl FnOnce() -> T) -> (u64, T) {
    let before = GIVEN_BACK.get();
    NEEDLE.set(needle);
    let result = work();
    NEEDLE.set(&[]);
    (GIVEN_BACK.get() - before, result)
}
