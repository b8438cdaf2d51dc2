//! Sets far larger than all others together are searched, not read.
//!
//! With a threshold k, a token in at least k sets is in at least k − j of the sets besides any j: so those
//! are matched among themselves, and only what they yield is looked up in the j large ones.

use crate::error::Error;
use crate::prefilter::Prefilter;
use crate::progress::Progress;
use crate::token::Token;

use super::Side;
use super::kernel::{self, Input};
use super::ranges::lower_bound;
use super::sinks::Sink;

/// A set this many times larger than the others together is searched: one search costs about as much as
/// reading this many tokens. For two sets it is a draw here; at 256 the search is twice as fast, and with a
/// prefilter `blocked` four times here already. Chosen by benchmark `intersect`, group `lopsided`.
const FAR_LARGER: usize = 64;

/// Which sets to read and which to search.
pub(super) struct Plan<'a> {
    read: Vec<Input<'a>>,
    searched: Vec<Searched<'a>>,
    at_least: usize,
}

/// A far larger set, with what tells quickly that a token is not in it.
#[derive(Clone, Copy)]
struct Searched<'a> {
    input: Input<'a>,
    prefilter: Option<&'a Prefilter>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(sides: &[Side<'a>], at_least: usize) -> Self {
        let mut sides: Vec<Searched<'a>> = sides
            .iter()
            .enumerate()
            .map(|(member, side)| Searched {
                input: Input { tokens: side.set.tokens(), member: member as u16 }, // at most MAX_SETS
                prefilter: side.prefilter,
            })
            .collect();
        sides.sort_by_key(|side| (std::cmp::Reverse(side.input.tokens.len()), side.input.member));
        let large = (1..at_least.min(sides.len()))
            .rev()
            .find(|large| {
                let rest: usize = sides[*large..].iter().map(|side| side.input.tokens.len()).sum();
                sides[large - 1].input.tokens.len() / FAR_LARGER >= rest
            })
            .unwrap_or(0);
        let mut read: Vec<Input<'_>> = sides.split_off(large).into_iter().map(|side| side.input).collect();
        read.sort_by_key(|input| input.member);
        sides.sort_by_key(|side| side.input.member);
        Self { read, searched: sides, at_least }
    }

    pub(super) fn run<S: Sink>(
        &self,
        new: impl Fn() -> S + Sync,
        progress: &dyn Progress,
    ) -> Result<S, Error> {
        if self.searched.is_empty() {
            return kernel::run(&self.read, self.at_least, new, progress);
        }
        let new = || Search {
            plan: self,
            positions: vec![0; self.searched.len()],
            holders: Vec::new(),
            sink: new(),
        };
        let candidates_have = self.at_least - self.searched.len();
        Ok(kernel::run(&self.read, candidates_have, new, progress)?.sink)
    }
}

/// Looks each candidate up in the searched sets and passes on those with enough holders.
struct Search<'p, 'a, S> {
    plan: &'p Plan<'a>,
    /// Where the last candidate was looked for: candidates come in order.
    positions: Vec<usize>,
    holders: Vec<u16>,
    sink: S,
}

impl<S: Sink> Sink for Search<'_, '_, S> {
    fn overlap(&mut self, token: Token, holders: &[u16]) {
        self.holders.clear();
        self.holders.extend_from_slice(holders);
        for (searched, position) in self.plan.searched.iter().zip(&mut self.positions) {
            if searched.prefilter.is_some_and(|prefilter| !prefilter.may_contain(&token)) {
                continue;
            }
            *position = lower_bound(searched.input.tokens, *position, &token);
            if searched.input.tokens.get(*position) == Some(&token) {
                self.holders.push(searched.input.member);
            }
        }
        if self.holders.len() >= self.plan.at_least {
            self.holders.sort_unstable();
            self.sink.overlap(token, &self.holders);
        }
    }

    fn join(&mut self, later: Self) {
        self.sink.join(later.sink);
    }
}
