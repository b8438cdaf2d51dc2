//! Rounds by the program: from keys to resolved rows, and every wrong move on the way.
#![cfg(feature = "cli")]

mod cross_check;
mod known;
mod members_differ;
mod refused_moves;
#[cfg(unix)]
mod runbook;
mod who_took_part;
mod whole;

#[path = "../support/mod.rs"]
mod support;
