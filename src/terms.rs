//! What a set is about, and the rules under which it was made. All of this is public; it holds no secret.
//!
//! [`Terms`] are what all sets of one match must have in common. They stand in every file. The first difference is an
//! error that names it: sets under different keys or rules never yield an empty result.

mod disclosure;
mod groups;
mod keys;
mod names;
mod text;
pub mod utc;

use std::fmt;
use std::sync::Arc;

use crate::error::Error;

#[cfg(any(feature = "member", feature = "oprf"))]
pub(crate) use text::from_hex;
use text::public_bytes;

pub use disclosure::Disclosure;
pub use groups::{Group, Groups};
#[cfg(feature = "seal")]
pub(crate) use keys::{NO_SEAL_KEY, two_lines};
pub use keys::{PublicKeys, SealKey, SignerKey};
pub use names::{KindId, Name};

/// Largest integer that a file may hold, 2⁵³ − 1: JSON readers everywhere keep it exact.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// The most members that a match can have, and the most sets of one match.
pub(crate) const MAX_MEMBERS: usize = 2048;

public_bytes! {
    /// Identifies a token key without revealing it; in payments this is called a key check value.
    ///
    /// ```
    /// use veilmatch::terms::KeyId;
    ///
    /// let id = KeyId([0, 1, 2, 3, 0xfc, 0xfd, 0xfe, 0xff]);
    /// assert_eq!(id.to_string(), "00010203fcfdfeff");
    /// assert_eq!("00010203fcfdfeff".parse::<KeyId>()?, id);
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    KeyId[8],
    /// Identifies a secret without revealing it, whatever the coalition, epoch and kind.
    ///
    /// See the example of [`KeyId`].
    SecretId[8],
    /// Digest of a kind's self-test table: builds whose rules differ there do not match each other.
    ///
    /// See the example of [`KeyId`].
    RuleDigest[32],
    /// Digest of the suppression list in force.
    ///
    /// See the example of [`KeyId`].
    SuppressionDigest[32],
    /// Digest of the manifest of a round.
    ///
    /// See the example of [`KeyId`].
    RoundDigest[32],
    /// Digest of what custodians agree to before they make a key.
    ///
    /// See the example of [`KeyId`].
    CeremonyDigest[32],
    /// Digest of what stays the same of custodians and their keys in an epoch.
    ///
    /// See the example of [`KeyId`].
    CustodyDigest[32],
    /// SHA-256 of a part of a file.
    ///
    /// See the example of [`KeyId`].
    ContentDigest[32],
    /// Random bytes that make a manifest the only one of its kind.
    ///
    /// See the example of [`KeyId`].
    Nonce[16],
    /// Names one trail of a round: random bytes, which the hub gives it.
    ///
    /// See the example of [`KeyId`].
    TrailId[16],
    /// Stands for one subject of a member in one round. The member alone can tell who it is.
    ///
    /// See the example of [`KeyId`].
    Pseudonym[16],
    /// An Ed25519 signature (RFC 8032).
    ///
    /// See the example of [`SignerKey`].
    Signature[64],
}

/// The purpose of a token key: one coalition, one epoch, one kind of identifier.
///
/// ```
/// use veilmatch::terms::{KeyContext, KindId, Name};
///
/// let context = KeyContext::new(Name::new("efc")?, 1, KindId::new("bank.iban/1")?)?;
/// assert_eq!((context.coalition().as_str(), context.epoch()), ("efc", 1));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyContext {
    coalition: Name,
    epoch: u64,
    kind: KindId,
}

impl KeyContext {
    /// Makes a context of the three parts.
    ///
    /// # Errors
    ///
    /// [`Error::Epoch`] for an epoch over 2⁵³ − 1, which a file header could not hold.
    pub fn new(coalition: Name, epoch: u64, kind: KindId) -> Result<Self, Error> {
        if epoch > MAX_INTEGER {
            return Err(Error::Epoch);
        }
        Ok(Self { coalition, epoch, kind })
    }

    /// Returns the coalition whose members share the secret.
    pub fn coalition(&self) -> &Name {
        &self.coalition
    }

    /// Returns the number of the epoch; each epoch has a fresh random secret.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Returns the kind of identifier, with the version of its rule.
    pub fn kind(&self) -> &KindId {
        &self.kind
    }
}

/// Everything that the sets of one match must have in common.
///
/// ```
/// use veilmatch::terms::{KeyId, Name, Terms};
///
/// let ours = Terms::example();
/// let theirs = Terms { key_id: KeyId([7; 8]), ..ours.clone() };
/// let difference = ours.difference(&theirs).unwrap();
/// assert_eq!((difference.what, &*difference.found), ("key id (the secret)", "0707070707070707"));
/// assert_eq!(ours.require(&theirs, &Name::new("bank-b")?).unwrap_err().code(), "terms_differ");
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Terms {
    /// Coalition, epoch and kind.
    pub context: KeyContext,
    /// Identifies the token key.
    pub key_id: KeyId,
    /// Digest of the canonical rules.
    pub rules: RuleDigest,
    /// Digest of the suppression list.
    pub suppression: SuppressionDigest,
    /// Digest of the round's manifest, if the set was made for a round.
    pub round: Option<RoundDigest>,
}

/// The name of a difference of rules. Such an error also names the kind to which the rules belong.
const RULE_DIGEST: &str = "rule digest";

/// The name of a difference of manifests. Such an error also says what may have happened to them.
pub(crate) const ROUND: &str = "round";

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)?;
        if let Some(kind) = &self.kind {
            write!(f, " of {kind}")?;
        }
        write!(f, ": expected {}, got {}", self.expected, self.found)
    }
}

impl Terms {
    /// Makes terms for examples and tests: coalition `example`, epoch 1, kind `card.pan/1`, and no secret behind them.
    ///
    /// Real terms come from a tokeniser (`Tokenizer::terms`) or a file.
    pub fn example() -> Self {
        let context = KeyContext {
            coalition: Name::new("example").expect("a name"),
            epoch: 1,
            kind: KindId::new("card.pan/1").expect("an id"),
        };
        let (rules, suppression) = (RuleDigest([0; 32]), SuppressionDigest([0; 32]));
        Self { context, key_id: KeyId([0; 8]), rules, suppression, round: None }
    }

    /// The first difference between these terms and those of another set, in the order a person would
    /// look: coalition, epoch, kind, round, secret, rules, suppression list.
    pub fn difference(&self, found: &Terms) -> Option<Difference> {
        if self == found {
            return None;
        }
        let mut pairs = self.values().into_iter().zip(found.values());
        pairs.find(|(expected, found)| expected != found).map(|((what, expected), (_, found))| {
            let kind = (what == RULE_DIGEST).then(|| self.context.kind.clone());
            Difference { what, kind, expected, found }
        })
    }

    /// Returns each term with its name, in the order a person would look.
    fn values(&self) -> [(&'static str, String); 7] {
        [
            ("coalition", self.context.coalition.to_string()),
            ("epoch", self.context.epoch.to_string()),
            ("kind", self.context.kind.to_string()),
            (ROUND, self.round.map_or("none".to_owned(), |round| round.to_string())),
            ("key id (the secret)", self.key_id.to_string()),
            (RULE_DIGEST, self.rules.to_string()),
            ("suppression digest", self.suppression.to_string()),
        ]
    }

    /// Refuses members whose terms are not all equal. It blames nobody: the error says who agrees with whom.
    ///
    /// # Errors
    ///
    /// [`Error::MembersDiffer`] with the first term, in the order a person would look, in which any two differ.
    pub fn require_equal<'a>(of: impl IntoIterator<Item = (&'a Name, &'a Terms)>) -> Result<(), Error> {
        let of: Vec<(&Name, &Terms)> = of.into_iter().collect();
        if of.windows(2).all(|pair| pair[0].1 == pair[1].1) {
            return Ok(());
        }
        let of: Vec<_> = of.into_iter().map(|(member, terms)| (member, terms.values())).collect();
        for at in 0..of.first().map_or(0, |(_, values)| values.len()) {
            let values = of.iter().map(|(member, values)| (*member, values[at].1.clone()));
            let groups = Groups::from_values(values);
            if groups.0.len() > 1 {
                return Err(Error::MembersDiffer { what: of[0].1[at].0, groups: Arc::new(groups) });
            }
        }
        Ok(())
    }

    /// Refuses terms that differ from these.
    ///
    /// # Errors
    ///
    /// [`Error::TermsDiffer`], naming `member`, what differs and both values.
    pub fn require(&self, found: &Terms, member: &Name) -> Result<(), Error> {
        match self.difference(found) {
            None => Ok(()),
            Some(difference) => Err(Error::TermsDiffer { member: member.clone(), difference }),
        }
    }
}

/// The term in which two sets differ, so that they cannot be matched, with both public values.
///
/// See the example of [`Terms`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The term that differs, for example `key id (the secret)`.
    pub what: &'static str,
    /// The kind of both sets, if the rule digests differ.
    pub kind: Option<KindId>,
    /// The value of the earlier sets.
    pub expected: String,
    /// The value of the set in question.
    pub found: String,
}
