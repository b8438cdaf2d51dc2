//! Custodians, members and a hub in folders of their own: keys that nobody has alone.
#![cfg(all(feature = "member", feature = "custodian"))]

mod ceremony;
#[cfg(unix)]
mod kills;
mod ledgers;
mod requests;

#[path = "../support/mod.rs"]
mod support;
