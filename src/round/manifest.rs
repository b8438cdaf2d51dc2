//! The manifest: its fields, the conditions between them, its one spelling.

use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::container::Metadata;
use crate::error::Error;
use crate::terms::{
    CustodyDigest, Disclosure, KindId, MAX_INTEGER, MAX_MEMBERS, Name, Nonce, PublicKeys, RuleDigest,
    SuppressionDigest, Terms,
};

use super::TrailRules;

/// The manifest: what the members of a round agree to. Dates are seconds since 1970, UTC.
///
/// ```
/// use veilmatch::round::Manifest;
/// use veilmatch::terms::{Name, Terms};
/// use veilmatch::{Disclosure, Round};
///
/// let kinds = vec![(&Terms::example()).into()]; // the rules of a tokeniser's terms
/// let members = vec![Name::new("bank-a")?, Name::new("bank-b")?];
/// let manifest = Manifest {
///     purpose: "fraud prevention".into(),
///     not_after: Some(1_795_506_099),
///     disclosure: Disclosure::Counts,
///     ..Manifest::trial(Name::new("efc")?, 1, kinds, members)?
/// };
/// assert!(manifest.members[0].brings(&manifest.kinds[0].kind));
/// assert!(Round::new(manifest)?.is_trial());
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format: [`Manifest::FORMAT`].
    pub format: String,
    /// The coalition whose secret is used.
    pub coalition: Name,
    /// The epoch of that secret.
    pub epoch: u64,
    /// Number of the round, for people.
    pub number: u64,
    /// Random bytes, so that no two rounds have equal manifests, and no set serves twice.
    pub nonce: Nonce,
    /// First moment at which the round's files may be used.
    pub not_before: Option<u64>,
    /// Last moment at which the round's files may be used.
    pub not_after: Option<u64>,
    /// Purpose of the round: printable ASCII, at most 256 characters.
    pub purpose: String,
    /// The threshold k, at least 2: with 1, a member would be told what only it knows.
    pub at_least: u64,
    /// Whether members learn who the other holders are, or how many.
    pub disclosure: Disclosure,
    /// Least tokens of a set: a member with fewer tokens of a kind takes no part in it.
    pub min_set: Option<u64>,
    /// Most tokens of a set: a set with more tokens is refused.
    pub max_set: Option<u64>,
    /// Bound of small cells of the report: cells under it are withheld.
    pub min_result: Option<u64>,
    /// The kinds that are matched, in order.
    pub kinds: Vec<KindRules>,
    /// The hub's keys; none in a trial.
    pub hub: Option<PublicKeys>,
    /// The members that take part, in order of name.
    pub members: Vec<Member>,
    /// What is agreed about trails; absent if there are none, so that a manifest without trails keeps its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trail: Option<TrailRules>,
    /// Digest of the custody under which tokens are made; absent if the secret alone makes them, so that a manifest without
    /// custodians keeps its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custody: Option<CustodyDigest>,
}

/// A kind and the rules under which its sets are made.
///
/// See the example of [`Manifest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindRules {
    /// The kind.
    pub kind: KindId,
    /// Digest of its canonical rules.
    pub rules: RuleDigest,
    /// Digest of the suppression list.
    pub suppression: SuppressionDigest,
}

/// A member of a round.
///
/// See the example of [`Manifest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Name of the member.
    pub name: Name,
    /// Keys of the member; none in a trial.
    pub keys: Option<PublicKeys>,
    /// The kinds that it brings a set of, in order; absent if it brings a set of every kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<KindId>>,
}

/// The rules of a tokeniser's terms, or of a set's.
impl From<&Terms> for KindRules {
    fn from(terms: &Terms) -> Self {
        let kind = terms.context.kind().clone();
        Self { kind, rules: terms.rules, suppression: terms.suppression }
    }
}

impl Member {
    /// Whether the member is to bring a set of this kind of the round.
    pub fn brings(&self, kind: &KindId) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(kind))
    }

    /// Orders the kinds. A list of all kinds says no more than no list, so it has no spelling of its own.
    fn order_kinds(&mut self, all: &[KindRules]) {
        let Some(kinds) = &mut self.kinds else { return };
        kinds.sort();
        if kinds.iter().eq(all.iter().map(|rules| &rules.kind)) {
            self.kinds = None;
        }
    }
}

const TOO_LONG: Error = Error::Manifest { expected: "at most 1 MiB" };

impl Manifest {
    /// The value of the field `format`.
    pub const FORMAT: &'static str = "veilmatch round 1";

    /// Longest manifest, in bytes: 2,048 members with keys take half of it.
    pub const MAX_LEN: usize = 1 << 20;

    /// Makes the manifest of a trial: k = 2, holders named, no bounds, no dates, no keys, and a fresh nonce.
    ///
    /// # Errors
    ///
    /// [`Error::Random`].
    pub fn trial(
        coalition: Name,
        epoch: u64,
        kinds: Vec<KindRules>,
        members: Vec<Name>,
    ) -> Result<Self, Error> {
        Ok(Self {
            format: Self::FORMAT.to_owned(),
            coalition,
            epoch,
            number: 1,
            nonce: Self::fresh_nonce()?,
            not_before: None,
            not_after: None,
            purpose: String::new(),
            at_least: 2,
            disclosure: Disclosure::Holders,
            min_set: None,
            max_set: None,
            min_result: None,
            kinds,
            hub: None,
            members: members.into_iter().map(|name| Member { name, keys: None, kinds: None }).collect(),
            trail: None,
            custody: None,
        })
    }

    /// Returns random bytes for [`Manifest::nonce`] from the operating system.
    ///
    /// # Errors
    ///
    /// [`Error::Random`].
    pub fn fresh_nonce() -> Result<Nonce, Error> {
        let mut nonce = Nonce([0; 16]);
        SystemRandom::new().fill(&mut nonce.0).map_err(|_| Error::Random)?;
        Ok(nonce)
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > Self::MAX_LEN {
            return Err(TOO_LONG);
        }
        // The package's own message can quote what it read.
        serde_json::from_slice(bytes).map_err(|_| Error::Manifest {
            expected: "JSON with the known fields, each once and well formed",
        })
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("text keys and integers always serialise");
        bytes.push(b'\n');
        bytes
    }

    /// Puts kinds and members in order. Refuses a manifest that breaks a condition.
    pub(super) fn checked(mut self) -> Result<Self, Error> {
        self.kinds.sort_by(|a, b| a.kind.cmp(&b.kind));
        self.members.sort_by(|a, b| a.name.cmp(&b.name));
        self.members.iter_mut().for_each(|member| member.order_kinds(&self.kinds));
        self.trail.iter_mut().for_each(TrailRules::order);
        match self.fault() {
            Some(expected) => return Err(Error::Manifest { expected }),
            None => self.require_distinct_members()?,
        }
        self.require_good_keys()?;
        let members = self.members.len();
        if !(2..=members as u64).contains(&self.at_least) {
            return Err(Error::Manifest { expected: "a threshold from 2 to the number of members" });
        }
        self.require_enough_for_each_kind()?;
        let is_matched = |kind: &KindId| self.kinds.iter().any(|rules| rules.kind == *kind);
        if let Some(expected) = self.trail.as_ref().and_then(|trail| trail.fault(members, is_matched)) {
            return Err(Error::Manifest { expected });
        }
        if self.to_bytes().len() > Self::MAX_LEN {
            return Err(TOO_LONG);
        }
        Ok(self)
    }

    fn fault(&self) -> Option<&'static str> {
        let metadata = Metadata {
            not_before: self.not_before,
            not_after: self.not_after,
            purpose: self.purpose.clone(),
            ..Metadata::default()
        };
        let sizes = [self.min_set, self.max_set, self.min_result];
        let integers = [Some(self.epoch), Some(self.number)].into_iter().chain(sizes).flatten();
        let keyed = self.members.iter().filter(|member| member.keys.is_some()).count();
        let checks = [
            (self.format == Self::FORMAT, "the format `veilmatch round 1`"),
            ({ integers }.all(|integer| integer <= MAX_INTEGER), "integers of at most 2^53 - 1"),
            (
                metadata.is_valid(),
                "dates of at most 2^53 - 1 and a purpose of at most 256 printable ASCII characters",
            ),
            (ordered(self.not_before, self.not_after), "a last date that is not before the first"),
            (ordered(self.min_set, self.max_set), "a largest set that is not below the smallest"),
            (!self.kinds.is_empty(), "at least one kind"),
            (self.kinds.windows(2).all(|pair| pair[0].kind != pair[1].kind), "each kind once"),
            ((2..=MAX_MEMBERS).contains(&self.members.len()), "2 to 2,048 members"),
            (
                keyed == if self.hub.is_some() { self.members.len() } else { 0 },
                "keys of the hub and of every member, or, for a trial, of none",
            ),
            (self.keys_differ(), "different keys for the hub and each member"),
            (
                self.members.iter().all(|member| self.has_kinds_of(member)),
                "for each member the kinds that it brings, one or more of the round's, each once, or none for all",
            ),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map(|(_, expected)| expected)
    }

    /// Refuses keys that protect nothing, and says whose they are.
    fn require_good_keys(&self) -> Result<(), Error> {
        if let Some(keys) = &self.hub {
            keys.check().map_err(|error| error.at("the hub"))?;
        }
        let keyed = self.members.iter().filter_map(|member| Some((&member.name, member.keys.as_ref()?)));
        { keyed }.try_for_each(|(name, keys)| keys.check().map_err(|error| error.at(name.as_str())))
    }

    fn has_kinds_of(&self, member: &Member) -> bool {
        let is_matched = |kind: &KindId| self.kinds.iter().any(|rules| rules.kind == *kind);
        member.kinds.as_ref().is_none_or(|kinds| {
            !kinds.is_empty() && kinds.is_sorted_by(|a, b| a < b) && kinds.iter().all(is_matched)
        })
    }

    /// Refuses a kind that too few members bring: it would never be matched.
    fn require_enough_for_each_kind(&self) -> Result<(), Error> {
        let enough = |rules: &KindRules| {
            self.members.iter().filter(|member| member.brings(&rules.kind)).count() as u64 >= self.at_least
        };
        match self.kinds.iter().all(enough) {
            true => Ok(()),
            false => {
                Err(Error::Manifest { expected: "for each kind at least as many members as the threshold" })
            }
        }
    }

    fn keys_differ(&self) -> bool {
        let all: Vec<&PublicKeys> =
            self.members.iter().filter_map(|member| member.keys.as_ref()).chain(&self.hub).collect();
        let mut sign: Vec<_> = all.iter().map(|keys| keys.sign).collect();
        let mut seal: Vec<_> = all.iter().map(|keys| keys.seal.as_str()).collect();
        sign.sort_unstable();
        seal.sort_unstable();
        sign.windows(2).all(|pair| pair[0] != pair[1]) && seal.windows(2).all(|pair| pair[0] != pair[1])
    }

    fn require_distinct_members(&self) -> Result<(), Error> {
        let mut folded: Vec<(String, &Name)> =
            self.members.iter().map(|m| (m.name.as_str().to_ascii_lowercase(), &m.name)).collect();
        folded.sort_unstable();
        match folded.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => Err(Error::DuplicateMember { member: pair[1].1.clone() }),
            None => Ok(()),
        }
    }
}

/// Whether the first is not above the second, if both are given.
fn ordered(first: Option<u64>, second: Option<u64>) -> bool {
    first.zip(second).is_none_or(|(first, second)| first <= second)
}
