//! Files: their bytes, and what is refused of damaged, forged and dated ones.

mod counted_faults;
mod disk;
mod forgery;
mod format;
mod log;
#[cfg(feature = "parquet")]
mod parquet;

#[path = "../support/mod.rs"]
mod support;
