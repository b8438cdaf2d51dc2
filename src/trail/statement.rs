//! The statement: what one member tells one authority about one trail, in one case.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::container::{FileType, Metadata};
use crate::error::{Error, masked};
use crate::round::Round;
use crate::terms::{
    ContentDigest, Disclosure, KindId, Name, Pseudonym, PublicKeys, SealKey, Signature, SignerKey, Terms,
    TrailId,
};

use super::answer::{Answer, OwnSubject};
use super::slip::Slip;

/// What a member tells an authority about its part in a trail. It has no token, no identifier, and no pseudonym that the
/// hub has seen: subjects stand under pseudonyms for this authority and this case.
///
/// A statement is a lead, never a verdict: victims are in a trail too.
///
/// ```
/// use veilmatch::terms::{Pseudonym, SealKey};
/// use veilmatch::trail::{Release, Statement};
/// # use veilmatch::round::{Manifest, TrailRules};
/// # use veilmatch::terms::{ContentDigest, KeyId, Name, Terms, TrailId};
/// # use veilmatch::trail::{Answer, OwnSubject, OwnTrail, Referral};
/// # use veilmatch::{Metadata, Round};
/// # let members = vec![Name::new("bank-a")?, Name::new("bank-b")?];
/// # let mut manifest = Manifest::trial(Name::new("efc")?, 1, vec![(&Terms::example()).into()], members)?;
/// # manifest.trail = Some(TrailRules::for_kinds([]));
/// # let round = Round::new(manifest)?;
/// # let own = vec![OwnSubject { pseudonym: Pseudonym([3; 16]), distance: 1, leads: Vec::new() }];
/// # let trail = OwnTrail { id: TrailId([7; 16]), subjects: None, members: 2, names: None, slip: None, own };
/// # let answer = Answer {
/// #     terms: round.trail_terms(KeyId([7; 8]))?, recipient: Name::new("bank-a")?, metadata: Metadata::default(),
/// #     signer: None, links: ContentDigest([0; 32]), without: 0, trails: vec![trail], too_large: vec![], dropped: vec![],
/// # };
///
/// let release = Release {
///     authority: SealKey::new("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj")?,
///     case: "2026/17".into(),
///     contact: "Bank A, law enforcement desk, +44 20 7946 0000".into(),
///     channel: None,
/// };
/// // A member's own is `Pseudonyms::for_authority`.
/// let relabel = |pseudonym: &Pseudonym| Pseudonym(pseudonym.0.map(|byte| !byte));
/// let statement = Statement::new(&round, &answer, &answer.trails[0].id, release, relabel)?;
/// let mut file = Vec::new();
/// statement.write_to(&mut file)?;
///
/// let read = Statement::from_file_bytes(&file)?;
/// round.accept_statement(&read, &read.release.authority)?;
/// assert_eq!(read, statement);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Statement {
    /// The terms of the answer.
    pub terms: Terms,
    /// The member that states it.
    pub member: Name,
    /// Date and purpose, as the file states them. It has no other dates: an authority's work does not end with a round.
    pub metadata: Metadata,
    /// The key of the valid signature in the file from which the statement was read.
    pub signer: Option<SignerKey>,
    /// What the hub says of the trail and the member.
    pub slip: Slip,
    /// The hub's signature of the slip; none in a trial.
    pub slip_signature: Option<Signature>,
    /// For whom and what it is, and how the member is reached.
    pub release: Release,
    /// The member's subjects in the trail, in order of pseudonym; one or more.
    pub subjects: Vec<StatedSubject>,
    /// The dates of the round, as its manifest has them.
    pub period: Period,
    /// SHA-256 of the sealed file of the answer, as the member received it; none in a trial, where nothing is sealed.
    pub answer: Option<ContentDigest>,
}

/// What a member decides when it releases a statement: for whom and what it is, and how the member is reached.
///
/// See the example of [`Statement`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The key that the authority opens files with.
    pub authority: SealKey,
    /// The authority's case: 1 to 128 printable ASCII characters, without a space at either end.
    pub case: String,
    /// Where the authority asks: 1 to 512 bytes of printable text.
    pub contact: String,
    /// The way that an order has to take, if there is one: as `contact`.
    pub channel: Option<String>,
}

/// A subject of a statement.
///
/// See the example of [`Statement`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatedSubject {
    /// What the member calls it for this authority and case.
    pub pseudonym: Pseudonym,
    /// Steps from the seed; 0 for the seed itself.
    pub distance: u8,
    /// Kinds of its identifiers that subjects of other members in the trail have too, in order, each once.
    pub kinds: Vec<KindId>,
}

/// Dates in seconds since 1970, UTC.
///
/// See the example of [`Statement`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first moment.
    pub not_before: Option<u64>,
    /// The last moment.
    pub not_after: Option<u64>,
}

impl Period {
    /// Returns the dates of a round.
    pub(super) fn of(round: &Round) -> Self {
        Self { not_before: round.manifest().not_before, not_after: round.manifest().not_after }
    }
}

const TRAIL_OF_ANSWER: Error = Error::Trail { expected: "the id of a trail in this answer" };

impl Statement {
    /// The request that every statement has, word for word.
    pub const REQUEST: &'static str = "This is a lead, not evidence, and it is no order: it obliges nobody to do or to \
        disclose anything. The member that signed it asks that records about these subjects be preserved, by itself and by \
        the other members of the trail, until the authority has decided whether to order their disclosure. A subject may \
        be a victim. The member finds out whom a pseudonym stands for on an order that binds it.";

    /// Makes the statement about one trail of an answer. `relabel` gives each pseudonym the form that this authority sees
    /// in this case. It must be different for other authorities and cases, so that nobody can join them.
    ///
    /// # Errors
    ///
    /// [`Error::Trail`] for a trail that is not in the answer, or a release of another form than [`Release`] says, or to
    /// the hub or a member of the round; those of [`Round::accept_answer`].
    pub fn new(
        round: &Round,
        answer: &Answer,
        trail: &TrailId,
        release: Release,
        relabel: impl Fn(&Pseudonym) -> Pseudonym,
    ) -> Result<Self, Error> {
        round.accept_answer(answer, &answer.recipient)?;
        let own = answer.trails.iter().find(|own| own.id == *trail).ok_or(TRAIL_OF_ANSWER)?;
        let subject = |own: &OwnSubject| {
            let mut kinds: Vec<KindId> = own.leads.iter().map(|lead| lead.kind.clone()).collect();
            kinds.dedup(); // leads are in order of kind
            StatedSubject { pseudonym: relabel(&own.pseudonym), distance: own.distance, kinds }
        };
        let mut subjects: Vec<StatedSubject> = own.own.iter().map(subject).collect();
        subjects.sort_unstable(); // the order of the old pseudonyms says nothing any more
        let statement = Self {
            terms: answer.terms.clone(),
            member: answer.recipient.clone(),
            metadata: Metadata::default(),
            signer: None,
            slip: own.to_slip(answer).ok_or(TRAIL_OF_ANSWER)?,
            slip_signature: own.slip,
            release,
            subjects,
            period: Period::of(round),
            answer: None,
        };
        round.require_authority(&statement.release.authority)?;
        match statement.fault() {
            None => Ok(statement),
            Some(expected) => Err(Error::Trail { expected }),
        }
    }

    /// Returns what was expected of a statement that has not the one form.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let of_one_form = |subject: &StatedSubject| subject.kinds.is_sorted_by(|a, b| a < b);
        let seeds = self.subjects.iter().filter(|subject| subject.distance == 0).count();
        let checks = [
            (self.slip.recipient == self.member, "the slip of the member that states it"),
            (
                !self.subjects.is_empty()
                    && self.subjects.is_sorted_by(|a, b| a.pseudonym < b.pseudonym)
                    && self.subjects.iter().all(of_one_form)
                    && seeds <= 1,
                "subjects and their kinds in order, each once, one of them the seed at most",
            ),
        ];
        let first = checks.into_iter().find(|(holds, _)| !holds).map(|(_, expected)| expected);
        first.or_else(|| self.release.fault())
    }
}

impl Release {
    /// Whether a text that the authority would read has a key in it.
    pub fn has_key(&self) -> bool {
        let texts = [Some(&self.case), Some(&self.contact), self.channel.as_ref()];
        texts.into_iter().flatten().any(|text| masked(text) != **text)
    }

    /// Returns what was expected of a release that has not the form that its fields say.
    pub fn fault(&self) -> Option<&'static str> {
        let texts = [Some(&self.contact), self.channel.as_ref()];
        if !is_case(&self.case) {
            Some("a case of 1 to 128 printable ASCII characters, without a space at either end")
        } else if !texts.into_iter().flatten().all(|text| is_text(text)) {
            Some("a contact and a legal channel of 1 to 512 bytes of text, without control characters")
        } else {
            None
        }
    }
}

fn is_case(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
        && text.trim() == text
}

/// Whether it is text that shows as it is: it neither controls a terminal nor turns the direction of what follows.
fn is_text(text: &str) -> bool {
    let controls = |character: char| {
        character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    (1..=512).contains(&text.len()) && !text.contains(controls)
}

impl Round {
    /// Checks a statement that the owner of `authority` has read: member, terms, the member's signature, the hub's slip,
    /// for whom it is, and that this round can have it.
    ///
    /// # Errors
    ///
    /// [`Error::NotInRound`], [`Error::TermsDiffer`], [`Error::Unsigned`], [`Error::WrongSigner`], [`Error::Signature`];
    /// [`Error::Trail`] for a statement that is for another authority, or that this round cannot have.
    pub fn accept_statement(&self, statement: &Statement, authority: &SealKey) -> Result<(), Error> {
        let Statement { member, slip, subjects, .. } = statement;
        self.require_trail_file(FileType::Statement, member, &statement.terms, statement.signer)?;
        if statement.release.authority != *authority {
            return Err(Error::Trail { expected: "a statement for the authority whose keys these are" });
        }
        self.require_authority(authority)?;
        if let Some(expected) = statement.fault() {
            return Err(Error::Trail { expected });
        }
        slip.require(self, statement.slip_signature)?;
        let rules = self.trail()?;
        let members = rules.min_members..=self.manifest().members.len() as u64;
        let is_member = |name: &Name| self.member(name).is_ok_and(|listed| listed.name == *name);
        let allowed = slip.names.is_some() == (rules.disclosure == Disclosure::Holders)
            && slip.names.iter().flatten().all(is_member)
            && members.contains(&slip.members)
            && subjects.iter().all(|subject| u64::from(subject.distance) <= rules.max_hops)
            && statement.period == Period::of(self);
        if !allowed {
            return Err(Error::Trail { expected: "a trail as the manifest allows it" });
        }
        let listed = self.member(member)?;
        let mut kinds = subjects.iter().flat_map(|subject| &subject.kinds);
        kinds.try_for_each(|kind| self.require_brings(listed, &self.kind(kind)?.kind))
    }

    /// Refuses keys of the hub or of a member: nothing is released to them.
    fn require_authority(&self, authority: &SealKey) -> Result<(), Error> {
        let is_theirs = |keys: &PublicKeys| keys.seal == *authority;
        let members = self.manifest().members.iter().filter_map(|member| member.keys.as_ref());
        match members.chain(&self.manifest().hub).any(is_theirs) {
            true => {
                Err(Error::Trail { expected: "keys of an authority, which are of neither hub nor member" })
            }
            false => Ok(()),
        }
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statement")
            .field("member", &self.member)
            .field("trail", &self.slip.trail)
            .field("subjects", &self.subjects.len())
            .finish_non_exhaustive()
    }
}
