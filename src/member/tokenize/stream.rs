//! Blocks of rows, worked on in parallel. Only here this stage uses rayon.

use rayon::iter::{ParallelBridge as _, ParallelIterator as _};

use crate::error::Error;
use crate::member::identifier::{Canonical, Canonicalizer, Outcome};
use crate::member::rows::{Block, Oddities, Rows};
use crate::outcome::{Counters, Reason, Rejection};
use crate::progress;
use crate::token::Token;

use super::first::FirstRows;
use super::lanes::Batch;
use super::{Tokenizer, canonicalize_row};

/// The results of one block, in order of the input.
pub(crate) struct Part<T> {
    /// Number of the rows before this block.
    pub(crate) rows_before: u64,
    pub(crate) found: T,
}

/// The results of all blocks of an input.
pub(crate) struct Found<T> {
    pub(crate) parts: Vec<Part<T>>,
    pub(crate) oddities: Oddities,
}

/// Calls `work` with every block and its place in the input. It returns the number of row numbers of the block, and
/// what it found there. Its error stops everything. `rule` is the rule of the values' kind.
///
/// Blocks are read by whichever worker is free and worked on at once. So at most as many of them are in memory as there
/// are threads.
pub(crate) fn each_block<T: Send>(
    rows: Rows<'_>,
    rule: &Canonicalizer,
    work: impl Fn(usize, &Block) -> Result<(u64, T), Error> + Sync,
) -> Result<Found<T>, Error> {
    let (expected, progress) = (rows.expected, rows.progress);
    let mut canonical = Canonical::new();
    let mut blocks = rows.into_blocks(|cell| {
        let accepted = canonicalize_row(rule, cell, &mut canonical).is_ok();
        accepted.then_some(rule.kind())
    })?;
    let mut failed = false;
    // Nothing is read after an error, so that always the first error is reported.
    let blocks = std::iter::from_fn(move || {
        let block = if failed { None } else { blocks.next() };
        failed |= matches!(block, Some(Err(_)));
        block
    });
    let blocks = blocks.enumerate();
    let mut worked: Vec<(usize, u64, Oddities, T)> = blocks
        .par_bridge()
        .map(|(place, block)| {
            let block = block?;
            let (rows, found) = work(place, &block)?;
            progress::advance(progress, rows)?;
            Ok((place, rows, block.oddities(rows), found))
        })
        .collect::<Result<_, Error>>()?;
    worked.sort_unstable_by_key(|(place, ..)| *place);

    let (mut rows_before, mut oddities) = (0, Oddities::default());
    let numbered = worked.into_iter().map(|(_, rows, of_block, found)| {
        let part = Part { rows_before, found };
        rows_before += rows;
        oddities.add(of_block);
        part
    });
    let parts = numbered.collect();
    match expected.filter(|expected| *expected != rows_before) {
        Some(expected) => Err(Error::RowCount { expected, found: rows_before }),
        None => Ok(Found { parts, oddities }),
    }
}

/// The results of a whole input.
pub(crate) struct Read<T> {
    pub(crate) parts: Vec<Part<T>>,
    pub(crate) counters: Counters,
    pub(crate) rejections: Vec<Rejection>,
    pub(crate) oddities: Oddities,
}

/// Calls `found` with every token and the number of its row within its block (from 1), and `finish` with what it made
/// of a block. An error of `finish` stops everything.
pub(crate) fn each_token<T: Default, U: Send>(
    tokenizer: &Tokenizer,
    rows: Rows<'_>,
    found: impl Fn(&mut T, u64, Token) + Sync,
    finish: impl Fn(T) -> Result<U, Error> + Sync,
) -> Result<Read<U>, Error> {
    let rejections = FirstRows::new(Tokenizer::KEPT_REJECTIONS);
    let rule = &tokenizer.canonicalizer;
    let Found { parts, oddities } = each_block(rows, rule, |place, block| {
        let mut worker = Worker::new(tokenizer, &found);
        let rows = worker.work(block);
        rejections.add(place, worker.rejected);
        Ok((rows, (worker.counters, finish(worker.result)?)))
    })?;
    let rejections = rejections.numbered(&parts).into_iter();
    let rejections = rejections.map(|(row, reason)| Rejection { row, reason }).collect();
    let mut counters = Counters::default();
    let parts = parts.into_iter().map(|Part { rows_before, found: (of_block, found) }| {
        counters.add(&of_block);
        Part { rows_before, found }
    });
    Ok(Read { parts: parts.collect(), counters, rejections, oddities })
}

/// Makes the tokens of one block.
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

    /// Returns the number of row numbers of the block.
    fn work(&mut self, block: &Block) -> u64 {
        let rows = block.each(|number, value| self.row(number, value));
        self.hash();
        rows
    }

    fn row(&mut self, number: u64, value: Result<&[u8], Reason>) {
        self.counters.rows += 1;
        let rule = &self.tokenizer.canonicalizer;
        let outcome = value.and_then(|value| canonicalize_row(rule, value, &mut self.canonical));
        match outcome {
            Ok(Outcome::Accepted { changed, warning }) => {
                self.counters.accepted += 1;
                self.counters.changed += u64::from(changed);
                self.counters.warnings += u64::from(warning);
                self.batch.stage(&self.tokenizer.lanes, &self.canonical, number);
                if self.batch.is_full() {
                    self.hash();
                }
            }
            Ok(Outcome::Suppressed) => self.counters.suppressed += 1,
            Err(reason) => {
                self.counters.rejected.count(reason);
                if self.rejected.len() < Tokenizer::KEPT_REJECTIONS {
                    self.rejected.push((number, reason));
                }
            }
        }
    }

    fn hash(&mut self) {
        let Self { tokenizer, found, batch, result, .. } = self;
        batch.drain(&tokenizer.lanes, |row, token| found(result, row, token));
    }
}
