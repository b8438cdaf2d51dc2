//! The prefilter: it answers "certainly not" or "maybe" for a token, in a few bits of memory for each.

mod blocked;
mod encoding;
mod standard;

use std::fmt;
use std::sync::Weak;

use crate::terms::{Name, Terms};
use crate::token::Token;

pub(crate) use blocked::{Blocked, Building};
pub(crate) use standard::Standard;

/// A Bloom filter over one member's set: never a false negative, false positives at a known rate.
///
/// It serves the hub, if one side is far larger than the other or slow to read. A filter of others' tokens must never
/// reach a key holder: with the key it is nearly the set, and [`Prefilter::exposure`] says how nearly.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # let terms = Terms::example();
/// use veilmatch::{Prefilter, Token, TokenSet};
///
/// let tokens = (0..=255).map(|byte| Token::from_bytes([byte; 16])).collect();
/// let set = TokenSet::from_tokens(terms, Name::new("bank-a")?, tokens);
/// let prefilter = Prefilter::blocked(&set, 0.01)?;
///
/// assert!(set.tokens().iter().all(|token| prefilter.may_contain(token)));
/// assert!(prefilter.false_positive_rate() < 0.02);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone)]
pub struct Prefilter {
    terms: Terms,
    member: Name,
    /// Number of distinct tokens that it was built from.
    tokens: u64,
    /// The set in memory that it was built from; nothing if it was read from a file.
    source: Weak<Vec<Token>>,
    layout: Layout,
}

/// The layout of the bits.
#[derive(Clone)]
pub(crate) enum Layout {
    Standard(Standard),
    Blocked(Blocked),
}

impl Prefilter {
    /// Makes a prefilter of the parts of a file that its reader has checked.
    pub(crate) fn from_checked(terms: Terms, member: Name, tokens: u64, layout: Layout) -> Self {
        Self { terms, member, tokens, source: Weak::new(), layout }
    }

    /// Whether the set may hold the token; `false` is certain.
    #[inline]
    pub fn may_contain(&self, token: &Token) -> bool {
        match &self.layout {
            Layout::Standard(standard) => standard.may_contain(token),
            Layout::Blocked(blocked) => blocked.may_contain(token),
        }
    }

    /// Returns the chance that a token outside the set passes, computed from the bits that are really set.
    pub fn false_positive_rate(&self) -> f64 {
        match &self.layout {
            Layout::Standard(standard) => standard.false_positive_rate(),
            Layout::Blocked(blocked) => blocked.false_positive_rate(),
        }
    }

    /// Returns the memory of the bits, in bytes.
    pub fn size(&self) -> usize {
        match &self.layout {
            Layout::Standard(standard) => standard.bits().len(),
            Layout::Blocked(blocked) => blocked.size(),
        }
    }

    /// Returns the number of distinct tokens in the set.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }

    /// Returns the terms of the set.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Returns the member whose set it was built from.
    pub fn member(&self) -> &Name {
        &self.member
    }

    /// Returns how nearly the filter is the set, to someone with the key who tries every possible identifier. It is the
    /// share of true members among the identifiers that pass, if `domain_size` identifiers are possible.
    ///
    /// Example: of 10⁹ card numbers under a known prefix and a million members, a filter at 0.01 leaves 11 million that
    /// pass: an exposure of 0.09. At 0.000001 it is 0.999: the filter *is* the set.
    pub fn exposure(&self, domain_size: u64) -> f64 {
        let others = domain_size.saturating_sub(self.tokens) as f64;
        let members = self.tokens as f64;
        if members == 0.0 {
            return 0.0;
        }
        members / (members + others * self.false_positive_rate())
    }

    /// Remembers the very tokens in memory that the filter was built from.
    pub(crate) fn with_source(self, source: Weak<Vec<Token>>) -> Self {
        Self { source, ..self }
    }

    /// Whether the filter was built from these very tokens, in this process.
    pub(crate) fn is_built_from(&self, tokens: &Weak<Vec<Token>>) -> bool {
        self.source.ptr_eq(tokens)
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl fmt::Debug for Prefilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prefilter")
            .field("terms", &self.terms)
            .field("member", &self.member)
            .field("tokens", &self.tokens)
            .field("layout", &self.layout.name())
            .field("bytes", &self.size())
            .finish()
    }
}

impl Layout {
    fn name(&self) -> &'static str {
        match self {
            Layout::Standard(_) => "standard",
            Layout::Blocked(_) => "blocked",
        }
    }
}

/// Whether this number of tokens can leave this number of set bits in this number of bytes: it must be within eight
/// standard deviations of the mean, and some more for small filters.
///
/// Mean and deviation are those of independent hashing. Kirsch and Mitzenmacher's double hashing behaves so here. In
/// blocks the mean is equal; the four bits of a token that share a block make the variance larger, by a sixteenth at
/// most.
fn fits(ones: u64, bytes: usize, hashes: u32, tokens: u64) -> bool {
    let (bits, hashes) = (8.0 * bytes as f64, f64::from(hashes));
    let load = tokens as f64 * hashes / bits;
    let mean = bits * (1.0 - (-load).exp());
    let variance = bits * (-load).exp() * (1.0 - (1.0 + load) * (-load).exp());
    (ones as f64 - mean).abs() <= 8.0 * variance.max(0.0).sqrt() + 2.0 * hashes + 16.0
}

#[cfg(test)]
mod testing {
    use crate::token::Token;

    fn sha256(bytes: &[u8]) -> ring::digest::Digest {
        ring::digest::digest(&ring::digest::SHA256, bytes)
    }

    /// Tokens that look as random as real ones, in no order.
    pub(super) fn tokens(numbers: std::ops::Range<u64>) -> Vec<Token> {
        numbers
            .map(|n| Token::from_bytes(sha256(&n.to_be_bytes()).as_ref()[..16].try_into().unwrap()))
            .collect()
    }

    /// Returns the first eight bytes in hex.
    pub(super) fn digest_of(bytes: &[u8]) -> String {
        sha256(bytes).as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
