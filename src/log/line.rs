//! A line and the chain: the one spelling of an entry, its digest, its signature.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, Read as _};

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
    pub sign: &'a dyn Fn(&[u8]) -> [u8; 64],
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
    fn to_bytes(&self) -> Result<Vec<u8>, Error> {
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

fn digest_of(line: &[u8]) -> ContentDigest {
    sha256(&[b"veilmatch/1 log line", line])
}

fn sha256(parts: &[&[u8]]) -> ContentDigest {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    ContentDigest(digest)
}

/// How many lines there are so far, and the digest of the last.
pub(super) struct Chain {
    lines: u64,
    head: ContentDigest,
}

impl Chain {
    pub(super) fn start() -> Self {
        Self { lines: 0, head: sha256(&[b"veilmatch/1 log"]) }
    }

    pub(super) fn head(&self) -> ContentDigest {
        self.head
    }

    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// An error on the line after the last.
    pub(super) fn next_line(&self, problem: &'static str) -> Error {
        Error::Log { line: self.lines + 1, problem }
    }

    /// Reads the lines that follow and gives each with its digest; holds one line in memory.
    ///
    /// Returns the length of a last line without its newline, if it begins as the next line must: the mark
    /// that an interrupted writer leaves. Any other such rest is an error, so that no file that is not a log
    /// is taken for one.
    pub(super) fn read_all(
        &mut self,
        source: &mut impl BufRead,
        mut each: impl FnMut(Line, ContentDigest),
    ) -> Result<u64, Error> {
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            source.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', &mut bytes)?;
            if bytes.len() > MAX_LINE {
                return Err(self.next_line("is longer than any that is written"));
            }
            if bytes.last() != Some(&b'\n') {
                let start =
                    format!("{{\"n\":{},\"previous\":\"{}\",", self.lines + 1, self.head).into_bytes();
                let common = start.len().min(bytes.len());
                if bytes[..common] != start[..common] {
                    return Err(self.next_line("has no newline and does not begin as it must"));
                }
                return Ok(bytes.len() as u64);
            }
            let line = self.read(&bytes)?;
            each(line, self.head);
        }
    }

    /// Reads the next line and accepts only the bytes that a writer would have written there.
    fn read(&mut self, bytes: &[u8]) -> Result<Line, Error> {
        let line: Line = serde_json::from_slice(bytes)
            .map_err(|_| self.next_line("is not one line of JSON with the known fields, each once"))?;
        if line.n != self.lines + 1 {
            return Err(self.next_line("has another number: lines were removed, repeated or reordered"));
        }
        if line.previous != self.head {
            return Err(
                self.next_line("does not follow the line before: that was changed, or lines were replaced")
            );
        }
        if let Some(problem) = line.entry().problem() {
            return Err(self.next_line(problem));
        }
        if line.signer.is_some() != line.signature.is_some() {
            return Err(self.next_line("has a signer without a signature or a signature without a signer"));
        }
        // Finds at once what a JSON reader lets through: missing nulls, other orders, spaces and escapes.
        if line.to_bytes()? != bytes {
            return Err(self.next_line("is not in its one canonical spelling"));
        }
        (self.lines, self.head) = (line.n, digest_of(bytes));
        Ok(line)
    }

    /// Makes the bytes of the next line.
    pub(super) fn write(&mut self, entry: &Entry, signer: Option<&Signer<'_>>) -> Result<Vec<u8>, Error> {
        if let Some(problem) = entry.problem() {
            return Err(self.next_line(problem));
        }
        let Entry { time, command, version, operator, round, inputs, outputs, counts, outcome } =
            entry.clone();
        let (n, previous) = (self.lines + 1, self.head);
        let signer_key = signer.map(|signer| signer.key);
        let mut line = Line {
            n,
            previous,
            time,
            command,
            version,
            operator,
            round,
            inputs,
            outputs,
            counts,
            outcome,
            signer: signer_key,
            signature: None,
        };
        if let Some(signer) = signer {
            line.signature = Some(Signature((signer.sign)(&line.message()?)));
            line.verified_signer()?; // a key that does not belong to the signatures would spoil the log
        }
        let bytes = line.to_bytes()?;
        if bytes.len() > MAX_LINE {
            return Err(self.next_line("would be longer than 16 MiB"));
        }
        (self.lines, self.head) = (n, digest_of(&bytes));
        Ok(bytes)
    }
}
