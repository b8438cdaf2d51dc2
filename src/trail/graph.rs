//! The graph: which subjects have which tokens, and the way back.

use std::ops::Range;

use crate::error::Error;
use crate::progress::Progress;
use crate::round::{Round, TrailRules};
use crate::terms::{KindId, Name, Terms};
use crate::token::Token;

use super::answer::Dropped;
use super::incidences::{Joined, Numbering, join};
use super::links::Links;
use super::shared::Shared;

/// Subjects of all members, and the tokens that join them.
///
/// Memory: 8 bytes a link that joins, 20 a token that does and 4 a subject; while it is made also 84 MiB a thread of the
/// pool. Links to hot tokens and tokens of one member alone are not kept.
///
/// See the example of [`Trails`](super::Trails).
#[derive(Debug)]
pub struct Graph<'a> {
    pub(super) round: &'a Round,
    /// In order of the members' names.
    pub(super) links: Vec<&'a Links>,
    pub(super) terms: &'a Terms,
    pub(super) numbering: Numbering,
    /// The kinds and the numbers of their tokens: those that are traversed come first.
    kinds: Vec<(KindId, Range<u32>)>,
    /// The number of tokens that are traversed.
    traversed: u32,
    pub(super) tokens: Vec<Token>,
    subjects: Table,
    of_subject: Table,
    /// By member.
    pub(super) dropped: Vec<Vec<Dropped>>,
    /// Number of members of whose shares links are missing.
    without: u64,
}

/// Rows of numbers, one after the other.
#[derive(Debug)]
struct Table {
    ends: Vec<u32>,
    numbers: Vec<u32>,
}

impl Table {
    fn row(&self, row: u32) -> &[u32] {
        let row = row as usize;
        let from = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.numbers[from as usize..self.ends[row] as usize]
    }

    /// Returns the table with rows and numbers exchanged.
    fn turned(&self, rows: usize) -> Self {
        // Each row's count, then where it begins; filling moves that to where it ends.
        let mut ends = vec![0u32; rows];
        self.numbers.iter().for_each(|number| ends[*number as usize] += 1);
        let mut sum = 0;
        for end in &mut ends {
            sum += std::mem::replace(end, sum);
        }
        let mut numbers = vec![0; self.numbers.len()];
        for row in 0..self.ends.len() as u32 {
            for number in self.row(row) {
                let end = &mut ends[*number as usize];
                numbers[*end as usize] = row;
                *end += 1;
            }
        }
        Self { ends, numbers }
    }
}

impl<'a> Graph<'a> {
    /// Joins the links of several members, in any order. Holds them against the round ([`Round::admit_links`]) and against
    /// what the match gave each member.
    ///
    /// # Errors
    ///
    /// Those of [`Round::admit_links`]; [`Error::DuplicateMember`], [`Error::TermsDiffer`] where members made links under another secret;
    /// [`Error::Trail`] for links that are not of the match, and for 2³² subjects or links and more; those of reading; [`Error::Cancelled`].
    pub fn new(
        round: &'a Round,
        links: &'a [Links],
        shared: &[Shared],
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        let rules = round.trail()?;
        for links in links {
            round.admit_links(links)?;
            links.require_of(shared)?;
        }
        let (all, mut links): (_, Vec<&Links>) = (links, links.iter().collect());
        links.sort_by(|a, b| a.member().cmp(b.member()));
        if let Some(pair) = links.windows(2).find(|pair| pair[0].member().same(pair[1].member())) {
            return Err(Error::DuplicateMember { member: pair[1].member().clone() });
        }
        let Some(first) = links.first() else { return Err(Error::TooFewSets { sets: 0 }) };
        let terms = first.terms();
        { links.iter() }.try_for_each(|links| terms.require(links.terms(), links.member()))?;
        let numbering = numbering(&links)?;
        let mut graph = Self {
            round,
            dropped: links.iter().map(|_| Vec::new()).collect(),
            links,
            terms,
            numbering,
            kinds: Vec::new(),
            traversed: 0,
            tokens: Vec::new(),
            subjects: Table { ends: Vec::new(), numbers: Vec::new() },
            of_subject: Table { ends: Vec::new(), numbers: Vec::new() },
            without: Shared::without_links(shared, all).len() as u64,
        };
        graph.read(rules, progress)?;
        Ok(graph)
    }

    fn read(&mut self, rules: &TrailRules, progress: &dyn Progress) -> Result<(), Error> {
        let all = self.round.manifest().kinds.iter().map(|rules| &rules.kind);
        let (traversed, leaves): (Vec<&KindId>, Vec<&KindId>) = all.partition(|kind| rules.traverses(kind));
        for kind in traversed.iter().chain(&leaves) {
            let Self { links, numbering, tokens, subjects, dropped, .. } = self;
            let from = tokens.len() as u32;
            join(kind, links, numbering, rules, progress, |joined: Joined| {
                let before = subjects.numbers.len() as u32;
                tokens.extend(joined.tokens);
                subjects.ends.extend(joined.ends.into_iter().map(|end| before + end));
                subjects.numbers.extend(joined.subjects);
                joined.dropped.into_iter().for_each(|(member, token)| dropped[member].push(token));
            })?;
            let to = self.tokens.len() as u32;
            self.kinds.push(((*kind).clone(), from..to));
            if rules.traverses(kind) {
                self.traversed = to;
            }
        }
        self.of_subject = self.subjects.turned(self.numbering.0.last().map_or(0, |all| *all as usize));
        self.dropped.iter_mut().for_each(|dropped| dropped.sort_unstable());
        Ok(())
    }

    /// Returns the number of members of whose shares links are missing, all or those of a kind. What leads
    /// through these links is not found.
    pub fn without(&self) -> u64 {
        self.without
    }

    /// Returns the members with links, in order of name.
    pub fn members(&self) -> impl ExactSizeIterator<Item = &Name> {
        self.links.iter().map(|links| links.member())
    }

    /// Returns the number of tokens that join subjects, those of leaves among them.
    pub fn tokens(&self) -> usize {
        self.tokens.len()
    }

    /// Returns the number of links to these tokens.
    pub fn links(&self) -> usize {
        self.subjects.numbers.len()
    }

    /// Returns the numbers of the seeds, in order.
    pub(super) fn seeds(&self) -> Vec<u32> {
        let first = self.links.iter().zip(&self.numbering.0);
        first.flat_map(|(links, first)| links.seed_numbers().iter().map(move |seed| first + seed)).collect()
    }

    /// Returns the tokens of a subject, in order of their numbers.
    pub(super) fn tokens_of(&self, subject: u32) -> &[u32] {
        self.of_subject.row(subject)
    }

    /// Returns the subjects of a token, in order.
    pub(super) fn subjects_of(&self, token: u32) -> &[u32] {
        self.subjects.row(token)
    }

    /// Whether a token leads on.
    pub(super) fn is_traversed(&self, token: u32) -> bool {
        token < self.traversed
    }

    pub(super) fn kind_of(&self, token: u32) -> &KindId {
        let place = self.kinds.partition_point(|(_, numbers)| numbers.end <= token);
        &self.kinds[place].0
    }
}

fn numbering(links: &[&Links]) -> Result<Numbering, Error> {
    let too_many = Error::Trail { expected: "fewer than 2^32 subjects and links of all members" };
    let (mut firsts, mut subjects, mut all) = (vec![0], 0u64, 0u64);
    for links in links {
        subjects += links.subjects();
        all += links.links();
        firsts.push(u32::try_from(subjects).unwrap_or(u32::MAX));
    }
    match subjects.max(all) < u64::from(u32::MAX) {
        true => Ok(Numbering(firsts)),
        false => Err(too_many),
    }
}
