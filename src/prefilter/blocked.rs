//! Layout `blocked`: a Bloom filter in blocks that the token's own bits address.
//!
//! A token is uniform already, so hashing it again buys nothing. Its leading bits pick the block, so the block's number
//! grows with the token: a sorted set is built and asked in one sweep. Its last four bytes pick one bit in each of the
//! block's four words. So a token lies in one half of a cache line, and no step branches.
//!
//! Tokens that are not uniform cost speed, and make the filter pass more tokens like them; they never cause a false
//! negative.

use std::f64::consts::E;

use rayon::iter::{IndexedParallelIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSliceMut as _;

use crate::container::room::grow;
use crate::container::sizes::BLOCKED_BLOCK;
use crate::error::Error;
use crate::token::Token;

use super::fits;

/// Bits of one block, half a cache line.
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Block([u64; Blocked::HASHES]);

/// A Bloom filter over tokens. It always has a block.
#[derive(Clone)]
pub(crate) struct Blocked {
    blocks: Vec<Block>,
    /// Over all blocks, the number of the 64⁴ ways to pick a bit in each word where all four bits are set.
    passing: u128,
}

/// The rate of a filter of many uniform tokens, by their mean number in a block. With Poisson's chance there are n
/// tokens in a block, and in each of the four words they leave 64·(1 − (63/64)ⁿ) bits set.
///
/// It takes only the four functions that every platform rounds alike. So a wanted rate gives equal bits everywhere.
const RATES: [f64; 118] = {
    let mut rates = [0.0; 118];
    let mut mean = 1;
    while mean < rates.len() {
        let (mut chance, mut clear, mut n) = (1.0, 1.0, 0);
        while n < mean {
            chance /= E;
            n += 1;
        }
        n = 1;
        while n < 512 {
            chance *= mean as f64 / n as f64;
            clear *= 63.0 / 64.0;
            let set = 1.0 - clear;
            rates[mean] += chance * (set * set) * (set * set);
            n += 1;
        }
        mean += 1;
    }
    rates
};

/// The number of blocks that one thread fills at a time: 128 KiB.
const SHARE_OF_A_THREAD: usize = 1 << 12;

impl Blocked {
    /// Bytes of a block.
    pub(crate) const BLOCK: usize = BLOCKED_BLOCK;

    /// Words of a block. A token sets one bit in each. Eight words, in a whole cache line, would save one of eleven
    /// bits at a rate of 0.01, and take 1.8 times as long to ask.
    pub(crate) const HASHES: usize = 4;

    /// At a rate below this, bits are spent badly: 23 a token, where layout `standard` needs 14.
    const LOWEST_RATE: f64 = 0.001;

    /// The highest rate: beyond it a filter says "maybe" too often. An honest filter is at 0.5, or near it if it is
    /// small.
    const SATURATED: f64 = 0.75;

    /// Builds a filter of the tokens at the wanted rate, in the caller's pool.
    pub(crate) fn build(tokens: &[Token], rate: f64) -> Result<Self, Error> {
        debug_assert!(tokens.is_sorted());
        let Building(mut blocks) = Building::begin(tokens.len() as u64, rate)?;
        let len = blocks.len();
        blocks.par_chunks_mut(SHARE_OF_A_THREAD).enumerate().for_each(|(share, blocks)| {
            let first = share * SHARE_OF_A_THREAD;
            let from = |block| tokens.partition_point(|token| block_of(token, len) < block);
            let mine = &tokens[from(first)..from(first + blocks.len())];
            // Two sweeps run side by side: neighbours fall into one block, and each waits for what the one before has
            // just written there.
            let (near, far) = mine.split_at(mine.len() / 2);
            for (near, far) in near.iter().zip(far) {
                blocks[block_of(near, len) - first].set(near);
                blocks[block_of(far, len) - first].set(far);
            }
            if let Some(odd) = far.get(near.len()) {
                blocks[block_of(odd, len) - first].set(odd);
            }
        });
        Ok(Self::counted(blocks))
    }

    /// Makes a filter of a peer's bits, if they can be an honest filter of `tokens` tokens.
    pub(crate) fn from_bits(bits: &[u8], hashes: u32, tokens: u64) -> Option<Self> {
        let (blocks, []) = bits.as_chunks::<{ Self::BLOCK }>() else { return None };
        if blocks.is_empty() || hashes != Self::HASHES as u32 {
            return None;
        }
        let filter = Self::counted(blocks.iter().map(Block::from_bytes).collect());
        let ones = filter.blocks.iter().flat_map(|block| block.0).map(|word| u64::from(word.count_ones()));
        (filter.false_positive_rate() <= Self::SATURATED && fits(ones.sum(), filter.size(), hashes, tokens))
            .then_some(filter)
    }

    fn counted(blocks: Vec<Block>) -> Self {
        let passing = blocks.iter().map(|block| u128::from(block.passing())).sum();
        Self { blocks, passing }
    }

    #[inline]
    pub(crate) fn may_contain(&self, token: &Token) -> bool {
        self.blocks[block_of(token, self.blocks.len())].has(token)
    }

    /// Returns the rate; it is exact for a uniform token. Such a token meets each block, and in it each four bits, with
    /// the same chance (except for the rounding of 2⁶⁴ to a multiple of the blocks).
    pub(crate) fn false_positive_rate(&self) -> f64 {
        self.passing as f64 / (self.blocks.len() as f64 * (1 << (6 * Self::HASHES)) as f64)
    }

    /// Returns the bytes of all blocks.
    pub(crate) fn size(&self) -> usize {
        self.blocks.len() * Self::BLOCK
    }

    /// Returns the `at`th 16 bytes of the bitmap.
    pub(crate) fn record(&self, at: usize) -> [u8; 16] {
        let words = &self.blocks[at / 2].0[at % 2 * 2..][..2];
        (u128::from(words[1]) << 64 | u128::from(words[0])).to_le_bytes()
    }
}

/// A filter to which tokens are added as they are read.
pub(crate) struct Building(Vec<Block>);

impl Building {
    /// Makes room for this number of tokens.
    pub(crate) fn begin(tokens: u64, rate: f64) -> Result<Self, Error> {
        if !(Blocked::LOWEST_RATE..=0.5).contains(&rate) {
            return Err(Error::FalsePositiveRate { lowest: Blocked::LOWEST_RATE });
        }
        let in_a_block = RATES.partition_point(|at| *at <= rate) - 1; // 11 to 117
        let len = tokens.div_ceil(in_a_block as u64).max(1) as usize;
        let mut blocks = Vec::new();
        grow(&mut blocks, len, len)?; // an error rather than an abort: a file tells how many
        blocks.resize(len, Block([0; Blocked::HASHES]));
        Ok(Self(blocks))
    }

    /// Adds the tokens that come next; in order, for speed.
    pub(crate) fn add(&mut self, tokens: &[Token]) {
        let len = self.0.len();
        tokens.iter().for_each(|token| self.0[block_of(token, len)].set(token));
    }

    pub(crate) fn finish(self) -> Blocked {
        Blocked::counted(self.0)
    }
}

/// Returns the block of a token, out of `blocks` blocks. It grows with the token.
#[inline]
fn block_of(token: &Token, blocks: usize) -> usize {
    ((u128::from(token.leading()) * blocks as u128) >> 64) as usize // less than `blocks`
}

impl Block {
    /// Returns the bits of the token, one in each word.
    #[inline]
    fn places(token: &Token) -> [u8; Blocked::HASHES] {
        let [.., a, b, c, d] = *token.as_bytes();
        [a % 64, b % 64, c % 64, d % 64]
    }

    #[inline]
    fn set(&mut self, token: &Token) {
        self.0.iter_mut().zip(Self::places(token)).for_each(|(word, place)| *word |= 1 << place);
    }

    #[inline]
    fn has(&self, token: &Token) -> bool {
        self.0.iter().zip(Self::places(token)).fold(1, |all, (word, place)| all & word >> place) == 1
    }

    /// Returns the number of the 64⁴ ways to pick a bit in each word where all four bits are set.
    fn passing(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).product()
    }

    fn from_bytes(bytes: &[u8; Blocked::BLOCK]) -> Self {
        let (words, _) = bytes.as_chunks::<8>();
        Self(std::array::from_fn(|word| u64::from_le_bytes(words[word])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prefilter::testing::{digest_of, tokens};

    const RATES_OFFERED: [f64; 5] = [0.5, 0.1, 0.01, 0.002, 0.001];

    fn sorted(numbers: std::ops::Range<u64>) -> Vec<Token> {
        let mut tokens = tokens(numbers);
        tokens.sort_unstable();
        tokens
    }

    fn bits(filter: &Blocked) -> Vec<u8> {
        (0..filter.size() / 16).flat_map(|at| filter.record(at)).collect()
    }

    fn read(filter: &Blocked, tokens: u64) -> Option<Blocked> {
        Blocked::from_bits(&bits(filter), 4, tokens)
    }

    #[test]
    fn the_rate_from_the_fill_is_the_rate_that_is_seen_and_at_most_the_wanted_one() {
        let (members, others) = (sorted(0..20_000), tokens(1_000_000..1_200_000));
        for wanted in RATES_OFFERED {
            let filter = Blocked::build(&members, wanted).unwrap();
            assert!(members.iter().all(|token| filter.may_contain(token)));
            let seen =
                others.iter().filter(|token| filter.may_contain(token)).count() as f64 / others.len() as f64;
            let stated = filter.false_positive_rate();
            assert!((seen - stated).abs() < 0.1 * stated + 0.0003, "{wanted}: {stated} stated, {seen} seen");
            assert!(stated < 1.05 * wanted && stated > 0.75 * wanted, "{wanted}: {stated}");
        }
    }

    #[test]
    fn the_rate_is_exact_for_any_fill() {
        let of = |blocks: &[[u64; 4]]| Blocked::counted(blocks.iter().copied().map(Block).collect());
        let all = (1u64 << 24) as f64;
        assert_eq!(of(&[[1, 3, 7, 15]]).false_positive_rate(), 24.0 / all);
        assert_eq!(of(&[[u64::MAX; 4]]).false_positive_rate(), 1.0);
        assert_eq!(of(&[[u64::MAX; 4], [0; 4]]).false_positive_rate(), 0.5, "the mean of the blocks");
        assert_eq!(of(&[[u64::MAX, u64::MAX, u64::MAX, 0]]).false_positive_rate(), 0.0);
        let crowded: Vec<[u64; 4]> = (0..100).map(|block| [u64::MAX * u64::from(block < 76); 4]).collect();
        assert_eq!(of(&crowded).false_positive_rate(), 0.76);
    }

    #[test]
    fn honest_bits_are_taken_and_others_refused() {
        for count in [0, 1, 2, 100, 5_000] {
            let filter = Blocked::build(&sorted(0..count), 0.01).unwrap();
            let again = read(&filter, count).unwrap();
            assert!(bits(&again) == bits(&filter) && again.passing == filter.passing);
            assert!(read(&filter, 2 * count + 1_000).is_none());
            for hashes in [0, 1, 3, 5, 8, 20, u32::MAX] {
                assert!(Blocked::from_bits(&bits(&filter), hashes, count).is_none(), "{hashes}");
            }
        }
        for rate in (1..=100).map(|step| 0.005 * f64::from(step)).chain([0.001, 0.0015, 0.003]) {
            for count in [23, 117, 118, 234, 5_000] {
                let filter = Blocked::build(&sorted(0..count), rate).unwrap();
                assert!(read(&filter, count).is_some(), "{count} at {rate}");
            }
        }
        assert!(Blocked::from_bits(&[], 4, 0).is_none(), "no bits");
        for len in [1, 16, 31, 33, 48] {
            assert!(Blocked::from_bits(&vec![0; len], 4, 0).is_none(), "{len}: a broken block");
        }
        assert!(Blocked::from_bits(&[0xff; 320], 4, 10_000).is_none(), "saturated");
    }

    /// The number of set bits can be that of an honest filter, but so few blocks hold them that these are full.
    #[test]
    fn bits_that_crowd_some_blocks_are_refused_by_their_rate_alone() {
        let crowded = |full: usize| [vec![0xff; 32 * full], vec![0; 32 * (100 - full)]].concat();
        let honest = |full: usize| {
            let load = -(1.0 - full as f64 / 100.0).ln();
            (load * 100.0 * 64.0) as u64
        };
        assert!(Blocked::from_bits(&crowded(75), 4, honest(75)).is_some());
        assert!(Blocked::from_bits(&crowded(76), 4, honest(76)).is_none());
        assert!(Blocked::from_bits(&crowded(75), 4, 100).is_none());
    }

    #[test]
    fn tokens_of_one_block_are_all_found_and_their_filter_is_not_taken_from_a_peer() {
        let mut crowded = tokens(0..3_000);
        for token in &mut crowded {
            let mut bytes = *token.as_bytes();
            bytes[..8].fill(0xa5);
            *token = Token::from_bytes(bytes);
        }
        crowded.sort_unstable();
        let filter = Blocked::build(&crowded, 0.01).unwrap();
        assert!(crowded.iter().all(|token| filter.may_contain(token)));
        let blocks = filter.blocks.len() as f64;
        assert!((filter.false_positive_rate() - 1.0 / blocks).abs() < 1e-9, "one block of all is full");
        assert!(read(&filter, 3_000).is_none());
    }

    #[test]
    fn rates_out_of_bounds_are_refused() {
        for rate in [0.0, -1.0, 0.000_999, 0.51, 1.0, f64::NAN, f64::INFINITY] {
            assert!(Blocked::build(&[], rate).is_err(), "{rate}");
        }
    }

    #[test]
    fn the_bits_are_the_same_on_every_platform_and_with_any_number_of_threads() {
        let filter = Blocked::build(&sorted(0..100), 0.01).unwrap();
        assert_eq!((filter.size(), digest_of(&bits(&filter)).as_str()), (160, "f7e261f873a907b8"));
        // Blocks for three threads; no place where one ends and the next begins is lost.
        let members = sorted(0..200_001);
        let of = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            bits(&pool.install(|| Blocked::build(&members, 0.01)).unwrap())
        };
        let one = of(1);
        assert!(one.len() > 2 * 32 * SHARE_OF_A_THREAD);
        for threads in [2, 3, 8] {
            assert!(of(threads) == one, "{threads} threads");
        }
        assert_eq!(digest_of(&one), "5ab805d6d37acc60");
    }

    #[test]
    fn the_wanted_rate_gives_the_mean_number_of_tokens_in_a_block() {
        assert!(RATES.is_sorted_by(|a, b| a < b));
        for (rate, in_a_block) in [(0.5, 117), (0.1, 51), (0.01, 23), (0.001, 11)] {
            assert_eq!(RATES.partition_point(|at| *at <= rate) - 1, in_a_block, "{rate}");
            let filter = Blocked::build(&sorted(0..in_a_block as u64 * 10 + 1), rate).unwrap();
            assert_eq!(filter.blocks.len(), 11);
        }
        // 1 − 4·e^(−m/64) + …: an equal value, by the binomial theorem and the generating function.
        for (mean, rate) in RATES.iter().enumerate() {
            let term = |j: i32| (-(mean as f64) * (1.0 - (63.0f64 / 64.0).powi(j))).exp();
            let closed = 1.0 - 4.0 * term(1) + 6.0 * term(2) - 4.0 * term(3) + term(4);
            assert!((rate - closed).abs() < 1e-13, "{mean}: {rate} {closed}");
        }
    }
}
