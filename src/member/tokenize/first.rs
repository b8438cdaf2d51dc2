//! The first rows of an input that are to be reported, in whatever order its blocks are worked on.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::stream::Part;

/// Keeps the first rows, at most `most` of them, and nothing of what comes later.
pub(crate) struct FirstRows<T> {
    most: usize,
    /// Place of the block, number within the block, and what is reported; in order.
    kept: Mutex<Vec<(usize, u64, T)>>,
}

impl<T> FirstRows<T> {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, kept: Mutex::new(Vec::new()) }
    }

    /// Whether a row of the block could be among the first, by what is known now.
    pub(crate) fn may_keep(&self, block: usize) -> bool {
        let kept = self.kept();
        kept.len() < self.most || kept.last().is_some_and(|(last, ..)| block < *last)
    }

    /// Takes rows of one block, in order, by their numbers within it.
    pub(crate) fn add(&self, block: usize, rows: Vec<(u64, T)>) {
        if rows.is_empty() {
            return;
        }
        let mut kept = self.kept();
        kept.extend(rows.into_iter().map(|(row, what)| (block, row, what)));
        kept.sort_unstable_by_key(|(block, row, _)| (*block, *row));
        kept.truncate(self.most);
    }

    /// Returns the rows by their numbers within the input. `parts` are all parts of that input.
    pub(crate) fn numbered<P>(self, parts: &[Part<P>]) -> Vec<(u64, T)> {
        let kept = self.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        kept.into_iter().map(|(block, row, what)| (parts[block].rows_before + row, what)).collect()
    }

    fn kept(&self) -> MutexGuard<'_, Vec<(usize, u64, T)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
