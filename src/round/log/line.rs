//! The line: the one spelling of an entry, its digest, its signature.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::container::{digest, signature};
use crate::error::Error;
use crate::terms::{ContentDigest, RoundDigest, Signature, SignerKey, utc};

use super::entry::{Entry, FileRecord, Operator};

/// Longest line in bytes, its newline included: room for the sets and shares of 2,048 members in eight kinds.
pub const MAX_LINE: usize = 16 << 20;

/// One line of a log. The order of the fields is part of the format.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("run.log");
/// # use veilmatch::round::log::{self, Entry, Log};
/// let entry = Entry::new(1_795_506_099, "tokenize", "0.1.0");
/// log::append(&path, &entry, None)?;
///
/// let log = Log::read_file(&path)?;
/// for line in log.lines() {
///     assert_eq!((line.n, line.signer), (1, None));
///     assert_eq!(line.entry(), entry);
/// }
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Line {
    /// Number of the line, from 1.
    pub n: u64,
    /// Digest of the line before.
    pub previous: ContentDigest,
    /// When the command ran, in seconds since 1970, UTC.
    #[serde(with = "utc")]
    pub time: u64,
    /// Name of the command.
    pub command: String,
    /// Version of the program.
    pub version: String,
    /// Person who ran it.
    pub operator: Option<Operator>,
    /// Round for which it ran.
    pub round: Option<RoundDigest>,
    /// Files that it read.
    pub inputs: Vec<FileRecord>,
    /// Files that it wrote.
    pub outputs: Vec<FileRecord>,
    /// Numbers that it counted.
    pub counts: BTreeMap<String, u64>,
    /// `done`, or the code of an error.
    pub outcome: String,
    /// Number of lines directly before a signed line that its signer did not sign. The signer appended after them
    /// knowingly and does not vouch for them. There is no number if the line before is the signer's own, if there is no
    /// line before, or if the line has no signature.
    pub unvouched: Option<u64>,
    /// Key of the signature that the line bears.
    pub signer: Option<SignerKey>,
    /// The signature; it is there if and only if a signer is.
    pub signature: Option<Signature>,
}

/// The word that stands under the signature of a line, in the place of a file's type.
pub(super) const WORD: &str = "log";

impl Line {
    /// Returns the entry that the line states.
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

    /// Returns the bytes of the line, its newline included.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let problem = "cannot be written as JSON";
        let mut bytes = serde_json::to_vec(self).map_err(|_| Error::Log { line: self.n, problem })?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Returns the digest of the line with a signature of null: this is what is signed.
    pub(super) fn unsigned_digest(&self) -> Result<[u8; 32], Error> {
        let unsigned = Line { signature: None, ..self.clone() };
        Ok(digest_of(&unsigned.to_bytes()?).0)
    }

    /// Returns the key that signed the line, if it is signed.
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
