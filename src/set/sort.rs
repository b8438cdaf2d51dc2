//! Sorting tokens and dropping repeated ones, in parallel.

use rayon::slice::ParallelSliceMut as _;

use crate::token::Token;

/// Sorts in place and keeps one of each.
pub(super) fn sort_unique(tokens: &mut Vec<Token>) {
    tokens.par_sort_unstable();
    tokens.dedup();
}
