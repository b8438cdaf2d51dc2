//! The examples as programs: what they print, and how they exit.
#![cfg(feature = "member")]

mod intersect;
#[cfg(target_os = "linux")]
mod large;
mod throughput;

#[path = "../support/mod.rs"]
mod support;
