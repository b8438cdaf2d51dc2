//! Sorting tokens and dropping repeated ones: two radix passes, then sorts of a dozen or two.
//!
//! Tokens are uniform, so their leading bits split them evenly. That is an assumption about speed only: a
//! hostile file whose tokens share their leading bits is sorted by comparison, in O(n log n).

use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefMutIterator as _, ParallelIterator as _, repeat_n,
};
use rayon::slice::{ParallelSlice as _, ParallelSliceMut as _};

use crate::token::Token;

/// Bits of the first pass, which is done on a part of the input while it is in cache.
const BITS: u32 = 8;
const BUCKETS: usize = 1 << BITS;

/// Tokens of one part where a whole input is cut up: 256 KiB, with their copy within a core's own cache.
const PART: usize = 1 << 14;

/// Tokens that the second pass leaves together, for a comparison sort. Chosen by benchmark `set`: 8 to 16 are
/// equal, 32 take a tenth longer.
const SORTED_BY_COMPARISON: usize = 16;

/// Fewer tokens than this are sorted by comparison at once.
const SMALL: usize = 1 << 12;

/// A bucket this many times larger than the average gives uniformity the lie.
const UNEVEN: usize = 8;

/// Some tokens in order of their leading bits.
#[derive(Default)]
pub(crate) struct Partitioned {
    tokens: Vec<Token>,
    /// Where each bucket ends.
    ends: Vec<u32>,
}

impl Partitioned {
    /// Orders tokens, fewer than 2³² of them, by their leading bits; those of one bucket keep their order.
    pub(crate) fn new(tokens: &[Token]) -> Self {
        let mut ends = vec![0u32; BUCKETS];
        tokens.iter().for_each(|token| ends[first_digit(token)] += 1);
        let mut start = 0;
        for end in &mut ends {
            start += std::mem::replace(end, start);
        }
        let mut ordered = vec![Token::from_bytes([0; Token::LEN]); tokens.len()];
        for token in tokens {
            let place = &mut ends[first_digit(token)];
            ordered[*place as usize] = *token;
            *place += 1;
        }
        Self { tokens: ordered, ends }
    }

    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    fn bucket(&self, bucket: usize) -> &[Token] {
        let start = bucket.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.tokens[start..self.ends[bucket] as usize]
    }
}

#[inline]
fn first_digit(token: &Token) -> usize {
    usize::from(token.as_bytes()[0])
}

/// Sorts any tokens and keeps one of each.
pub(super) fn sort_unique(mut tokens: Vec<Token>) -> Vec<Token> {
    if tokens.len() < SMALL {
        tokens.sort_unstable();
        tokens.dedup();
        return tokens;
    }
    let parts: Vec<Partitioned> = tokens.par_chunks(PART).map(Partitioned::new).collect();
    drop(tokens);
    merge_unique(parts)
}

/// Sorts what the parts hold and keeps one of each.
///
/// Memory: the tokens once more, until the parts are dropped.
pub(super) fn merge_unique(parts: Vec<Partitioned>) -> Vec<Token> {
    let total = parts.iter().map(Partitioned::len).sum();
    let mut sorted: Vec<Token> = repeat_n(Token::from_bytes([0; Token::LEN]), total).collect();
    let sizes: Vec<usize> =
        (0..BUCKETS).map(|bucket| parts.iter().map(|part| part.bucket(bucket).len()).sum()).collect();
    let mut buckets: Vec<&mut [Token]> = Vec::with_capacity(BUCKETS);
    let mut rest = &mut sorted[..];
    for size in &sizes {
        buckets.push(rest.split_off_mut(..*size).expect("the sizes add up to the whole"));
    }
    let uneven = sizes.iter().any(|size| *size > UNEVEN * (total / BUCKETS) + SMALL);
    let kept: Vec<usize> = buckets
        .par_iter_mut()
        .enumerate()
        .with_max_len(1)
        .map(|(bucket, slice)| {
            let pieces = || parts.iter().map(|part| part.bucket(bucket));
            if uneven {
                copy(pieces(), slice);
                slice.par_sort_unstable();
            } else {
                scatter(pieces(), slice);
            }
            dedup(slice)
        })
        .collect();
    drop(parts);
    if kept != sizes {
        let (mut from, mut to) = (0, 0);
        for (size, kept) in sizes.into_iter().zip(kept) {
            sorted.copy_within(from..from + kept, to);
            from += size;
            to += kept;
        }
        sorted.truncate(to);
    }
    sorted
}

fn copy<'a>(pieces: impl Iterator<Item = &'a [Token]>, mut slice: &mut [Token]) {
    for piece in pieces {
        let here = slice.split_off_mut(..piece.len()).expect("the pieces fill the slice");
        here.copy_from_slice(piece);
    }
}

/// Writes one bucket's pieces to a slice of their size in order of their next bits, then sorts the few that
/// have those in common.
fn scatter<'a>(pieces: impl Iterator<Item = &'a [Token]> + Clone, slice: &mut [Token]) {
    let bits = (slice.len() / SORTED_BY_COMPARISON).max(1).ilog2();
    // After the bits of the first pass; the second shift is in two steps, as a shift by 64 is none.
    let digit = |token: &Token| ((token.leading() << BITS) >> 1 >> (63 - bits)) as usize;
    let mut ends = vec![0u32; 1 << bits];
    pieces.clone().flatten().for_each(|token| ends[digit(token)] += 1);
    let mut start = 0;
    for end in &mut ends {
        start += std::mem::replace(end, start);
    }
    for token in pieces.flatten() {
        let place = &mut ends[digit(token)];
        slice[*place as usize] = *token;
        *place += 1;
    }
    let mut start = 0;
    for end in ends {
        slice[start..end as usize].sort_unstable();
        start = end as usize;
    }
}

/// Moves one of each to the front of a sorted slice and returns their number.
fn dedup(sorted: &mut [Token]) -> usize {
    let Some(repeated) = sorted.windows(2).position(|pair| pair[0] == pair[1]) else {
        return sorted.len();
    };
    let mut kept = repeated + 1;
    for at in kept + 1..sorted.len() {
        if sorted[at] != sorted[kept - 1] {
            sorted[kept] = sorted[at];
            kept += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tokens: Vec<Token>) {
        let mut expected = tokens.clone();
        expected.sort_unstable();
        expected.dedup();
        assert!(sort_unique(tokens.clone()) == expected);
        let parts = tokens.chunks(1000).map(Partitioned::new).collect();
        assert!(merge_unique(parts) == expected);
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
        for (count, distinct) in
            [(0, 1), (1, 1), (2, 1), (100, 10), (5_000, 1 << 40), (60_000, 1 << 40), (60_000, 5_000)]
        {
            let spread = |number: u128| number.wrapping_mul(0x2d99_7879_26d4_6932_a4c1_f326_80f7_0c55);
            check(numbers(count, distinct).map(|n| Token::from_bytes(spread(n).to_be_bytes())).collect());
        }
    }

    #[test]
    fn tokens_that_share_their_leading_bits_are_sorted_all_the_same() {
        for shared_bits in [1, 7, 8, 9, 20, 64, 100] {
            let crowd = |number: u128| (0xa5u128 << 120) & !(u128::MAX >> shared_bits) | number;
            check(numbers(60_000, 1 << 27).map(|n| Token::from_bytes(crowd(n).to_be_bytes())).collect());
        }
        check(vec![Token::from_bytes([7; 16]); 60_000]);
    }
}
