//! Sinks: what is done with each overlap, collecting it or counting it in one way or another.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;
use crate::token::Token;

use super::holders::HolderTable;

/// Receives overlaps in order of token within one part of the token space.
pub(crate) trait Sink: Send {
    /// One overlapping token; `holders` are ascending positions of members.
    fn overlap(&mut self, token: Token, holders: &[u16]);

    /// Joins the result of a later part of the token space.
    fn join(&mut self, later: Self);

    /// Called when a part is complete: the one place to say what went wrong on the way.
    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// Two sinks fed in one pass.
impl<A: Sink, B: Sink> Sink for (A, B) {
    fn overlap(&mut self, token: Token, holders: &[u16]) {
        self.0.overlap(token, holders);
        self.1.overlap(token, holders);
    }

    fn join(&mut self, later: Self) {
        self.0.join(later.0);
        self.1.join(later.1);
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.0.finish()?;
        self.1.finish()
    }
}

/// A sink that keeps every overlap.
pub(crate) struct Collect {
    pub(crate) tokens: Vec<Token>,
    pub(crate) holders: HolderTable,
}

impl Collect {
    pub(crate) fn new(members: usize) -> Self {
        Self { tokens: Vec::new(), holders: HolderTable::new(members) }
    }
}

impl Sink for Collect {
    fn overlap(&mut self, token: Token, holders: &[u16]) {
        self.tokens.push(token);
        self.holders.push(holders.iter().map(|holder| usize::from(*holder)));
    }

    fn join(&mut self, later: Self) {
        self.tokens.extend_from_slice(&later.tokens);
        self.holders.append(&later.holders);
    }
}

/// A sink that counts overlaps.
#[derive(Default)]
pub(crate) struct Count(pub(crate) u64);

impl Sink for Count {
    fn overlap(&mut self, _: Token, _: &[u16]) {
        self.0 += 1;
    }

    fn join(&mut self, later: Self) {
        self.0 += later.0;
    }
}

/// A sink that counts overlaps by number of holders.
pub(crate) struct ByHolderCount(Vec<u64>);

impl ByHolderCount {
    pub(crate) fn new(members: usize) -> Self {
        Self(vec![0; members])
    }

    /// Returns the counts: entry `i` is the number of tokens with `i + 1` holders.
    pub(crate) fn into_counts(self) -> Vec<u64> {
        self.0
    }
}

impl Sink for ByHolderCount {
    fn overlap(&mut self, _: Token, holders: &[u16]) {
        self.0[holders.len() - 1] += 1;
    }

    fn join(&mut self, later: Self) {
        add(&mut self.0, &later.0);
    }
}

/// A sink that counts overlaps by holder: those with `at_least` holders or more.
pub(crate) struct ByMember {
    at_least: usize,
    counts: Vec<u64>,
}

impl ByMember {
    pub(crate) fn new(members: usize, at_least: usize) -> Self {
        Self { at_least, counts: vec![0; members] }
    }

    pub(crate) fn into_counts(self) -> Vec<u64> {
        self.counts
    }
}

impl Sink for ByMember {
    fn overlap(&mut self, _: Token, holders: &[u16]) {
        if holders.len() >= self.at_least {
            holders.iter().for_each(|holder| self.counts[usize::from(*holder)] += 1);
        }
    }

    fn join(&mut self, later: Self) {
        add(&mut self.counts, &later.counts);
    }
}

/// The numbers of tokens that each two members share.
///
/// See the example of [`Tally`](crate::matching::Tally).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairCounts {
    members: usize,
    counts: Vec<u64>,
}

impl PairCounts {
    /// Returns the number that the members at two different positions share; 0 for positions outside the list.
    pub fn get(&self, a: usize, b: usize) -> u64 {
        let (low, high) = (a.min(b), a.max(b));
        if low == high || high >= self.members {
            return 0;
        }
        self.counts[Self::index(low, high)]
    }

    /// Returns every pair `(a, b, shared)` with `a < b`, in order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize, u64)> + '_ {
        let pairs = (0..self.members).flat_map(move |a| (a + 1..self.members).map(move |b| (a, b)));
        pairs.map(|(a, b)| (a, b, self.counts[Self::index(a, b)]))
    }

    /// Returns the place of a pair in the lower triangle, whose row `high` starts after 0 + 1 + … + (high − 1) pairs.
    const fn index(low: usize, high: usize) -> usize {
        high * (high - 1) / 2 + low
    }
}

/// A sink that counts overlaps by pair of holders.
pub(crate) struct ByPair(PairCounts);

impl ByPair {
    pub(crate) fn new(members: usize) -> Self {
        Self(PairCounts { members, counts: vec![0; members * (members - 1) / 2] })
    }

    pub(crate) fn into_counts(self) -> PairCounts {
        self.0
    }
}

impl Sink for ByPair {
    fn overlap(&mut self, _: Token, holders: &[u16]) {
        for (place, high) in holders.iter().enumerate() {
            for low in &holders[..place] {
                self.0.counts[PairCounts::index(usize::from(*low), usize::from(*high))] += 1;
            }
        }
    }

    fn join(&mut self, later: Self) {
        add(&mut self.0.counts, &later.0.counts);
    }
}

/// The number of tokens of each exact combination of holders, which are ascending positions of members.
pub(crate) type CombinationCounts = Vec<(Vec<usize>, u64)>;

/// A sink that counts overlaps by the exact combination of holders.
pub(crate) struct ByCombination<'a> {
    counts: Combinations,
    /// How many more holders there may be, over all combinations; beyond, none is counted.
    left: usize,
    /// Set by the first part that finds too many, so that no other goes on.
    too_many: &'a AtomicBool,
}

enum Combinations {
    /// One place for each bit mask of holders, if members are few: a look-up costs nothing beside the matching.
    Few(Vec<u64>),
    Many(HashMap<Box<[u16]>, u64>),
    /// There were more holders than allowed.
    TooMany,
}

impl<'a> ByCombination<'a> {
    /// The most members for whom each combination has its place: 128 KiB in all.
    const FEW: usize = 14;

    /// `at_most` bounds the memory: it is the number of holders of all combinations together. Whether it is exceeded
    /// depends on the combinations alone, not on how the tokens are divided between threads.
    pub(crate) fn new(members: usize, at_most: usize, too_many: &'a AtomicBool) -> Self {
        let counts = match members <= Self::FEW {
            true => Combinations::Few(vec![0; 1 << members]),
            false => Combinations::Many(HashMap::new()),
        };
        Self { counts, left: at_most, too_many }
    }

    /// Returns the counts in order of holders, without zeros; none if there were more holders than allowed.
    pub(crate) fn into_counts(self) -> Option<CombinationCounts> {
        if self.too_many.load(Ordering::Relaxed) {
            return None;
        }
        let members = |mask: usize| (0..Self::FEW).filter(|at| mask >> at & 1 == 1).collect();
        let positions = |holders: Box<[u16]>| holders.iter().map(|holder| usize::from(*holder)).collect();
        let mut counts: CombinationCounts = match self.counts {
            Combinations::Few(counts) => {
                let each = counts.into_iter().enumerate().filter(|(_, count)| *count > 0);
                each.map(|(mask, count)| (members(mask), count)).collect()
            }
            Combinations::Many(counts) => {
                counts.into_iter().map(|(holders, count)| (positions(holders), count)).collect()
            }
            Combinations::TooMany => return None,
        };
        counts.sort_unstable();
        Some(counts)
    }

    fn add(&mut self, holders: &[u16], tokens: u64) {
        match &mut self.counts {
            Combinations::Few(counts) => {
                let mask = holders.iter().fold(0, |mask, holder| mask | 1usize << holder);
                counts[mask] += tokens;
            }
            Combinations::Many(counts) => match counts.get_mut(holders) {
                Some(count) => *count += tokens,
                None if holders.len() <= self.left => {
                    self.left -= holders.len();
                    counts.insert(holders.into(), tokens);
                }
                None => {
                    self.counts = Combinations::TooMany;
                    self.too_many.store(true, Ordering::Relaxed);
                }
            },
            Combinations::TooMany => {}
        }
    }
}

impl Sink for ByCombination<'_> {
    fn overlap(&mut self, _: Token, holders: &[u16]) {
        if !self.too_many.load(Ordering::Relaxed) {
            self.add(holders, 1);
        }
    }

    fn join(&mut self, later: Self) {
        match (&mut self.counts, later.counts) {
            (Combinations::Few(mine), Combinations::Few(theirs)) => add(mine, &theirs),
            (_, Combinations::Many(theirs)) => {
                theirs.iter().for_each(|(holders, count)| self.add(holders, *count));
            }
            _ => self.counts = Combinations::TooMany,
        }
    }
}

fn add(mine: &mut [u64], theirs: &[u64]) {
    for (mine, theirs) in mine.iter_mut().zip(theirs) {
        *mine += theirs;
    }
}
