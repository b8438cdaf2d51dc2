//! Memory is bounded. The allocator of this program counts, for each thread.

mod allocation;
mod mutations;

#[path = "../support/counting.rs"]
mod counting;
#[path = "../support/mod.rs"]
mod support;
