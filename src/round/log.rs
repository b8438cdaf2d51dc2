//! The run record: one line for each command, in an append-only, hash-chained text file (SPEC.md, section 14).
//!
//! Each line holds the digest of the line before. So a line that was changed, removed, repeated or put in another place
//! is found. Two other changes need more. If the end was cut off, the digest of a later line shows it: a **head**,
//! which stands in every file that was written meanwhile. If the whole record was written anew, a head or the lines'
//! signatures show it. Without either, a log is only self-consistent.
//!
//! A signature vouches for its own line and the signer's lines before it. [`append()`] puts a signed line only after
//! lines of that signer. [`append_after`] puts it also after other lines, and the line states their number.
//!
//! Raw inputs appear as a digest under a random nonce that stays beside the raw file. So nobody can try out which rows
//! the file might have had. Times, operator and what happened are the caller's statements.
//!
//! ```
//! use veilmatch::round::log;
//! use veilmatch::round::log::{Entry, Log};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("run.log");
//! let before = log::head_of(&path)?; // stands in the files that the command writes
//! let entry = Entry::new(1_795_506_099, "tokenize", "0.1.0");
//! let after = log::append(&path, &entry, None)?.head;
//!
//! let log = Log::read_file(&path)?;
//! assert_eq!(log.lines()[0].previous, before);
//! assert_eq!(log.verify(Some(after), &[])?.head_at, Some(1));
//! # Ok::<(), veilmatch::Error>(())
//! ```

mod append;
mod chain;
mod entry;
mod input;
mod line;

use std::fmt;
use std::io::BufRead;
use std::ops::RangeInclusive;
use std::path::Path;

use serde::Serialize;

use crate::error::Error;
use crate::terms::{ContentDigest, SignerKey};

pub use append::{Appended, append, append_after, head_of, prepare};
pub use entry::{Entry, FileRecord, How, Operator};
pub use input::{Digesting, InputNonce, raw_input_digest};
pub use line::{Line, MAX_LINE};

use chain::Chain;

/// A whole log whose chain holds.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("run.log");
/// # use veilmatch::round::log::{self, Entry, Log};
/// for command in ["tokenize", "resolve"] {
///     log::append(&path, &Entry::new(1_795_506_099, command, "0.1.0"), None)?;
/// }
///
/// let log = Log::read_file(&path)?;
/// assert_eq!(log.lines()[1].command, "resolve");
/// let verified = log.verify(Some(log.lines()[1].previous), &[])?;
/// assert_eq!((verified.lines, verified.after_head()), (2, Some(1)));
/// assert_eq!(verified.to_string(), "self-consistent, complete to the head, line 1, with 1 after it");
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    lines: Vec<Line>,
    digests: Vec<ContentDigest>,
}

/// The result of [`Log::verify`]: what was found to hold.
///
/// `Display` says it in words. For a log without signatures and head it says only `self-consistent`.
///
/// See the example of [`Log`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verified {
    /// Number of lines.
    pub lines: u64,
    /// Digest of the last line.
    pub head: ContentDigest,
    /// Number of lines that are signed by one of the given keys; none if no key was given.
    pub signed: Option<u64>,
    /// Number of the last line that is so signed; 0 if there is none. No line up to it was changed since. It vouches
    /// for signed lines, and not for those between them: see [`Log::unvouched`].
    pub signed_to: u64,
    /// Number of the line whose digest is the given head, so that no line up to it is missing; 0 for the head of an
    /// empty log.
    pub head_at: Option<u64>,
}

impl Log {
    /// Reads a log from memory and checks the form and the chain of all lines, but no signature.
    ///
    /// # Errors
    ///
    /// [`Error::Log`] with the first line that is not as a writer would have written it there. If a line was changed
    /// but kept its form, this is the line after it.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(bytes)
    }

    /// Reads a run record from a file, while no line is being appended.
    ///
    /// # Errors
    ///
    /// Those of [`Log::parse`], [`Error::Io`]; they name the file.
    pub fn read_file(path: &Path) -> Result<Self, Error> {
        append::opened(path).and_then(Self::read).map_err(|error| error.at(path.display().to_string()))
    }

    fn read(mut source: impl BufRead) -> Result<Self, Error> {
        let mut log = Self { lines: Vec::new(), digests: Vec::new() };
        let mut chain = Chain::start();
        let rest = chain.read_all(&mut source, |line, digest| {
            log.lines.push(line);
            log.digests.push(digest);
        })?;
        if rest > 0 {
            return Err(chain.next_line("is incomplete: it does not end with a newline"));
        }
        Ok(log)
    }

    /// Returns the lines, in order.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Returns the lines that a signer appended after lines for which it does not vouch. Each comes with its number and
    /// the numbers of the lines before it that the signer did not sign.
    pub fn unvouched(&self) -> impl Iterator<Item = (u64, RangeInclusive<u64>)> {
        self.lines.iter().filter_map(|line| Some((line.n, line.n - line.unvouched?..=line.n - 1)))
    }

    /// Returns the digest of the last line. For an empty log it is the digest that its first line will name.
    pub fn head(&self) -> ContentDigest {
        self.digests.last().copied().unwrap_or(Chain::start().head())
    }

    /// Verifies every signature, and also a known head and the keys that may sign, as far as they are given.
    ///
    /// `head` is the digest of some line: files written under this log name it, and [`append()`] returned it. Lines may
    /// follow that line. If keys are given, a line signed by another key is an error. A line without signature is not
    /// an error; [`Verified`] counts the signed ones. Without keys, signatures are checked against the keys that the
    /// lines themselves name, which proves nothing about who signed.
    ///
    /// # Errors
    ///
    /// [`Error::Log`] for a signature that does not fit, for a stranger's key, or, on the line after the last, for a
    /// head that no line has. Then the end was cut off, or it is another log.
    pub fn verify(&self, head: Option<ContentDigest>, signers: &[SignerKey]) -> Result<Verified, Error> {
        let (mut signed, mut signed_to) = (0, 0);
        for line in &self.lines {
            if let Some(key) = line.verified_signer()?
                && !signers.is_empty()
            {
                if !signers.contains(&key) {
                    return Err(Error::Log {
                        line: line.n,
                        problem: "is signed by a key that is none of those given",
                    });
                }
                (signed, signed_to) = (signed + 1, line.n);
            }
        }
        let lines = self.lines.len() as u64;
        let head_at = head.map(|head| self.position(head)).transpose()?;
        let signed = (!signers.is_empty()).then_some(signed);
        Ok(Verified { lines, head: self.head(), signed, signed_to, head_at })
    }

    /// Returns the number of the line that has this digest, or 0 if the chain starts with it.
    fn position(&self, head: ContentDigest) -> Result<u64, Error> {
        let line = self.digests.iter().position(|digest| *digest == head).map(|at| at as u64 + 1);
        line.or((head == Chain::start().head()).then_some(0)).ok_or(Error::Log {
            line: self.lines.len() as u64 + 1,
            problem: "is missing: no line has the digest of the head, so the end was cut off or it is another log",
        })
    }
}

impl Verified {
    /// Whether there are lines, and each is signed by one of the given keys.
    pub fn is_signed(&self) -> bool {
        self.lines > 0 && self.signed == Some(self.lines)
    }

    /// Returns the number of lines that follow the given head.
    pub fn after_head(&self) -> Option<u64> {
        self.head_at.map(|line| self.lines - line)
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("self-consistent")?;
        match self.signed {
            None => {}
            Some(_) if self.is_signed() => f.write_str(", every line signed")?,
            Some(0) => f.write_str(", no line signed")?,
            Some(signed) => write!(
                f,
                ", {signed} of {} lines signed, the last of them line {}",
                self.lines, self.signed_to
            )?,
        }
        match (self.head_at, self.after_head()) {
            (Some(line), Some(0)) => write!(f, ", complete to the head, line {line}"),
            (Some(line), Some(after)) => {
                write!(f, ", complete to the head, line {line}, with {after} after it")
            }
            _ => Ok(()),
        }
    }
}
