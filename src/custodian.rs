//! What a custodian does, and nobody else: it makes a key among custodians, and keeps its share of it. Needs the feature
//! `custodian`, which neither a member nor a hub has.
//!
//! Custodians make their keys without a dealer, in three steps, by files ([`Dkg`]): the distributed key generation of FROST, once
//! for each kind. Each ends with its [`Share`] and with what is public of the keys, which it signs
//! ([`SignedCustody`](crate::custody::SignedCustody)).
//!
//! Then each evaluates requests of members ([`Evaluator`]), and charges them in its [`Ledger`]. [`Reconciled`] holds ledgers
//! against each other and against what the hub counted.

mod dkg;
mod document;
mod evaluate;
mod ledger;
mod reconcile;
mod seed;
mod share;

pub use dkg::{Dkg, StepFile};
pub use evaluate::{Done, Evaluator};
pub use ledger::{Charge, Ledger, LedgerFile};
pub use reconcile::Reconciled;
pub use seed::Seed;
pub use share::Share;

use std::io::Read as _;

use zeroize::Zeroizing;

use crate::container::private_file::{Wording, read_bounded};
use crate::error::Error;
use crate::round::identity::Identity;
use crate::round::seal;

/// Seals to a custodian what it keeps, or what another sends it.
fn sealed(to: &crate::terms::SealKey, content: &[u8]) -> Result<Vec<u8>, Error> {
    use std::io::Write as _;
    let mut sealer = seal::seal(to, Vec::new())?;
    sealer.write_all(content)?;
    sealer.finish()
}

/// Opens what was sealed to a custodian, of at most `longest` bytes; it is wiped when dropped.
fn opened(
    identity: &Identity,
    bytes: &[u8],
    longest: usize,
    wording: &Wording,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut opened = seal::open(identity, bytes)?;
    read_bounded(&mut opened.by_ref(), longest, wording)
}
