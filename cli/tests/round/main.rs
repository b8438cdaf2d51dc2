//! Rounds by the program: from keys to resolved rows, and every wrong move on the way.
#![cfg(feature = "member")]

mod budgets;
#[cfg(all(unix, feature = "custodian"))]
mod cache_kills;
#[cfg(feature = "custodian")]
mod caches;
mod cross_check;
#[cfg(feature = "custodian")]
mod custodied;
mod known;
#[cfg(feature = "custodian")]
mod linked_caches;
mod links;
#[cfg(feature = "custodian")]
mod lost_requests;
mod members_differ;
#[cfg(unix)]
mod new_users_day;
#[cfg(feature = "custodian")]
mod other_caches;
mod public_trails;
mod referral;
mod refused_moves;
#[cfg(unix)]
mod runbook;
mod stream;
mod trail_rules;
mod updates;
mod who_took_part;
mod whole;
mod withdrawn;
#[cfg(feature = "custodian")]
mod wrong_answers;

#[path = "../support/mod.rs"]
mod support;
