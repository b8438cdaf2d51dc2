//! What the hub sees of the trails: members, distances and kinds; no token and no pseudonym.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::terms::{KindId, Name, RoundDigest, TrailId};

use super::reach::{Trail, Trails};

/// The hub's view of all trails, for `trails.json`. It stays at the hub: it says who was near whom, with small numbers.
///
/// ```
/// # use veilmatch::terms::{Name, TrailId};
/// use veilmatch::trail::{InRing, Ring};
///
/// let ring = Ring { distance: 1, members: vec![InRing { member: Name::new("bank-b")?, subjects: 2 }] };
/// assert_eq!(ring.subjects(), 2);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overview {
    /// Version of the JSON's form.
    pub format: &'static str,
    /// Digest of the manifest.
    pub round: RoundDigest,
    /// Most steps from a seed.
    pub max_hops: u64,
    /// What each member sent, in order of name.
    pub members: Vec<Sent>,
    /// The trails, in order of id.
    pub trails: Vec<Seen>,
}

/// What one member sent, and what was left out of it.
///
/// See the example of [`Overview`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// The member.
    pub member: Name,
    /// Number of subjects.
    pub subjects: u64,
    /// Number of links.
    pub links: u64,
    /// Number of seeds.
    pub seeds: u64,
    /// Number of its seeds whose trails are too large.
    pub too_large: u64,
    /// Number of its tokens that were left out for it alone.
    pub dropped: u64,
    /// Number of its tokens that were left out for all.
    pub dropped_for_all: u64,
}

/// A trail as the hub sees it.
///
/// See the example of [`Overview`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Its id.
    pub id: TrailId,
    /// The member whose seed it is.
    pub seed_of: Name,
    /// The subjects by distance from the seed, beginning with the seed itself.
    pub rings: Vec<Ring>,
    /// Number of identifiers, by kind, that two or more of its subjects have.
    pub joined_by: BTreeMap<KindId, u64>,
}

/// The subjects of a trail at one distance.
///
/// See the example of [`Overview`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ring {
    /// Steps from the seed.
    pub distance: u8,
    /// The members with subjects there, in order of name.
    pub members: Vec<InRing>,
}

/// The subjects of one member at one distance.
///
/// See the example of [`Overview`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InRing {
    /// The member.
    pub member: Name,
    /// Number of its subjects.
    pub subjects: u64,
}

impl Ring {
    /// Returns the number of subjects of all members.
    pub fn subjects(&self) -> u64 {
        self.members.iter().map(|member| member.subjects).sum()
    }
}

impl Trails<'_> {
    /// Returns the hub's view.
    pub fn overview(&self) -> Overview {
        let round = self.graph.round;
        let mut trails: Vec<Seen> = self.found.iter().map(|trail| self.seen(trail)).collect();
        trails.sort_unstable_by_key(|trail| trail.id);
        Overview {
            format: "veilmatch trails 1",
            round: round.digest(),
            max_hops: round.manifest().trail.as_ref().map_or(0, |rules| rules.max_hops),
            members: (0..self.graph.links.len()).map(|member| self.sent(member)).collect(),
            trails,
        }
    }

    fn sent(&self, member: usize) -> Sent {
        let (links, dropped) = (self.graph.links[member], &self.graph.dropped[member]);
        let for_all = dropped.iter().filter(|dropped| dropped.for_all).count() as u64;
        let is_own = |seed: &&u32| self.graph.numbering.member(**seed) == member;
        Sent {
            member: links.member().clone(),
            subjects: links.subjects(),
            links: links.links(),
            seeds: links.seeds(),
            too_large: self.too_large.iter().filter(is_own).count() as u64,
            dropped: dropped.len() as u64 - for_all,
            dropped_for_all: for_all,
        }
    }

    fn seen(&self, trail: &Trail) -> Seen {
        let graph = self.graph;
        let name = |member: usize| graph.links[member].member().clone();
        let mut rings: BTreeMap<u8, BTreeMap<usize, u64>> = BTreeMap::new();
        let mut tokens: BTreeMap<u32, u64> = BTreeMap::new();
        for (subject, distance) in &trail.subjects {
            *rings.entry(*distance).or_default().entry(graph.numbering.member(*subject)).or_default() += 1;
            graph.tokens_of(*subject).iter().for_each(|token| *tokens.entry(*token).or_default() += 1);
        }
        let mut joined_by: BTreeMap<KindId, u64> = BTreeMap::new();
        for token in tokens.iter().filter(|(_, subjects)| **subjects > 1).map(|(token, _)| *token) {
            *joined_by.entry(graph.kind_of(token).clone()).or_default() += 1;
        }
        let ring = |(distance, members): (u8, BTreeMap<usize, u64>)| Ring {
            distance,
            members: members
                .into_iter()
                .map(|(member, subjects)| InRing { member: name(member), subjects })
                .collect(),
        };
        Seen {
            id: trail.id,
            seed_of: name(graph.numbering.member(trail.seed)),
            rings: rings.into_iter().map(ring).collect(),
            joined_by,
        }
    }
}
