//! A line: the one spelling of an entry, its digest, its signature.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::container::{digest, signature};
use crate::error::Error;
use crate::terms::{ContentDigest, RoundDigest, Signature, SignerKey, utc};

use super::entry::{Entry, FileRecord, Operator};

/// Longest line in bytes, its newline included: room for the sets and shares of 2,048 members in eight kinds.
pub const MAX_LINE: usize = 16 << 20;

/// One line of a log. The order of the fields is part of the format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Line {
    /// Number of the line, from 1.
    pub n: u64,
    /// Digest of the line before.
    pub previous: ContentDigest,
    /// When, in seconds since 1970, UTC.
    #[serde(with = "utc")]
    pub time: u64,
    /// Which command.
    pub command: String,
    /// Of which version of the program.
    pub version: String,
    /// Who ran it.
    pub operator: Option<Operator>,
    /// For which round.
    pub round: Option<RoundDigest>,
    /// What it read.
    pub inputs: Vec<FileRecord>,
    /// What it wrote.
    pub outputs: Vec<FileRecord>,
    /// What it counted.
    pub counts: BTreeMap<String, u64>,
    /// `done`, or the code of an error.
    pub outcome: String,
    /// How many lines directly before a signed one its signer did not sign: it appended after them knowingly and does not
    /// vouch for them. None where the line before is the signer's own, or there is none, and in a line without signature.
    pub unvouched: Option<u64>,
    /// Whose signature the line bears.
    pub signer: Option<SignerKey>,
    /// The signature; it is there if and only if a signer is.
    pub signature: Option<Signature>,
}

/// What stands under the signature of a line in the place of a file's type.
pub(super) const WORD: &str = "log";

impl Line {
    /// What the line states.
    pub fn entry(&self) -> Entry {
        Entry {
            time: self.time,
            command: self.command.clone(),
            version: self.version.clone(),
            operator: self.operator.clone(),
            round: self.round,
            inputs: self.inputs.clone(),
            outputs: self.outputs.clone(),
            counts: self.counts.clone(),
            outcome: self.outcome.clone(),
        }
    }

    /// The bytes of the line, its newline included.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let problem = "cannot be written as JSON";
        let mut bytes = serde_json::to_vec(self).map_err(|_| Error::Log { line: self.n, problem })?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The digest that the line has with a signature of null: what is signed.
    pub(super) fn unsigned_digest(&self) -> Result<[u8; 32], Error> {
        let unsigned = Line { signature: None, ..self.clone() };
        Ok(digest_of(&unsigned.to_bytes()?).0)
    }

    /// Who signed the line, if anyone did.
    pub(super) fn verified_signer(&self) -> Result<Option<SignerKey>, Error> {
        let (Some(key), Some(signature)) = (self.signer, self.signature) else { return Ok(None) };
        signature::verify(key, WORD, &self.unsigned_digest()?, &signature.0)
            .map_err(|_| Error::Log { line: self.n, problem: "has a signature that does not fit" })?;
        Ok(Some(key))
    }
}

pub(super) fn digest_of(line: &[u8]) -> ContentDigest {
    sha256(&[b"veilmatch/1 log line", line])
}

pub(super) fn sha256(parts: &[&[u8]]) -> ContentDigest {
    ContentDigest(digest::sha256(parts))
}
