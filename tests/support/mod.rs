//! What several test files need.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

#[cfg(feature = "cli")]
pub mod coalition;
pub mod files;
pub mod hub;
#[cfg(feature = "member")]
pub mod member;
pub mod program;
pub mod shared;
pub mod worlds;
