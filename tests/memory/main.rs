//! Memory is bounded. The allocator of this program counts, for each thread.

mod allocation;
mod mutations;

#[path = "../support/counting.rs"]
mod counting;
#[cfg(all(feature = "parquet", feature = "member"))]
mod parquet;
#[path = "../support/mod.rs"]
mod support;
