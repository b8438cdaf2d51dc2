//! The chain: what the next line must be, read or written.

use std::collections::BTreeMap;
use std::io::{BufRead, Read as _};

use crate::container::{Signer, signature};
use crate::error::Error;
use crate::terms::{ContentDigest, Signature, SignerKey};

use super::entry::Entry;
use super::line::{Line, MAX_LINE, WORD, digest_of, sha256};

/// The number of lines so far, the digest of the last line, and the last line of each signer.
pub(super) struct Chain {
    lines: u64,
    head: ContentDigest,
    last_of: BTreeMap<[u8; 32], u64>,
}

impl Chain {
    pub(super) fn start() -> Self {
        Self { lines: 0, head: sha256(&[b"veilmatch/1 log"]), last_of: BTreeMap::new() }
    }

    pub(super) fn head(&self) -> ContentDigest {
        self.head
    }

    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// Returns the number of lines at the end that this key did not sign; none if it signed the last one.
    pub(super) fn unvouched(&self, signer: &SignerKey) -> Option<u64> {
        let last = self.last_of.get(&signer.0).copied().unwrap_or(0);
        Some(self.lines - last).filter(|lines| *lines > 0)
    }

    /// Makes an error on the line after the last.
    pub(super) fn next_line(&self, problem: &'static str) -> Error {
        Error::Log { line: self.lines + 1, problem }
    }

    /// Reads the lines that follow and gives each with its digest; holds one line in memory.
    ///
    /// Returns the length of a last line without its newline, if it begins as the next line must: an interrupted writer
    /// leaves such a line. Any other rest is an error, so that a file that is not a log is never taken for one.
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
        if line.unvouched != line.signer.and_then(|signer| self.unvouched(&signer)) {
            return Err(self.next_line("does not say how many lines before it its signer did not sign"));
        }
        // This finds at once everything that a JSON reader lets through: missing nulls, other orders, spaces and
        // escapes.
        if line.to_bytes()? != bytes {
            return Err(self.next_line("is not in its one canonical spelling"));
        }
        self.extend(line.n, bytes, line.signer);
        Ok(line)
    }

    /// Makes the bytes of the next line.
    pub(super) fn write(&mut self, entry: &Entry, signer: Option<&dyn Signer>) -> Result<Vec<u8>, Error> {
        if let Some(problem) = entry.problem() {
            return Err(self.next_line(problem));
        }
        let Entry { time, command, version, operator, round, inputs, outputs, counts, outcome } =
            entry.clone();
        let (n, previous) = (self.lines + 1, self.head);
        let signer_key = signer.map(Signer::key);
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
            unvouched: signer_key.and_then(|signer| self.unvouched(&signer)),
            signer: signer_key,
            signature: None,
        };
        if let Some(signer) = signer {
            line.signature = Some(Signature(signature::sign(signer, WORD, &line.unsigned_digest()?)?));
        }
        let bytes = line.to_bytes()?;
        if bytes.len() > MAX_LINE {
            return Err(self.next_line("would be longer than 16 MiB"));
        }
        self.extend(n, &bytes, signer_key);
        Ok(bytes)
    }

    fn extend(&mut self, n: u64, bytes: &[u8], signer: Option<SignerKey>) {
        (self.lines, self.head) = (n, digest_of(bytes));
        if let Some(signer) = signer {
            self.last_of.insert(signer.0, n);
        }
    }
}
