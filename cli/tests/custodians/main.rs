//! Custodians, members and a hub in folders of their own: keys that nobody has alone.
#![cfg(feature = "custodian")]

mod ceremony;
#[cfg(unix)]
mod kills;
mod ledgers;
mod requests;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[path = "../support/shim.rs"]
#[allow(unreachable_pub, reason = "other tests have it too")]
mod shim;

/// What the tests of the library have too. Nothing of it needs what members have: custodians' builds are tested too.
#[path = "../../../tests/support"]
#[allow(dead_code, unreachable_pub, reason = "other tests use the rest")]
mod support {
    pub(crate) mod run;
    pub(crate) mod thorough;
}
