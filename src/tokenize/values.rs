//! Values in memory to tokens, in order, on the caller's thread.

use std::iter::Fuse;

use super::Tokenizer;
use super::lanes::Batch;
use crate::identifier::{Canonical, Outcome};
use crate::rejection::Reason;
use crate::token::Token;

/// Reads a batch of values ahead.
pub(super) struct Tokens<'a, I> {
    tokenizer: &'a Tokenizer,
    values: Fuse<I>,
    canonical: Canonical,
    batch: Batch,
    outcomes: [Result<Option<Token>, Reason>; Batch::LEN],
    /// Which of the outcomes are still to be handed out.
    next: usize,
    len: usize,
}

impl<'a, I: Iterator<Item: AsRef<[u8]>>> Tokens<'a, I> {
    pub(super) fn new(tokenizer: &'a Tokenizer, values: I) -> Self {
        Self {
            tokenizer,
            values: values.fuse(),
            canonical: Canonical::new(),
            batch: Batch::new(),
            outcomes: [Ok(None); Batch::LEN],
            next: 0,
            len: 0,
        }
    }

    fn read_ahead(&mut self) {
        let Self { tokenizer, values, canonical, batch, outcomes, .. } = self;
        self.len = 0;
        // The outcomes first: a value that is read has a place.
        for (outcome, value) in outcomes.iter_mut().zip(values) {
            *outcome = match tokenizer.canonicalize(value.as_ref(), canonical) {
                Ok(Outcome::Accepted { .. }) => {
                    batch.stage(&tokenizer.lanes, canonical, self.len as u64);
                    Ok(None) // until it is hashed
                }
                Ok(Outcome::Suppressed) => Ok(None),
                Err(reason) => Err(reason),
            };
            self.len += 1;
        }
        batch.drain(&tokenizer.lanes, |place, token| outcomes[place as usize] = Ok(Some(token)));
        self.next = 0;
    }
}

impl<I: Iterator<Item: AsRef<[u8]>>> Iterator for Tokens<'_, I> {
    type Item = Result<Option<Token>, Reason>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.len {
            self.read_ahead();
        }
        let outcome = *self.outcomes[..self.len].get(self.next)?;
        self.next += 1;
        Some(outcome)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let ready = self.len - self.next;
        let (low, high) = self.values.size_hint();
        (low.saturating_add(ready), high.and_then(|high| high.checked_add(ready)))
    }
}
