//! What the fuzz targets check. Each takes any bytes and panics where a promise is broken.
//!
//! A target is a function here, a file of three lines in `targets/`, an entry in `Cargo.toml` and a folder of
//! seeds, which `tests/fuzz_seeds.rs` of the crate writes.

mod bounded;
mod custodians;
mod files;
mod keys;
mod kinds;
mod record;
mod rounds;
mod rows;
/// What the tests have too: small files, the forger, members.
#[path = "../../tests/support"]
#[allow(dead_code, unreachable_pub, reason = "the tests use the rest")]
mod support {
    pub(crate) mod essence;
    pub(crate) mod files;
    pub(crate) mod hub;
    pub(crate) mod member;
    pub(crate) mod trails;
}

pub use custodians::{ceremony, custody, evaluation, ledger, request};
pub use files::{delta, handshake, links, notice, overlaps, prefilter, set, share, statement, trail};
pub use keys::{identity, keys};
pub use kinds::kinds;
pub use record::log;
pub use rounds::{cross_check, manifest, suppression};
pub use rows::{csv, lines};
