//! Attacks on the program and on the readers of what peers send: each is refused by its own error, at once and within
//! bounds. None panics, hangs or leaves anything behind.
#![cfg(feature = "member")]

#[cfg(target_os = "linux")]
mod attack;
#[cfg(unix)]
mod bounded_reads;
#[cfg(target_os = "linux")]
mod endless;
#[cfg(target_os = "linux")]
mod forged_shares;
mod header_first;
#[cfg(target_os = "linux")]
mod hostile_keys;
#[cfg(target_os = "linux")]
mod hostile_manifests;
#[cfg(target_os = "linux")]
mod planted_files;
#[cfg(target_os = "linux")]
mod swapped_roles;

#[path = "../support/mod.rs"]
mod support;
