//! How often a test repeats what it does: more before a release than with every change.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

/// The usual number, or as many times that as `VEILMATCH_TIMES` says.
pub fn times(usual: u32) -> u32 {
    let Ok(times) = std::env::var("VEILMATCH_TIMES") else { return usual };
    usual * times.parse::<u32>().expect("VEILMATCH_TIMES is a number")
}
