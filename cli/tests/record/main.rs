//! The run record of commands: what was run is in it, whatever came of it.
#![cfg(feature = "member")]

mod commands;
#[cfg(unix)]
mod line_first;
#[cfg(unix)]
mod raw_inputs;
mod unvouched;
mod updates;

#[path = "../support/mod.rs"]
mod support;
