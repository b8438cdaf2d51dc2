//! What several test files need.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

pub mod essence;
pub mod examples;
#[cfg(feature = "member")]
pub mod exports;
pub mod files;
#[cfg(feature = "member")]
pub mod forms;
pub mod hub;
#[cfg(feature = "member")]
pub mod member;
pub mod mutation;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod run;
pub mod shared;
pub mod thorough;
pub mod trails;
pub mod uts46;
#[cfg(feature = "member")]
pub mod values;
pub mod worlds;
