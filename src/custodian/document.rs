//! The files of a ceremony: a title, one line of JSON, one line with the signature.

use std::io::Write as _;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::container::digest::sha256;
use crate::container::{Signer, signature};
use crate::error::Error;
use crate::terms::{Signature, SignerKey};

/// Longest file, in bytes.
pub(super) const MAX_LEN: usize = 1 << 20;

/// A sort of file.
pub(super) struct Sort {
    /// The first line, with its newline.
    pub(super) title: &'static str,
    /// The word under which it is signed.
    pub(super) word: &'static str,
    /// What was expected where it is another file.
    pub(super) expected: &'static str,
}

/// Writes and signs a file; the bytes are wiped when dropped. `room` is at least its length: a buffer that grew would leave its
/// old bytes behind.
pub(super) fn write(
    sort: &Sort,
    content: &impl Serialize,
    signer: &dyn Signer,
    room: usize,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    text.extend_from_slice(sort.title.as_bytes());
    serde_json::to_writer(&mut *text, content).expect("text and integers always serialise");
    text.push(b'\n');
    let signed = Signature(signature::sign(signer, sort.word, &digest(&text))?);
    writeln!(text, "{signed}")?;
    Ok(text)
}

/// A file that was read, and whose signature is not verified yet: only its content says whose it must be.
pub(super) struct Unverified<T> {
    pub(super) content: T,
    digest: [u8; 32],
    signed: Signature,
}

/// Reads a file.
pub(super) fn read<T: Serialize + DeserializeOwned>(
    sort: &Sort,
    bytes: &[u8],
) -> Result<Unverified<T>, Error> {
    const EXPECTED: &str = "one line of JSON with the known fields, each once, in their one spelling";
    let wrong = |offset: usize, expected| Error::Format { offset: offset as u64, expected };
    let rest = bytes.strip_prefix(sort.title.as_bytes()).ok_or(wrong(0, sort.expected))?;
    let line = rest.iter().position(|byte| *byte == b'\n').ok_or(wrong(sort.title.len(), EXPECTED))?;
    let content: T = serde_json::from_slice(&rest[..line]).map_err(|_| wrong(sort.title.len(), EXPECTED))?;
    let mut again = Zeroizing::new(Vec::with_capacity(bytes.len()));
    serde_json::to_writer(&mut *again, &content).expect("text and integers always serialise");
    if again[..] != rest[..line] {
        return Err(wrong(sort.title.len(), EXPECTED));
    }
    let (text, end) = bytes.split_at(sort.title.len() + line + 1);
    let signed = std::str::from_utf8(end).ok().and_then(|end| end.strip_suffix('\n')?.parse().ok());
    let signed = signed.ok_or(wrong(text.len(), "a signature of 128 hex digits and a newline"))?;
    Ok(Unverified { content, digest: digest(text), signed })
}

impl<T> Unverified<T> {
    /// Returns the content and the digest that was signed.
    ///
    /// # Errors
    ///
    /// [`Error::Signature`] where the key did not sign it.
    pub(super) fn verify(self, sort: &Sort, key: SignerKey) -> Result<(T, [u8; 32]), Error> {
        signature::verify(key, sort.word, &self.digest, &self.signed.0)?;
        Ok((self.content, self.digest))
    }
}

/// SHA-256("veilmatch/2 custodian file" || the first two lines): the digest that is signed.
fn digest(text: &[u8]) -> [u8; 32] {
    sha256(&[b"veilmatch/2 custodian file", text])
}
