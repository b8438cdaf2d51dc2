//! What leaves whose hands: nothing secret in messages, nothing of members at a hub, nothing small in a report.

mod architecture;
mod hub;
#[cfg(feature = "cli")]
mod oracles;
#[cfg(feature = "member")]
mod silence;
#[cfg(feature = "cli")]
mod silent_rounds;
mod threads;
mod withhold;

#[path = "../support/mod.rs"]
mod support;
