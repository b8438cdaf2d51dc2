//! Memory is bounded, and what is secret in it is wiped. The allocator of this program counts, for each thread, and looks into what is given back.

mod allocation;
mod mutations;
mod wiped;

#[path = "../support/counting.rs"]
mod counting;
#[cfg(all(feature = "parquet", feature = "member"))]
mod parquet;
#[path = "../support/mod.rs"]
mod support;
