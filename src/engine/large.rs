//! Sets far larger than all others together are searched, not read.
//!
//! With a threshold k, a token in at least k sets is in at least k − j of the sets besides any j sets. So those are
//! matched among themselves, and only their result is looked up in the j large ones.

use crate::container::chunked::Chunked;
use crate::container::{CHUNK_RECORDS, TokenBuffer};
use crate::error::Error;
use crate::prefilter::Prefilter;
use crate::progress::Progress;
use crate::token::Token;

use super::kernel::{Source, Tasks};
use super::ranges::lower_bound;
use super::sinks::Sink;
use super::windows::most_chunks;

/// A set that is this number of times larger than the others together is searched: one search costs about as much as
/// reading this number of tokens. For two sets neither way is faster at this size; at 256 the search is twice as fast,
/// and with a prefilter `blocked` it is four times as fast here already. Chosen by benchmark `intersect`, group
/// `lopsided`.
///
/// On disk a search reads a chunk, but no chunk twice: so it never reads more than the file.
const FAR_LARGER: u64 = 64;

/// One member's tokens, and a prefilter if one was built from them.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) prefilter: Option<&'a Prefilter>,
}

/// The plan: which sets to read and which to search.
pub(crate) struct Plan<'a> {
    read: Tasks<'a>,
    searched: Vec<(Side<'a>, u16)>,
    at_least: usize,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(sides: &[Side<'a>], at_least: usize) -> Self {
        let mut sides: Vec<(Side<'a>, u16)> = sides.iter().copied().zip(0..).collect(); // at most MAX_SETS
        sides.sort_by_key(|(side, member)| (std::cmp::Reverse(side.source.len()), *member));
        let large = (1..at_least.min(sides.len()))
            .rev()
            .find(|large| {
                let rest: u64 = sides[*large..].iter().map(|(side, _)| side.source.len()).sum();
                sides[large - 1].0.source.len() / FAR_LARGER >= rest
            })
            .unwrap_or(0);
        let mut read = sides.split_off(large);
        read.sort_by_key(|(_, member)| *member);
        let read: Vec<(Source<'a>, u16)> = read.iter().map(|(side, member)| (side.source, *member)).collect();
        sides.sort_by_key(|(_, member)| *member);
        let candidates_have = at_least - sides.len();
        let read = Tasks::new(&read, candidates_have, most_chunks(read.len()));
        Self { read, searched: sides, at_least }
    }

    pub(crate) fn run<S: Sink>(
        &self,
        new: impl Fn() -> S + Sync,
        progress: &dyn Progress,
    ) -> Result<S, Error> {
        if self.searched.is_empty() {
            return self.read.run(new, progress);
        }
        Ok(self.read.run(|| Search::new(self, new()), progress)?.sink)
    }

    /// Runs the plan and hands sinks on in order of token.
    pub(crate) fn run_in_order<S: Sink>(
        &self,
        new: impl Fn() -> S + Sync,
        progress: &dyn Progress,
        mut each: impl FnMut(S) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.searched.is_empty() {
            return self.read.run_in_order(new, progress, each);
        }
        self.read.run_in_order(|| Search::new(self, new()), progress, |search| each(search.sink))
    }

    /// Returns the bytes of files that are held at a time.
    pub(crate) fn bytes_in_flight(&self) -> u64 {
        let on_disk = self.searched.iter().filter(|(side, _)| matches!(side.source, Source::File(_))).count();
        let of_searches = on_disk * rayon::current_num_threads() * 2 * CHUNK_RECORDS * Token::LEN;
        self.read.bytes_in_flight() + of_searches as u64
    }
}

/// Looks up each candidate in the searched sets and passes on those with enough holders.
struct Search<'p, 'a, S> {
    plan: &'p Plan<'a>,
    /// The places where the last candidate was looked for: candidates come in order.
    places: Vec<Lookup<'a>>,
    holders: Vec<u16>,
    sink: S,
    /// The reason why a searched file could not be read; then no answer is given.
    failed: Option<Error>,
}

enum Lookup<'a> {
    Memory { tokens: &'a [Token], position: usize },
    File { file: &'a Chunked, chunk: Option<usize>, page: TokenBuffer },
}

impl Lookup<'_> {
    fn contains(&mut self, token: &Token) -> Result<bool, Error> {
        match self {
            Lookup::Memory { tokens, position } => {
                *position = lower_bound(tokens, *position, token);
                Ok(tokens.get(*position) == Some(token))
            }
            Lookup::File { file, chunk, page } => {
                let Some(of_token) = file.chunk_of(token) else { return Ok(false) };
                if *chunk != Some(of_token) {
                    *chunk = None;
                    page.read(file, of_token..of_token + 1)?;
                    *chunk = Some(of_token);
                }
                Ok(page.tokens().binary_search(token).is_ok())
            }
        }
    }
}

impl<'p, 'a, S> Search<'p, 'a, S> {
    fn new(plan: &'p Plan<'a>, sink: S) -> Self {
        let place = |(side, _): &(Side<'a>, u16)| match side.source {
            Source::Memory(tokens) => Lookup::Memory { tokens, position: 0 },
            Source::File(file) => Lookup::File { file, chunk: None, page: TokenBuffer::new() },
        };
        let places = plan.searched.iter().map(place).collect();
        Self { plan, places, holders: Vec::new(), sink, failed: None }
    }
}

impl<S: Sink> Sink for Search<'_, '_, S> {
    fn overlap(&mut self, token: Token, holders: &[u16]) {
        if self.failed.is_some() {
            return;
        }
        self.holders.clear();
        self.holders.extend_from_slice(holders);
        for ((side, member), place) in self.plan.searched.iter().zip(&mut self.places) {
            if side.prefilter.is_some_and(|prefilter| !prefilter.may_contain(&token)) {
                continue;
            }
            match place.contains(&token) {
                Ok(true) => self.holders.push(*member),
                Ok(false) => {}
                Err(error) => {
                    self.failed = Some(error);
                    return;
                }
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

    fn finish(&mut self) -> Result<(), Error> {
        self.failed.take().map_or_else(|| self.sink.finish(), Err)
    }
}
