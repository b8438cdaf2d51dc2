//! A line: the one spelling of an entry, its digest, its signature.

use std::collections::BTreeMap;
use std::fmt;

use ring::digest::{Context, SHA256};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::domain::{ContentDigest, RoundDigest, Signature, SignerKey};
use crate::error::Error;

use super::entry::{Entry, FileRecord, Operator};
use super::time;

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
    #[serde(with = "time")]
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
    /// Whose signature the line bears.
    pub signer: Option<SignerKey>,
    /// The signature; it is there if and only if a signer is.
    pub signature: Option<Signature>,
}

/// What signs a line: a public key, and the call that signs a message with its private key.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    /// The public key.
    pub key: SignerKey,
    /// Ed25519 over the message given.
    pub sign: &'a (dyn Fn(&[u8]) -> [u8; 64] + Sync),
}

impl fmt::Debug for Signer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.key)
    }
}

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

    /// "veilmatch/1 sig" || lp("log") || the digest that the line has with a signature of null.
    fn message(&self) -> Result<Vec<u8>, Error> {
        let unsigned = Line { signature: None, ..self.clone() };
        let digest = digest_of(&unsigned.to_bytes()?);
        Ok([&b"veilmatch/1 sig\x00\x03log"[..], &digest.0].concat())
    }

    /// Who signed the line, if anyone did.
    pub(super) fn verified_signer(&self) -> Result<Option<SignerKey>, Error> {
        let (Some(key), Some(signature)) = (self.signer, self.signature) else { return Ok(None) };
        if !verify(&key, &self.message()?, &signature.0) {
            return Err(Error::Log { line: self.n, problem: "has a signature that does not fit" });
        }
        Ok(Some(key))
    }
}

fn verify(key: &SignerKey, message: &[u8], signature: &[u8; 64]) -> bool {
    UnparsedPublicKey::new(&ED25519, &key.0).verify(message, signature).is_ok()
}

pub(super) fn digest_of(line: &[u8]) -> ContentDigest {
    sha256(&[b"veilmatch/1 log line", line])
}

pub(super) fn sha256(parts: &[&[u8]]) -> ContentDigest {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    ContentDigest(digest)
}
