//! Prefilters of a set in memory.

use crate::error::Error;
use crate::prefilter::{Blocked, Layout, Prefilter, Standard};

use super::TokenSet;

impl Prefilter {
    /// Builds a prefilter in the layout with the fewest bits: a classic Bloom filter, 9.6 bits a token at a rate of
    /// 0.01.
    ///
    /// Take it where bits count more than time, or for a rate under 0.001. It is built in one thread at some hundreds
    /// of nanoseconds a token. Asking it takes some tens of nanoseconds, or hundreds beyond the cache. The bits depend
    /// on set and rate alone.
    ///
    /// # Errors
    ///
    /// [`Error::FalsePositiveRate`] for a rate outside 0.000001 to 0.5.
    pub fn standard(set: &TokenSet, false_positive_rate: f64) -> Result<Self, Error> {
        let standard = Standard::build(set.tokens(), false_positive_rate)?;
        Ok(Self::of(set, Layout::Standard(standard)))
    }

    /// Builds a prefilter in the fast layout, which is the usual choice: blocks of 256 bits, 11.1 bits a token at a
    /// rate of 0.01; 5 at 0.1, 23 at 0.001.
    ///
    /// It is built in the caller's pool. Asked in order of token it takes one to two nanoseconds a token; in no order
    /// it costs one access to memory. The bits depend on set and rate alone.
    ///
    /// The token's own bits are its place in the filter. So the wanted rate, and the stated one, are for tokens as HMAC
    /// makes them. If a set holds made-up tokens that share their leading bits, their blocks are full, and more tokens
    /// like them pass. A reader refuses the file of such a filter.
    ///
    /// # Errors
    ///
    /// [`Error::FalsePositiveRate`] for a rate outside 0.001 to 0.5: below, [`Prefilter::standard`] needs far
    /// fewer bits.
    pub fn blocked(set: &TokenSet, false_positive_rate: f64) -> Result<Self, Error> {
        let blocked = Blocked::build(set.tokens(), false_positive_rate)?;
        Ok(Self::of(set, Layout::Blocked(blocked)))
    }

    fn of(set: &TokenSet, layout: Layout) -> Self {
        let (terms, member) = (set.terms().clone(), set.member().clone());
        Self::from_checked(terms, member, set.len() as u64, layout).with_source(set.identity())
    }

    /// Refuses a set that this filter was not built from in this process. A filter that is older than its set, or a
    /// peer's, could deny what the set holds and hide overlaps.
    pub(crate) fn require_built_from(&self, set: &TokenSet) -> Result<(), Error> {
        if self.is_built_from(&set.identity()) {
            return Ok(());
        }
        Err(Error::PrefilterOfOther { member: set.member().clone() })
    }
}
