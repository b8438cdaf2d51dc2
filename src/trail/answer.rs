//! The answer: what one member is told about its own subjects.

use std::cmp::Ordering;
use std::fmt;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use crate::container::{Metadata, Signer};
use crate::error::Error;
use crate::terms::{
    ContentDigest, Disclosure, KindId, Name, Pseudonym, Signature, SignerKey, Terms, TrailId,
};
use crate::token::Token;

use super::reach::{Trail, Trails};
use super::slip::Slip;

/// What the hub tells one member about trails. It has no token and no pseudonym that is not the member's own.
///
/// See the example of [`Trails`].
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The terms of the links.
    pub terms: Terms,
    /// The member that the answer is for.
    pub recipient: Name,
    /// Date and purpose, as the file states them.
    pub metadata: Metadata,
    /// The key of the valid signature in the file from which the answer was read.
    pub signer: Option<SignerKey>,
    /// Root of the file of the member's links.
    pub links: ContentDigest,
    /// Number of members whose links were missing, all or those of a kind, though they have shares with tokens. What leads
    /// through these links is not found.
    pub without: u64,
    /// The trails in which the member has subjects, in order of id.
    pub trails: Vec<OwnTrail>,
    /// Own seeds whose trails have more subjects than the manifest allows, in order.
    pub too_large: Vec<Pseudonym>,
    /// Own tokens that were left out, in order.
    pub dropped: Vec<Dropped>,
}

/// A trail, as one of its members sees it.
///
/// See the example of [`Trails`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnTrail {
    /// The id that all its members know it by.
    pub id: TrailId,
    /// Number of subjects of all members, the seed among them; nothing where those of others are withheld.
    pub subjects: Option<u64>,
    /// Number of members.
    pub members: u64,
    /// The members, in order of name, if the manifest names them.
    pub names: Option<Vec<Name>>,
    /// The hub's signature of the [`Slip`]; none in a trial.
    pub slip: Option<Signature>,
    /// The member's own subjects, in order of pseudonym; one or more.
    pub own: Vec<OwnSubject>,
}

/// A subject of the member in a trail.
///
/// See the example of [`Trails`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSubject {
    /// The subject.
    pub pseudonym: Pseudonym,
    /// Steps from the seed; 0 for the seed itself.
    pub distance: u8,
    /// Its identifiers that subjects of other members in the trail have too, in order.
    pub leads: Vec<Lead>,
}

/// An identifier of an own subject that subjects of others in the trail have too.
///
/// See the example of [`Trails`].
#[derive(Clone, PartialEq, Eq)]
pub struct Lead {
    /// Its kind. A kind that is a leaf did not make the trail.
    pub kind: KindId,
    /// Its link token.
    pub token: Token,
    /// Number of these subjects; nothing where it is withheld.
    pub behind: Option<u64>,
}

/// An own token that was left out, because too many subjects have it.
#[derive(Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Its kind.
    pub kind: KindId,
    /// The link token.
    pub token: Token,
    /// Whether it was left out for all: otherwise for this member alone, which has too many subjects with it.
    pub for_all: bool,
}

impl Ord for Dropped {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.kind, self.token).cmp(&(&other.kind, other.token))
    }
}

impl PartialOrd for Dropped {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl OwnTrail {
    /// Returns what the hub signed for an authority.
    pub fn to_slip(&self, answer: &Answer) -> Option<Slip> {
        let (recipient, names) = (answer.recipient.clone(), self.names.clone());
        Some(Slip { round: answer.terms.round?, trail: self.id, recipient, members: self.members, names })
    }
}

impl Trail {
    /// Returns the subjects of a member with their distances, in order.
    fn of_member(&self, member: usize, trails: &Trails<'_>) -> &[(u32, u8)] {
        let bound = |first: u32| self.subjects.partition_point(|(subject, _)| *subject < first);
        let firsts = &trails.graph.numbering.0;
        &self.subjects[bound(firsts[member])..bound(firsts[member + 1])]
    }
}

/// The pseudonyms of some subjects of one member.
struct Names {
    /// The number of the member's first subject.
    first: u32,
    own: Vec<u32>,
    pseudonyms: Vec<Pseudonym>,
}

impl Names {
    /// Returns the pseudonym of a subject that was read.
    fn of(&self, subject: u32) -> Pseudonym {
        self.pseudonyms[self.own.partition_point(|own| *own < subject - self.first)]
    }
}

impl Trails<'_> {
    /// Returns the answer of each member that sent links, in order of name. The hub signs the slips of a round that is no
    /// trial.
    ///
    /// Numbers of others' subjects under the manifest's `min_result` are withheld.
    ///
    /// # Errors
    ///
    /// Those of reading links and of the signer; [`Error::Unsigned`] without a signer in a round with keys.
    pub fn answers(
        &self,
        metadata: &Metadata,
        signer: Option<&(dyn Signer + Sync)>,
    ) -> Result<Vec<Answer>, Error> {
        if signer.is_none() && !self.graph.round.is_trial() {
            return Err(Error::Unsigned { by: "the hub".to_owned() });
        }
        // Random ids, so the order says nothing about the seeds.
        let mut trails: Vec<&Trail> = self.found.iter().collect();
        trails.sort_unstable_by_key(|trail| trail.id);
        let members = (0..self.graph.links.len()).into_par_iter();
        members.map(|member| self.answer(member, &trails, metadata, signer)).collect()
    }

    fn answer(
        &self,
        member: usize,
        trails: &[&Trail],
        metadata: &Metadata,
        signer: Option<&(dyn Signer + Sync)>,
    ) -> Result<Answer, Error> {
        let links = self.graph.links[member];
        let trails = trails.iter().filter(|trail| trail.members.binary_search(&member).is_ok());
        let own_seed = |seed: &&u32| self.graph.numbering.member(**seed) == member;
        let too_large: Vec<u32> = self.too_large.iter().filter(own_seed).copied().collect();
        let in_trails = trails.clone().flat_map(|trail| trail.of_member(member, self));
        let subjects = in_trails.map(|(subject, _)| *subject).chain(too_large.iter().copied());
        let pseudonyms = self.names(member, subjects)?;
        Ok(Answer {
            terms: self.graph.terms.clone(),
            recipient: links.member().clone(),
            metadata: metadata.clone(),
            signer: None,
            links: links.root(),
            without: self.graph.without(),
            trails: trails
                .map(|trail| self.own_trail(member, trail, &pseudonyms, signer))
                .collect::<Result<_, _>>()?,
            too_large: too_large.iter().map(|seed| pseudonyms.of(*seed)).collect(),
            dropped: self.graph.dropped[member].clone(),
        })
    }

    /// Reads the pseudonyms of these subjects of a member, each chunk of its links once.
    fn names(&self, member: usize, subjects: impl Iterator<Item = u32>) -> Result<Names, Error> {
        let first = self.graph.numbering.0[member];
        let mut own: Vec<u32> = subjects.map(|subject| subject - first).collect();
        own.sort_unstable();
        own.dedup();
        let pseudonyms = self.graph.links[member].pseudonyms(&own)?;
        Ok(Names { first, own, pseudonyms })
    }

    fn own_trail(
        &self,
        member: usize,
        trail: &Trail,
        pseudonyms: &Names,
        signer: Option<&(dyn Signer + Sync)>,
    ) -> Result<OwnTrail, Error> {
        let (graph, round) = (self.graph, self.graph.round);
        let own = trail.of_member(member, self).iter().map(|(subject, distance)| OwnSubject {
            pseudonym: pseudonyms.of(*subject),
            distance: *distance,
            leads: self.leads(member, trail, *subject),
        });
        let own: Vec<OwnSubject> = own.collect();
        let others = (trail.subjects.len() - own.len()) as u64;
        let shown = self.shown(others).map(|others| others + own.len() as u64);
        let names = match round.trail()?.disclosure {
            Disclosure::Holders => Some(self.members(trail).cloned().collect()),
            Disclosure::Counts => None,
        };
        let members = trail.members.len() as u64;
        let recipient = graph.links[member].member().clone();
        let slip = Slip { round: round.digest(), trail: trail.id, recipient, members, names };
        let signed = signer.map(|signer| slip.sign(signer)).transpose()?;
        Ok(OwnTrail { id: trail.id, subjects: shown, members, names: slip.names, slip: signed, own })
    }

    /// Returns the identifiers of a subject that subjects of others in the trail have too.
    fn leads(&self, member: usize, trail: &Trail, subject: u32) -> Vec<Lead> {
        let graph = self.graph;
        let is_others =
            |other: &&u32| graph.numbering.member(**other) != member && trail.distance(**other).is_some();
        let lead = |token: &u32| {
            let behind = graph.subjects_of(*token).iter().filter(is_others).count() as u64;
            let (kind, bytes) = (graph.kind_of(*token).clone(), graph.tokens[*token as usize]);
            (behind > 0).then(|| Lead { kind, token: bytes, behind: self.shown(behind) })
        };
        let mut leads: Vec<Lead> = graph.tokens_of(subject).iter().filter_map(lead).collect();
        leads.sort_unstable_by(|a, b| (&a.kind, a.token).cmp(&(&b.kind, b.token)));
        leads
    }

    /// Withholds a small number, though not that there is none.
    fn shown(&self, number: u64) -> Option<u64> {
        let bound = self.graph.round.manifest().min_result.unwrap_or(0);
        (number == 0 || number >= bound).then_some(number)
    }
}

impl fmt::Debug for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lead({}, {:?})", self.kind, self.behind)
    }
}

impl fmt::Debug for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dropped({}, for all: {})", self.kind, self.for_all)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("recipient", &self.recipient)
            .field("trails", &self.trails.len())
            .field("too_large", &self.too_large.len())
            .field("dropped", &self.dropped.len())
            .finish_non_exhaustive()
    }
}
