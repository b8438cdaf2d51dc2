//! Trails: what members link, what the hub answers, and what neither gives away.

mod attacks;
mod forged;
mod laws;
mod oracle;
#[cfg(all(feature = "member", feature = "seal"))]
mod referral;
mod world;

#[path = "../support/mod.rs"]
mod support;
