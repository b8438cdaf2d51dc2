//! The line of a ledger: its one spelling, its digest, its signature.

use serde::{Deserialize, Serialize};

use crate::container::digest::sha256;
use crate::custody::SignedHead;
use crate::error::Error;
use crate::terms::{
    ContentDigest, CustodyDigest, KindId, MAX_INTEGER, Name, RoundDigest, Signature, SignerKey, utc,
};

/// One line. The order of the fields is part of the format; what it has not is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    /// Number of the line, from 1.
    pub(super) n: u64,
    /// The head before it; in the first line, the start that the custodian's shares name.
    pub(super) previous: ContentDigest,
    #[serde(with = "utc")]
    pub(super) time: u64,
    /// In the first line, and in no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) begins: Option<Begins>,
    /// In every other line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) charge: Option<Charge>,
    /// The custodian's signature of the head that the line makes.
    pub(super) signature: Option<Signature>,
}

/// What the first line says: whose ledger it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begins {
    pub(super) custody: CustodyDigest,
    pub(super) custodian: Name,
    pub(super) key: SignerKey,
}

/// A request that was charged to a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charge {
    /// The round for which it was asked.
    pub round: RoundDigest,
    /// The kind.
    pub kind: KindId,
    /// The member, and the key that signed the request.
    pub member: Name,
    /// See [`Charge::member`].
    pub key: SignerKey,
    /// Root of the request.
    pub request: ContentDigest,
    /// Number of its elements.
    pub elements: u64,
}

/// Longest line in bytes, its newline included: over twice what names of 64 characters take.
pub(super) const MAX_LINE: usize = 2048;

impl Line {
    /// Returns the bytes of the line, its newline included. A time after the year 9999 cannot be written.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = serde_json::to_vec(self).map_err(|_| Error::Metadata)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Returns the head that the line makes: SHA-256("veilmatch/2 ledger line" || the line without its signature).
    pub(super) fn head(&self) -> Result<ContentDigest, Error> {
        let unsigned = Line { signature: None, ..self.clone() };
        Ok(ContentDigest(sha256(&[b"veilmatch/2 ledger line", &unsigned.to_bytes()?])))
    }

    /// Returns what is wrong with the line at its place, if its form is right.
    pub(super) fn problem(&self, n: u64, previous: Option<ContentDigest>) -> Option<&'static str> {
        let elements = self.charge.as_ref().map_or(1, |charge| charge.elements);
        let checks = [
            (self.n == n, "has another number: lines were removed, repeated or reordered"),
            (
                previous.is_none_or(|previous| previous == self.previous),
                "does not follow the line before: that was changed, or lines were replaced",
            ),
            (
                self.begins.is_some() == (n == 1) && self.charge.is_some() == (n != 1),
                "is no beginning in the first place, or no charge in another",
            ),
            ((1..=MAX_INTEGER).contains(&elements), "has a charge of no element, or of more than 2^53 - 1"),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map(|(_, problem)| problem)
    }

    /// Returns the head that the line makes, as it is signed there.
    ///
    /// # Errors
    ///
    /// [`Error::Ledger`] for a line without a signature.
    pub(super) fn signed_head(&self, custodian: &Name) -> Result<SignedHead, Error> {
        let signature = self.signature.ok_or(Error::Ledger { line: self.n, problem: "has no signature" })?;
        Ok(SignedHead { custodian: custodian.clone(), head: self.head()?, signature })
    }
}
