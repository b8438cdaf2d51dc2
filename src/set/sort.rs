//! Sorts tokens and drops repeated ones, in place: a radix pass over everything, then buckets in cache.
//!
//! Tokens are uniform, so their leading bits split them evenly. This is an assumption about speed only: if a hostile
//! file's tokens share their leading bits, sorting by comparison takes over, in O(n log n).

mod bucket;
mod permute;

use rayon::iter::{IndexedParallelIterator as _, IntoParallelRefMutIterator as _, ParallelIterator as _};
use rayon::slice::{ParallelSlice as _, ParallelSliceMut as _};

use crate::engine::scatter::Scatter;
use crate::token::Token;

/// The tokens of one bucket: on average from half of this number to all of it, as long as the bits allow. Chosen by
/// benchmark `set`.
const BUCKET: usize = 1 << 12;

/// The most bits that split the tokens into buckets: as many places as there are buckets are written to in turn, and
/// beyond their number a processor no longer keeps track of the pages. Chosen by benchmark `set`.
const MAX_BITS: u32 = 9;

/// Fewer tokens than this are sorted by comparison at once.
const SMALL: usize = 1 << 10;

/// Tokens are not uniform if a bucket is this many times larger than the average.
const UNEVEN: usize = 8;

/// Number of tokens of one part of a count.
const PART: usize = 1 << 16;

/// The leading bits of tokens that have some bits before them in common.
#[derive(Clone, Copy)]
struct Digit {
    before: u32,
    bits: u32,
}

impl Digit {
    /// Returns the number of values.
    fn values(self) -> usize {
        1 << self.bits
    }

    #[inline]
    fn of(self, token: &Token) -> usize {
        // The shift is done in two steps, because a shift by 64 does nothing.
        ((token.leading() << self.before) >> 1 >> (63 - self.bits)) as usize
    }
}

/// Sorts tokens in any order and keeps one of each.
///
/// Memory: a copy of one bucket a thread besides the tokens' own, a hundredth of them or less.
pub(crate) fn sort_unique(tokens: &mut Vec<Token>) {
    if tokens.len() < SMALL {
        tokens.sort_unstable();
        tokens.dedup();
        return;
    }
    let bits = (tokens.len() / BUCKET).next_power_of_two().ilog2().min(MAX_BITS);
    let digit = Digit { before: 0, bits };
    let sizes = sizes(tokens, digit);
    if sizes.iter().any(|size| *size > UNEVEN * (tokens.len() / digit.values()) + SMALL) {
        tokens.par_sort_unstable();
        tokens.dedup();
        return;
    }
    permute::by_digit(tokens, digit, &sizes);
    let mut buckets = split(tokens, &sizes);
    let kept: Vec<usize> = buckets
        .par_iter_mut()
        .with_max_len(1)
        .map_init(Scatter::new, |scatter, bucket| bucket::sort_unique(bucket, bits, scatter))
        .collect();
    close_gaps(tokens, &sizes, &kept);
}

/// Returns how many tokens each value of the digit has.
fn sizes(tokens: &[Token], digit: Digit) -> Vec<usize> {
    let none = || vec![0; digit.values()];
    let count = |mut sizes: Vec<usize>, part: &[Token]| {
        part.iter().for_each(|token| sizes[digit.of(token)] += 1);
        sizes
    };
    let add = |mut sizes: Vec<usize>, more: Vec<usize>| {
        sizes.iter_mut().zip(more).for_each(|(size, more)| *size += more);
        sizes
    };
    tokens.par_chunks(PART).fold(none, count).reduce(none, add)
}

/// Cuts tokens into pieces of these sizes, which add up to the whole.
fn split<'a>(mut tokens: &'a mut [Token], sizes: &[usize]) -> Vec<&'a mut [Token]> {
    let cut = |size: &usize| tokens.split_off_mut(..*size).expect("the sizes add up to the whole");
    sizes.iter().map(cut).collect()
}

/// Moves together what each bucket has kept at its front.
fn close_gaps(tokens: &mut Vec<Token>, sizes: &[usize], kept: &[usize]) {
    if kept == sizes {
        return;
    }
    let (mut from, mut to) = (0, 0);
    for (size, kept) in sizes.iter().zip(kept) {
        tokens.copy_within(from..from + kept, to);
        from += size;
        to += kept;
    }
    tokens.truncate(to);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tokens: Vec<Token>) {
        let mut expected = tokens.clone();
        expected.sort_unstable();
        expected.dedup();
        let mut sorted = tokens;
        sort_unique(&mut sorted);
        assert!(sorted == expected);
    }

    /// Numbers that look random, below `distinct`.
    fn numbers(count: u64, distinct: u64) -> impl Iterator<Item = u128> {
        (0..count).map(move |n| {
            let number = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
            u128::from(number % distinct)
        })
    }

    #[test]
    fn uniform_tokens_are_sorted_and_made_unique() {
        for (count, distinct) in [
            (0, 1),
            (1, 1),
            (2, 1),
            (100, 10),
            (5_000, 1 << 40),
            (60_000, 1 << 40),
            (60_000, 5_000),
            (300_000, 1 << 40),
            (300_000, 200_000),
        ] {
            let spread = |number: u128| number.wrapping_mul(0x2d99_7879_26d4_6932_a4c1_f326_80f7_0c55);
            let tokens = numbers(count, distinct).map(|n| Token::from_bytes(spread(n).to_be_bytes()));
            let mut tokens: Vec<Token> = tokens.collect();
            check(tokens.clone());
            tokens.sort_unstable();
            check(tokens.clone());
            tokens.reverse();
            check(tokens);
        }
    }

    #[test]
    fn tokens_that_share_their_leading_bits_are_sorted_all_the_same() {
        for count in [60_000, 200_000] {
            for shared_bits in [1, 2, 7, 8, 9, 20, 64, 100] {
                let crowd = |number: u128| (0xa5u128 << 120) & !(u128::MAX >> shared_bits) | number;
                check(numbers(count, 1 << 27).map(|n| Token::from_bytes(crowd(n).to_be_bytes())).collect());
            }
            check(vec![Token::from_bytes([7; 16]); count as usize]);
        }
    }

    #[test]
    fn tokens_uniform_in_their_leading_bits_only_are_sorted_all_the_same() {
        for uniform_bits in [3, 8, 14, 20] {
            let token = |n: u64| {
                let leading = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - uniform_bits);
                Token::from_bytes(
                    (u128::from(leading) << (128 - uniform_bits) | u128::from(n / 2)).to_be_bytes(),
                )
            };
            check((0..200_000).map(token).collect());
        }
    }
}
