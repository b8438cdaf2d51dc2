//! What changes after a round: deltas, rows that are withdrawn, and notices of them.

mod delta;
mod notices;

#[path = "../support/mod.rs"]
mod support;
