//! Memory is bounded. The allocator of this program counts, for each thread.

mod allocation;
#[cfg(all(target_os = "linux", feature = "cli"))]
mod beyond_memory;
mod mutations;

#[path = "../support/counting.rs"]
mod counting;
#[path = "../support/mod.rs"]
mod support;
