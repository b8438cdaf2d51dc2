//! Disks that fail or are full, kills, little memory: an error or the whole output, and nothing temporary is left.
#![cfg(feature = "member")]

#[cfg(target_os = "linux")]
mod beyond_memory;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod calls;
#[cfg(target_os = "linux")]
mod full_disks;
#[cfg(unix)]
mod kills;

#[path = "../support/mod.rs"]
mod support;
