//! What several test files need.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

pub mod hub;
pub mod shared;
