//! Matching and screening: the same answer as a naive one, whatever the memory, the threads and the order.

mod laws;
#[cfg(feature = "member")]
mod own_set;
mod refusals;
mod screen;

#[path = "../support/mod.rs"]
mod support;
