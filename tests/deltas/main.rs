//! What changes after a round: deltas, rows that are withdrawn, and notices of them.

mod delta;
mod notices;
#[cfg(feature = "cli")]
mod updates;
#[cfg(feature = "cli")]
mod withdrawn;

#[path = "../support/mod.rs"]
mod support;
