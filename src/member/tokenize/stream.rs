//! Blocks of rows, worked on in parallel. Only here this stage uses rayon.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::iter::{ParallelBridge as _, ParallelIterator as _};

use crate::error::Error;
use crate::member::identifier::{Canonical, Canonicalizer, Outcome};
use crate::member::rows::{At, Block, Oddities, Rows};
use crate::outcome::{Counters, Place, Reason, Rejection};
use crate::progress;
use crate::token::Token;

use super::first::FirstRows;
use super::lanes::Batch;
use super::{Tokenizer, canonicalize_row};

/// The results of one block, in order of the input.
pub(crate) struct Part<T> {
    /// Index of the block's input, where several were chained.
    input: usize,
    /// The rows and lines of its input before this block.
    before: At,
    pub(crate) found: T,
}

impl<T> Part<T> {
    /// Returns the place of a row of the block.
    pub(crate) fn place(&self, at: At) -> Place {
        let At { row, line } = at.after(self.before);
        Place { input: self.input, row, line }
    }
}

/// The results of all blocks of an input.
pub(crate) struct Found<T> {
    pub(crate) parts: Vec<Part<T>>,
    /// Number of inputs.
    inputs: usize,
    pub(crate) oddities: Oddities,
}

impl<T> Found<T> {
    /// Adds up the counters of the parts of each input.
    pub(crate) fn counters(&self, of: impl Fn(&T) -> &Counters) -> Vec<Counters> {
        let mut inputs = vec![Counters::default(); self.inputs];
        self.parts.iter().for_each(|part| inputs[part.input].add(of(&part.found)));
        inputs
    }
}

/// Calls `work` with every block and its place in the input. It returns the rows and lines of the block, and what it found
/// there. Its error stops everything. `rule` is the rule of the values' kind.
///
/// Blocks are read by whichever worker is free and worked on at once. So at most as many of them are in memory as there
/// are threads.
pub(crate) fn each_block<T: Send>(
    rows: Rows<'_>,
    rule: &Canonicalizer,
    work: impl Fn(usize, &Block) -> Result<(At, T), Error> + Sync,
) -> Result<Found<T>, Error> {
    let progress = rows.progress;
    let mut canonical = Canonical::new();
    let (mut blocks, mut tally) = rows.into_blocks(|cell| {
        let accepted = canonicalize_row(rule, cell, &mut canonical).is_ok();
        accepted.then_some(rule.kind())
    });
    // No block is begun after an error, and those before it are finished: always the first error is reported.
    let failed = AtomicBool::new(false);
    let blocks = std::iter::from_fn(|| if failed.load(Ordering::Relaxed) { None } else { blocks.next() });
    let work = |place, block: Result<Block, Error>| {
        let block = block?;
        let (all, found) = work(place, &block)?;
        progress::advance(progress, all.row)?;
        Ok::<_, Error>((block.input, all, block.oddities(all), found))
    };
    let mut worked: Vec<(usize, Result<_, Error>)> = blocks
        .enumerate()
        .par_bridge()
        .map(|(place, block)| {
            let worked = work(place, block);
            failed.fetch_or(worked.is_err(), Ordering::Relaxed);
            (place, worked)
        })
        .collect();
    worked.sort_unstable_by_key(|(place, _)| *place);
    let worked = worked.into_iter().map(|(_, worked)| worked).collect::<Result<Vec<_>, Error>>()?;

    let mut oddities = Oddities::default();
    let numbered = worked.into_iter().map(|(input, all, of_block, found)| {
        oddities.add(of_block);
        Part { input, before: tally.add(input, all), found }
    });
    let parts = numbered.collect();
    tally.require_expected()?;
    Ok(Found { parts, inputs: tally.inputs(), oddities })
}

/// The results of a whole input.
pub(crate) struct Read<T> {
    pub(crate) parts: Vec<Part<T>>,
    pub(crate) counters: Counters,
    /// Those of each input.
    pub(crate) inputs: Vec<Counters>,
    pub(crate) rejections: Vec<Rejection>,
    pub(crate) oddities: Oddities,
}

/// Calls `found` with every token and the place of its row within its block, and `finish` with what it made of a block.
/// An error of `finish` stops everything.
pub(crate) fn each_token<T: Default, U: Send>(
    tokenizer: &Tokenizer,
    rows: Rows<'_>,
    found: impl Fn(&mut T, At, Token) + Sync,
    finish: impl Fn(T) -> Result<U, Error> + Sync,
) -> Result<Read<U>, Error> {
    counted(tokenizer, rows, |block| {
        let mut worker = Worker::new(tokenizer, &found);
        let all = worker.work(block)?;
        Ok((all, worker.counted, finish(worker.result)?))
    })
}

/// Calls `found` with the canonical bytes and the token of every accepted row, for what is made of both. Tokens are made one by
/// one, at a third of the speed of [`each_token`].
#[cfg(all(feature = "oprf", feature = "seal"))]
pub(crate) fn each_form<T: Default + Send>(
    tokenizer: &Tokenizer,
    rows: Rows<'_>,
    found: impl Fn(&mut T, &[u8], Token) + Sync,
) -> Result<Read<T>, Error> {
    counted(tokenizer, rows, |block| {
        let (mut canonical, mut counted, mut result) = (Canonical::new(), Counted::default(), T::default());
        let all = block.each(|at, value| {
            let outcome = value.and_then(|value| tokenizer.canonicalize(value, &mut canonical));
            if counted.count(at, outcome) {
                let form = canonical.as_bytes();
                found(&mut result, form, tokenizer.lanes.token(form));
            }
        })?;
        Ok((all, counted, result))
    })
}

/// Calls `work` with every block and adds up what became of the rows.
fn counted<U: Send>(
    tokenizer: &Tokenizer,
    rows: Rows<'_>,
    work: impl Fn(&Block) -> Result<(At, Counted, U), Error> + Sync,
) -> Result<Read<U>, Error> {
    let rejections = FirstRows::new(Tokenizer::KEPT_REJECTIONS);
    let found = each_block(rows, &tokenizer.canonicalizer, |place, block| {
        let (all, counted, found) = work(block)?;
        rejections.add(place, counted.rejected);
        Ok((all, (counted.counters, found)))
    })?;
    let inputs = found.counters(|(of_block, _)| of_block);
    let Found { parts, oddities, .. } = found;
    let rejections = rejections.numbered(&parts).into_iter();
    let rejections = rejections.map(|(place, reason)| Rejection { place, reason }).collect();
    let mut counters = Counters::default();
    inputs.iter().for_each(|of_input| counters.add(of_input));
    let parts =
        parts.into_iter().map(|Part { input, before, found: (_, found) }| Part { input, before, found });
    Ok(Read { parts: parts.collect(), counters, inputs, rejections, oddities })
}

/// What became of the rows of one block.
#[derive(Default)]
struct Counted {
    counters: Counters,
    rejected: Vec<(At, Reason)>,
}

impl Counted {
    /// Counts a row, and says whether it was accepted.
    #[inline]
    fn count(&mut self, at: At, outcome: Result<Outcome, Reason>) -> bool {
        self.counters.rows += 1;
        match outcome {
            Ok(Outcome::Accepted { changed, warning }) => {
                self.counters.accepted += 1;
                self.counters.changed += u64::from(changed);
                self.counters.warnings += u64::from(warning);
                return true;
            }
            Ok(Outcome::Suppressed) => self.counters.suppressed += 1,
            Err(reason) => {
                self.counters.rejected.count(reason);
                if self.rejected.len() < Tokenizer::KEPT_REJECTIONS {
                    self.rejected.push((at, reason));
                }
            }
        }
        false
    }
}

/// Makes the tokens of one block.
struct Worker<'a, T, F> {
    tokenizer: &'a Tokenizer,
    found: &'a F,
    canonical: Canonical,
    batch: Batch,
    counted: Counted,
    result: T,
}

impl<'a, T: Default, F: Fn(&mut T, At, Token)> Worker<'a, T, F> {
    fn new(tokenizer: &'a Tokenizer, found: &'a F) -> Self {
        Self {
            tokenizer,
            found,
            canonical: Canonical::new(),
            batch: Batch::new(),
            counted: Counted::default(),
            result: T::default(),
        }
    }

    /// Returns the rows and lines of the block.
    fn work(&mut self, block: &Block) -> Result<At, Error> {
        let all = block.each(|at, value| self.row(at, value))?;
        self.hash();
        Ok(all)
    }

    fn row(&mut self, at: At, value: Result<&[u8], Reason>) {
        let Self { tokenizer, canonical, batch, counted, .. } = self;
        let outcome = value.and_then(|value| tokenizer.stage(value, at, canonical, batch));
        if counted.count(at, outcome) && self.batch.is_full() {
            self.hash();
        }
    }

    fn hash(&mut self) {
        let Self { tokenizer, found, batch, result, .. } = self;
        batch.drain(&tokenizer.lanes, |at, token| found(result, at, token));
    }
}
