//! Prefilter: answers "certainly not" or "maybe" for a token, in a few bits of memory each.

mod standard;

use std::fmt;
use std::sync::Weak;

use crate::domain::{Name, Terms};
use crate::error::Error;
use crate::set::TokenSet;
use crate::token::Token;

pub(crate) use standard::Standard;

/// A Bloom filter over one member's set: never a false negative, false positives at a known rate.
///
/// It serves the hub, where one side is far larger than the other or slow to read. A filter of others'
/// tokens must never reach a key holder: with the key it is nearly the set, and
/// [`Prefilter::exposure`] says how nearly.
///
/// ```
/// # use veilmatch::domain::*;
/// # let terms = Terms {
/// #     domain: Domain::new(Name::new("efc")?, 1, KindId::new("card.pan/1")?)?,
/// #     key_id: KeyId([0; 8]), rules: RuleDigest([0; 32]),
/// #     suppression: SuppressionDigest([0; 32]), round: None,
/// # };
/// use veilmatch::{Prefilter, Token, TokenSet};
///
/// let tokens = (0..=99).map(|byte| Token::from_bytes([byte; 16])).collect();
/// let set = TokenSet::from_tokens(terms, Name::new("bank-a")?, tokens);
/// let prefilter = Prefilter::standard(&set, 0.01)?;
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
    /// Which set in memory it was built from; nothing, if it was read from a file.
    source: Weak<Vec<Token>>,
    layout: Layout,
}

/// How the bits are laid out.
#[derive(Clone)]
enum Layout {
    Standard(Standard),
}

impl Prefilter {
    /// The layout with the fewest bits: a classic Bloom filter, 9.6 bits a token at a rate of 0.01.
    ///
    /// Built in one thread at some hundreds of nanoseconds a token. The bits depend on set and rate alone.
    ///
    /// # Errors
    ///
    /// [`Error::FalsePositiveRate`] for a rate outside 0.000001 to 0.5.
    pub fn standard(set: &TokenSet, false_positive_rate: f64) -> Result<Self, Error> {
        let standard = Standard::build(set.tokens(), false_positive_rate)?;
        let filter =
            Self::from_checked(set.terms().clone(), set.member().clone(), set.len() as u64, standard);
        Ok(Self { source: set.identity(), ..filter })
    }

    /// From the parts of a file that its reader has checked.
    pub(crate) fn from_checked(terms: Terms, member: Name, tokens: u64, standard: Standard) -> Self {
        Self { terms, member, tokens, source: Weak::new(), layout: Layout::Standard(standard) }
    }

    /// Whether the set may hold the token; `false` is certain.
    #[inline]
    pub fn may_contain(&self, token: &Token) -> bool {
        let Layout::Standard(standard) = &self.layout;
        standard.may_contain(token)
    }

    /// The chance that a token outside the set passes, computed from the bits that are really set.
    pub fn false_positive_rate(&self) -> f64 {
        let Layout::Standard(standard) = &self.layout;
        standard.false_positive_rate()
    }

    /// Memory of the bits, in bytes.
    pub fn size(&self) -> usize {
        self.as_standard().bits().len()
    }

    /// Number of distinct tokens in the set.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }

    /// The terms of the set.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Whose set it was built from.
    pub fn member(&self) -> &Name {
        &self.member
    }

    /// How nearly the filter is the set to someone with the key who tries every possible identifier: the
    /// share of true members among what passes, if `domain_size` identifiers are possible.
    ///
    /// Of 10⁹ card numbers under a known prefix and a million members, a filter at 0.01 leaves 11 million
    /// that pass: an exposure of 0.09. At 0.000001 it is 0.999: the filter *is* the set.
    pub fn exposure(&self, domain_size: u64) -> f64 {
        let others = domain_size.saturating_sub(self.tokens) as f64;
        let members = self.tokens as f64;
        if members == 0.0 {
            return 0.0;
        }
        members / (members + others * self.false_positive_rate())
    }

    /// Refuses a set that this filter was not built from in this process: a filter that is older than its
    /// set, or a peer's, could deny what the set holds and hide overlaps.
    pub(crate) fn require_built_from(&self, set: &TokenSet) -> Result<(), Error> {
        if self.source.ptr_eq(&set.identity()) {
            return Ok(());
        }
        Err(Error::PrefilterOfOther { member: set.member().clone() })
    }

    pub(crate) fn as_standard(&self) -> &Standard {
        let Layout::Standard(standard) = &self.layout;
        standard
    }
}

impl fmt::Debug for Prefilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prefilter")
            .field("terms", &self.terms)
            .field("member", &self.member)
            .field("tokens", &self.tokens)
            .field("bytes", &self.size())
            .finish()
    }
}
