//! What a set is about and under which rules it was made: public, no secret among it.
//!
//! [`Terms`] are what all sets of one match must have in common. They stand in every file, and the first
//! difference is an error that names it: sets under different keys or rules never yield an empty result.

mod keys;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;

pub use keys::{PublicKeys, SealKey};

/// Largest integer that a file may hold, 2⁵³ − 1: JSON readers everywhere keep it exact.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// The name of a coalition or a member: `[A-Za-z0-9][A-Za-z0-9_-]{0,63}`.
///
/// Names end up in paths, pages and terminals, hence the narrow alphabet. Two names that differ only in
/// case are the same name to [`Name::same`], and may not stand beside each other.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<str>);

impl Name {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`Error::Name`] for anything outside the alphabet, empty, or over 64 characters.
    pub fn new(text: &str) -> Result<Self, Error> {
        let bytes = text.as_bytes();
        let inner = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        let valid =
            matches!(bytes.len(), 1..=64) && bytes[0].is_ascii_alphanumeric() && bytes.iter().all(inner);
        if valid { Ok(Self(text.into())) } else { Err(Error::Name) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether two names are the same, ignoring case.
    pub fn same(&self, other: &Name) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

/// The id of a kind of identifier with its version, for example `card.pan/1`.
///
/// The hub treats it as an opaque label: lower-case words joined by dots, a slash, a version above 0.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(Box<str>);

impl KindId {
    /// Checks the form of an id; whether the kind exists is the member's concern.
    ///
    /// # Errors
    ///
    /// [`Error::KindId`] for anything but `word.word…/version`, or over 64 characters.
    pub fn new(text: &str) -> Result<Self, Error> {
        let word = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let valid = text.len() <= 64
            && text.split_once('/').is_some_and(|(name, version)| {
                name.contains('.')
                    && name.split('.').all(word)
                    && version.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == version)
            });
        if valid { Ok(Self(text.into())) } else { Err(Error::KindId) }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text forms: shown, parsed and serialised as the checked string.
macro_rules! checked_text {
    ($($name:ident),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &self.0)
            }
        }

        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self, Error> {
                Self::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }
    )+};
}
use checked_text;

checked_text!(Name, KindId);

/// Public byte strings of fixed length: shown, parsed and serialised in lower-case hex.
macro_rules! public_bytes {
    ($($(#[$doc:meta])* $name:ident[$len:literal],)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            /// Takes exactly the lower-case hex that `Display` writes.
            fn from_str(text: &str) -> Result<Self, Error> {
                let mut bytes = [0u8; $len];
                from_hex(text, &mut bytes).ok_or(Error::Hex { digits: 2 * $len })?;
                Ok(Self(bytes))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

public_bytes! {
    /// Says which token key was used without revealing it; payments calls it a key check value.
    KeyId[8],
    /// Says which secret it is without revealing it, whatever the coalition, epoch and kind.
    SecretId[8],
    /// Digest of a kind's self-test table: builds whose rules differ there do not match each other.
    RuleDigest[32],
    /// Digest of the suppression list in force.
    SuppressionDigest[32],
    /// Digest of the manifest of a round.
    RoundDigest[32],
    /// SHA-256 of a part of a file.
    ContentDigest[32],
    /// Random bytes that make a manifest the only one of its kind.
    Nonce[16],
    /// An Ed25519 public key (RFC 8032) of the member or hub that signed a file.
    SignerKey[32],
    /// An Ed25519 signature (RFC 8032).
    Signature[64],
}

fn from_hex(text: &str, out: &mut [u8]) -> Option<()> {
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    if text.len() != 2 * out.len() {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(())
}

/// What a token key is for: one coalition, one epoch, one kind of identifier.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Domain {
    coalition: Name,
    epoch: u64,
    kind: KindId,
}

impl Domain {
    /// Joins the three parts.
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

    /// The coalition whose members share the secret.
    pub fn coalition(&self) -> &Name {
        &self.coalition
    }

    /// Number of the epoch; each epoch has a fresh random secret.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The kind of identifier, with the version of its rule.
    pub fn kind(&self) -> &KindId {
        &self.kind
    }
}

/// Everything that the sets of one match must have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Terms {
    /// Coalition, epoch and kind.
    pub domain: Domain,
    /// Which token key.
    pub key_id: KeyId,
    /// Which canonical rules.
    pub rules: RuleDigest,
    /// Which suppression list.
    pub suppression: SuppressionDigest,
    /// Which round, where the set was made for one.
    pub round: Option<RoundDigest>,
}

impl Terms {
    /// The first difference between these terms and those of another set, in the order a person would
    /// look: coalition, epoch, kind, round, secret, rules, suppression list.
    pub fn difference(&self, found: &Terms) -> Option<Difference> {
        let shown = |round: &Option<RoundDigest>| round.map_or("none".to_owned(), |r| r.to_string());
        let pairs = [
            ("coalition", self.domain.coalition.to_string(), found.domain.coalition.to_string()),
            ("epoch", self.domain.epoch.to_string(), found.domain.epoch.to_string()),
            ("kind", self.domain.kind.to_string(), found.domain.kind.to_string()),
            ("round", shown(&self.round), shown(&found.round)),
            ("key id (the secret)", self.key_id.to_string(), found.key_id.to_string()),
            ("rule digest", self.rules.to_string(), found.rules.to_string()),
            ("suppression digest", self.suppression.to_string(), found.suppression.to_string()),
        ];
        pairs
            .into_iter()
            .find(|(_, expected, found)| expected != found)
            .map(|(what, expected, found)| Difference { what, expected, found })
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

/// In which respect two sets cannot be matched, with both public values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The term that differs, for example `key id (the secret)`.
    pub what: &'static str,
    /// The value of the sets before.
    pub expected: String,
    /// The value of the set in question.
    pub found: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_nothing_that_a_path_or_terminal_would_mind() {
        let longest = "a".repeat(64);
        for good in ["a", "Bank-A", "0_x", longest.as_str()] {
            assert!(Name::new(good).is_ok(), "{good}");
        }
        let too_long = "a".repeat(65);
        for bad in ["", "-a", "_a", "a.b", "a/b", "a b", "é", "a\n", "..", too_long.as_str()] {
            assert!(Name::new(bad).is_err(), "{bad:?}");
        }
        assert!(Name::new("BankA").unwrap().same(&Name::new("bankA").unwrap()));
    }

    #[test]
    fn kind_ids_have_one_spelling() {
        for good in ["card.pan/1", "opaque.case-no/12", "a.b.c/65535"] {
            assert!(KindId::new(good).is_ok(), "{good}");
        }
        for bad in [
            "card.pan",
            "card.pan/",
            "card.pan/0",
            "card.pan/01",
            "card/1",
            "Card.pan/1",
            "a..b/1",
            "a.b/65536",
            "a.b/+1",
        ] {
            assert!(KindId::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hex_has_one_spelling() {
        let id = KeyId([0, 1, 2, 3, 0xfc, 0xfd, 0xfe, 0xff]);
        assert_eq!(id.to_string(), "00010203fcfdfeff");
        assert_eq!(id.to_string().parse::<KeyId>().unwrap(), id);
        for bad in ["", "00010203FCFDFEFF", "00010203fcfdfef", "00010203fcfdfeff0", "0g010203fcfdfeff"] {
            assert!(bad.parse::<KeyId>().is_err(), "{bad}");
        }
    }
}
