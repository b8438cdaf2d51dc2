//! The run record: what was run is in it, and what was done to it since is found.

#[cfg(feature = "cli")]
mod commands;
#[cfg(all(unix, feature = "cli"))]
mod line_first;
mod log;
#[cfg(all(unix, feature = "cli"))]
mod raw_inputs;
#[cfg(feature = "cli")]
mod unvouched;
#[cfg(feature = "cli")]
mod updates;

#[path = "../support/mod.rs"]
mod support;
