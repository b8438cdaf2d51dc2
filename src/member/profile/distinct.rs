//! Counts the different canonical forms, without keeping any.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

use crate::set::sort_unique;
use crate::token::Token;

/// The fingerprint of a canonical form: 128 bits under a random key that nobody ever sees.
pub(super) type Fingerprint = Token;

/// A counter by fingerprints, so that no identifier outlives its block.
///
/// A fingerprint is two halves of SipHash. So among N forms the count is wrong with a chance under N²/2¹²⁹, as for
/// tokens. A token under a random secret would serve as well, at twice the cost.
pub(super) struct Distinct {
    key: RandomState,
    all: Mutex<Vec<Fingerprint>>,
}

impl Distinct {
    pub(super) fn new() -> Self {
        Self { key: RandomState::new(), all: Mutex::new(Vec::new()) }
    }

    #[inline]
    pub(super) fn fingerprint(&self, form: &[u8]) -> Fingerprint {
        let [low, high] = [0u8, 1].map(|half| self.key.hash_one((half, form)));
        Token::from_bytes((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
    }

    /// Takes the fingerprints of one block.
    pub(super) fn add(&self, forms: Vec<Fingerprint>) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&forms);
    }

    /// Returns the number of different fingerprints.
    pub(super) fn count(self) -> u64 {
        let mut all = self.all.into_inner().unwrap_or_else(PoisonError::into_inner);
        sort_unique(&mut all);
        all.len() as u64
    }
}
