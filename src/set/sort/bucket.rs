//! One bucket: scattered over about as many slots as it has tokens, then put in order by insertion.

use crate::token::Token;

use super::Digit;

/// More tokens than this in one slot are sorted by comparison first: insertion takes their square. Uniform
/// tokens come nowhere near.
const CROWDED: u32 = 24;

/// Memory that one thread uses for bucket after bucket.
#[derive(Default)]
pub(super) struct Scratch {
    tokens: Vec<Token>,
    ends: Vec<u32>,
}

/// Sorts a bucket whose tokens share their first bits, moves one of each to the front and returns their number.
pub(super) fn sort_unique(bucket: &mut [Token], shared_bits: u32, scratch: &mut Scratch) -> usize {
    if bucket.is_empty() {
        return 0;
    }
    let digit = Digit { before: shared_bits, bits: bucket.len().ilog2() + 1 };
    let Scratch { tokens, ends } = scratch;
    ends.clear();
    ends.resize(digit.values(), 0);
    bucket.iter().for_each(|token| ends[digit.of(token)] += 1);
    let (mut start, mut largest) = (0, 0);
    for end in ends.iter_mut() {
        largest = largest.max(*end);
        start += std::mem::replace(end, start);
    }
    if largest > CROWDED {
        bucket.sort_unstable();
        return dedup(bucket);
    }
    tokens.resize(bucket.len().max(tokens.len()), Token::from_bytes([0; Token::LEN]));
    for token in bucket.iter() {
        let place = &mut ends[digit.of(token)];
        tokens[*place as usize] = *token;
        *place += 1;
    }
    insert(&tokens[..bucket.len()], bucket)
}

/// Sorts tokens that are nearly in order to the front of a slice of their length; keeps one of each.
fn insert(tokens: &[Token], sorted: &mut [Token]) -> usize {
    let mut kept = 0;
    for token in tokens {
        let mut place = kept;
        while place > 0 && sorted[place - 1] > *token {
            place -= 1;
        }
        if place > 0 && sorted[place - 1] == *token {
            continue;
        }
        for at in (place..kept).rev() {
            sorted[at + 1] = sorted[at];
        }
        sorted[place] = *token;
        kept += 1;
    }
    kept
}

/// Moves one of each to the front of a sorted slice and returns their number.
fn dedup(sorted: &mut [Token]) -> usize {
    let mut kept = 1;
    for at in 1..sorted.len() {
        if sorted[at] != sorted[kept - 1] {
            sorted[kept] = sorted[at];
            kept += 1;
        }
    }
    kept
}
