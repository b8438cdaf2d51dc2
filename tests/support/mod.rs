//! What several test files need.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

#[cfg(feature = "cli")]
pub mod coalition;
pub mod essence;
pub mod files;
#[cfg(feature = "member")]
pub mod forms;
pub mod hub;
#[cfg(feature = "member")]
pub mod member;
pub mod mutation;
pub mod program;
pub mod shared;
pub mod thorough;
pub mod uts46;
#[cfg(feature = "member")]
pub mod values;
#[cfg(feature = "cli")]
pub mod work;
pub mod worlds;
