//! The handshake: before real data moves, the hub sees that all members would make equal tokens.
//!
//! Each member tokenises public identifiers that all members have: those of its kind's self-test table. Equal tokens
//! under equal terms show that secret, canonical rules and suppression list agree. They also show the one fault that
//! terms cannot: a wrong key under the right key id (SPEC.md, section 6). The hub learns tokens of public test values
//! alone. A handshake has a file type of its own, so that it is never matched as a set.

mod length;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::sync::Arc;

use crate::container::{FileHeader, FileType, Metadata, Signer};
use crate::error::Error;
use crate::set::TokenSet;
use crate::terms::{ContentDigest, Groups, KindId, Name, SignerKey, Terms};

use super::Round;

/// One member's tokens of the public test identifiers of one kind.
///
/// ```
/// # #[cfg(feature = "member")] fn example() -> Result<(), veilmatch::Error> {
/// # use veilmatch::member::{CoalitionSecret, Kind, Tokenizer};
/// # use veilmatch::terms::{KeyContext, Name};
/// # let context = KeyContext::new(Name::new("efc")?, 1, Kind::BankIban.kind_id())?;
/// # let tokenizer = Tokenizer::new(&CoalitionSecret::generate()?, context)?;
/// use veilmatch::Handshake;
///
/// // Two members with the same secret, and the hub, which reads what they sent.
/// let a = Handshake::new(&tokenizer, Name::new("bank-a")?);
/// let b = Handshake::new(&tokenizer, Name::new("bank-b")?);
/// let mut file = Vec::new();
/// a.write_to(&mut file)?;
/// assert_eq!(Handshake::from_file_bytes(&file)?.content_digest(), b.content_digest());
/// # Ok(()) }
/// # #[cfg(feature = "member")] example().unwrap();
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Handshake(pub(crate) TokenSet);

impl Handshake {
    /// States another date and purpose for the handshake's file.
    #[must_use]
    pub fn with_metadata(self, metadata: Metadata) -> Self {
        Self(self.0.with_metadata(metadata))
    }

    /// Writes a file of type [`FileType::Handshake`], unsigned.
    ///
    /// # Errors
    ///
    /// Those of [`TokenSet::write_to`].
    pub fn write_to(&self, out: &mut dyn Write) -> Result<(), Error> {
        self.0.write_as(FileType::Handshake, None, out)
    }

    /// Writes a signed file of type [`FileType::Handshake`].
    ///
    /// # Errors
    ///
    /// Those of [`TokenSet::sign_to`].
    pub fn sign_to(&self, signer: &dyn Signer, out: &mut dyn Write) -> Result<(), Error> {
        self.0.write_as(FileType::Handshake, Some(signer), out)
    }

    /// Reads a whole file of type [`FileType::Handshake`] and validates every byte of it.
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`].
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Ok(Self(TokenSet::read_as(FileType::Handshake, bytes)?))
    }

    /// Returns the member whose handshake it is.
    pub fn member(&self) -> &Name {
        self.0.member()
    }

    /// Returns the terms under which it was made.
    pub fn terms(&self) -> &Terms {
        self.0.terms()
    }

    /// Returns the metadata, as its file states it.
    pub fn metadata(&self) -> &Metadata {
        self.0.metadata()
    }

    /// Returns the key of the valid signature in the file from which it was read.
    pub fn signer(&self) -> Option<SignerKey> {
        self.0.signer()
    }

    /// Refuses a handshake by its header, if its number of tokens is not the one that its kind's self-test table gives.
    ///
    /// # Errors
    ///
    /// [`Error::HandshakeLength`].
    pub fn require_length_of(header: &FileHeader) -> Result<(), Error> {
        let Some(member) = header.member() else { return Ok(()) }; // overlaps
        require_length(member, header.terms(), header.tokens())
    }

    /// Refuses a number of tokens other than the one that the kind's self-test table gives.
    pub(crate) fn require_length(&self) -> Result<(), Error> {
        require_length(self.member(), self.terms(), self.0.len() as u64)
    }

    /// Returns the digest of the tokens: it is equal for members whose keys and rules agree.
    pub fn content_digest(&self) -> ContentDigest {
        self.0.content_digest()
    }
}

/// Refuses a number of tokens other than the one that the kind's self-test table gives.
/// Returns the number of self-test inputs of a kind's handshake at most; 0 for a kind that this build does not know.
#[cfg(feature = "oprf")]
pub(crate) fn self_tests(kind: &KindId) -> u64 {
    length::longest(kind).unwrap_or(0)
}

pub(crate) fn require_length(member: &Name, terms: &Terms, tokens: u64) -> Result<(), Error> {
    let expected = length::expected(terms);
    if expected.contains(&tokens) {
        return Ok(());
    }
    let (member, least, most) = (member.clone(), *expected.start(), *expected.end());
    Err(Error::HandshakeLength { member, tokens, least, most })
}

/// The hub's verdict on one member and one kind.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Manifest, Round};
/// # let members = ["bank-a", "bank-b", "bank-c"].map(Name::new).into_iter().collect::<Result<Vec<_>, _>>()?;
/// # let manifest = Manifest::trial(Name::new("example")?, 1, vec![(&Terms::example()).into()], members)?;
/// # let round = Round::new(manifest)?;
/// use veilmatch::round::handshake;
///
/// // Nobody has brought one yet.
/// let verdicts = handshake::compare(&round, &[]);
/// assert_eq!((verdicts.len(), verdicts[0].member.as_str()), (3, "bank-a"));
/// assert_eq!(verdicts[0].outcome.as_ref().unwrap_err().code(), "no_handshake");
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Debug)]
pub struct Verdict {
    /// The member.
    pub member: Name,
    /// The kind.
    pub kind: KindId,
    /// Nothing, or the first way in which the handshake differs from the round or from the others.
    pub outcome: Result<(), Error>,
}

/// Compares the handshakes that members brought. Returns one verdict for each kind of the round and each member that
/// brings it, in order of kind and name. A member that brought a handshake without having to gets a verdict too.
///
/// If members do not agree among themselves, those differ whose value fewer members have than another value. If no
/// value has more members than any other, nobody agrees: nobody can tell which value is right.
///
/// # Errors
///
/// The outcome of a verdict: those of [`Round::admit_handshake`], [`Error::MembersDiffer`] for another secret,
/// [`Error::TokensDiffer`] for other tokens under the same terms, [`Error::NoHandshake`],
/// [`Error::DuplicateMember`].
pub fn compare(round: &Round, brought: &[Handshake]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for rules in &round.manifest().kinds {
        let of_kind = brought.iter().filter(|shake| *shake.terms().context.kind() == rules.kind);
        let mut of_members: BTreeMap<&Name, Vec<&Handshake>> = BTreeMap::new();
        of_kind.for_each(|shake| {
            let listed = round.member(shake.member()).map_or(shake.member(), |member| &member.name);
            of_members.entry(listed).or_default().push(shake);
        });
        let common = Common::of(round, &of_members);
        for member in &round.manifest().members {
            let own = of_members.get(&member.name).map_or(&[][..], Vec::as_slice);
            // A handshake that nobody asked for is not passed over in silence.
            if member.brings(&rules.kind) || !own.is_empty() {
                let outcome = judge(round, &member.name, own, &common);
                verdicts.push(Verdict { member: member.name.clone(), kind: rules.kind.clone(), outcome });
            }
        }
    }
    verdicts
}

/// The members of each key id and, among those with the common key id, the members of each digest of tokens.
struct Common {
    key_ids: Arc<Groups>,
    tokens: Arc<Groups>,
}

impl Common {
    /// Counts the handshakes that the round admits. A member that brought several is not counted.
    fn of(round: &Round, of_members: &BTreeMap<&Name, Vec<&Handshake>>) -> Self {
        let voices = of_members.values().filter(|brought| brought.len() == 1).flatten().copied();
        let voices: Vec<&Handshake> = voices.filter(|shake| round.admit_handshake(shake).is_ok()).collect();
        let key_ids = Groups::from_values(voices.iter().map(|shake| (shake.member(), key_id(shake))));
        let alike = voices.iter().filter(|shake| key_ids.common() == Some(&key_id(shake)));
        let tokens =
            Groups::from_values(alike.map(|shake| (shake.member(), shake.content_digest().to_string())));
        Self { key_ids: Arc::new(key_ids), tokens: Arc::new(tokens) }
    }
}

fn key_id(handshake: &Handshake) -> String {
    handshake.terms().key_id.to_string()
}

fn judge(round: &Round, member: &Name, own: &[&Handshake], common: &Common) -> Result<(), Error> {
    let found = match own {
        [] => return Err(Error::NoHandshake { member: member.clone() }),
        [one] => one,
        _ => return Err(Error::DuplicateMember { member: member.clone() }),
    };
    round.admit_handshake(found)?;
    if common.key_ids.common() != Some(&key_id(found)) {
        return Err(Error::MembersDiffer {
            what: "key id (the secret)",
            groups: Arc::clone(&common.key_ids),
        });
    }
    match common.tokens.common() {
        Some(tokens) if tokens == found.content_digest().to_string() => Ok(()),
        Some(_) => Err(Error::TokensDiffer { member: member.clone() }),
        None => {
            let what =
                "tokens of the test identifiers, though not in the key id: somebody's token key is wrong";
            Err(Error::MembersDiffer { what, groups: Arc::clone(&common.tokens) })
        }
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handshake").field(&self.0).finish()
    }
}
