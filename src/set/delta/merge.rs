//! The one sweep over a base. With its changes it gives the new set; with the new set it gives the changes.

use std::cmp::Ordering;

use crate::error::Error;
use crate::set::Delta;
use crate::token::Token;

use super::Tokens;

/// Takes a base's tokens in order, and gives those of the new set.
pub(crate) struct Merge<'a> {
    added: List<'a>,
    retracted: List<'a>,
}

/// The changes of one direction, and the number of those that contradict the base.
struct List<'a> {
    tokens: &'a [Token],
    at: usize,
    wrong: u64,
    first_wrong: u64,
}

impl<'a> Merge<'a> {
    pub(crate) fn of(delta: &'a Delta) -> Self {
        let list = |tokens| List { tokens, at: 0, wrong: 0, first_wrong: 0 };
        Self { added: list(&delta.added), retracted: list(&delta.retracted) }
    }

    /// Takes one token of the base.
    #[inline]
    pub(crate) fn push(
        &mut self,
        token: Token,
        mut emit: impl FnMut(Token) -> Result<(), Error>,
    ) -> Result<(), Error> {
        while let Some(added) = self.added.before(token) {
            emit(added)?;
        }
        if self.added.take(token) {
            self.added.blame();
        }
        while self.retracted.before(token).is_some() {
            self.retracted.blame();
        }
        if self.retracted.take(token) { Ok(()) } else { emit(token) }
    }

    /// Gives what comes after all tokens of the base. First check that the base was the right one: about another base
    /// nothing is known.
    ///
    /// # Errors
    ///
    /// [`Error::NotInBase`], [`Error::AlreadyInBase`].
    pub(crate) fn finish(mut self, mut emit: impl FnMut(Token) -> Result<(), Error>) -> Result<(), Error> {
        let rest = &self.added.tokens[self.added.at..];
        rest.iter().try_for_each(|token| emit(*token))?;
        while self.retracted.at < self.retracted.tokens.len() {
            self.retracted.at += 1;
            self.retracted.blame();
        }
        let List { wrong: tokens, first_wrong: first, .. } = self.retracted;
        if tokens > 0 {
            return Err(Error::NotInBase { tokens, first });
        }
        let List { wrong: tokens, first_wrong: first, .. } = self.added;
        if tokens > 0 { Err(Error::AlreadyInBase { tokens, first }) } else { Ok(()) }
    }
}

impl List<'_> {
    /// Returns the next change, if it comes before a token.
    #[inline]
    fn before(&mut self, token: Token) -> Option<Token> {
        let next = *self.tokens.get(self.at)?;
        (next < token).then(|| {
            self.at += 1;
            next
        })
    }

    /// Whether the next change is of this very token.
    #[inline]
    fn take(&mut self, token: Token) -> bool {
        let found = self.tokens.get(self.at) == Some(&token);
        self.at += usize::from(found);
        found
    }

    /// Notes that the change taken last contradicts the base.
    fn blame(&mut self) {
        if self.wrong == 0 {
            self.first_wrong = self.at as u64;
        }
        self.wrong += 1;
    }
}

/// Returns the tokens that only the second has, and those that only the first has.
pub(crate) fn differences(base: &mut impl Tokens, new: &mut impl Tokens) -> Result<[Vec<Token>; 2], Error> {
    let (mut added, mut retracted) = (Vec::new(), Vec::new());
    let (mut left, mut right) = (base.next()?, new.next()?);
    loop {
        match (left, right) {
            (None, None) => return Ok([added, retracted]),
            (Some(token), None) => {
                retracted.push(token);
                left = base.next()?;
            }
            (None, Some(token)) => {
                added.push(token);
                right = new.next()?;
            }
            (Some(old), Some(token)) => match old.cmp(&token) {
                Ordering::Less => {
                    retracted.push(old);
                    left = base.next()?;
                }
                Ordering::Greater => {
                    added.push(token);
                    right = new.next()?;
                }
                Ordering::Equal => (left, right) = (base.next()?, new.next()?),
            },
        }
    }
}
