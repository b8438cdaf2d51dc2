//! What the program gives away: nothing that tells a value, and at a hub nothing that could make a token.

mod hub_build;
#[cfg(feature = "member")]
mod oracles;
#[cfg(feature = "member")]
mod silent_rounds;

#[cfg(feature = "member")]
#[path = "../support/mod.rs"]
mod support;
