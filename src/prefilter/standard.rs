//! Layout `standard`: a classic Bloom filter on the package `bloomfilter`, with its known holes closed.
//!
//! Version 3.0 of the package accepts a bitmap of no bytes and divides by its length, takes any number of hash
//! functions from bytes, and seeds itself at random. Here the bitmap is never empty, the number of hash functions is
//! bounded, and the seed is fixed. Of a peer's file only the bits reach the package.

use bloomfilter::Bloom;

use crate::container::sizes::STANDARD_BLOCK;
use crate::error::Error;
use crate::token::Token;

use super::fits;

/// The fixed seed. Tokens are keyed already, so the filter's own hash needs no secret, and equal tokens give equal bits
/// everywhere.
const SEED: [u8; 32] = *b"veilmatch/1 prefilter standard\0\0";

/// The package's own serialised header: version, bytes, hash functions, seed.
const PACKAGE_HEADER: usize = 1 + 8 + 4 + 32;

/// A Bloom filter over tokens.
#[derive(Clone)]
pub(crate) struct Standard {
    bloom: Bloom<Token>,
    ones: u64,
}

impl Standard {
    /// The bitmap is a multiple of this number of bytes, so that a file writes it as whole records.
    pub(crate) const BLOCK: usize = STANDARD_BLOCK;

    /// The lowest rate that is offered.
    const LOWEST_RATE: f64 = 0.000_001;

    /// The most hash functions; they serve the lowest rate.
    pub(crate) const MAX_HASHES: u32 = 20;

    /// The highest share of set bits: beyond it a filter says "maybe" too often. An honest filter, sized for its
    /// tokens, is half full, and at most 0.603 where rounding the number of hash functions is at its worst.
    const SATURATED: f64 = 0.65;

    /// Builds a filter of the tokens at the wanted rate.
    pub(crate) fn build(tokens: &[Token], rate: f64) -> Result<Self, Error> {
        if !(Self::LOWEST_RATE..=0.5).contains(&rate) {
            return Err(Error::FalsePositiveRate { lowest: Self::LOWEST_RATE });
        }
        let bytes = Bloom::<Token>::compute_bitmap_size(tokens.len().max(1), rate);
        let hashes = (-rate.log2()).round() as u32; // 1 to 20
        let bits = vec![0; bytes.next_multiple_of(Self::BLOCK)];
        let mut bloom =
            assemble(&bits, hashes).ok_or(Error::FalsePositiveRate { lowest: Self::LOWEST_RATE })?;
        tokens.iter().for_each(|token| bloom.set(token));
        Ok(Self::counted(bloom))
    }

    /// Makes a filter of a peer's bits, if they can be an honest filter of `tokens` tokens.
    pub(crate) fn from_bits(bits: &[u8], hashes: u32, tokens: u64) -> Option<Self> {
        let standard = Self::counted(assemble(bits, hashes)?);
        let fill = standard.fill();
        (fill <= Self::SATURATED && fits(standard.ones, bits.len(), hashes, tokens)).then_some(standard)
    }

    fn counted(bloom: Bloom<Token>) -> Self {
        let ones = bloom.as_slice()[PACKAGE_HEADER..].iter().map(|byte| u64::from(byte.count_ones())).sum();
        Self { bloom, ones }
    }

    #[inline]
    pub(crate) fn may_contain(&self, token: &Token) -> bool {
        self.bloom.check(token)
    }

    /// Returns the share of set bits, to the power of the number of hash functions.
    pub(crate) fn false_positive_rate(&self) -> f64 {
        self.fill().powi(self.hashes() as i32)
    }

    pub(crate) fn hashes(&self) -> u32 {
        self.bloom.number_of_hash_functions()
    }

    /// Returns the bitmap alone.
    pub(crate) fn bits(&self) -> &[u8] {
        &self.bloom.as_slice()[PACKAGE_HEADER..]
    }

    fn fill(&self) -> f64 {
        self.ones as f64 / self.bloom.len() as f64
    }
}

/// Hands bits and bounded parameters to the package, in the form that it reads.
fn assemble(bits: &[u8], hashes: u32) -> Option<Bloom<Token>> {
    let whole = !bits.is_empty() && bits.len().is_multiple_of(Standard::BLOCK);
    if !whole || !(1..=Standard::MAX_HASHES).contains(&hashes) {
        return None;
    }
    let mut bytes = Vec::with_capacity(PACKAGE_HEADER + bits.len());
    bytes.push(1);
    bytes.extend_from_slice(&(bits.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&hashes.to_le_bytes());
    bytes.extend_from_slice(&SEED);
    bytes.extend_from_slice(bits);
    Bloom::from_bytes(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prefilter::testing::{digest_of, tokens};

    #[test]
    fn the_rate_from_the_fill_is_the_rate_that_is_seen() {
        let (members, others) = (tokens(0..20_000), tokens(1_000_000..1_200_000));
        for wanted in [0.5, 0.1, 0.01, 0.001] {
            let filter = Standard::build(&members, wanted).unwrap();
            assert!(members.iter().all(|token| filter.may_contain(token)));
            let seen =
                others.iter().filter(|token| filter.may_contain(token)).count() as f64 / others.len() as f64;
            let stated = filter.false_positive_rate();
            assert!((seen - stated).abs() < 0.1 * stated + 0.0005, "{wanted}: {stated} stated, {seen} seen");
            assert!(stated < 1.25 * wanted, "{wanted}: {stated}");
        }
    }

    #[test]
    fn honest_bits_are_taken_and_others_refused() {
        for count in [0, 1, 2, 100, 5_000] {
            let filter = Standard::build(&tokens(0..count), 0.01).unwrap();
            assert!(Standard::from_bits(filter.bits(), filter.hashes(), count).is_some(), "{count}");
            assert!(Standard::from_bits(filter.bits(), filter.hashes(), 2 * count + 1_000).is_none());
            assert!(Standard::from_bits(filter.bits(), 0, count).is_none());
            assert!(Standard::from_bits(filter.bits(), 21, count).is_none());
        }
        for rate in (1..=100).map(|step| 0.005 * f64::from(step)).chain([0.352, 0.353, 0.3535, 0.000_001]) {
            let filter = Standard::build(&tokens(0..5_000), rate).unwrap();
            assert!(Standard::from_bits(filter.bits(), filter.hashes(), 5_000).is_some(), "{rate}");
        }
        assert!(Standard::from_bits(&[], 7, 0).is_none(), "no bits");
        assert!(Standard::from_bits(&[0; 15], 7, 0).is_none(), "a broken block");
        assert!(Standard::from_bits(&[0xff; 160], 7, 130).is_none(), "saturated");
    }

    #[test]
    fn rates_out_of_bounds_are_refused() {
        for rate in [0.0, -1.0, 0.51, 1.0, f64::NAN, f64::INFINITY, 0.000_000_9] {
            assert!(Standard::build(&[], rate).is_err(), "{rate}");
        }
    }

    #[test]
    fn the_bits_are_the_same_on_every_platform() {
        let filter = Standard::build(&tokens(0..100), 0.01).unwrap();
        let digest = digest_of(filter.bits());
        assert_eq!((filter.bits().len(), filter.hashes(), digest.as_str()), (128, 7, "52a066ba186cd8b3"));
    }
}
