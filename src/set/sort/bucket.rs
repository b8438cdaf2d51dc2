//! Sorts one bucket: the tokens are scattered over more slots than there are tokens, then put in order by insertion.

use crate::engine::scatter::Scatter;
use crate::token::Token;

use super::Digit;

/// If one slot has more tokens than this, they are sorted by comparison: insertion takes their square. Uniform tokens
/// come nowhere near.
const CROWDED: u32 = 24;

/// Sorts a bucket whose tokens share their first bits, moves one of each to the front and returns their number.
pub(crate) fn sort_unique(bucket: &mut [Token], shared_bits: u32, scatter: &mut Scatter<Token>) -> usize {
    if bucket.is_empty() {
        return 0;
    }
    let digit = Digit { before: shared_bits, bits: bucket.len().ilog2() + 1 };
    let scattered = scatter.by_slot(bucket, digit.values(), |token| digit.of(token));
    if scattered.fullest > CROWDED {
        bucket.sort_unstable();
        return dedup(bucket);
    }
    insert(scattered.items, bucket)
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
        // They are moved one by one: mostly there is none or one, and this takes less than a call to move them.
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
