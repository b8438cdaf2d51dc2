//! The file of a cross-check: a magic line, one line of JSON, one line with the signature.

use std::io::Write;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::container::digest::sha256;
use crate::container::secret_hex::SecretHex;
use crate::container::{SIGNATURE_LEN, Signer, signature};
use crate::error::Error;
use crate::terms::{MAX_INTEGER, Name, RoundDigest, Signature, SignerKey};

use super::{Common, CrossCheck};

const MAGIC: &str = "veilmatch cross-check 1\n";

/// The word under which the file is signed.
const WORD: &str = "cross-check";

/// The JSON line; the order of the fields is part of the format.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    round: RoundDigest,
    from: Name,
    to: Name,
    key: SecretHex,
    kinds: Vec<Common>,
    signer: Option<SignerKey>,
}

const EXPECTED: &str = "one line of JSON with the known fields, each once, in their one spelling";

impl CrossCheck {
    /// Longest file, in bytes: some 2,000 kinds.
    pub const MAX_LEN: usize = 1 << 20;

    /// Writes the file, unsigned. It holds the key: send it sealed, and to its recipient alone.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where writing fails.
    pub fn write_to(&self, out: &mut dyn Write) -> Result<(), Error> {
        self.write_as(None, out)
    }

    /// Writes the file as [`CrossCheck::write_to`] does, and signs it.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where writing fails; those of the signer, and [`Error::Signature`] where it does not sign well.
    pub fn sign_to(&self, signer: &dyn Signer, out: &mut dyn Write) -> Result<(), Error> {
        self.write_as(Some(signer), out)
    }

    fn write_as(&self, signer: Option<&dyn Signer>, out: &mut dyn Write) -> Result<(), Error> {
        let text = self.text(signer.map(|signer| signer.key()));
        let signature = match signer {
            Some(signer) => signature::sign(signer, WORD, &digest(&text))?,
            None => [0; SIGNATURE_LEN],
        };
        out.write_all(&text)?;
        Ok(writeln!(out, "{}", Signature(signature))?)
    }

    /// Reads a whole file and validates every byte of it.
    ///
    /// Whether the signature is that of the member it names, the round knows: [`CrossCheck::compare`] asks it.
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which the fault shows; [`Error::SigningKey`], [`Error::Signature`].
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let wrong = |offset: usize, expected| Error::Format { offset: offset as u64, expected };
        if bytes.len() > Self::MAX_LEN {
            return Err(wrong(Self::MAX_LEN, "the end of the file"));
        }
        let rest = bytes.strip_prefix(MAGIC.as_bytes());
        let rest = rest.ok_or(wrong(0, "the first line of a cross-check, `veilmatch cross-check 1`"))?;
        let line = rest.iter().position(|byte| *byte == b'\n').ok_or(wrong(MAGIC.len(), EXPECTED))?;
        let parsed: Line = serde_json::from_slice(&rest[..line]).map_err(|_| wrong(MAGIC.len(), EXPECTED))?;
        let (text, end) = bytes.split_at(MAGIC.len() + line + 1);
        let Line { round, from, to, key, kinds, signer } = parsed;
        let check = Self { round, from, to, key: (*key.0).clone(), kinds, signer };
        if *check.text(signer) != *text {
            return Err(wrong(MAGIC.len(), EXPECTED));
        }
        check.require_sound().map_err(|expected| wrong(MAGIC.len(), expected))?;
        let signed = std::str::from_utf8(end).ok().and_then(|end| end.strip_suffix('\n')?.parse().ok());
        let signed: Signature =
            signed.ok_or(wrong(text.len(), "a signature of 128 hex digits and a newline"))?;
        match signer {
            Some(key) => {
                key.check()?;
                signature::verify(key, WORD, &digest(text), &signed.0)?;
            }
            None if signed.0 == [0; SIGNATURE_LEN] => {}
            None => return Err(wrong(text.len(), "an empty signature in an unsigned file")),
        }
        Ok(check)
    }

    fn require_sound(&self) -> Result<(), &'static str> {
        if self.from.same(&self.to) {
            return Err("two different members");
        }
        if !self.kinds.is_sorted_by(|a, b| a.kind < b.kind) {
            return Err("kinds in order, each once");
        }
        if self.kinds.iter().any(|common| common.tokens.max(common.matched) > MAX_INTEGER) {
            return Err("integers of at most 2^53 - 1");
        }
        Ok(())
    }

    /// Returns the first two lines; they are wiped when dropped.
    fn text(&self, signer: Option<SignerKey>) -> Zeroizing<Vec<u8>> {
        let (from, to) = (self.from.clone(), self.to.clone());
        let (key, kinds) = (SecretHex::of(&*self.key), self.kinds.clone());
        let line = Line { round: self.round, from, to, key, kinds, signer };
        // There is room for all of it: a buffer that grew would leave its old bytes behind.
        let mut text = Zeroizing::new(Vec::with_capacity(1024 + 384 * self.kinds.len()));
        text.extend_from_slice(MAGIC.as_bytes());
        serde_json::to_writer(&mut *text, &line).expect("text and integers always serialise");
        text.push(b'\n');
        text
    }
}

/// SHA-256("veilmatch/1 cross-check" || the first two lines): the digest that is signed.
fn digest(text: &[u8]) -> [u8; 32] {
    sha256(&[b"veilmatch/1 cross-check", text])
}
