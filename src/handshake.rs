//! Handshake: before real data moves, the hub sees that all members would make the same tokens.
//!
//! Each member tokenises the same public identifiers, those of its kind's self-test table. Equal tokens under
//! equal terms show that secret, canonical rules and suppression list agree; they also show the one fault that
//! terms cannot: a wrong key under the right key id (SPEC.md, section 6). The hub learns tokens of public test
//! values alone. A handshake has a file type of its own, so that it is never matched as a set.

mod length;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;

use crate::domain::{ContentDigest, KeyId, KindId, Name, SignerKey, Terms};
use crate::error::Error;
use crate::format::{FileHeader, FileType, Signer};
use crate::round::Round;
use crate::set::{Stamp, TokenSet};

/// One member's tokens of the public test identifiers of one kind.
#[derive(Clone, PartialEq, Eq)]
pub struct Handshake(TokenSet);

impl Handshake {
    /// Tokenises the inputs of the kind's self-test table, which `spec/selftest-1.tsv` lists.
    #[cfg(feature = "member")]
    pub fn new(tokenizer: &crate::tokenize::Tokenizer, member: Name) -> Self {
        Self(TokenSet::from_tokens(tokenizer.terms().clone(), member, tokenizer.self_test_tokens()))
    }

    /// The same with another statement of date and purpose for its file.
    #[must_use]
    pub fn with_stamp(self, stamp: Stamp) -> Self {
        Self(self.0.with_stamp(stamp))
    }

    /// Writes a file of type [`FileType::Handshake`], signed if somebody signs.
    ///
    /// # Errors
    ///
    /// As [`TokenSet::write_signed_to`].
    pub fn write_to(&self, signer: Option<&dyn Signer>, out: &mut dyn Write) -> Result<(), Error> {
        self.0.write_as(FileType::Handshake, signer, out)
    }

    /// Reads a whole file of type [`FileType::Handshake`] and validates every byte of it.
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which it shows; [`Error::Signature`].
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Ok(Self(TokenSet::read_as(FileType::Handshake, bytes)?))
    }

    /// Whose it is.
    pub fn member(&self) -> &Name {
        self.0.member()
    }

    /// Under which terms it was made.
    pub fn terms(&self) -> &Terms {
        self.0.terms()
    }

    /// Date and purpose, as its file states them.
    pub fn stamp(&self) -> &Stamp {
        self.0.stamp()
    }

    /// Whose valid signature the file bore from which it was read.
    pub fn signer(&self) -> Option<SignerKey> {
        self.0.signer()
    }

    /// Refuses by its header a handshake of another number of tokens than the self-test table of its kind gives.
    ///
    /// # Errors
    ///
    /// [`Error::HandshakeLength`].
    pub fn require_length_of(header: &FileHeader) -> Result<(), Error> {
        let Some(member) = header.member() else { return Ok(()) }; // overlaps
        require_length(member, header.terms(), header.tokens())
    }

    /// Refuses another number of tokens than the self-test table of the kind gives.
    pub(crate) fn require_length(&self) -> Result<(), Error> {
        require_length(self.member(), self.terms(), self.0.len() as u64)
    }

    /// Digest of the tokens: members whose keys and rules agree have the same.
    pub fn content_digest(&self) -> ContentDigest {
        self.0.content_digest()
    }
}

/// Refuses another number of tokens than the self-test table of the kind gives.
pub(crate) fn require_length(member: &Name, terms: &Terms, tokens: u64) -> Result<(), Error> {
    let expected = length::expected(terms);
    if expected.contains(&tokens) {
        return Ok(());
    }
    let (member, least, most) = (member.clone(), *expected.start(), *expected.end());
    Err(Error::HandshakeLength { member, tokens, least, most })
}

/// What the hub found of one member and one kind.
#[derive(Debug)]
pub struct Verdict {
    /// Which member.
    pub member: Name,
    /// Which kind.
    pub kind: KindId,
    /// Nothing, or in what it does not agree with the round or with the others.
    pub outcome: Result<(), Error>,
}

/// Compares what the members brought: one verdict for each kind of the round and each member that brings it, or brought
/// a handshake of it all the same, in order of kind and name.
///
/// Where members do not agree among themselves, those in the minority differ; at a tie, those after the first by
/// name.
///
/// # Errors
///
/// The outcome of a verdict: those of [`Round::admit`], [`Error::TermsDiffer`] for another secret,
/// [`Error::TokensDiffer`] for other tokens under the same terms, [`Error::NoHandshake`],
/// [`Error::DuplicateMember`].
pub fn compare(round: &Round, brought: &[Handshake]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for rules in &round.manifest().kinds {
        let of_kind = brought.iter().filter(|shake| *shake.terms().domain.kind() == rules.kind);
        let shaken =
            of_kind.map(|shake| Shaken { shake, made: (shake.terms().key_id, shake.content_digest()) });
        let shaken: Vec<Shaken<'_>> = shaken.collect();
        let common = most_common(round, &shaken);
        for member in &round.manifest().members {
            // A handshake that nobody asked for is not passed over in silence.
            let is_there = || shaken.iter().any(|shaken| shaken.shake.member().same(&member.name));
            if !member.brings(&rules.kind) && !is_there() {
                continue;
            }
            let outcome = judge(round, &member.name, &shaken, common);
            verdicts.push(Verdict { member: member.name.clone(), kind: rules.kind.clone(), outcome });
        }
    }
    verdicts
}

/// A handshake of one kind.
struct Shaken<'a> {
    shake: &'a Handshake,
    /// What must be the same in all.
    made: (KeyId, ContentDigest),
}

impl Shaken<'_> {
    fn require_admitted(&self, round: &Round) -> Result<(), Error> {
        round.admit_handshake(self.shake)
    }
}

fn judge(
    round: &Round,
    member: &Name,
    all: &[Shaken<'_>],
    common: Option<(KeyId, ContentDigest)>,
) -> Result<(), Error> {
    let mut own = all.iter().filter(|shaken| shaken.shake.member().same(member));
    let Some(found) = own.next() else {
        return Err(Error::NoHandshake { member: member.clone() });
    };
    if own.next().is_some() {
        return Err(Error::DuplicateMember { member: member.clone() });
    }
    found.require_admitted(round)?;
    let (key_id, tokens) = common.unwrap_or(found.made);
    let common = Terms { key_id, ..found.shake.terms().clone() };
    common.require(found.shake.terms(), member)?;
    if found.made != (key_id, tokens) {
        return Err(Error::TokensDiffer { member: member.clone() });
    }
    Ok(())
}

/// What most members have; at a tie, what the first of them by name has. Who brought several has no voice.
fn most_common(round: &Round, all: &[Shaken<'_>]) -> Option<(KeyId, ContentDigest)> {
    let mut voices: BTreeMap<&Name, Vec<&Shaken<'_>>> = BTreeMap::new();
    for shaken in all.iter().filter(|shaken| shaken.require_admitted(round).is_ok()) {
        voices.entry(shaken.shake.member()).or_default().push(shaken);
    }
    let mut supporters: BTreeMap<(KeyId, ContentDigest), (usize, Reverse<&Name>)> = BTreeMap::new();
    for (name, brought) in voices {
        if let [shaken] = brought[..] {
            supporters.entry(shaken.made).or_insert((0, Reverse(name))).0 += 1;
        }
    }
    supporters.into_iter().max_by_key(|(_, support)| *support).map(|(made, _)| made)
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handshake").field(&self.0).finish()
    }
}
