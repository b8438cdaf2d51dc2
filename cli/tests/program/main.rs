//! The program at large: its output, and what it says.
#![cfg(feature = "member")]

#[cfg(unix)]
mod config;
mod dates;
#[cfg(unix)]
mod folders;
mod kinds;
mod library;
#[cfg(unix)]
mod messages;
#[cfg(unix)]
mod outputs;
#[cfg(unix)]
mod outputs_apart;
mod verified;
#[cfg(unix)]
mod wrong_moves;

#[path = "../support/mod.rs"]
mod support;
