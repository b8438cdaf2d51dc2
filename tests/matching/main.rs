//! Matching and screening: the same answer as a naive one, whatever the memory, the threads and the order.

#[cfg(feature = "cli")]
mod budgets;
mod laws;
#[cfg(feature = "member")]
mod own_set;
mod refusals;
mod screen;
#[cfg(feature = "cli")]
mod stream;

#[path = "../support/mod.rs"]
mod support;
