//! How a budget of memory is spent.

use crate::container::CHUNK_RECORDS;
use crate::token::Token;

/// The number of shares of the budget while runs are merged, for each thread: one window that is read, and the tokens
/// of four windows that wait to be written.
const WINDOWS: usize = 5;

/// The most runs that are merged at once: each is an open file.
const MOST_RUNS: usize = 256;

/// Bytes, and the threads that share them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    memory: usize,
    threads: usize,
}

impl Budget {
    pub(crate) fn new(memory: u64, threads: usize) -> Self {
        let memory = usize::try_from(memory.max(super::SetBuilder::LEAST_MEMORY)).unwrap_or(usize::MAX);
        Self { memory, threads }
    }

    /// A budget below the least, so that a test has many runs of few tokens.
    #[cfg(test)]
    pub(crate) fn tiny(memory: usize, threads: usize) -> Self {
        Self { memory, threads }
    }

    pub(crate) fn threads(self) -> usize {
        self.threads
    }

    /// Returns the number of tokens that a thread collects before it sorts them.
    pub(crate) fn buffer(self) -> usize {
        (self.memory / self.threads / Token::LEN).max(CHUNK_RECORDS)
    }

    /// Returns the chunks of one window, those at its ends included.
    fn chunks(self) -> usize {
        self.memory / (self.threads * WINDOWS * CHUNK_RECORDS * Token::LEN)
    }

    /// Returns the number of runs that can be merged at once. A window has two chunks of each run at its ends, and two
    /// more to be worth it.
    pub(crate) fn fan_in(self) -> usize {
        (self.chunks() / 4).clamp(2, MOST_RUNS)
    }

    /// Returns the chunks of a window over this number of runs, without those at its ends.
    pub(crate) fn window(self, runs: usize) -> usize {
        self.chunks().saturating_sub(2 * runs).max(2 * runs)
    }
}
