//! What members ask custodians, and what these answer, count and charge.
#![cfg(all(feature = "custodian", feature = "member"))]

mod cheats;
mod demonstration;
mod files;
mod ledger;
mod quota;
mod reconcile;
mod whole;
mod world;
