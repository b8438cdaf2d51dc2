//! The round: what all members and the hub agree to before anything is matched, and what it refuses then.
//!
//! The manifest names coalition, epoch, kinds with their rules, threshold, disclosure, sizes and keys. Its digest
//! stands in every set and share. So a member's signature over its set is its consent, and a hub that changed the
//! threshold or the policy would have another digest.

pub mod handshake;
#[cfg(feature = "seal")]
pub mod identity;
mod known;
pub mod log;
mod manifest;
mod participation;
#[cfg(feature = "seal")]
pub mod seal;
mod trail_rules;

use crate::container::digest::sha256;
use crate::container::{FileHeader, FileType};
use crate::error::Error;
use crate::matching::{Notice, Share};
use crate::report::OfRound;
use crate::set::{Delta, SetHeader};
use crate::terms::{
    ContentDigest, Disclosure, KeyContext, KindId, Name, PublicKeys, RoundDigest, SealKey, SignerKey, Terms,
};

use handshake::Handshake;

pub use known::{Known, KnownKeys};
pub use manifest::{KindRules, Manifest, Member};
pub use participation::Participation;
pub use trail_rules::TrailRules;

const MEMBERS: &str = "a share whose members are those that bring its kind, as the manifest has it";

/// A manifest whose parts agree, with its digest.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # let members = ["bank-a", "bank-b", "bank-c"].map(Name::new).into_iter().collect::<Result<Vec<_>, _>>()?;
/// # let manifest = Manifest::trial(Name::new("example")?, 1, vec![(&Terms::example()).into()], members)?;
/// use veilmatch::{Manifest, Round, Token, TokenSet};
///
/// let round = Round::new(manifest)?;
/// assert_eq!(Round::from_bytes(&round.to_bytes())?.digest(), round.digest());
///
/// let terms = Terms { round: Some(round.digest()), ..Terms::example() };
/// let set = TokenSet::from_tokens(terms, Name::new("bank-a")?, vec![Token::from_bytes([7; 16])]);
/// round.admit(&set)?;
/// assert_eq!(round.member(&Name::new("bank-x")?).unwrap_err().code(), "not_in_round");
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    manifest: Manifest,
    digest: RoundDigest,
}

impl Round {
    /// Checks a manifest; members and kinds are put in order.
    ///
    /// # Errors
    ///
    /// [`Error::Manifest`], [`Error::DuplicateMember`]; [`Error::At`] a member or the hub, those of
    /// [`PublicKeys::check`].
    pub fn new(manifest: Manifest) -> Result<Self, Error> {
        let manifest = manifest.checked()?;
        let digest = RoundDigest(sha256(&[b"veilmatch/1 round", &manifest.to_bytes()]));
        Ok(Self { manifest, digest })
    }

    /// Reads a manifest file, which must be spelt as [`Round::to_bytes`] spells it.
    ///
    /// # Errors
    ///
    /// As [`Round::new`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let round = Self::new(Manifest::parse(bytes)?)?;
        if round.to_bytes() == bytes {
            return Ok(round);
        }
        Err(Error::Manifest { expected: "the fields in their one order and spelling, each once" })
    }

    /// Returns the manifest file: JSON, indented, so that people can read it too.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.manifest.to_bytes()
    }

    /// Returns the digest: SHA-256("veilmatch/1 round" || file).
    pub fn digest(&self) -> RoundDigest {
        self.digest
    }

    /// Returns the manifest that was agreed.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns the threshold k.
    pub fn at_least(&self) -> usize {
        self.manifest.at_least as usize // at most the number of members
    }

    /// Returns the key to which members seal files for the hub; none in a trial.
    pub fn hub_seal(&self) -> Option<&SealKey> {
        self.manifest.hub.as_ref().map(|keys| &keys.seal)
    }

    /// Whether the round is a trial: without keys, unsigned and unsealed.
    pub fn is_trial(&self) -> bool {
        self.manifest.hub.is_none()
    }

    /// Returns what a report or a page says of the round. `log` is the head of its maker's run record, if there is one.
    pub fn of_round(&self, log: Option<ContentDigest>) -> OfRound {
        let Manifest { coalition, epoch, number, purpose, .. } = &self.manifest;
        OfRound {
            round: self.digest,
            log,
            coalition: coalition.clone(),
            epoch: *epoch,
            number: *number,
            purpose: purpose.clone(),
        }
    }

    /// Refuses a moment outside the round's dates; `now` is in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`Error::OutsideDates`].
    pub fn require_open(&self, now: u64) -> Result<(), Error> {
        let Manifest { not_before, not_after, .. } = &self.manifest;
        match (not_before, not_after) {
            (Some(bound), _) if now < *bound => Err(Error::OutsideDates { bound: *bound, over: false }),
            (_, Some(bound)) if now > *bound => Err(Error::OutsideDates { bound: *bound, over: true }),
            _ => Ok(()),
        }
    }

    /// Returns a member as the manifest lists it; names are compared ignoring case.
    ///
    /// # Errors
    ///
    /// [`Error::NotInRound`].
    pub fn member(&self, name: &Name) -> Result<&Member, Error> {
        let found = self.manifest.members.iter().find(|member| member.name.same(name));
        found.ok_or_else(|| Error::NotInRound { member: name.clone() })
    }

    /// Returns the rules of a kind.
    ///
    /// # Errors
    ///
    /// [`Error::KindNotInRound`].
    pub fn kind(&self, kind: &KindId) -> Result<&KindRules, Error> {
        let found = self.manifest.kinds.iter().find(|rules| rules.kind == *kind);
        found.ok_or_else(|| Error::KindNotInRound { kind: kind.clone() })
    }

    /// Returns the members that are to bring a set of a kind, in order of name.
    ///
    /// If a match lacks one of them, it lacks what only that member shares with others. Whoever matches states who is
    /// missing, and tells the members.
    ///
    /// # Errors
    ///
    /// [`Error::KindNotInRound`].
    pub fn expected(&self, kind: &KindId) -> Result<impl Iterator<Item = &Name> + Clone, Error> {
        let kind = &self.kind(kind)?.kind;
        Ok(self.manifest.members.iter().filter(|member| member.brings(kind)).map(|member| &member.name))
    }

    /// Refuses terms that are not those of this round. The key id is not compared: the manifest cannot know it.
    ///
    /// # Errors
    ///
    /// [`Error::TermsDiffer`], naming `member`; [`Error::KindNotInRound`].
    pub fn require_terms(&self, terms: &Terms, member: &Name) -> Result<(), Error> {
        let rules = self.kind(terms.context.kind())?;
        let Manifest { coalition, epoch, .. } = &self.manifest;
        let expected = Terms {
            context: KeyContext::new(coalition.clone(), *epoch, rules.kind.clone())?,
            key_id: terms.key_id,
            rules: rules.rules,
            suppression: rules.suppression,
            round: Some(self.digest),
        };
        expected.require(terms, member)
    }

    /// Checks a set that the hub has read: terms, member, signature, size.
    ///
    /// It admits a set under the round's smallest size; [`Round::takes_part`] says whether the set takes part.
    ///
    /// # Errors
    ///
    /// Those of [`Round::require_terms`]; [`Error::NotInRound`], [`Error::NotBrought`], [`Error::Unsigned`],
    /// [`Error::WrongSigner`], [`Error::SetSize`].
    pub fn admit(&self, set: &impl AsRef<SetHeader>) -> Result<(), Error> {
        let set = set.as_ref();
        self.require_maker(set.member(), set.terms(), set.signer())?;
        self.require_size(set)
    }

    /// Checks what a member made, of any type, by what every file states: terms, member, signature.
    ///
    /// # Errors
    ///
    /// As [`Round::admit`], but for [`Error::SetSize`].
    pub fn admit_maker(&self, name: &Name, terms: &Terms, signer: Option<SignerKey>) -> Result<(), Error> {
        self.require_maker(name, terms, signer)
    }

    /// Refuses a member's file if its terms are others, if its maker is not in the round or does not bring the kind, or
    /// if that member's signature is missing.
    pub(crate) fn require_maker(
        &self,
        name: &Name,
        terms: &Terms,
        signer: Option<SignerKey>,
    ) -> Result<(), Error> {
        self.require_terms(terms, name)?;
        let member = self.member(name)?;
        if member.name != *name {
            return Err(Error::NotInRound { member: name.clone() }); // another spelling of a name
        }
        self.require_brings(member, terms.context.kind())?;
        self.require_signer(member.keys.as_ref(), signer, name.as_str())
    }

    pub(crate) fn require_brings(&self, member: &Member, kind: &KindId) -> Result<(), Error> {
        if member.brings(kind) {
            return Ok(());
        }
        Err(Error::NotBrought { member: member.name.clone(), kind: kind.clone() })
    }

    /// Checks a handshake as [`Round::admit`] checks a set. Its number of tokens must be the one that its kind's
    /// self-test table gives.
    ///
    /// # Errors
    ///
    /// As [`Round::admit`], but [`Error::HandshakeLength`] in the place of [`Error::SetSize`].
    pub fn admit_handshake(&self, handshake: &Handshake) -> Result<(), Error> {
        self.require_maker(handshake.member(), handshake.terms(), handshake.signer())?;
        handshake.require_length()
    }

    /// Refuses a file by its header, before anything else of it is read: by terms, member, the signer that it states,
    /// size, and for a result the policy.
    ///
    /// A file that is not refused here must still be read, and then be admitted or accepted: a header can state
    /// anything.
    ///
    /// # Errors
    ///
    /// As [`Round::admit`], [`Round::admit_handshake`], [`Round::admit_delta`], [`Round::accept`] or
    /// [`Round::accept_notice`], as far as a header shows it.
    pub fn admit_header(&self, header: &FileHeader) -> Result<(), Error> {
        let Some(member) = header.member() else { return Ok(()) }; // overlaps are of no round
        match header.file_type() {
            FileType::Set | FileType::Delta => {
                self.require_maker(member, header.terms(), header.signer())?;
                self.require_tokens(member, header.tokens())
            }
            FileType::Handshake => {
                self.require_maker(member, header.terms(), header.signer())?;
                handshake::require_length(member, header.terms(), header.tokens())
            }
            FileType::Share | FileType::Notice => {
                self.require_terms(header.terms(), member)?;
                self.require_signer(self.manifest.hub.as_ref(), header.signer(), "the hub")?;
                let policy = header.policy();
                policy.map_or(Ok(()), |(at_least, told, members)| {
                    self.require_policy(header.terms().context.kind(), at_least, told, members)
                })?;
                match self.manifest.max_set {
                    Some(most) if header.tokens() > most => Err(Error::ShareOfRound {
                        expected: "no more tokens than a set of the round may have",
                    }),
                    _ => Ok(()),
                }
            }
            FileType::Links | FileType::Trail | FileType::Statement => {
                self.admit_trail_header(header, member)
            }
            FileType::Request => self.require_maker(member, header.terms(), header.signer()),
            FileType::Evaluation => self.require_terms(header.terms(), member),
            FileType::Overlaps | FileType::Prefilter | FileType::Cache | FileType::Pending => Ok(()),
        }
    }

    /// Checks a delta as [`Round::admit`] checks a set, and so the set that it makes of a base that was admitted.
    ///
    /// # Errors
    ///
    /// As [`Round::admit`].
    pub fn admit_delta(&self, delta: &Delta) -> Result<(), Error> {
        self.require_maker(delta.member(), delta.terms(), delta.signer())?;
        self.require_tokens(delta.member(), delta.tokens())
    }

    /// Refuses a set with more tokens than the round allows.
    ///
    /// # Errors
    ///
    /// [`Error::SetSize`].
    pub fn require_size(&self, set: &impl AsRef<SetHeader>) -> Result<(), Error> {
        self.require_tokens(set.as_ref().member(), set.as_ref().tokens())
    }

    fn require_tokens(&self, member: &Name, tokens: u64) -> Result<(), Error> {
        match self.manifest.max_set {
            Some(most) if tokens > most => Err(Error::SetSize { member: member.clone(), tokens, most }),
            _ => Ok(()),
        }
    }

    /// Whether a set is large enough to take part: in a set of a few tokens, an overlap tells too much about each
    /// token.
    pub fn takes_part(&self, set: &impl AsRef<SetHeader>) -> bool {
        set.as_ref().tokens() >= self.manifest.min_set.unwrap_or(0)
    }

    /// Checks a share that a member has read: recipient, terms, the hub's signature, threshold, policy, members, and
    /// which of its sets was matched.
    ///
    /// # Errors
    ///
    /// [`Error::WrongRecipient`], those of [`Round::require_terms`], [`Error::Unsigned`],
    /// [`Error::WrongSigner`], [`Error::ShareOfRound`] for a share that this round cannot have.
    pub fn accept(&self, share: &Share, member: &Name) -> Result<(), Error> {
        self.require_result(share, member)?;
        if share.own_set().is_none() {
            let expected = "a share that says which set of its recipient was matched";
            return Err(Error::ShareOfRound { expected });
        }
        Ok(())
    }

    /// Checks a notice that a member has read, as [`Round::accept`] checks a share, except for which of its sets was
    /// matched.
    ///
    /// # Errors
    ///
    /// As [`Round::accept`].
    pub fn accept_notice(&self, notice: &Notice, member: &Name) -> Result<(), Error> {
        self.require_result(notice.laid_out(), member)
    }

    fn require_result(&self, share: &Share, member: &Name) -> Result<(), Error> {
        share.require_recipient(member)?;
        self.require_terms(share.terms(), share.recipient())?;
        self.require_signer(self.manifest.hub.as_ref(), share.signer(), "the hub")?;
        let kind = share.terms().context.kind();
        self.require_policy(kind, share.at_least(), share.disclosure(), share.member_count())?;
        let listed: Vec<&Name> = self.expected(kind)?.collect();
        if share.members().is_some_and(|named| named.iter().any(|name| listed.binary_search(&name).is_err()))
        {
            return Err(Error::ShareOfRound { expected: MEMBERS });
        }
        Ok(())
    }

    fn require_policy(
        &self,
        kind: &KindId,
        at_least: usize,
        told: Disclosure,
        members: usize,
    ) -> Result<(), Error> {
        let expected = if at_least != self.at_least() {
            "a share with the threshold of the manifest"
        } else if told != self.manifest.disclosure {
            "a share with the disclosure of the manifest"
        } else if members > self.expected(kind)?.count() {
            MEMBERS
        } else {
            return Ok(());
        };
        Err(Error::ShareOfRound { expected })
    }

    /// Refuses a file that a member has not signed. A trial round asks for no signature.
    #[cfg_attr(not(feature = "member"), expect(dead_code, reason = "cross-checks are members' alone"))]
    pub(crate) fn require_signed_by(&self, name: &Name, signer: Option<SignerKey>) -> Result<(), Error> {
        let member = self.member(name)?;
        if member.name != *name {
            return Err(Error::NotInRound { member: name.clone() }); // another spelling of a name
        }
        self.require_signer(member.keys.as_ref(), signer, name.as_str())
    }

    fn require_signer(
        &self,
        keys: Option<&PublicKeys>,
        signer: Option<SignerKey>,
        by: &str,
    ) -> Result<(), Error> {
        match (keys, signer) {
            (None, _) => Ok(()), // a trial
            (Some(_), None) => Err(Error::Unsigned { by: by.to_owned() }),
            (Some(keys), Some(key)) if keys.sign != key => Err(Error::WrongSigner { by: by.to_owned(), key }),
            (Some(_), Some(_)) => Ok(()),
        }
    }
}
