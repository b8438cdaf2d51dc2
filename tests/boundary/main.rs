//! What leaves whose hands: nothing secret in messages, nothing of members at a hub, nothing small in a report.

mod architecture;
mod hub;
#[cfg(feature = "member")]
mod silence;
mod threads;
mod withhold;

#[path = "../support/mod.rs"]
mod support;
