//! Turns values in memory into tokens, in order, on the caller's thread.

use std::iter::Fuse;

use crate::member::identifier::{Canonical, Outcome};
use crate::member::rows::At;
use crate::outcome::Reason;
use crate::token::Token;

use super::Tokenizer;
use super::lanes::Batch;

/// An iterator that reads a batch of values ahead.
pub(crate) struct Tokens<'a, I> {
    tokenizer: &'a Tokenizer,
    values: Fuse<I>,
    canonical: Canonical,
    batch: Batch,
    /// Whether each value that was read has a token; the tokens are in the batch, in order.
    outcomes: [Result<bool, Reason>; Batch::LEN],
    len: usize,
    /// Number of outcomes, and number of tokens, that have been handed out.
    given: usize,
    tokens_given: usize,
}

impl<'a, I: Iterator<Item: AsRef<[u8]>>> Tokens<'a, I> {
    pub(crate) fn new(tokenizer: &'a Tokenizer, values: I) -> Self {
        Self {
            tokenizer,
            values: values.fuse(),
            canonical: Canonical::new(),
            batch: Batch::new(),
            outcomes: [Ok(false); Batch::LEN],
            len: 0,
            given: 0,
            tokens_given: 0,
        }
    }

    /// This stands apart from `next`, which so stays small enough to be compiled into the caller's loop.
    #[inline(never)]
    fn read_ahead(&mut self) {
        let Self { tokenizer, values, canonical, batch, outcomes, .. } = self;
        (self.len, self.given, self.tokens_given) = (0, 0, 0);
        // The outcomes come first: a value that is read has a place.
        for (outcome, value) in outcomes.iter_mut().zip(values) {
            let staged = tokenizer.stage(value.as_ref(), At::default(), canonical, batch); // tokens come in order
            *outcome = staged.map(|outcome| matches!(outcome, Outcome::Accepted { .. }));
            self.len += 1;
        }
        batch.hash(&tokenizer.lanes);
    }

    #[inline]
    fn next_token(&mut self) -> Token {
        self.tokens_given += 1;
        self.batch.token(self.tokens_given - 1)
    }
}

impl<I: Iterator<Item: AsRef<[u8]>>> Iterator for Tokens<'_, I> {
    type Item = Result<Option<Token>, Reason>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.given == self.len {
            self.read_ahead();
        }
        let outcome = *self.outcomes[..self.len].get(self.given)?;
        self.given += 1;
        Some(outcome.map(|has_token| has_token.then(|| self.next_token())))
    }

    /// `for_each` and similar methods use this, without a test for the end at each value.
    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(mut self, start: B, mut f: F) -> B {
        let mut folded = start;
        loop {
            for place in self.given..self.len {
                folded = match self.outcomes[place] {
                    Ok(true) => f(folded, Ok(Some(self.next_token()))),
                    Ok(false) => f(folded, Ok(None)),
                    Err(reason) => f(folded, Err(reason)),
                };
            }
            self.read_ahead();
            if self.len == 0 {
                return folded;
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let ready = self.len - self.given;
        let (low, high) = self.values.size_hint();
        (low.saturating_add(ready), high.and_then(|high| high.checked_add(ready)))
    }
}
