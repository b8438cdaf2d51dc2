//! Attacks on the program and on the readers of what peers send: each is refused by its own error, at once and within
//! 64 MB. None panics, hangs or leaves anything behind.
#![cfg(target_os = "linux")]

mod attack;
mod endless;
mod forged_shares;
mod hostile_keys;
mod hostile_manifests;
mod planted_files;
mod swapped_roles;

#[path = "../support/mod.rs"]
mod support;
