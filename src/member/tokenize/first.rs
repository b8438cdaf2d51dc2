//! The first rows of an input that are to be reported, in whatever order its blocks are worked on.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::member::rows::At;
use crate::outcome::Place;

use super::stream::Part;

/// Keeps the first rows, at most `most` of them, and nothing of what comes later.
pub(crate) struct FirstRows<T> {
    most: usize,
    /// Place of the block, place within the block, and what is reported; in order.
    kept: Mutex<Vec<(usize, At, T)>>,
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

    /// Takes rows of one block, in order, by their places within it.
    pub(crate) fn add(&self, block: usize, rows: Vec<(At, T)>) {
        if rows.is_empty() {
            return;
        }
        let mut kept = self.kept();
        kept.extend(rows.into_iter().map(|(at, what)| (block, at, what)));
        kept.sort_unstable_by_key(|(block, at, _)| (*block, *at));
        kept.truncate(self.most);
    }

    /// Returns the rows by their places within the input. `parts` are all parts of that input.
    pub(crate) fn numbered<P>(self, parts: &[Part<P>]) -> Vec<(Place, T)> {
        let kept = self.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        kept.into_iter().map(|(block, at, what)| (parts[block].place(at), what)).collect()
    }

    fn kept(&self) -> MutexGuard<'_, Vec<(usize, At, T)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
