//! Disks that fail or are full, and kills: an error or the whole output, and nothing temporary is left.

#[cfg(all(target_os = "linux", target_env = "gnu", feature = "cli"))]
mod calls;
mod counted;
#[cfg(all(target_os = "linux", feature = "cli"))] // which alone has such disks
mod full_disks;
#[cfg(all(unix, feature = "cli"))]
mod kills;

#[path = "../support/mod.rs"]
mod support;
