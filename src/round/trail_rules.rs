//! The part of a manifest about trails, and what it refuses.

use serde::{Deserialize, Serialize};

use crate::container::{FileHeader, FileType};
use crate::error::Error;
use crate::terms::{
    Disclosure, KeyContext, KeyId, KindId, MAX_INTEGER, MAX_MEMBERS, Name, RuleDigest, SignerKey,
    SuppressionDigest, Terms,
};

use super::Round;

/// What the members of a round agree to about trails. A manifest without it allows none.
///
/// ```
/// use veilmatch::round::TrailRules;
/// use veilmatch::terms::KindId;
///
/// let kinds = [KindId::new("card.pan/1")?, KindId::new("net.ip/1")?];
/// let rules = TrailRules::for_kinds(&kinds);
/// assert!(rules.traverses(&kinds[0]) && !rules.traverses(&kinds[1]));
/// assert_eq!((rules.max_degree, rules.max_hops), (25, 2));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailRules {
    /// Kinds of the round that join nothing, in order: strangers share them. All others are traversed.
    pub leaves: Vec<KindId>,
    /// Most subjects of one member that an identifier joins. A member's links to an identifier with more of its
    /// subjects are dropped. An identifier with more than four times as many subjects in all is dropped for all.
    pub max_degree: u64,
    /// Most steps from the seed. A step leads from one subject to another by an identifier of both.
    pub max_hops: u64,
    /// Most subjects of a trail. A larger trail is given to nobody.
    pub max_trail: u64,
    /// Most seeds of a member.
    pub max_seeds: u64,
    /// Least members with a subject in a trail.
    pub min_members: u64,
    /// Whether the members of a trail learn who the others are, or how many.
    pub disclosure: Disclosure,
}

/// Kinds that strangers share by their nature.
const LEAVES: [&str; 5] = ["bank.bic/", "merchant.mid/", "net.domain/", "net.ip/", "net.url/"];

impl TrailRules {
    /// The longest way in steps that a manifest may allow: farther than that, everybody is near everybody.
    pub const MOST_HOPS: u64 = 6;

    /// The most subjects of a trail that a manifest may allow.
    pub const MOST_SUBJECTS: u64 = 1_000_000;

    /// Returns the usual rules for a round of these kinds: addresses of networks, names of domains, banks and merchants
    /// are leaves, and holders are counted.
    pub fn for_kinds<'a>(kinds: impl IntoIterator<Item = &'a KindId>) -> Self {
        let is_leaf = |kind: &&KindId| LEAVES.iter().any(|leaf| kind.as_str().starts_with(leaf));
        let mut leaves: Vec<KindId> = kinds.into_iter().filter(is_leaf).cloned().collect();
        leaves.sort();
        Self {
            leaves,
            max_degree: 25,
            max_hops: 2,
            max_trail: 1000,
            max_seeds: 100,
            min_members: 2,
            disclosure: Disclosure::Counts,
        }
    }

    /// Whether identifiers of a kind of the round join subjects.
    pub fn traverses(&self, kind: &KindId) -> bool {
        self.leaves.binary_search(kind).is_err()
    }

    /// Puts the leaves in order.
    pub(super) fn order(&mut self) {
        self.leaves.sort();
    }

    /// Returns what was expected of rules that break a condition; `is_matched` says whether a kind is the round's.
    pub(super) fn fault(&self, members: usize, is_matched: impl Fn(&KindId) -> bool) -> Option<&'static str> {
        let checks = [
            (
                self.leaves.is_sorted_by(|a, b| a < b) && self.leaves.iter().all(is_matched),
                "leaves that are kinds of the round, each once",
            ),
            ((1..=MAX_INTEGER / 4).contains(&self.max_degree), "a largest degree of at least 1"),
            ((1..=Self::MOST_HOPS).contains(&self.max_hops), "1 to 6 steps of a trail"),
            ((2..=Self::MOST_SUBJECTS).contains(&self.max_trail), "2 to 1,000,000 subjects of a trail"),
            ((1..=MAX_INTEGER).contains(&self.max_seeds), "at least 1 seed of a member"),
            (
                (2..=members as u64).contains(&self.min_members) && members <= MAX_MEMBERS,
                "2 or more members of a trail, of those of the round",
            ),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map(|(_, expected)| expected)
    }
}

/// The kind under which files of trails stand: they have links of all kinds of a round.
const KIND: &str = "trail.link/1";

impl Round {
    /// Returns what the manifest says about trails.
    ///
    /// # Errors
    ///
    /// [`Error::Trail`] if it says nothing: then the round allows none.
    pub fn trail(&self) -> Result<&TrailRules, Error> {
        let expected = "a round whose manifest allows trails (round new --trail)";
        self.manifest().trail.as_ref().ok_or(Error::Trail { expected })
    }

    /// Returns the terms of this round's files of trails. Rules and suppression stand in the manifest, kind by kind, and
    /// are zero there.
    ///
    /// # Errors
    ///
    /// As [`Round::trail`].
    pub fn trail_terms(&self, key_id: KeyId) -> Result<Terms, Error> {
        self.trail()?;
        Ok(Terms {
            context: KeyContext::new(
                self.manifest().coalition.clone(),
                self.manifest().epoch,
                KindId::new(KIND)?,
            )?,
            key_id,
            rules: RuleDigest([0; 32]),
            suppression: SuppressionDigest([0; 32]),
            round: Some(self.digest()),
        })
    }

    /// Refuses a file of trails of other terms, of a member that is not in the round, or without the signature of its
    /// maker: the hub's for a trail, the member's otherwise.
    pub(crate) fn require_trail_file(
        &self,
        file_type: FileType,
        member: &Name,
        terms: &Terms,
        signer: Option<SignerKey>,
    ) -> Result<(), Error> {
        self.trail_terms(terms.key_id)?.require(terms, member)?;
        let listed = self.member(member)?;
        if listed.name != *member {
            return Err(Error::NotInRound { member: member.clone() }); // another spelling of a name
        }
        match file_type {
            FileType::Trail => self.require_signer(self.manifest().hub.as_ref(), signer, "the hub"),
            _ => self.require_signer(listed.keys.as_ref(), signer, member.as_str()),
        }
    }

    pub(super) fn admit_trail_header(&self, header: &FileHeader, member: &Name) -> Result<(), Error> {
        self.require_trail_file(header.file_type(), member, header.terms(), header.signer())
    }
}
