//! Blocks of rows through canonical forms and tokens, in parallel: the one place of rayon in this stage.

use std::sync::Mutex;

use rayon::iter::{ParallelBridge as _, ParallelIterator as _};

use crate::error::Error;
use crate::identifier::{Canonical, Outcome};
use crate::progress::{self, Progress};
use crate::rejection::{Counters, Reason, Rejection};
use crate::token::Token;

use super::lanes::Batch;
use super::{Rows, Tokenizer, lines};

/// A piece of the input with whole rows in it.
#[derive(Default)]
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    pub(super) layout: Layout,
}

/// How rows lie in a block.
#[derive(Default)]
pub(super) enum Layout {
    /// Lines, still to be split.
    #[default]
    Lines,
    /// Values one after the other: where each ends, or that a row lacks it.
    Fields(Vec<Option<u32>>),
    /// One line that was too long to be kept.
    TooLongLine,
}

impl Block {
    /// Calls `row` with the value of each row, or why there is none.
    #[inline]
    pub(super) fn each<'a>(&'a self, mut row: impl FnMut(Result<&'a [u8], Reason>)) {
        match &self.layout {
            Layout::Lines => lines::split(&self.bytes).for_each(|line| row(Ok(line))),
            Layout::Fields(ends) => {
                let mut start = 0;
                for end in ends {
                    row(end.ok_or(Reason::MissingField).map(|end| {
                        let value = &self.bytes[start..end as usize];
                        start = end as usize;
                        value
                    }));
                }
            }
            Layout::TooLongLine => row(Err(Reason::RowTooLong)),
        }
    }
}

/// What was found in one block, in order of the input.
pub(crate) struct Part<T> {
    /// Number of the rows before this block.
    pub(crate) rows_before: u64,
    pub(crate) found: T,
}

/// What a whole input gave.
pub(crate) struct Read<T> {
    pub(crate) parts: Vec<Part<T>>,
    pub(crate) counters: Counters,
    pub(crate) rejections: Vec<Rejection>,
}

/// What one block gave, before the blocks' order gives the rows their numbers.
struct Worked<T> {
    block: usize,
    counters: Counters,
    found: T,
}

/// Calls `found` with every token and the number of its row within its block (from 1), and `finish` with
/// what it made of a block.
///
/// Blocks are read by whichever worker is free and worked on at once, so that no more of them are in memory
/// than there are threads.
pub(crate) fn each_token<T: Default, U: Send>(
    tokenizer: &Tokenizer,
    rows: Rows<'_>,
    progress: &dyn Progress,
    found: impl Fn(&mut T, u64, Token) + Sync,
    finish: impl Fn(T) -> U + Sync,
) -> Result<Read<U>, Error> {
    let rejections = FirstRejections::default();
    let mut blocks = rows.into_blocks()?;
    let mut failed = false;
    // Nothing is read after an error, so that it is always the first that is reported.
    let blocks = std::iter::from_fn(move || {
        let block = if failed { None } else { blocks.next() };
        failed |= matches!(block, Some(Err(_)));
        block
    });
    let blocks = blocks.enumerate();
    let mut worked: Vec<Worked<U>> = blocks
        .par_bridge()
        .map(|(number, block)| {
            let mut worker = Worker::new(tokenizer, &found);
            worker.work(&block?);
            progress::advance(progress, worker.counters.rows)?;
            rejections.add(number, worker.rejected);
            Ok(Worked { block: number, counters: worker.counters, found: finish(worker.result) })
        })
        .collect::<Result<_, Error>>()?;
    worked.sort_unstable_by_key(|worked| worked.block);

    let mut counters = Counters::default();
    let mut rows_before = Vec::with_capacity(worked.len());
    let mut parts = Vec::with_capacity(worked.len());
    for Worked { counters: of_block, found, .. } in worked {
        rows_before.push(counters.rows);
        parts.push(Part { rows_before: counters.rows, found });
        counters.add(&of_block);
    }
    Ok(Read { parts, counters, rejections: rejections.numbered(&rows_before) })
}

/// Works on one block.
struct Worker<'a, T, F> {
    tokenizer: &'a Tokenizer,
    found: &'a F,
    canonical: Canonical,
    batch: Batch,
    counters: Counters,
    rejected: Vec<(u64, Reason)>,
    result: T,
}

impl<'a, T: Default, F: Fn(&mut T, u64, Token)> Worker<'a, T, F> {
    fn new(tokenizer: &'a Tokenizer, found: &'a F) -> Self {
        Self {
            tokenizer,
            found,
            canonical: Canonical::new(),
            batch: Batch::new(),
            counters: Counters::default(),
            rejected: Vec::new(),
            result: T::default(),
        }
    }

    fn work(&mut self, block: &Block) {
        block.each(|value| self.row(value));
        self.hash();
    }

    fn row(&mut self, value: Result<&[u8], Reason>) {
        self.counters.rows += 1;
        let outcome = value.and_then(|value| self.tokenizer.canonicalize(value, &mut self.canonical));
        match outcome {
            Ok(Outcome::Accepted { changed, warning }) => {
                self.counters.accepted += 1;
                self.counters.changed += u64::from(changed);
                self.counters.warnings += u64::from(warning);
                self.batch.stage(&self.tokenizer.lanes, &self.canonical, self.counters.rows);
                if self.batch.is_full() {
                    self.hash();
                }
            }
            Ok(Outcome::Suppressed) => self.counters.suppressed += 1,
            Err(reason) => {
                self.counters.rejected.count(reason);
                if self.rejected.len() < Tokenizer::KEPT_REJECTIONS {
                    self.rejected.push((self.counters.rows, reason));
                }
            }
        }
    }

    fn hash(&mut self) {
        let Self { tokenizer, found, batch, result, .. } = self;
        batch.drain(&tokenizer.lanes, |row, token| found(result, row, token));
    }
}

/// The first rejections of the whole input, whatever the order in which blocks are done.
#[derive(Default)]
struct FirstRejections(Mutex<Vec<(usize, u64, Reason)>>);

impl FirstRejections {
    fn add(&self, block: usize, rejected: Vec<(u64, Reason)>) {
        if rejected.is_empty() {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.extend(rejected.into_iter().map(|(row, reason)| (block, row, reason)));
        kept.sort_unstable();
        kept.truncate(Tokenizer::KEPT_REJECTIONS);
    }

    fn numbered(self, rows_before: &[u64]) -> Vec<Rejection> {
        let kept = self.0.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let number =
            |(block, row, reason): (usize, u64, Reason)| Rejection { row: rows_before[block] + row, reason };
        kept.into_iter().map(number).collect()
    }
}
