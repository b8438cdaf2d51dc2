//! How many canonical forms are different, without keeping any.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

use crate::set::sort_unique;
use crate::token::Token;

/// Stands for a canonical form: 128 bits under a random key that nobody ever sees.
pub(super) type Fingerprint = Token;

/// Counts by fingerprints, so that no identifier outlives its block.
///
/// Two halves of SipHash each, so that among N forms the count is wrong with a chance under N²/2¹²⁹, as that
/// of tokens is. A token under a random secret would serve as well, at twice the cost.
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

    /// How many different ones there were.
    pub(super) fn count(self) -> u64 {
        let mut all = self.all.into_inner().unwrap_or_else(PoisonError::into_inner);
        sort_unique(&mut all);
        all.len() as u64
    }
}
